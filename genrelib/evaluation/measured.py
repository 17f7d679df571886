"""Figures of one system under several splits, as a record takes them, where they do not follow from scores alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from genrelib._base.errors import GenrelibError
from genrelib.datasets.collection import Collection
from genrelib.evaluation.intervals import interval, resamples
from genrelib.evaluation.scores import Scores, confusions_of, figures_of, paired_difference, units_of
from genrelib.splits import LEAK_FREE, Fold

N_RESAMPLES = 10_000  # so that ends of an interval from other draws are within .01


@dataclass(frozen=True)
class Figures:
    """Hold what was measured under one split, an entry a seed."""

    values: list[Any]  # empty where they follow from ``scores`` by the metric of the claim they are recorded for
    folds: list[Fold]
    scores: list[Scores] = field(default_factory=list)  # empty where ``values`` do not come from predictions
    ci95: tuple[float, float] | None = None
    ci95_is: str | None = None  # what the interval is of, in words
    histories: list[Any] = field(default_factory=list)  # a History each
    n_tracks: int | None = None  # distinct ones that the figure was counted from, over all folds and seeds
    n_artists: int | None = None  # likewise, where they are kept apart
    others: list[Scores] = field(default_factory=list)  # the other side of a difference
    points: list[pd.DataFrame] = field(default_factory=list)  # the maps that values were read off: x, y, true

    @classmethod
    def of_runs(cls, runs: list[Any], values: list[Any], **fields: Any) -> Figures:
        """Put together figures of trainings, with the folds and histories of those."""
        return cls(values, [run.fold for run in runs], histories=[run.history for run in runs], **fields)


@dataclass(frozen=True)
class Measured:
    """Hold the figures of one system under several splits.

    Examples
    --------
    >>> import genrelib as gl
    >>> figures = gl.evaluation.Figures(values=[2.5, 3.5], folds=[])
    >>> timed = gl.evaluation.Measured("mine", gl.load_collection("demo"), "runs/demo", "seconds", "slice",
    ...                                {"slice": figures})
    >>> timed.by_unit["slice"].values
    [2.5, 3.5]
    """

    system: str
    collection: Collection
    folder: Path  # of the run, ``runs/<collection>``
    metric: str | None  # None where it is that of the claim
    main: str  # the unit asked for first: the report's own
    by_unit: dict[str, Figures]  # only what was measured
    not_measured: dict[str, str] = field(default_factory=dict)  # unit → the reason in words
    options: dict[str, Any] = field(default_factory=dict)  # settings that differ from their defaults
    runs: Any = field(default=None, repr=False)  # Runs behind the figures: a record takes commit and model from them

    def table(self) -> pd.DataFrame:
        """Give a row a split: the mean, the interval, and the value of each seed."""
        rows = {}
        for unit, figures in self.by_unit.items():
            row = {}
            if not any(isinstance(value, str) for value in figures.values):
                low, high = figures.ci95 or (np.nan, np.nan)
                row = {"mean": np.mean(figures.values), "95% from": low, "to": high}
            seeds = [fold.seed for fold in figures.folds] or range(len(figures.values))
            rows[unit] = row | {f"seed {seed}": value for seed, value in zip(seeds, figures.values, strict=True)}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("split")

    def in_words(self) -> str:
        """Say of differences, split by split, on which side of 0 they lie, if their interval tells."""
        lines = []
        for unit, row in self.table().iterrows():
            low, high = row["95% from"], row["to"]
            side = "above 0" if low > 0 else "below 0" if high < 0 else "undecided: 0 lies in the interval"
            lines.append(f"by {unit} {row['mean']:+.3f} ({low:+.3f} to {high:+.3f}), {side}")
        return "; ".join(lines)


def artists_apart(collection: Collection, unit: str) -> pd.Series | None:
    """Give track → artist where a split by ``unit`` keeps artists apart, else None."""
    return collection.groups("artist") if unit in LEAK_FREE else None


def _together(tracks, artists):
    """Name what stands or falls together: a track's artist, a track without a known one by itself."""
    own = pd.Series(tracks, index=tracks, dtype=object) if artists is None else artists.reindex(tracks)
    return own.where(own.notna(), "track " + own.index.astype(str)).to_numpy(dtype=str)


def resampled(counted: list[Scores], level: str, metric: str, artists: pd.Series | None = None) -> np.ndarray:
    """Resample what stands or falls together, over all folds at once, and give the mean figure of each resample.

    Tracks are drawn, or artists as `artists_apart` gives them; and where several trainings have one test part, thus
    differ by their seed alone, the trainings of that part, too. The figure of a resample is the mean over the
    trainings, as a record's mean is. There is none where fewer than two tracks or artists are to be drawn from, or
    where the metric neither follows from a confusion nor is ``recall_<genre>``.
    """
    parts = [_confusions(scores, level, artists) for scores in counted]
    names = sorted({name for groups, _ in parts for name in groups})
    rng, genres = np.random.default_rng(0), counted[0].genres
    draws = resamples(len(names), N_RESAMPLES, rng)
    weights = _draw_trainings(counted, len(draws), rng)
    total, weight = np.zeros((2, len(draws)))
    for number, (groups, confusions) in enumerate(parts):
        drawn = np.tensordot(draws[:, np.searchsorted(names, groups)], confusions, axes=1)
        with np.errstate(invalid="ignore"):  # a small test part may not be drawn at all
            recalls, figures = figures_of(drawn)
        figures |= {f"recall_{genre}": recalls[:, place] for place, genre in enumerate(genres)}
        if metric not in figures:
            return np.array([])
        there = np.isfinite(figures[metric])
        total[there] += (weights[:, number] * figures[metric])[there]
        weight[there] += weights[there, number]
    return total[weight > 0] / weight[weight > 0]


def _confusions(scores, level, artists):
    """Give the names of the groups that were tested [n], and the confusion matrix of each [n, k, k]."""
    units, tracks = units_of(scores.frame, len(scores.genres))
    true, votes, codes = units[level]
    groups, names = pd.factorize(_together(tracks, artists), sort=True)
    return names, confusions_of(groups[codes], true, votes)


def _draw_trainings(counted, n_resamples, rng):
    """Give how often each training occurs in each resample: as it is, unless several share a test part."""
    weights = np.ones((n_resamples, len(counted)))
    for together in _same_test(counted):
        if len(together) > 1:
            weights[:, together] = resamples(len(together), n_resamples, rng)
    return weights


def _same_test(counted):
    parts = {}
    for number, scores in enumerate(counted):
        parts.setdefault(tuple(sorted(scores.frame["slice"])), []).append(number)
    return list(parts.values())


def counted_from(counted: list[Scores], artists: pd.Series | None = None) -> dict[str, int | None]:
    """Count the distinct tracks of scores, and the artists where `artists_apart` gives them: n_tracks, n_artists."""
    tracks = sorted({track for scores in counted for track in scores.frame["track_id"]})
    return {"n_tracks": len(tracks), "n_artists": None if artists is None else len(set(_together(tracks, artists)))}


def sampled(
    counted: list[Scores], level: str, metric: str, artists: pd.Series | None = None,
    others: list[Scores] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Give the fields of `Figures` that say how far a mean can be trusted: ci95, ci95_is, n_tracks, n_artists.

    It takes what `resampled` takes; and, for the interval of a difference, the other side's scores of the same rows.
    """
    figures = resampled(counted, level, metric, artists)
    if others:
        figures = figures - resampled(others, level, metric, artists)
    counts = counted_from(counted, artists)
    if not len(figures):
        return {"ci95": None, "ci95_is": None, **counts}
    n_parts, of_a_difference = len(_same_test(counted)), "paired difference of " if others else ""
    of_artists = "" if artists is None else f"{counts['n_artists']} artists of "
    drawn = f"the {of_artists}{counts['n_tracks']} tracks"
    drawn += ", and of the trainings that share a test part" if n_parts < len(counted) else ""
    words = (
        f"95% interval of the {of_a_difference}mean over {len(counted)} trainings on {n_parts} test parts, from "
        f"{N_RESAMPLES} resamples of {drawn}; sd: {'folds and ' if n_parts > 1 else ''}trainings differ"
    )
    return {"ci95": interval(figures), "ci95_is": words, **counts}


def figures_of_runs(runs: list, collection: Collection, level: str, metric: str) -> Figures:
    """Take a metric of each run at one level; where that is of validation, the scores stay those of the test."""
    values = [getattr(getattr(run.scores, level), metric) for run in runs]
    how = sampled([run.scores for run in runs], level, metric, artists_apart(collection, runs[0].unit))
    if how["ci95"] and (runs[0].tested or level == "track_majority"):
        part = "of the validation part, which chose the epoch" if runs[0].tested else "of the vote by most slices"
        how["ci95_is"] += f"; {part}"
    return Figures.of_runs(runs, values, scores=[run.tested or run.scores for run in runs], **how)


def seeds_share(runs: list) -> float:
    """Say which share of the spread (variance) of the accuracy a slice is that of trainings on one and the same fold.

    Of runs with two trainings at least of each test part: 0 where trainings of a fold agree, 1 where folds differ no
    more than the trainings of one.
    """
    parts = _same_test([run.scores for run in runs])
    if min(len(part) for part in parts) < 2 or len(parts) < 2:
        raise GenrelibError("the seeds' share takes two trainings at least on each of two test parts")
    accuracies = np.array([run.scores.slice.accuracy for run in runs])
    within = np.mean([accuracies[part].var(ddof=1) for part in parts])
    means = [accuracies[part].mean() for part in parts]
    of_folds = max(0.0, np.var(means, ddof=1) - within / len(parts[0]))  # a mean of n trainings still has within / n
    return float(within / (within + of_folds)) if within + of_folds else 0.0


def figures_of_difference(runs: list, others: list, collection: Collection, level: str, main: str) -> Figures:
    """Compare two systems on the same folds, for the seeds that both have; validated ones on ``main`` alone."""
    tested = runs[0].unit != main
    others = {run.seed: run for run in others}
    runs = [run for run in runs if run.seed in others]
    sides = runs, [others[run.seed] for run in runs]
    pair = [[(tested and run.tested) or run.scores for run in side] for side in sides]
    paired_difference(*(pd.concat([scores.frame for scores in side]) for side in pair), level=level, n_resamples=0)
    how = sampled(pair[0], level, "accuracy", artists_apart(collection, runs[0].unit), pair[1])
    if how["ci95"] and level == "track_majority":
        how["ci95_is"] += "; of the vote by most slices"
    values = np.subtract(*([getattr(scores, level).accuracy for scores in side] for side in pair)).tolist()
    return Figures.of_runs(runs, values, scores=pair[0], others=pair[1], **how)


def means_of(runs: list) -> dict[str, Any]:
    """Give the figures of one split as a table shows them: means over the seeds."""

    def mean(level, metric="accuracy"):
        return float(np.mean([getattr(getattr(run.scores, level), metric) for run in runs]))

    return {
        "seeds": len(runs),
        "slice": mean("slice"),
        "track (mean probability)": mean("track"),
        "track (majority)": mean("track_majority"),
        "top 3": mean("slice", "top3_accuracy"),
        "macro F1": mean("slice", "macro_f1"),
        "leak-free": runs[0].fold.leak_free,
    }
