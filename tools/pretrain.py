"""Train the small model that comes with genrelib, and write its card.

What it can do is measured first: three artist-disjoint folds, each trained by the same settings as the model that is
shipped. Which network that is, is chosen on the folds' validation parts alone. The shipped model is then trained on all
tracks but a validation part, by artist, that stops it; it has no test part of its own.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy as np

from genrelib.__main__ import exit_code
from genrelib._base.caching import file_when_whole
from genrelib._base.errors import GenrelibError, SplitError
from genrelib._base.provenance import commit, versions
from genrelib.classify.cards import card_path
from genrelib.models.files import save_model
from genrelib.results.records import write_when_whole
from genrelib.splits import ARTIST_FOLDS, Fold, split_slices
from genrelib.training.protocols import run_protocols

LIMIT = 1_000_000  # bytes: the file lies in git
FIT = {"epochs": 15, "batch_size": 32, "patience": 5, "optimizer": "adam"}  # as notebook 01 has it
# small enough to be shipped, and quick enough for ten minutes of sound in a second or two
CANDIDATES = {
    "mel_cnn1d": ("mel_cnn1d", {}),
    "mel_cnn1d, half as many filters again": ("mel_cnn1d", {"filters": (24, 48, 96, 192)}),
    "mel_cnn2d, three quarters of the filters": ("mel_cnn2d", {"filters": (12, 24, 48, 96)}),
}


def pretrain(slices, target, *, folder, candidates=None, fit=None, seed=0):
    """Choose a network, measure it on artists never heard, train it on all tracks, and save it with its card.

    Parameters
    ----------
    slices : SliceSet
        Of a collection with artists.
    target : str or Path
        ``….keras``; the card goes beside it.
    folder : str or Path
        Of the run; trainings are kept in its ``trained``.
    candidates : dict, optional
        Label → name of a builder in `genrelib.models`, and its keywords.
    fit : dict, optional
        Keywords of `genrelib.training.loop.train`.
    seed : int
        Of the shipped model.

    Returns
    -------
    dict
        The card.

    Raises
    ------
    GenrelibError
        The collection knows no artists, or the file is over 1 MB.
    """
    fit, target, made_by = fit or FIT, Path(target), commit()  # before the file that it writes changes the checkout
    folds = {
        label: run_protocols(
            system, slices, ["artist"], range(ARTIST_FOLDS), folder=folder, build=build, fit=fit, label=label
        )["artist"]
        for label, (system, build) in (candidates or CANDIDATES).items()
    }
    validation = {label: float(np.mean([_at_best(run) for run in runs])) for label, runs in folds.items()}
    chosen = max(validation, key=validation.get)
    system, build = (candidates or CANDIDATES)[chosen]
    history = _train_on_all(system, build, slices, target, fit, seed)
    card = {
        "system": system,
        "genres": list(slices.genres),
        "sample_rate": slices.sample_rate,
        "seconds": slices.seconds,
        "trained_on": f"{slices.collection.name} ({len(slices.collection.tracks)} tracks, {len(slices)} slices)",
        "is_demo": slices.collection.is_demo,
        "licence_of_the_audio": slices.collection.licence,
        "seed": seed,
        "settings": {"fit": fit, "build": build},
        "epochs": {"run": history.epochs_run, "kept": history.best_epoch},
        "chosen_by": {"mean_validation_accuracy_over_the_folds": validation, "chosen": chosen},
        "accuracy": _accuracy(folds[chosen], slices),
        "trust": _words(slices.collection),
        "versions": versions(),
        "commit": made_by,
        "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
    }
    write_when_whole(card_path(target), json.dumps(card, indent=1, ensure_ascii=False, default=list) + "\n")
    return card


def fold_of_all(slices, seed=0):
    """Give a fold that trains on all slices but a validation part by artist, and tests on none.

    Returns
    -------
    Fold
        Validation is the smallest part, from a tenth on, that has every genre.

    Raises
    ------
    SplitError
        The collection knows no artists, or too few.
    """
    for n_parts in range(10, 1, -1):
        try:
            part = split_slices(slices, "artist", test=1 / n_parts, validation=0, seed=seed)
        except SplitError:
            if n_parts == 2:
                raise
        else:
            return Fold("artist", seed, part.train, part.test, part.test[:0], part.left_out)


def _train_on_all(system, build, slices, target, fit, seed):
    import keras

    from genrelib import models
    from genrelib.training.loop import set_seed, train

    keras.backend.clear_session()
    set_seed(seed)
    model = getattr(models, system)(**slices.input_sizes, n_classes=len(slices.genres), **build)
    history = train(model, slices, fold_of_all(slices, seed), seed=seed, **fit)
    with file_when_whole(target) as path:
        # a model never compiled: the file is without the optimizer's state, a third of the size
        save_model(keras.Model(model.input, model.output, name=model.name), path)
        if path.stat().st_size > LIMIT:
            size = path.stat().st_size / 1e6
            raise GenrelibError(f"{target}: {size:.1f} MB; a model that lies in git is under 1 MB; take a smaller one")
    return history


def _at_best(run):
    return run.history.curves["val_accuracy"][run.history.best_epoch - 1]


def _accuracy(runs, slices):
    """Score the three folds as one: each track is tested once, by a network that never heard its artist."""
    import pandas as pd

    from genrelib.evaluation.scores import score_predictions

    scores = score_predictions(pd.concat([run.scores.frame for run in runs]), slices.genres)
    share = np.mean([len(run.fold.train) for run in runs]) / len(slices)
    protocol = f"by artist, {len(runs)} disjoint folds, each trained on about {share:.0%} of the slices"
    found = {"protocol": protocol, "n_tracks": scores.track.n}
    for level in ("slice", "track"):
        one = getattr(scores, level)
        found |= {level: one.accuracy, f"{level}_ci95": list(one.ci95["accuracy"]), f"{level}_top3": one.top3_accuracy}
    return {**found, "recall_by_track": scores.track.recall}


def _words(collection):
    if collection.is_demo:
        return "synthesised sound: its answers are evidence of nothing"
    return (
        "The accuracy is that of three networks of the same kind on tracks of artists that each had never heard; the "
        "one shipped was trained on more tracks by the same settings, and has no test of its own. It knows ten genres "
        "and names one of them for any sound, from excerpts collected in 2000 and 2001; what is outside them it cannot "
        "say."
    )


def main(arguments=None):
    """Train the model of the package anew: ``python -m tools.pretrain [--collection NAME] [--to FILE]``."""
    from genrelib._base.paths import RUNS, shown
    from genrelib.classify.classifier import PRETRAINED
    from genrelib.datasets import load_collection
    from genrelib.slices import cut_slices

    parser = argparse.ArgumentParser(prog="python -m tools.pretrain", description=__doc__.splitlines()[0])
    parser.add_argument("--collection", default="gtzan_160")
    parser.add_argument("--data", default=None, help="where collections lie; data/ unless given")
    parser.add_argument("--to", default=PRETRAINED, help="the .keras file; the one in the package unless given")
    options = parser.parse_args(arguments)
    slices = cut_slices(load_collection(options.collection, options.data))
    pretrain(slices, options.to, folder=RUNS / options.collection)
    print(shown(options.to))


if __name__ == "__main__":
    sys.exit(exit_code(main))
