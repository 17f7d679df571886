"""What notebook 90 shows as tables and sentences, out of what `study` gathers.

What can be compared pair by pair, and what cannot: two systems under one split, on the tracks that both were tested on.
One system under two splits has other test parts, and other training parts: only its tracks that were tested under both
can be compared, each with itself.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from genrelib._base.errors import ResultError
from genrelib.evaluation.intervals import interval_of_mean
from genrelib.evaluation.predictions import hits_of
from genrelib.reports.leakage.calibration import calibration, together
from genrelib.splits import LEAK_FREE, UNITS

VOTE = ["seed", "track_id", "true", "protocol"]  # what a vote is of


def accuracies(measured: pd.DataFrame) -> pd.DataFrame:
    """Give every accuracy of `study.gather` with its interval in words.

    A row a system, level and part, which says test or validation; a column a split.
    """
    cells = [f"{row.mean:.3f} ({row.low:.2f} to {row.high:.2f})" for row in measured.itertuples(index=False)]
    table = measured.assign(accuracy=cells)
    table = table.pivot(index=["system", "level", "part"], columns="unit", values="accuracy")
    return table.reindex(columns=[unit for unit in UNITS if unit in table]).fillna("")


def all_paired_systems(predictions: dict[str, pd.DataFrame], units: list[str], artists: pd.Series) -> pd.DataFrame:
    """Compare every two systems under each split that both were tested under; see `paired_systems`.

    A row a split and pair has a verdict: whether the interval of the difference leaves 0 out.
    """
    tables = [paired_systems(predictions, unit, artists).assign(split=unit) for unit in units]
    table = pd.concat([part for part in tables if len(part)] or tables[:1])  # an empty one makes words of the figures
    apart = (table["low"] > 0) | (table["high"] < 0)
    table["verdict"] = np.where(apart, "differ", "0 is within the interval")
    return table.set_index(["split", "a", "b"])


def all_paired_splits(predictions: dict[str, pd.DataFrame], artists: pd.Series) -> pd.DataFrame:
    """Compare each system under its first split with itself under every other; see `paired_splits`."""
    rows = []
    for system, frame in predictions.items():
        own, *others = sorted(frame["protocol"].unique(), key=UNITS.index)
        rows += [{"system": system, "split": own, "against": unit, **paired_splits(frame, own, unit, artists)}
                 for unit in others]  # fmt: skip
    return pd.DataFrame(rows)


def paired_systems(predictions: dict[str, pd.DataFrame], unit: str, artists: pd.Series) -> pd.DataFrame:
    """Compare every two systems under one split, on the tracks that both were tested on.

    Each track has one vote, the mean of its slices' probabilities, so that systems of slices of any length compare.
    A row a pair: a, b, tracks (in common), difference (accuracy of a less that of b), and its interval
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
    over those tracks), low, high; artists are drawn where either split keeps them apart. Where no track was tested
    under both it is a `ResultError`.
    """
    shares = frame.assign(hit=hits_of(frame)).pivot_table("hit", "track_id", "protocol")
    both = shares.reindex(columns=[unit, other]).dropna()
    if both.empty:
        raise ResultError(f"a track is compared with itself; none was tested by {unit} and by {other} both")
    return _compared(both[unit] - both[other], unit if unit in LEAK_FREE else other, artists)


def track_votes(frame: pd.DataFrame) -> pd.DataFrame:
    """Reduce predictions of slices to one row a track and seed: the mean probability."""
    return frame.groupby(VOTE, as_index=False).mean(numeric_only=True)


def believed(predictions: dict[str, pd.DataFrame], units: list[str], artists: pd.Series) -> pd.DataFrame:
    """Say how far the probabilities of `study.kept_predictions` can be believed, a vote a song and training.

    A row a system and split has what `genrelib.reports.leakage.calibration.calibration` gives; it draws ``artists``
    (track → artist) where they are kept apart.
    """
    rows = []
    for system, frame in predictions.items():
        for unit in [unit for unit in units if (frame["protocol"] == unit).any()]:
            votes = track_votes(frame[frame["protocol"] == unit])
            apart = artists if unit in LEAK_FREE else None
            rows.append({"system": system, "split": unit, **calibration(votes, apart)})
    return pd.DataFrame(rows)


def lost_in_words(rows: list[dict]) -> str:
    """Say of each row of `study.three_figures` that has both what the report's split gives and what is left of it."""
    known = [row for row in rows if row["reproduced"] and row["leak_free"]]
    validated = {"validation": " (validation)", "test": ""}
    return "; ".join(
        f"{row['system']} {row['reproduced']['mean']:.2f}{validated[row['reproduced']['part']]} → "
        f"{row['leak_free']['mean']:.2f}"
        for row in known
    )


def _compared(gain, unit, artists):
    """Sum up differences by track; the interval draws artists where they are kept apart, and unknown ones by track."""
    tracks = gain.index.get_level_values("track_id")
    groups = together(tracks.to_numpy(), artists) if unit in LEAK_FREE else tracks
    low, high = interval_of_mean(gain, groups)
    return {"tracks": tracks.nunique(), "difference": float(gain.mean()), "low": low, "high": high}
