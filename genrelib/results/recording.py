"""Keep a record of each claim: what was measured, under which protocol, by which code, and the predictions behind it.

A record is written under the split that the report used; the same system's figures under other splits stand beside
it as ``other_protocols``. A figure is never invented: what was not measured says why, and NaN becomes null.
"""

import json
import math
import os
from difflib import get_close_matches
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd

from genrelib._base.caching import file_when_whole
from genrelib._base.errors import ResultError
from genrelib.evaluation.scores import LEVELS
from genrelib.models.files import save_model
from genrelib._base.provenance import commit, machine, versions
from genrelib.results.records import check_record, claim_fields, read_claims, read_records

__all__ = ["read_claims", "read_records", "record", "write_when_whole"]

FIGURES = ("accuracy", "macro_f1", "weighted_f1", "macro_precision", "macro_recall", "top3_accuracy")
PARTS = {"test": "test", "new_songs": "test", "validation": "validation", "train": "train"}
NO_FIGURE = {
    "values": [], "mean": None, "sd": None, "ci95": None, "ci95_is": None, "seeds": [], "n_tracks_test": None,
    "n_slices_test": None, "leak_free": False, "scores": [],
}  # fmt: skip
CI95_IS = (
    "mean over the seeds of the lows and of the highs of each seed's 95% bootstrap interval, which resamples the test "
    "tracks; sd is the spread between seeds"
)


def record(
    *, claim_id, system, collection, folder, scores=None, fold=None, values=None, metric=None, ci95=None,
    ci95_is=None, histories=None, options=None, other_protocols=None, models=None, not_measured=None,
):  # fmt: skip
    """Write what was measured for one claim: ``results/<claim_id>.json`` and ``predictions/<claim_id>.parquet``.

    Parameters
    ----------
    claim_id : str
        A row of claims.csv, which gives metric, level, part and the figure claimed.
    system : str
        As the claim has it; any name where the claim is about all systems.
    collection : Collection
    folder : str or Path
        Of the run: ``runs/<collection>``.
    scores, fold, histories : Scores, Fold, History or lists of them
        One a seed, in the same order. ``fold`` is None only where the claim knows no split.
    values : list of float or str, optional
        One a seed, where the claim's figure does not follow from ``scores``: a difference, a loss, a speed, a
        validation accuracy beside test scores. Then ``metric`` repeats the claim's, as a check.
    ci95, ci95_is : (float, float), str, optional
        Interval of such a figure, and in words how it was made.
    options : dict, optional
        Whatever else fixes the run; JSON can hold it.
    other_protocols : dict, optional
        Unit of a split → list of objects with ``.scores`` and ``.fold`` (one a seed), or a dict with the keywords
        ``scores``, ``fold``, ``values``, ``ci95``, ``ci95_is`` of this function, or a str: why it was not measured.
    models : keras.Model or list of them, optional
        The first seed's is saved as ``models/<claim_id>.keras``: the first, since the best would be picked by its test.
    not_measured : str, optional
        Why the claim cannot be measured here under its own split, in place of figures; other splits may have theirs.

    Returns
    -------
    Path
        Of the JSON file. Each file comes into place only when whole, the JSON last.

    Raises
    ------
    ResultError
        Unknown claim; another system, split or part than the claim's; lists of unequal length; values without metric;
        figures of what was not measured.
    """
    claim, folder = _claim(claim_id), Path(folder)
    if claim["system"] not in ("all", system):
        raise ResultError(f"{claim_id} is about {claim['system']}, not {system!r}; record that system's own claim")
    if values is not None and metric != claim["metric"]:
        raise ResultError(f"{claim_id} claims {claim['metric']}; the values given are of metric={metric!r}")
    folds, histories = _as_list(fold), _as_list(histories)
    if not_measured and not all(one is None for one in (scores, values, ci95, models)):
        raise ResultError(f"{claim_id}: what was not measured ({not_measured}) has no figure and no model; drop either")
    main = {**NO_FIGURE, "not_measured": not_measured}
    if not not_measured:
        main = _protocol(claim, claim["split_unit"], scores, folds, values, ci95, ci95_is)
    if histories and len(histories) != len(main["values"]):
        raise ResultError(f"{claim_id}: one history a seed; {len(histories)} for {len(main['values'])} values")
    others = {unit: _as_keywords(given) for unit, given in (other_protocols or {}).items()}
    if claim["split_unit"] in others:
        raise ResultError(f"{claim_id} is by {claim['split_unit']} itself; leave that out of other_protocols")
    content = {
        "claim_id": claim_id,
        "system": system,
        "collection": collection.name,
        "is_demo": collection.is_demo,
        "split_unit": claim["split_unit"],
        **claim_fields(claim),
        **main,
        "epochs_run": [history.epochs_run for history in histories],
        "seconds": [history.seconds for history in histories],
        "options": options or {},
        "versions": versions(),
        "machine": machine(),
        "commit": commit(),
        "other_protocols": {
            unit: given if "not_measured" in given else _protocol(claim, unit, **given)
            for unit, given in others.items()
        },
    }
    content = _plain(content)
    target = folder / "results" / f"{claim_id}.json"
    check_record(content, target)
    _write_predictions(folder / "predictions" / f"{claim_id}.parquet", [(scores, folds), *_runs_of(others)])
    if models is not None:
        with file_when_whole(folder / "models" / f"{claim_id}.keras") as path:
            save_model(_as_list(models)[0], path)
            _sync(path)
    write_when_whole(target, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    return target


def write_when_whole(path, content):
    """Write a file so that a reader, or a killed writer, finds the old one or the new one and nothing between.

    Parameters
    ----------
    path : Path
    content : str or bytes

    Raises
    ------
    GenrelibError
        No room on the disk.
    """
    with file_when_whole(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
        _sync(temporary)


def _sync(path):
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def _claim(claim_id):
    claims = read_claims()
    if claim_id not in claims.index:
        near = get_close_matches(claim_id, list(claims.index), n=5, cutoff=0.4)
        raise ResultError(
            f"a record belongs to a row of claims.csv; there is no {claim_id!r}; "
            f"near it: {', '.join(near) or 'none'}; correct the name or add the row"
        )
    return claims.loc[claim_id]


def _protocol(claim, unit, scores=None, fold=None, values=None, ci95=None, ci95_is=None):
    """Put together the figures of one system under one split, one value a seed."""
    scores, folds, name = _as_list(scores), _as_list(fold), f"{claim.name} by {unit}"
    if values is None:
        if not scores:
            raise ResultError(f"{name}: a record needs scores or values; neither was given")
        if ci95 is not None:
            raise ResultError(f"{name}: the interval of scores is their own; ci95 goes with values")
        values = [_value(claim, one) for one in scores]
        ci95, ci95_is = _mean_interval(claim, scores), CI95_IS
        for one, of in zip(scores, folds):
            _check_part(name, claim["evaluated_on"], one, of)
    values = _as_list(values)
    if (ci95 is None) != (ci95_is is None) and ci95_is != CI95_IS:
        raise ResultError(f"{name}: an interval and the words on how it was made (ci95, ci95_is) come together")
    if unit != "none" and len(folds) != len(values) or scores and len(scores) != len(values) or not values:
        raise ResultError(f"{name}: one fold and score a seed; {len(folds)}, {len(scores)} for {len(values)} values")
    wrong = sorted({of.unit for of in folds if of.unit != unit})
    if wrong:
        raise ResultError(f"{name}: folds by {', '.join(wrong)} were given; a figure under another split is no measure "
                          "of this one; hand it over in other_protocols under its own name")  # fmt: skip
    n_slices = [one.slice.n for one in scores] or [len(of.test) for of in folds]
    numbers = [value for value in values if not isinstance(value, str) and np.isfinite(value)]
    mean = float(np.mean(numbers)) if len(numbers) == len(values) else None
    return {
        "values": values,
        "mean": mean,
        "sd": float(np.std(numbers, ddof=1)) if mean is not None and len(numbers) > 1 else None,
        "ci95": ci95,
        "ci95_is": None if ci95 is None else ci95_is,
        "seeds": [of.seed for of in folds],
        # seeds may differ by a few: the fewest; each seed's own counts are under scores
        "n_tracks_test": min((one.track.n for one in scores), default=None),
        "n_slices_test": min(n_slices, default=None),
        "leak_free": bool(folds) and all(of.leak_free for of in folds),
        "scores": [_all_figures(one) for one in scores],
    }


def _value(claim, scores):
    metric, level = claim["metric"], getattr(scores, claim["level"])
    if metric in FIGURES:
        return getattr(level, metric)
    present = {genre: recall for genre, recall in level.recall.items() if not math.isnan(recall)}
    best = sorted(present, key=lambda genre: (-present[genre], genre))
    if metric in ("best_recall_genre", "second_best_recall_genre"):
        return best[metric.startswith("second")]
    if metric == "worst_recall_genre":
        return min(present, key=lambda genre: (present[genre], genre))
    if metric.removeprefix("recall_") in level.recall:
        return level.recall[metric.removeprefix("recall_")]
    raise ResultError(f"{claim.name}: {metric} does not follow from scores; compute it, and give values= and metric=")


def _mean_interval(claim, scores):
    """None where the metric has no interval, or a seed has none."""
    intervals = np.array([getattr(one, claim["level"]).ci95.get(claim["metric"], (np.nan, np.nan)) for one in scores])
    return intervals.mean(axis=0).tolist() if np.isfinite(intervals).all() else None


def _check_part(name, evaluated_on, scores, fold):
    part = PARTS.get(evaluated_on)
    if part is None or scores.frame is None:
        return
    strays = np.setdiff1d(scores.frame["slice"], getattr(fold, part))
    if len(strays):
        raise ResultError(
            f"{name}: the claim is about the {part} part; {len(strays)} of the slices scored are not in it "
            f"(first: {strays[0]}); evaluate on fold.{part}, with the fold of the same seed"
        )


def _all_figures(scores):
    figures = {}
    for level in LEVELS:
        one = getattr(scores, level)
        figures[level] = {name: getattr(one, name) for name in (*FIGURES, "recall", "n", "ci95")}
    return figures


def _as_keywords(given):
    """Bring one entry of ``other_protocols`` into the keywords of `_protocol`, or a reason."""
    if isinstance(given, str):
        return {"not_measured": given}
    if isinstance(given, dict):
        unknown = sorted(set(given) - {"not_measured", "scores", "fold", "values", "ci95", "ci95_is"})
        if unknown:
            raise ResultError(f"an entry of other_protocols has the keywords of record(); {', '.join(unknown)} is none")
        return given
    runs = _as_list(given)
    return {"scores": [run.scores for run in runs], "fold": [run.fold for run in runs]}


def _runs_of(others):
    return [(given.get("scores"), given.get("fold")) for given in others.values()]


def _write_predictions(path, runs):
    """Write the predictions of all seeds and protocols; with none at hand, let no older file pass for this run's."""
    pairs = [pair for scores, folds in runs for pair in zip(_as_list(scores), _as_list(folds))]
    pairs = [pair for pair in pairs if pair[0].frame is not None]
    if not pairs:
        path.unlink(missing_ok=True)
        return
    frames = [scores.frame.assign(seed=fold.seed, protocol=fold.unit) for scores, fold in pairs]
    probabilities = [f"p{i}" for i in range(len(pairs[0][0].genres))]
    frame = pd.concat(frames)[["track_id", "slice", "true", *probabilities, "seed", "protocol"]]
    twice = frame.duplicated(["protocol", "seed", "slice"])
    if twice.any():
        raise ResultError(f"{path}: a slice is predicted once a seed and protocol; {twice.sum()} rows are there twice")
    content = BytesIO()
    frame.astype({name: np.float32 for name in probabilities}).to_parquet(content, index=False, compression="zstd")
    write_when_whole(path, content.getvalue())


def _as_list(given):
    if given is None:
        return []
    return list(given) if isinstance(given, (list, tuple)) else [given]


def _plain(value):
    """Turn what Python and NumPy hold into what JSON holds; NaN and infinity become null."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Path):
        return str(value)
    raise ResultError(f"a record holds numbers, words, lists and dicts; not {value!r} of type {type(value).__name__}")
