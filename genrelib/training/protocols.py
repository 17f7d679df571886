"""Run one system under one split or several, a training a seed; what was trained once is not trained again.

A training is kept under a key of all that decides it: the slices, the fold, the network, the settings, the seed and
the versions. An interrupted run goes on from the last training that was whole.
"""

import hashlib
import inspect
import json
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from genrelib._base.caching import folder_when_whole, key_of
from genrelib._base.errors import GenrelibError, SplitError
from genrelib._base.paths import RUNS
from genrelib.evaluation.scores import evaluate, score_predictions
from genrelib.models.files import save_model
from genrelib.training.runs import Run, Runs
from genrelib.splits import folds_of

TRAINER = 1  # raise when training or predicting changes, so that nothing older is taken for it


def run_protocol(
    system, slices, unit="slice", seeds=(0, 1, 2), *,
    folder, test=0.25, validation=0.1, split_seed=None, augmented=None, build=None, fit=None, label=None,
):  # fmt: skip
    """Train a system once a seed under one split, and score each on its test part.

    Parameters
    ----------
    system : str
        Name of a builder in `genrelib.models`.
    slices : SliceSet, ImageSet
        What the builder's network takes.
    unit : str
        See `genrelib.splits.split_slices`.
    seeds : sequence of int
    folder : str or Path
        Of the run, ``runs/<collection>``; trainings are kept in its ``trained``.
    test, validation : float
        Shares; see `genrelib.splits.split_slices`.
    split_seed : int, optional
        Seed of one split for all trainings, which then differ by their own seed alone; of no effect by artist.
    augmented : SliceSet, optional
        The same slices and variants of them behind, see `genrelib.training.augment.augmented_slices`: the variants of the
        training part's tracks are trained on too.
    build : dict, optional
        Keywords of the builder beyond the slices' ``input_sizes`` and number of genres.
    fit : dict, optional
        Keywords of `genrelib.training.loop.train`. An optimizer object counts by its settings.
    label : str, optional
        What the printed line calls it; ``system`` unless given.

    Returns
    -------
    list of Run

    Raises
    ------
    SplitError
        The collection cannot support ``unit``.
    GenrelibError
        No such builder, or one whose network does not take such slices.
    """
    return [
        _run(system, slices, fold, Path(folder), augmented, build or {}, fit or {}, label or system)
        for fold in folds_of(slices, unit, seeds, test=test, validation=validation, split_seed=split_seed)
    ]


def run_protocols(system, slices, units=("slice", "track", "artist"), seeds=(0, 1, 2), **settings):
    """Run a system under several splits.

    Parameters
    ----------
    units : sequence of str
    system, slices, seeds, **settings
        See `run_protocol`.

    Returns
    -------
    Runs
    """
    units, folder = tuple(units), Path(settings.pop("folder", RUNS / slices.collection.name))
    runs, reasons, seeds = {}, {}, tuple(seeds)
    for unit in units:
        try:
            runs[unit] = run_protocol(system, slices, unit, seeds, folder=folder, **settings)
        except SplitError as error:
            reasons[unit] = slices.collection.why_not(unit) or str(error)
            print(f"{settings.get('label') or system} by {unit}: not measured, since {reasons[unit]}")
    return Runs(system, slices.collection, folder, list(slices.genres), units[0], runs, reasons)


def _run(system, slices, fold, folder, augmented, build, fit, label):
    import keras

    from genrelib import models
    from genrelib.training.augment import extended
    from genrelib.training.loop import set_seed, train

    if system not in models.__all__:
        raise GenrelibError(f"no such system: {system!r}; there are {', '.join(models.__all__)}")
    keras.backend.clear_session()  # names and graphs of the last training: two builds of one network are equal
    set_seed(fold.seed)
    model = _built(getattr(models, system), slices, build)
    taught, lessons = (slices, fold) if augmented is None else (augmented, extended(fold, slices, augmented))
    key = training_key(model, taught, lessons, described(fit))
    kept = folder / "trained" / f"{system}-{fold.unit}-{fold.seed}-{key}"
    new = not kept.is_dir()
    if new:
        checkpoint = kept.with_name(f".{kept.name}.checkpoint")
        history = train(model, taught, lessons, seed=fold.seed, checkpoint=checkpoint, **fit)
        scores = evaluate(model, slices, fold.test, seed=fold.seed, protocol=fold.unit)
        with folder_when_whole(kept) as building:
            write_training(building, model, history, {**build, **described(fit)})
            scores.frame.to_parquet(building / "predictions.parquet", index=False)
        checkpoint.unlink(missing_ok=True)
    history = read_history(kept)
    scores = score_predictions(pd.read_parquet(kept / "predictions.parquet"), slices.genres)
    run = Run(system, fold.unit, fold.seed, fold, scores, history, kept, {**build, **described(fit)})
    print(_line(label, run, new), flush=True)
    return run


def _built(builder, slices, build):
    unknown = slices.input_sizes.keys() - inspect.signature(builder).parameters.keys()
    if unknown:
        raise GenrelibError(
            f"{builder.__name__} cannot take the inputs of {type(slices).__name__}: its builder has no "
            f"{', '.join(sorted(unknown))}; slices, images and features each have networks of their own"
        )
    return builder(**slices.input_sizes, n_classes=len(slices.genres), **build)


def described(fit):
    """Give the settings that decide a training; an optimizer object as its settings: its text is an address."""
    import keras

    is_object = {name: isinstance(value, keras.optimizers.Optimizer) for name, value in fit.items()}
    settings = {name: keras.optimizers.serialize(value) if is_object[name] else value for name, value in fit.items()}
    settings.pop("verbose", None)
    return settings


def training_key(model, slices, fold, fit):
    """Digest all that decides a training; ``fit`` as `described` gives it."""
    parts = [fold.train, fold.validation, fold.test]
    folds = hashlib.sha256(b"".join(part.astype("int64").tobytes() + b"/" for part in parts)).hexdigest()
    versions = [version(package) for package in ("tensorflow", "keras", "kapre", "numpy")]
    return key_of([TRAINER, slices.key, folds, fold.seed, model.to_json(), fit, versions])


def write_training(folder, model, history, options):
    """Write a training's model, curves and settings into a folder; see `read_history`.

    Parameters
    ----------
    folder : Path
    model : keras.Model
    history : History
    options : dict
    """
    import keras

    # a model of the same layers, never compiled: the file is without the optimizer's state, a third of the size
    save_model(keras.Model(model.input, model.output, name=model.name), folder / "model.keras")
    history.curves.to_csv(folder / "curves.csv", index=False)
    run = {"seconds": history.seconds, "best_epoch": history.best_epoch, "options": options}
    (folder / "run.json").write_text(json.dumps(run, default=str))


def read_history(folder):
    """Read the History of a training that was kept by `write_training`."""
    from genrelib.training.loop import History

    curves = pd.read_csv(folder / "curves.csv")
    run = json.loads((folder / "run.json").read_text())
    return History(curves, run["best_epoch"], len(curves), run["seconds"])


def _line(label, run, new):
    accuracy, history = run.scores.slice.accuracy, run.history
    spent = f"{history.seconds:.0f} s" if new else "kept from an earlier run"
    left_out = f"; {run.fold.left_out} slices are in no part" if run.fold.left_out else ""
    return (
        f"{label} by {run.unit}, seed {run.seed}: "
        f"test accuracy {accuracy:.3f} a slice, {run.scores.track.accuracy:.3f} "
        f"a track; best epoch {history.best_epoch} of {history.epochs_run}; {spent}{left_out}"
    )
