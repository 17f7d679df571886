"""How many slices of a track a vote takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from genrelib.evaluation.scores import score_predictions
from genrelib.slices import SliceSet

if TYPE_CHECKING:
    from genrelib.training.runs import Run


def slices_heard(runs: list[Run], slices: SliceSet) -> pd.DataFrame:
    """Score votes over the first of the slices of each track: how many must be heard?

    Returns
    -------
    pd.DataFrame
        A row a number of slices, from 1 to the most that every test track of every run has: slices, seconds, majority
        (accuracy of the most frequent label, the mean over seeds).
    """
    rows, most = [], min(int(run.scores.frame.groupby("track_id").size().min()) for run in runs)
    for run in runs:
        frame = run.scores.frame.sort_values("slice")  # a track's slices lie in order of time
        place = frame.groupby("track_id").cumcount()
        for count in range(1, most + 1):
            heard = score_predictions(frame[place < count], run.scores.genres, n_resamples=0)
            seconds = slices.seconds + (count - 1) * slices.hop_seconds
            rows.append((count, seconds, heard.track_majority.accuracy))
    table = pd.DataFrame(rows, columns=["slices", "seconds", "majority"])
    return table.groupby("slices", as_index=False).mean()
