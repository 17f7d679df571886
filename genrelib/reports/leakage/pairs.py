"""What can be compared pair by pair, and what cannot.

Two systems under one split, on the tracks that both were tested on. One system under two splits has other test parts,
and other training parts: only its tracks that were tested under both can be compared, each with itself.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from genrelib._base.errors import ResultError
from genrelib.evaluation.intervals import interval_of_mean
from genrelib.evaluation.predictions import hits_of
from genrelib.splits import LEAK_FREE

VOTE = ["seed", "track_id", "true", "protocol"]  # what a vote is of


def paired_systems(predictions: dict[str, pd.DataFrame], unit: str, artists: pd.Series) -> pd.DataFrame:
    """Compare every two systems under one split, on the tracks that both were tested on.

    Each track has one vote, the mean of its slices' probabilities, so that systems of slices of any length compare.
    A row a pair: a, b, tracks (in common, over all seeds), difference (accuracy of a less that of b), and its interval
    from low to high, which draws ``artists`` (track → artist) where they are kept apart.
    """
    hits = {}
    for system, frame in predictions.items():
        votes = track_votes(frame[frame["protocol"] == unit])
        hits[system] = pd.Series(hits_of(votes).astype(float), pd.MultiIndex.from_frame(votes[VOTE]))
    gains = {(a, b): (hits[a] - hits[b]).dropna() for a, b in combinations(hits, 2)}
    rows = [{"a": a, "b": b, **_compared(gain, unit, artists)} for (a, b), gain in gains.items() if len(gain)]
    return pd.DataFrame(rows, columns=["a", "b", "tracks", "difference", "low", "high"])


def paired_splits(frame: pd.DataFrame, unit: str, other: str, artists: pd.Series) -> dict[str, Any]:
    """Compare one system with itself under two splits, on the tracks that were tested under both.

    What comes is tracks, difference (share of a track's slices named rightly by ``unit`` less by ``other``, the mean
    over those tracks), low, high; artists are drawn where either split keeps them apart.

    Raises
    ------
    ResultError
        No track was tested under both.
    """
    shares = frame.assign(hit=hits_of(frame)).pivot_table("hit", "track_id", "protocol")
    both = shares.reindex(columns=[unit, other]).dropna()
    if both.empty:
        raise ResultError(f"a track is compared with itself; none was tested by {unit} and by {other} both")
    return _compared(both[unit] - both[other], unit if unit in LEAK_FREE else other, artists)


def track_votes(frame: pd.DataFrame) -> pd.DataFrame:
    """Reduce predictions of slices to one row a track and seed: the mean probability."""
    return frame.groupby(VOTE, as_index=False).mean(numeric_only=True)


def _compared(gain, unit, artists):
    """Sum up differences by track; the interval draws artists where they are kept apart, and unknown ones by track."""
    tracks = gain.index.get_level_values("track_id")
    known = artists.reindex(tracks).to_numpy()
    groups = np.where(pd.isna(known), tracks, known) if unit in LEAK_FREE else tracks
    low, high = interval_of_mean(gain, groups)
    return {"tracks": len(gain), "difference": float(gain.mean()), "low": low, "high": high}
