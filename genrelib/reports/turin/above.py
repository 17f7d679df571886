"""By how much the report's network is above its machine: paired on the tracks that both were tested on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genrelib.evaluation.intervals import interval_of_mean
from genrelib.evaluation.measured import N_RESAMPLES, Figures, Measured, artists_apart
from genrelib.evaluation.scores import score_predictions, units_of

if TYPE_CHECKING:
    from genrelib.reports.turin.svm import RepeatedSvms
    from genrelib.training.runs import Runs


def above_svm(runs: Runs, svm: RepeatedSvms) -> Measured:
    """Give by how much a network's vote is above the machine on the same test tracks, under the splits of both.

    The machine's accuracy on a track is the share of its repeats that named it rightly. The interval resamples tracks,
    or artists where they are kept apart, the same on both sides.
    """
    reasons = {unit: svm.not_measured.get(unit, "the machine was not run so") for unit in runs if unit not in svm}
    by_unit = {unit: _above(several, svm[unit], runs.collection) for unit, several in runs.items() if unit in svm}
    about = (runs.system, runs.collection, runs.folder, "accuracy_difference_to_tzanetakis_svm", runs.main)
    options = next((several[0].options for several in runs.runs.values()), {})
    return Measured(*about, by_unit, {**runs.not_measured, **reasons}, options, runs)


def _above(runs, svm, collection):
    artists, gains, others = artists_apart(collection, svm.unit), [], []
    for run in runs:
        units, tracks = units_of(run.scores.frame, len(svm.genres))
        true, votes, _ = units["track_majority"]
        other = svm.frame.set_index("track_id", drop=False).loc[tracks]
        right = other.filter(regex=r"^p\d+$").to_numpy()[np.arange(len(tracks)), true]
        gains.append(pd.Series((votes.argmax(axis=1) == true) - right, tracks))
        others.append(score_predictions(other.reset_index(drop=True), svm.genres, n_resamples=0))
    every = pd.concat(gains)
    sizes = np.repeat([len(one) for one in gains], [len(one) for one in gains])
    weighted = every * len(every) / (len(gains) * sizes)  # its mean is the mean over the trainings
    groups = every.index if artists is None else artists.loc[every.index]
    drawn = f"the {every.index.nunique()} tracks"
    if artists is not None:
        drawn = f"the {groups.nunique()} artists of {every.index.nunique()} tracks"
    return Figures(
        [float(one.mean()) for one in gains], [run.fold for run in runs], [run.scores for run in runs],
        interval_of_mean(weighted, groups, n_resamples=N_RESAMPLES),
        f"95% interval of the mean paired difference, the vote by most slices less the share of the machine's repeats "
        f"that were right, from {N_RESAMPLES} resamples of {drawn}",
        [run.history for run in runs], every.index.nunique(), None if artists is None else groups.nunique(), others,
    )  # fmt: skip
