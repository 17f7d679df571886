"""What can be compared pair by pair, and what cannot.

Two systems under one split, on the tracks that both were tested on. One system under two splits has other test parts,
and other training parts: only its tracks that were tested under both can be compared, each with itself.
"""

from __future__ import annotations

from itertools import combinations

import pandas as pd

from genrelib._base.errors import ResultError
from genrelib.evaluation.intervals import interval_of_mean
from genrelib.evaluation.predictions import hits_of
from genrelib.evaluation.scores import paired_difference
from genrelib.splits import LEAK_FREE


def paired_systems(predictions: dict[str, pd.DataFrame], unit: str, artists: pd.Series) -> pd.DataFrame:
    """Compare every two systems under one split, on the tracks that both were tested on.

    Each track has one vote, the mean of its slices' probabilities, so that systems of slices of any length compare.

    Parameters
    ----------
    predictions : dict of str to pd.DataFrame
        Of `study.kept_predictions`.
    unit : str
    artists : pd.Series
        Track → artist: what the interval draws where artists are kept apart.

    Returns
    -------
    pd.DataFrame
        A row a pair: a, b, tracks (in common, over all seeds), difference (accuracy of a less that of b), low, high.
    """
    votes = {system: track_votes(frame[frame["protocol"] == unit]) for system, frame in predictions.items()}
    rows = []
    for a, b in combinations([system for system, frame in votes.items() if len(frame)], 2):
        first, second = _in_common(votes[a], votes[b])
        if len(first):
            difference, (low, high) = paired_difference(
                first, second, groups=_together(first["track_id"], unit, artists)
            )
            rows.append({"a": a, "b": b, "tracks": len(first), "difference": difference, "low": low, "high": high})
    return pd.DataFrame(rows, columns=["a", "b", "tracks", "difference", "low", "high"])


def paired_splits(frame: pd.DataFrame, unit: str, other: str, artists: pd.Series) -> dict:
    """Compare one system with itself under two splits, on the tracks that were tested under both.

    Parameters
    ----------
    frame : pd.DataFrame
        One system's predictions under both splits.
    unit, other : str
    artists : pd.Series
        Track → artist: what the interval draws where either split keeps artists apart.

    Returns
    -------
    dict
        tracks, difference (share of a track's slices named rightly by ``unit`` less by ``other``, the mean over those
        tracks), low, high.

    Raises
    ------
    ResultError
        No track was tested under both.
    """
    hits = frame.assign(hit=hits_of(frame)).groupby(["protocol", "track_id"])["hit"].mean()
    both = [hits.xs(name) if name in hits.index.get_level_values(0) else hits.iloc[:0] for name in (unit, other)]
    if any(shares.empty for shares in both) or both[0].index.intersection(both[1].index).empty:
        raise ResultError(f"a track is compared with itself; none was tested by {unit} and by {other} both")
    gain = (both[0] - both[1]).dropna()
    strict = unit if unit in LEAK_FREE else other
    low, high = interval_of_mean(gain, _together(gain.index, strict, artists).loc[gain.index])
    return {"tracks": len(gain), "difference": float(gain.mean()), "low": low, "high": high}


def track_votes(frame: pd.DataFrame) -> pd.DataFrame:
    """Reduce predictions of slices to one row a track and seed: the mean probability.

    Returns
    -------
    pd.DataFrame
        As `genrelib.evaluation.scores` has predictions; ``slice`` counts the tracks in alphabetical order.
    """
    mean = frame.groupby(["seed", "track_id", "true", "protocol"], as_index=False).mean(numeric_only=True)
    return mean.assign(slice=pd.factorize(mean["track_id"], sort=True)[0])


def _together(tracks, unit, artists):
    """Give track → what stands or falls together with it; a track without a known artist stands by itself."""
    own = pd.Series(pd.unique(tracks), index=pd.unique(tracks), dtype=object)
    return artists.reindex(own.index).fillna(own) if unit in LEAK_FREE else own


def _in_common(first, second):
    keys = ["seed", "track_id", "true"]
    shared = first[keys].merge(second[keys])
    tracks = {track: place for place, track in enumerate(sorted(shared["track_id"].unique()))}
    parts = [frame.merge(shared, on=keys).sort_values(keys, ignore_index=True) for frame in (first, second)]
    return [part.assign(slice=part["track_id"].map(tracks).astype(int)) for part in parts]
