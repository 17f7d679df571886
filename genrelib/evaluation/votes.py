"""Votes over a track's slices: the most frequent label, as the Turin report has it, and how many slices it takes."""

import numpy as np
import pandas as pd

from genrelib.evaluation.scores import score_predictions

CI95_IS = (
    "of the vote by the most frequent label: mean over the seeds of the lows and of the highs of each seed's 95% "
    "bootstrap interval, which resamples the test tracks; sd is the spread between seeds"
)


def by_majority(runs, metric="accuracy"):
    """Give keywords of `genrelib.record` for the most frequent label among a track's slices.

    A record takes the mean probability for the track level unless it is told otherwise; the Turin report assigns "the
    most frequent artist among their slices".

    Parameters
    ----------
    runs : list of Run
        One a seed.
    metric : {"accuracy", "macro_f1", "weighted_f1", "macro_precision", "macro_recall"}

    Returns
    -------
    dict
        ``values``, ``scores``, ``fold``, ``ci95``, ``ci95_is``.
    """
    levels = [run.scores.track_majority for run in runs]
    return {
        "values": [getattr(level, metric) for level in levels],
        "scores": [run.scores for run in runs],
        "fold": [run.fold for run in runs],
        "ci95": tuple(np.mean([level.ci95[metric] for level in levels], axis=0).tolist()),
        "ci95_is": CI95_IS,
    }


def slices_heard(runs, slices):
    """Score votes over the first slices of each track: how many must be heard?

    Parameters
    ----------
    runs : list of Run
    slices : SliceSet
        What was predicted.

    Returns
    -------
    pd.DataFrame
        A row a number of slices, from 1 to the most that every test track has: slices, seconds, majority,
        mean_probability (accuracies, the mean over seeds).
    """
    hop = slices.hop_seconds
    rows = []
    for run in runs:
        frame = run.scores.frame.sort_values("slice")  # a track's slices lie in order of time
        place = frame.groupby("track_id").cumcount()
        most = int(frame.groupby("track_id").size().min())
        for count in range(1, most + 1):
            heard = score_predictions(frame[place < count], run.scores.genres, n_resamples=0)
            seconds = slices.seconds + (count - 1) * hop
            rows.append((count, seconds, heard.track_majority.accuracy, heard.track.accuracy))
    table = pd.DataFrame(rows, columns=["slices", "seconds", "majority", "mean_probability"])
    return table.groupby("slices", as_index=False).mean()
