"""What a test slice finds in the training part: its nearest neighbour, and whether that is the same recording.

Conventions: features are standardised by the training part alone; the neighbour is the exact nearest one (Euclidean)
among the training slices, never among those that validate. A pair's *kind* is the closest tie that is known: the same
recording, else the same album, else the same artist, else another artist; or unknown, where the collection does not
know the artist of both.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from genrelib._base.errors import ResultError, SplitError
from genrelib.evaluation.intervals import N_RESAMPLES, interval_of_mean
from genrelib.evaluation.predictions import hits_of
from genrelib.slices import Rows
from genrelib.splits import UNITS, Fold, folds_of

KINDS = ("recording", "album", "artist", "other artist", "unknown")


def nearest_training(rows: Rows, fold: Fold) -> pd.DataFrame:
    """Find for each test slice its nearest training slice, by their rows of features.

    Returns
    -------
    pd.DataFrame
        A row a test slice: slice, track_id, nearest (position of the training slice), distance (in standard
        deviations), kind, same_genre.
    """
    from sklearn.neighbors import NearestNeighbors
    from sklearn.preprocessing import StandardScaler

    features = np.asarray(rows.samples, dtype=np.float64)
    scaler = StandardScaler().fit(features[fold.train])
    index = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(scaler.transform(features[fold.train]))
    distance, place = index.kneighbors(scaler.transform(features[fold.test]))
    nearest = fold.train[place[:, 0]]
    return pd.DataFrame(
        {
            "slice": fold.test,
            "track_id": rows.table["track_id"].to_numpy()[fold.test],
            "nearest": nearest,
            "distance": distance[:, 0],
            "kind": _kinds(rows, fold.test, nearest),
            "same_genre": rows.labels[fold.test] == rows.labels[nearest],
        }
    )


def _kinds(rows, positions, others):
    """Name what ties each slice to another: of KINDS [shape=(n,), dtype=object]."""
    tracks = rows.table["track_id"].to_numpy()
    known, same = {}, {}
    for unit in ("track", "album", "artist"):
        groups = rows.collection.groups(unit).loc[tracks].to_numpy(dtype=object)
        ours, theirs = groups[positions], groups[others]
        known[unit] = pd.notna(ours) & pd.notna(theirs)
        same[unit] = known[unit] & (ours == theirs)
    kinds = np.where(known["artist"], "other artist", "unknown").astype(object)
    for unit, kind in (("artist", "artist"), ("album", "album"), ("track", "recording")):
        kinds[same[unit]] = kind
    return kinds


def neighbours(rows: Rows, units: Sequence[str] = UNITS, seeds: Sequence[int] = (0, 1, 2)) -> pd.DataFrame:
    """Find the nearest training slices under several splits: the folds that `genrelib.run_protocols` has.

    Returns
    -------
    pd.DataFrame
        As `nearest_training`, with columns unit and seed. Splits that the collection cannot support are absent.
    """
    tables = []
    for unit in units:
        try:
            folds = folds_of(rows, unit, seeds)
        except SplitError:
            continue
        tables += [nearest_training(rows, fold).assign(unit=unit, seed=fold.seed) for fold in folds]
    if not tables:
        raise ResultError(f"{rows.collection.name} supports none of the splits by {', '.join(units)}")
    return pd.concat(tables, ignore_index=True)


def typical_pair(pairs: pd.DataFrame, unit: str) -> pd.Series:
    """Choose a test slice of the first seed, if any does one that meets its own recording, at a middling distance."""
    own = pairs[(pairs["unit"] == unit) & (pairs["seed"] == pairs["seed"].iloc[0])]
    same = own[own["kind"] == "recording"]
    chosen = (same if len(same) else own).sort_values("distance")
    return chosen.iloc[len(chosen) // 2]


def with_answers(pairs: pd.DataFrame, predictions: pd.DataFrame) -> pd.DataFrame:
    """Say of the test slices of `neighbours` whether a system named them rightly, in a column ``hit``.

    The predictions, as `genrelib.evaluation.scores` has them, are of any splits and seeds; the rows of those are given.

    Raises
    ------
    ResultError
        The predictions are of other slices than the folds' test parts.
    """
    answers = predictions.rename(columns={"protocol": "unit"}).assign(hit=hits_of(predictions))
    answers = answers[["unit", "seed", "slice", "track_id", "hit"]]
    both = pairs.merge(answers[["unit", "seed"]].drop_duplicates(), on=["unit", "seed"])
    joined = both.merge(answers, on=["unit", "seed", "slice", "track_id"])
    if both.empty or len(joined) != len(both):
        raise ResultError(
            f"neighbours are joined with the predictions of the same folds; {len(joined)} of {len(both)} test slices "
            "are among them; predict slices of this collection under these splits and seeds"
        )
    return joined


def all_answers(pairs: pd.DataFrame, predictions: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Join the neighbours by `with_answers` with every system; those of other rows or other parts are absent."""
    joined = {}
    for system, frame in predictions.items():
        try:
            joined[system] = with_answers(pairs, frame)
        except ResultError:
            continue
    return joined


def by_kind(pairs: pd.DataFrame, *, n_resamples: int = N_RESAMPLES) -> pd.DataFrame:
    """Count the kinds of nearest neighbours, and of `with_answers` how often slices of each kind were named rightly.

    Returns
    -------
    pd.DataFrame
        A row a split and kind that occurs: unit, kind, slices (over all seeds), tracks, share (of the split's test
        slices); with answers also accuracy, low, high: an interval that resamples tracks.
    """
    rows = []
    for unit, part in pairs.groupby("unit", sort=False):
        for kind in [kind for kind in KINDS if (part["kind"] == kind).any()]:
            own = part[part["kind"] == kind]
            row = {"unit": unit, "kind": kind, "slices": len(own), "tracks": own["track_id"].nunique()}
            row["share"] = len(own) / len(part)
            if "hit" in own:
                low, high = interval_of_mean(own["hit"], own["track_id"], n_resamples=n_resamples)
                row |= {"accuracy": float(own["hit"].mean()), "low": low, "high": high}
            rows.append(row)
    return pd.DataFrame(rows)
