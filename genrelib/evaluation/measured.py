"""Figures of one system under several splits, as a record takes them, where they do not follow from scores alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from genrelib.datasets.collection import Collection
from genrelib.evaluation.scores import LevelScores, Scores, paired_difference
from genrelib.splits import Fold

PAIRED_IS = "95% interval of the paired difference over all seeds, resampling test tracks"
MAJORITY_IS = (
    "of the vote by the most frequent label: mean over the seeds of the lows and of the highs of each seed's 95% "
    "bootstrap interval, which resamples the test tracks; sd is the spread between seeds"
)
VALIDATION_IS = (
    "of the validation accuracy: mean over the seeds of the lows and of the highs of each seed's 95% bootstrap "
    "interval, which resamples validation tracks; the epoch was chosen by this very part; scores are of the test part"
)


@dataclass(frozen=True)
class Figures:
    """Hold what was measured under one split, an entry a seed.

    Attributes
    ----------
    values : list
        Empty where they follow from ``scores`` by the metric of the claim that they are recorded for.
    folds : list of Fold
    scores : list of Scores
        May be empty where ``values`` do not come from predictions.
    ci95 : (float, float) or None
    ci95_is : str or None
        What the interval is of, in words.
    histories : list of History
    """

    values: list[Any]
    folds: list[Fold]
    scores: list[Scores] = field(default_factory=list)
    ci95: tuple[float, float] | None = None
    ci95_is: str | None = None
    histories: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Measured:
    """Hold the figures of one system under several splits.

    Attributes
    ----------
    system : str
    collection : Collection
    folder : Path
        Of the run, ``runs/<collection>``.
    metric : str or None
        None where it is that of the claim.
    main : str
        The unit asked for first: the report's own.
    by_unit : dict of str to Figures
        Only what was measured.
    not_measured : dict of str to str
        Unit → the reason in words.
    options : dict
        Settings that differ from their defaults.
    runs : Runs or None
        The trainings that the figures were made from: a record takes commit, versions and model from them.

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
    folder: Path
    metric: str | None
    main: str
    by_unit: dict[str, Figures]
    not_measured: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    runs: Any = field(default=None, repr=False)

    def table(self) -> pd.DataFrame:
        """Give a row a split: the mean, the interval, and the value of each seed."""
        rows = {}
        for unit, figures in self.by_unit.items():
            seeds = [fold.seed for fold in figures.folds] or range(len(figures.values))
            by_seed = {f"seed {seed}": value for seed, value in zip(seeds, figures.values, strict=True)}
            if not any(isinstance(value, str) for value in figures.values):
                low, high = figures.ci95 or (np.nan, np.nan)
                by_seed = {"mean": np.mean(figures.values), "95% from": low, "to": high} | by_seed
            rows[unit] = by_seed
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("split")

    def in_words(self) -> str:
        """Say of differences, split by split, on which side of 0 they lie, if their interval tells."""
        lines = []
        for unit, row in self.table().iterrows():
            low, high = row["95% from"], row["to"]
            side = "above 0" if low > 0 else "below 0" if high < 0 else "undecided: 0 lies in the interval"
            lines.append(f"by {unit} {row['mean']:+.3f} ({low:+.3f} to {high:+.3f}), {side}")
        return "; ".join(lines)


def mean_interval(intervals: list) -> tuple[float, float] | None:
    """Give the mean of the lows and of the highs of each seed's interval; None where one is not known."""
    intervals = np.array(intervals, dtype=float)
    return tuple(intervals.mean(axis=0).tolist()) if np.isfinite(intervals).all() else None


def figures_of_levels(runs: list, levels: list[LevelScores], metric: str, ci95_is: str) -> Figures:
    """Take a metric of each run's level, and the mean of the seeds' intervals; the scores stay those of the test."""
    interval = mean_interval([level.ci95[metric] for level in levels])
    values = [getattr(level, metric) for level in levels]
    scores = [run.tested or run.scores for run in runs]
    folds, histories = [run.fold for run in runs], [run.history for run in runs]
    return Figures(values, folds, scores, interval, ci95_is if interval else None, histories)


def figures_of_difference(runs: list, others: list, level: str) -> Figures:
    """Compare the accuracies of two systems on the same folds, for the seeds that both have."""
    others = {run.seed: run for run in others}
    runs = [run for run in runs if run.seed in others]
    pair = [runs, [others[run.seed] for run in runs]]
    _, interval = paired_difference(*(pd.concat([run.scores.frame for run in side]) for side in pair), level=level)
    values = np.subtract(*([getattr(run.scores, level).accuracy for run in side] for side in pair)).tolist()
    histories = [run.history for run in runs]
    return Figures(values, [run.fold for run in runs], ci95=interval, ci95_is=PAIRED_IS, histories=histories)


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
