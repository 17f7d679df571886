"""Keep a record of each claim: what was measured, under which protocol, by which code, and the predictions behind it.

A record is of the split that the report used; the same system's figures under other splits stand beside it as
``other_protocols``, always of the test part. A figure is never invented: what was not measured says why, and NaN
becomes null. Predictions are files of less than a megabyte, one a split and seed, of the part that the claim is about;
the record lists them; the curves of each training lie beside them.
"""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genrelib._base.caching import file_when_whole
from genrelib._base.errors import ResultError
from genrelib._base.provenance import commit, machine, versions
from genrelib.evaluation.measured import Figures, Measured, artists_apart, sampled
from genrelib.evaluation.scores import LEVELS
from genrelib.results.claims import FIGURES, claim_fields, claim_of, value_of
from genrelib.results.evidence import predictions_behind, tables_behind
from genrelib.results.records import PROTOCOL_FIELDS, check_record, predictions_of, write_when_whole

if TYPE_CHECKING:
    from genrelib.reports.session import Session
    from genrelib.training.runs import Runs

PARTS = {"test": "test", "new_songs": "test", "validation": "validation", "train": "train"}
NOTHING = dict.fromkeys(PROTOCOL_FIELDS) | {"values": [], "seeds": [], "leak_free": False, "scores": []}


def record(claim_id: str, measured: Runs | Measured, *, options: dict | None = None, save_model: bool = True) -> Path:
    """Write what was measured for one claim: ``results/<claim_id>.json``, its predictions and its model.

    Parameters
    ----------
    claim_id : str
        A row of claims.csv, which gives system, metric, level, part, split and the figure claimed.
    measured : Runs or Measured
        Of `genrelib.run_protocols`, or what its methods make of it (``by_majority``, ``difference``, ``values``). For
        a claim about the validation part: ``runs.on_validation(slices)``. The claim's own split is the record's, the
        other units are its ``other_protocols``; reasons why one was not measured are kept.
    options : dict, optional
        What else fixes the run, beside the options of ``measured``.
    save_model : bool
        Save the model of the first seed as ``models/<claim_id>.keras``: the first, since the best would be picked by
        its test. Only where the figure is a score of one network.

    Returns
    -------
    Path
        Of the JSON file. Each file comes into place only when whole, the JSON last.

    Raises
    ------
    ResultError
        Unknown claim; another system, metric, split or part than the claim's; no figure and no reason under its split.

    Examples
    --------
    >>> import genrelib as gl
    >>> session = gl.open_session("demo", folder="runs/doctest")  # doctest: +ELLIPSIS
    collection: demo (as asked)...
    >>> timed = gl.evaluation.Figures(values=[0.02, 0.03], folds=[])
    >>> timed = gl.evaluation.Measured(
    ...     "window_mel", session.collection, session.folder, "seconds_per_track", "none", {"none": timed})
    >>> gl.record("blog-seconds-per-file", timed).name
    'blog-seconds-per-file.json'
    """
    claim, source = claim_of(claim_id), measured
    if isinstance(measured, Measured):
        source = measured.runs
    else:
        measured = measured.measured()
    if claim["split_unit"] == "none" and measured.main in measured.by_unit:  # such as one song's genres: by no split
        measured = replace(measured, by_unit={"none": measured.by_unit[measured.main]}, not_measured={})
    own_network = source is not None and not source.is_report
    if not own_network and claim["system"] not in ("all", measured.system):
        raise ResultError(f"{claim_id} is about {claim['system']}, not {measured.system!r}; record its own claim")
    if measured.metric not in (None, claim["metric"]):
        raise ResultError(f"{claim_id} claims {claim['metric']}; the values given are of {measured.metric!r}")
    content = _plain(_content(claim, measured, source, options) | ({"own_network": True} if own_network else {}))
    own = measured.by_unit.get(claim["split_unit"], Figures([], []))
    target = measured.folder / "results" / f"{claim_id}.json"
    frames = predictions_behind(claim, measured, source)
    content["predictions"] = [name for name, _ in frames]
    check_record(content, target)
    for name, frame in frames:
        with file_when_whole(measured.folder / "predictions" / name) as path:
            frame.to_parquet(path, index=False, compression="zstd")
    for name, table in tables_behind(claim, measured):
        with file_when_whole(measured.folder / name) as path:
            table.to_csv(path, index=False, lineterminator="\n")
    if save_model and own.scores and claim["metric"] in FIGURES and source is not None:
        with file_when_whole(measured.folder / "models" / f"{claim_id}.keras") as path:
            shutil.copyfile(source[claim["split_unit"]][0].model_path, path)
    write_when_whole(target, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    for path in predictions_of(measured.folder, claim_id):  # let no older file pass for this run's
        if path.name not in content["predictions"]:
            path.unlink()
    return target


def not_measured(claim_id: str, reason: str, session: Session) -> Path:
    """Record that a claim cannot be measured on this collection, and why.

    Parameters
    ----------
    claim_id, reason : str
    session : Session

    Examples
    --------
    >>> import genrelib as gl
    >>> session = gl.open_session("demo", folder="runs/doctest")  # doctest: +ELLIPSIS
    collection: demo (as asked)...
    >>> gl.not_measured("stanford-worst-genre", "demo has no Instrumental", session).name
    'stanford-worst-genre.json'
    """
    system, unit = claim_of(claim_id)[["system", "split_unit"]]
    empty = Measured(system, session.collection, Path(session.folder), None, unit, {}, {unit: reason})
    return record(claim_id, empty, save_model=False)


def _content(claim, measured, source, options):
    unit, reasons = claim["split_unit"], measured.not_measured
    if unit in measured.by_unit:
        main = _protocol(claim, unit, measured.by_unit[unit], measured.collection)
    elif unit in reasons:
        main = {**NOTHING, "not_measured": reasons[unit]}
    else:
        units = ", ".join([*measured.by_unit, *reasons]) or "no split"
        raise ResultError(f"{claim.name} is by {unit}; measured was {units}: run it by {unit}, or say why not")
    others = {
        other: _protocol(claim, other, _of_the_test(claim, one), measured.collection, "test")
        for other, one in measured.by_unit.items()
        if other != unit
    }
    others |= {other: {"not_measured": reason} for other, reason in reasons.items() if other != unit}
    histories = measured.by_unit[unit].histories if unit in measured.by_unit else []
    if histories and len(histories) != len(main["values"]):
        raise ResultError(f"{claim.name}: one history a seed; {len(histories)} for {len(main['values'])} values")
    trained = [run for _, runs in source.items() for run in runs] if source is not None else []
    return {
        "claim_id": claim.name, "system": measured.system, "collection": measured.collection.name,
        "is_demo": measured.collection.is_demo, "split_unit": unit, **claim_fields(claim), **main,
        "epochs_run": [history.epochs_run for history in histories],
        "seconds": [history.seconds for history in histories],
        "options": {**measured.options, **(options or {})},
        "versions": _joined([run.versions for run in trained]) if trained else versions(),
        "machine": machine(),
        "commit": ", ".join(dict.fromkeys(run.commit for run in trained)) or commit(),
        "other_protocols": others,
    }  # fmt: skip


def _joined(several):
    """Give the versions that all trainings share; of trainings kept from an earlier run some may differ."""
    names = dict.fromkeys(name for one in several for name in one)
    return {name: ", ".join(dict.fromkeys(str(one.get(name)) for one in several)) for name in names}


def _of_the_test(claim, figures):
    """A figure under another split is of the test part, also where the claim is about validation."""
    is_validated = claim["evaluated_on"] == "validation" and figures.values and figures.scores and not figures.others
    return Figures([], figures.folds, figures.scores) if is_validated else figures


def _protocol(claim, unit, figures, collection, part=None):
    """Put together the figures of one system under one split, one value a seed."""
    name, values, ci95, ci95_is = f"{claim.name} by {unit}", figures.values, figures.ci95, figures.ci95_is
    folds, scores, n_tracks, n_artists = figures.folds, figures.scores, figures.n_tracks, figures.n_artists
    if not values:
        if not scores:
            raise ResultError(f"{name}: a record needs scores or values; neither was given")
        values = [value_of(claim, one) for one in scores]
        for one, fold in zip(scores, folds, strict=False):
            _check_part(name, part or claim["evaluated_on"], one, fold)
    if scores and n_tracks is None:
        how = sampled(scores, claim["level"], claim["metric"], artists_apart(collection, unit))
        n_tracks, n_artists = how["n_tracks"], how["n_artists"]
        if not figures.values:
            ci95, ci95_is = how["ci95"], how["ci95_is"]
    if ci95 is not None and ci95_is is None:
        raise ResultError(f"{name}: an interval comes with the words on how it was made (ci95_is)")
    if ((unit != "none" or folds) and len(folds) != len(values)) or (scores and len(scores) != len(values)):
        raise ResultError(f"{name}: one fold and score a seed; {len(folds)}, {len(scores)} for {len(values)} values")
    wrong = sorted({fold.unit for fold in folds if unit not in (fold.unit, "none")})
    if wrong:
        raise ResultError(f"{name}: folds by {', '.join(wrong)} were given; put each figure under its own split")
    n_slices = [one.slice.n for one in scores] or [len(fold.test) for fold in folds]
    numbers = [value for value in values if not isinstance(value, str) and value is not None and np.isfinite(value)]
    mean = float(np.mean(numbers)) if len(numbers) == len(values) else None
    return {
        "values": values,
        "mean": mean,
        "sd": float(np.std(numbers, ddof=1)) if mean is not None and len(numbers) > 1 else None,
        "ci95": ci95,
        "ci95_is": None if ci95 is None else ci95_is,
        "seeds": [fold.seed for fold in folds],
        # of all folds and seeds, and of the part that the figure is of; each seed's own counts are under scores
        "n_tracks_test": n_tracks,
        "n_artists_test": n_artists,
        "n_slices_test": min(n_slices, default=None),
        "leak_free": bool(folds) and all(fold.leak_free for fold in folds),
        "scores": [_all_figures(one) for one in scores],
    }


def _check_part(name, evaluated_on, scores, fold):
    part = PARTS.get(evaluated_on)
    strays = np.setdiff1d(scores.frame["slice"], getattr(fold, part)) if part else ()
    if len(strays):
        raise ResultError(
            f"{name}: the claim is about the {part} part; {len(strays)} of the slices scored are not in it "
            f"(first: {strays[0]}); evaluate on fold.{part}, with the fold of the same seed"
        )


def _all_figures(scores):
    names = (*FIGURES, "recall", "n", "ci95")
    return {level: {name: getattr(getattr(scores, level), name) for name in names} for level in LEVELS}


def _plain(value):
    """Turn what Python and NumPy hold into what JSON holds; NaN and infinity become null."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Path):
        return str(value)
    raise ResultError(f"a record holds numbers, words, lists and dicts; not {value!r} of type {type(value).__name__}")
