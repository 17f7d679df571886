"""Train and score a network with several outputs, such as genre and mood: one set of rows, labelled once an output.

*labelled* is a dict, name of an output → the same rows with that output's labels, such as ``{"genre": slices, "mood":
mood_slices(slices)}``. A network gives a dict of probabilities under the same names. The loss is the sum of a
cross-entropy an output, and whatever the network adds for its weights.
"""

import hashlib
import inspect
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from genrelib._base.caching import folder_when_whole, key_of
from genrelib._base.errors import GenrelibError
from genrelib.evaluation.scores import score_predictions
from genrelib.evaluation.predictions import prediction_frame
from genrelib.training.protocols import described, read_history, training_key, write_training
from genrelib.splits import Fold

PARTS = ("train", "test")
PREDICTED = 64  # rows a batch


@dataclass(frozen=True)
class OutputsRun:
    """Hold one training of one system with several outputs.

    Attributes
    ----------
    system, unit, seed
        What was trained, under which split, from which seed.
    fold : Fold
    train, test : dict of str to Scores
        Each output, on the fold's training and test part.
    history : History
        Its curves have loss and val_loss, the sums, and ``<output>_accuracy``, ``val_<output>_accuracy``.
    folder : Path
    options : dict
    """

    system: str
    unit: str
    seed: int
    fold: Fold
    train: dict
    test: dict
    history: object
    folder: Path
    options: dict = field(default_factory=dict)

    @property
    def model_path(self):
        """The saved model, for `genrelib.training.loop.load_model`."""
        return self.folder / "model.keras"


def train_outputs(
    model, labelled, fold, epochs=40, batch_size=75, patience=8, seed=0, *, optimizer="adam", checkpoint=None
):
    """Train a network with several outputs as `genrelib.training.loop.train` does, by the summed validation loss.

    Parameters
    ----------
    model : keras.Model
        It is compiled here and trained in place.
    labelled : dict of str to SliceSet
    fold : Fold
    epochs, patience : int
        At most; and without improvement before stopping. The Stanford report gives neither.
    batch_size : int
        75 in the report.
    seed : int
    optimizer, checkpoint
        As there; Adam's own rate is the report's .001.

    Returns
    -------
    History

    Raises
    ------
    GenrelibError
        As there; or outputs and labels of other names.
    """
    import keras

    from genrelib.training.checkpoints import Checkpoint
    from genrelib.models.devices import shared_evenly
    from genrelib.training.loop import History, set_seed

    if not len(fold.validation):
        raise GenrelibError("early stopping needs a validation part; the fold has none: split with validation > 0")
    trained, inputs = _behind_front_end(model, labelled)
    set_seed(seed)
    start = time.perf_counter()
    loss, metrics = (dict.fromkeys(labelled, kind) for kind in ("categorical_crossentropy", ["accuracy"]))
    trained.compile(optimizer=optimizer, loss=loss, metrics=metrics, jit_compile=False)  # see training.train
    stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=patience, restore_best_weights=True)
    kept = None if checkpoint is None else Checkpoint(checkpoint, stopping)
    begun, over = kept.resume(trained) if kept else (0, False)
    earlier = kept.curves if kept else pd.DataFrame()
    fitted = trained.fit(
        _batches(inputs, labelled, shared_evenly(fold.train, batch_size), batch_size, seed, begun),
        validation_data=_batches(inputs, labelled, fold.validation, batch_size),
        initial_epoch=epochs if over else begun, epochs=epochs, verbose=0,
        callbacks=[stopping, keras.callbacks.TerminateOnNaN(), *([kept] if kept else [])],
    )  # fmt: skip
    columns = ["loss", *(f"{name}_accuracy" for name in labelled)]
    curves = pd.concat([earlier, pd.DataFrame(fitted.history)], ignore_index=True)
    curves = curves[columns + [f"val_{column}" for column in columns]]
    curves.insert(0, "epoch", np.arange(1, len(curves) + 1))
    if not np.isfinite(curves["loss"]).all() or curves["val_loss"].isna().all():
        raise GenrelibError(f"{model.name}: the loss is not finite after epoch {len(curves)}; lower the learning rate")
    return History(curves, int(curves["val_loss"].idxmin()) + 1, len(curves), time.perf_counter() - start)


def evaluate_outputs(model, labelled, positions, *, seed=0, protocol=""):
    """Predict every output for some rows and score it.

    Parameters
    ----------
    model, labelled
        See `train_outputs`.
    positions, seed, protocol
        See `genrelib.evaluation.scores.evaluate`.

    Returns
    -------
    dict of str to Scores
    """
    network, inputs = _behind_front_end(model, labelled)
    given = network.predict(_batches(inputs, labelled, positions, PREDICTED), verbose=0)
    scored = {}
    for name, rows in labelled.items():
        frame = prediction_frame(rows, positions, given[name], seed=seed, protocol=protocol)
        scored[name] = score_predictions(frame, rows.genres)
    return scored


def run_outputs(system, labelled, folds, *, folder, build=None, fit=None, label=None):
    """Train a system on each fold of several splits, and score it on the training and the test part.

    Parameters
    ----------
    system : str
        Name of a builder in `genrelib.models` that takes ``n_<output>s`` for each output.
    labelled : dict of str to SliceSet
    folds : dict of str to (list of Fold, or str)
        Of each split; or why there are none, which is handed on.
    folder, build, fit, label
        See `genrelib.training.protocols.run_protocol`; ``fit`` has keywords of `train_outputs`.

    Returns
    -------
    dict of str to (list of OutputsRun, or str)
    """
    runs = {}
    for unit, of in folds.items():
        if isinstance(of, str):
            runs[unit] = of
            print(f"{label or system} by {unit}: not measured, since {of}")
        else:
            how = (Path(folder), build or {}, fit or {}, label or system)
            runs[unit] = [_run(system, labelled, fold, *how) for fold in of]
    return runs


def for_record(runs, output, part="test"):
    """Give the keywords by which `genrelib.record` takes one output's scores: the report's split, and the others.

    Parameters
    ----------
    runs : dict of str to (list of OutputsRun, or str)
        The report's split first.
    output : str
    part : {"train", "test"}

    Returns
    -------
    dict
        scores, fold, other_protocols.
    """
    given = {
        unit: of if isinstance(of, str)
        else {"scores": [getattr(one, part)[output] for one in of], "fold": [one.fold for one in of]}
        for unit, of in runs.items()
    }  # fmt: skip
    main = given.pop(next(iter(given)))
    return {**main, "other_protocols": given}


def _behind_front_end(model, labelled):
    """Give the part of a network that trains, and its input for every row, computed once."""
    from genrelib.training.loop import cached_front_end, has_frozen_front_end, split_front_end

    if not isinstance(model.output, dict) or set(model.output) != set(labelled):
        raise GenrelibError(f"{model.name} gives {model.output}; labels are of {', '.join(labelled)}: name them alike")
    rows = next(iter(labelled.values()))
    if not has_frozen_front_end(model):
        return model, rows.samples
    front_end, rest = split_front_end(model)
    return rest, cached_front_end(front_end, rows)


def _batches(inputs, labelled, positions, batch_size, seed=None, skip=0):
    """Read batches of (float32 batch, dict of one-hot targets): of one label that stands for all, taken apart again."""
    import tensorflow as tf

    from genrelib.training.loop import batches

    sizes = [len(rows.genres) for rows in labelled.values()]
    together = np.ravel_multi_index([rows.labels for rows in labelled.values()], sizes)

    def apart(x, target):
        grid = tf.reshape(target, (-1, *sizes))  # a single 1, at the place of all labels
        axes = range(1, len(sizes) + 1)
        return x, {
            name: tf.reduce_sum(grid, axis=[other for other in axes if other != axis])
            for axis, name in zip(axes, labelled, strict=True)
        }

    told = {"batch_size": batch_size, "seed": seed, "skip": skip}
    return batches(inputs, together, positions, int(np.prod(sizes)), **told).map(apart)


def _run(system, labelled, fold, folder, build, fit, label):
    import keras

    from genrelib.training.loop import set_seed

    keras.backend.clear_session()  # names and graphs of the last training: two builds of one network are equal
    set_seed(fold.seed)
    model = _built(system, labelled, build)
    options = {**build, **described(fit)}
    key = _labelled_key(model, labelled, fold, described(fit))
    kept = folder / "trained" / f"{system}-{fold.unit}-{fold.seed}-{key}"
    new = not kept.is_dir()
    if new:
        checkpoint = kept.with_name(f".{kept.name}.checkpoint")
        history = train_outputs(model, labelled, fold, seed=fold.seed, checkpoint=checkpoint, **fit)
        of = {"seed": fold.seed, "protocol": fold.unit}
        scored = {part: evaluate_outputs(model, labelled, getattr(fold, part), **of) for part in PARTS}
        with folder_when_whole(kept) as building:
            _write(building, model, history, scored, options)
        checkpoint.unlink(missing_ok=True)
    history, scored = _read(kept, {name: of.genres for name, of in labelled.items()})
    run = OutputsRun(system, fold.unit, fold.seed, fold, scored["train"], scored["test"], history, kept, options)
    print(_line(label, run, new), flush=True)
    return run


def _built(system, labelled, build):
    from genrelib import models

    if system not in models.__all__:
        raise GenrelibError(f"no such system: {system!r}; there are {', '.join(models.__all__)}")
    builder, rows = getattr(models, system), next(iter(labelled.values()))
    sizes = {f"n_{name}s": len(of.genres) for name, of in labelled.items()}
    unknown = {**sizes, **rows.input_sizes}.keys() - inspect.signature(builder).parameters.keys()
    if unknown:
        raise GenrelibError(f"{system} does not take these outputs: its builder has no {', '.join(sorted(unknown))}")
    return builder(**rows.input_sizes, **sizes, **build)


def _labelled_key(model, labelled, fold, fit):
    labels = {name: [of.genres, hashlib.sha256(of.labels.tobytes()).hexdigest()] for name, of in labelled.items()}
    return key_of([training_key(model, next(iter(labelled.values())), fold, fit), labels])


def _write(folder, model, history, scored, options):
    write_training(folder, model, history, options)
    for part, outputs in scored.items():
        for name, scores in outputs.items():
            scores.frame.to_parquet(folder / f"{part}-{name}.parquet", index=False)


def _read(folder, names):
    def scores_of(part, name):
        return score_predictions(pd.read_parquet(folder / f"{part}-{name}.parquet"), names[name])

    return read_history(folder), {part: {name: scores_of(part, name) for name in names} for part in PARTS}


def _line(label, run, new):
    history = run.history
    figures = "; ".join(
        f"{name} {run.train[name].slice.accuracy:.3f} train, {test.slice.accuracy:.3f} test a slice, "
        f"{test.track.accuracy:.3f} a track"
        for name, test in run.test.items()
    )
    spent = f"{history.seconds:.0f} s" if new else "kept from an earlier run"
    epochs = f"best epoch {history.best_epoch} of {history.epochs_run}"
    return f"{label} by {run.unit}, seed {run.seed}: {figures}; {epochs}; {spent}"
