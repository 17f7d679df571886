"""Run one system under one split or several, a training a seed; what was trained once is not trained again.

A training is kept under a key of all that decides it: the slices and their labels, the fold, the network, the
settings, the seed and the versions. An interrupted run goes on from the last training that was whole.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from genrelib._base.caching import folder_when_whole
from genrelib._base.deal import refuse_seeds
from genrelib._base.errors import GenrelibError, SplitError
from genrelib._base.paths import RUNS
from genrelib._base.provenance import commit
from genrelib.evaluation.predictions import prediction_frame
from genrelib.evaluation.scores import Scores, evaluate, score_predictions
from genrelib.models.files import network_layers
from genrelib.slices import Rows
from genrelib.splits import Fold, folds_of
from genrelib.training.kept import PARTS, changed_versions, decisions_key, read_training, training_key, write_training
from genrelib.training.runs import Runs

NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
PREDICTED = 64  # rows a batch


def run_protocols(
    system: Callable[..., Any] | str, slices: Rows | dict[str, Rows],
    units: Sequence[str] = ("slice", "track", "artist"), seeds: Sequence[int] = (0, 1, 2), *,
    folder: str | Path | None = None, test: float = 0.25, validation: float = 0.1, augmented: Rows | None = None,
    build: dict[str, Any] | None = None, fit: dict[str, Any] | None = None,
    label: str | None = None, folds: Callable[..., list[Fold]] = folds_of,
) -> Runs:  # fmt: skip
    """Train a system under several splits, once a seed, and score each training on its test part.

    Parameters
    ----------
    system : callable or str
        A builder: one of `genrelib.models`, or its name; or a function of your own that returns a Keras model which
        is not compiled. It is called with what it takes out of the rows' sizes (``n_samples``, ``sample_rate``, … :
        ``slices.input_sizes``) and ``n_classes``; for several outputs ``n_genres``, ``n_moods`` and so on. One that
        builds the very network of a report counts as the report's.
    slices : Rows, or dict of str to Rows
        What the network takes; a dict for one with several outputs, see `genrelib.training.loop`.
    units : sequence of str
        See `genrelib.split_slices`; the report's own first.
    seeds : sequence of int
        Each once, from 0 to 2³² - 1.
    folder : str or Path, optional
        Of the run; trainings are kept in its ``trained``. ``runs/<collection>`` unless given.
    test, validation : float
        Shares; see `genrelib.split_slices`.
    augmented : SliceSet, optional
        The same slices and variants of them behind, see `genrelib.training.augmented_slices`: the variants of the
        training part's tracks are trained on too.
    build : dict, optional
        Further keywords of the builder.
    fit : dict, optional
        Keywords of `genrelib.train`. An optimizer object counts by its settings.
    label : str, optional
        What the printed line calls it; the builder's name unless given.
    folds : callable, optional
        Draws the folds, as `genrelib.splits.folds_of` does; or `genrelib.splits.folds_in_turn`.

    Returns
    -------
    Runs
        A unit that the collection cannot support is in its ``not_measured``, with the reason.

    Raises
    ------
    GenrelibError
        A seed that comes twice; no such builder, one that needs more than it is given, or whose network does not fit
        the rows.

    Examples
    --------
    >>> import keras
    >>> import genrelib as gl
    >>> def mine(n_samples, n_classes):
    ...     audio = keras.Input((n_samples,))
    ...     x = keras.layers.Conv1D(4, 64, strides=32, activation="relu")(keras.layers.Reshape((n_samples, 1))(audio))
    ...     x = keras.layers.GlobalMaxPooling1D()(x)
    ...     return keras.Model(audio, keras.layers.Dense(n_classes, activation="softmax")(x))
    >>> slices = gl.cut_slices(gl.load_collection("demo"), seconds=0.5, sample_rate=8000)
    >>> runs = gl.run_protocols(mine, slices, units=("artist",), seeds=(0,), fit={"epochs": 1})
    mine by artist, seed 0: test accuracy ...
    >>> runs["artist"][0].scores.slice.n == len(runs["artist"][0].fold.test), runs.is_report
    (True, False)
    """
    rows, units, seeds = _first(slices), tuple(units), tuple(seeds)
    refuse_seeds(seeds)
    builder, build, is_report = _report_builder(_builder(system), slices, build or {})
    name = _name(builder)
    folder, label = Path(folder or RUNS / rows.collection.name), label or name
    runs, reasons = {}, {}
    for unit in units:
        try:
            drawn = folds(rows, unit, seeds, test=test, validation=validation)
            how = (folder, augmented, build, fit or {}, label)
            runs[unit] = [_run(builder, name, slices, fold, *how) for fold in drawn]
        except SplitError as error:
            reasons[unit] = rows.collection.why_not(unit) or str(error)
            print(f"{label} by {unit}: not measured, since {reasons[unit]}")
    return Runs(name, rows.collection, folder, list(rows.genres), units[0], runs, reasons, is_report)


def evaluate_outputs(
    model: Any, labelled: dict[str, Rows], positions: Any, *, seed: int = 0, protocol: str = ""
) -> dict[str, Scores]:
    """Predict every output of a network with several for some rows, once, and score each as `genrelib.evaluate` does.

    Parameters
    ----------
    model : keras.Model
    labelled : dict of str to Rows
        Output → the rows with its labels.
    positions, seed, protocol
        See `genrelib.evaluate`.
    """
    from genrelib.training.loop import batches, behind_front_end

    rows, about = _first(labelled), {"seed": seed, "protocol": protocol}
    network, inputs = behind_front_end(model, rows)
    predicted = network.predict(batches(inputs, rows.labels, positions, 1, batch_size=PREDICTED), verbose=0)
    return {
        name: score_predictions(prediction_frame(own, positions, predicted[name], **about), own.genres)
        for name, own in labelled.items()
    }


def _run(builder, name, slices, fold, folder, augmented, build, fit, label):
    import keras

    from genrelib.training.augment import extended
    from genrelib.training.loop import set_seed, train

    keras.backend.clear_session()  # names and graphs of the last training: two builds of one network are equal
    set_seed(fold.seed)
    model = _built(builder, slices, build)
    taught, lessons = (slices, fold) if augmented is None else (augmented, extended(fold, slices, augmented))
    settings = described(fit)
    rate = {name: size for name, size in _first(slices).input_sizes.items() if name == "sample_rate"}
    options = {**build, **settings, **rate}  # the rate is in the rows' key, and a card of the record needs it
    decided_by = decisions_key(model, taught, lessons, settings)
    kept = folder / "trained" / f"{name}-{fold.unit}-{fold.seed}-{training_key(decided_by)}"
    new = not kept.is_dir()
    if new:
        if changed := changed_versions(kept, decided_by):
            print(f"{label} by {fold.unit}, seed {fold.seed}: trained anew: {changed}", flush=True)
        made_by, checkpoint = commit(), kept.with_name(f".{kept.name}.checkpoint")
        history = train(model, taught, lessons, seed=fold.seed, checkpoint=checkpoint, **fit)
        scores = _scored(model, slices, fold)
        with folder_when_whole(kept) as building:
            write_training(building, model, history, options, decided_by, made_by)
            for file, each in scores.items():
                each.frame.to_parquet(building / file, index=False)
        checkpoint.unlink(missing_ok=True)
    run = read_training(kept, name, slices, fold, options)
    print(_line(label, run, new), flush=True)
    return run


def _first(slices):
    return next(iter(slices.values())) if isinstance(slices, dict) else slices


def _builder(system):
    from genrelib import models

    if callable(system):
        return system
    if system not in models.__all__:
        raise GenrelibError(f"no such system: {system!r}; there are {', '.join(models.__all__)}, or give a function")
    return getattr(models, system)


def _report_builder(builder, slices, build):
    """Give builder, keywords, and True; where a reader's builds another network than the reports', his and False."""
    from genrelib import models

    reports = [getattr(models, name) for name in models.__all__]
    if builder in reports:
        return builder, build, True
    made, sizes = network_layers(_built(builder, slices, build)), _sizes(slices).keys()
    for each in reports:
        takes = inspect.signature(each).parameters.keys()
        own = {keyword: value for keyword, value in build.items() if keyword in takes}  # such as fewer filters
        if sizes <= takes:
            with suppress(GenrelibError, ValueError):  # a report's network that cannot be built for such rows
                if network_layers(_built(each, slices, own)) == made:
                    return each, own, True
    return builder, build, False


def _name(builder):
    return re.sub(r"\W+", "_", getattr(builder, "__name__", type(builder).__name__))


def _sizes(slices):
    if isinstance(slices, dict):
        return {f"n_{output}s": len(rows.genres) for output, rows in slices.items()} | _first(slices).input_sizes
    return {"n_classes": len(slices.genres)} | slices.input_sizes


def _built(builder, slices, build):
    """Call a builder with what it takes of the rows' sizes and the numbers of classes."""
    sizes = _sizes(slices)
    parameters = inspect.signature(builder).parameters.values()
    takes_all = any(each.kind is each.VAR_KEYWORD for each in parameters)
    names = {each.name for each in parameters}
    keywords = {key: value for key, value in sizes.items() if takes_all or key in names} | build
    missing = {each.name for each in parameters if each.default is each.empty and each.kind in NAMED} - keywords.keys()
    strange = set() if takes_all else keywords.keys() - names
    if missing or strange:
        raise GenrelibError(
            f"{_name(builder)} takes {', '.join(sorted(names)) or 'nothing'}; rows of "
            f"{type(_first(slices)).__name__} give {', '.join(sorted(sizes))}, "
            f"and build= {', '.join(build) or 'nothing'}: "
            f"{'give ' + ', '.join(sorted(missing)) if missing else 'leave out ' + ', '.join(sorted(strange))}"
        )
    return builder(**keywords)


def described(fit: dict[str, Any]) -> dict[str, Any]:
    """Give the settings that decide a training; an optimizer object as its settings: its text is an address."""
    from keras.optimizers import Optimizer, serialize

    return {name: serialize(value) if isinstance(value, Optimizer) else value for name, value in fit.items()}


def _scored(model, slices, fold):
    """Give file → Scores: of the test part; of several outputs also of the training part."""
    about = {"seed": fold.seed, "protocol": fold.unit}
    if not isinstance(slices, dict):
        return {"predictions.parquet": evaluate(model, slices, fold.test, **about)}
    return {
        f"{part}-{name}.parquet": scores
        for part in PARTS
        for name, scores in evaluate_outputs(model, slices, getattr(fold, part), **about).items()
    }


def _line(label, run, new):
    history = run.history
    if run.output:
        figures = "; ".join(
            f"{name} {run.outputs['train'][name].slice.accuracy:.3f} train, {test.slice.accuracy:.3f} test a slice, "
            f"{test.track.accuracy:.3f} a track"
            for name, test in run.outputs["test"].items()
        )
    else:
        by_slice, by_track = run.scores.slice, run.scores.track
        first = f"{by_slice.accuracy:.3f} a slice, " if by_slice.n > by_track.n else ""  # else a row is a whole track
        figures = f"test accuracy {first}{by_track.accuracy:.3f} a track"
    spent = f"{history.seconds:.0f} s" if new else "kept from an earlier run"
    epochs = f"best epoch {history.best_epoch} of {history.epochs_run}"
    left_out = f"; {run.fold.left_out} slices are in no part" if run.fold.left_out else ""
    return f"{label} by {run.unit}, seed {run.seed}: {figures}; {epochs}; {spent}{left_out}"
