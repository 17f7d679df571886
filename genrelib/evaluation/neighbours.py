"""What a test slice finds in the training part: its nearest neighbour, and whether that is the same recording.

Conventions: features are standardised by the training part alone; the neighbour is the exact nearest one (Euclidean)
among the training slices, never among those that validate. A pair's *kind* is the closest tie that is known: the same
recording, else the same album, else the same artist, else another artist; or unknown, where the collection does not
know the artist of both.
"""

import numpy as np
import pandas as pd

from genrelib._base.errors import ResultError, SplitError
from genrelib.evaluation.scores import PERCENTILES
from genrelib.training.protocols import folds_of
from genrelib.splits import UNITS

KINDS = ("recording", "album", "artist", "other artist", "unknown")
N_RESAMPLES = 2000  # as `genrelib.evaluation.scores` has it


def nearest_training(rows, fold):
    """Find for each test slice its nearest training slice.

    Parameters
    ----------
    rows : RowSet
        Of `genrelib.features.as_slices`: a row of features a slice.
    fold : Fold

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
            "kind": kinds_of(rows, fold.test, nearest),
            "same_genre": rows.labels[fold.test] == rows.labels[nearest],
        }
    )


def kinds_of(rows, positions, others):
    """Name what ties each slice to another.

    Parameters
    ----------
    rows : RowSet, SliceSet
    positions, others : np.ndarray [shape=(n,)]

    Returns
    -------
    np.ndarray [shape=(n,), dtype=object]
        Of KINDS.
    """
    tracks = rows.table["track_id"].to_numpy()
    same = {}
    for unit in ("track", "album", "artist"):
        groups = rows.collection.groups(unit).loc[tracks].to_numpy(dtype=object)
        ours, theirs = groups[positions], groups[others]
        same[unit] = pd.notna(ours) & pd.notna(theirs) & (ours == theirs)
        known = pd.notna(ours) & pd.notna(theirs)  # of the artists, in the end
    kinds = np.where(known, "other artist", "unknown").astype(object)
    for unit, kind in (("artist", "artist"), ("album", "album"), ("track", "recording")):
        kinds[same[unit]] = kind
    return kinds


def neighbours(rows, units=UNITS, seeds=(0, 1, 2), *, test=0.25, validation=0.1):
    """Find the nearest training slices under several splits: the folds that `genrelib.run_protocols` has.

    Parameters
    ----------
    rows : RowSet
    units : sequence of str
    seeds : sequence of int
    test, validation : float
        See `genrelib.split_slices`.

    Returns
    -------
    pd.DataFrame
        As `nearest_training`, with columns unit and seed. Splits that the collection cannot support are absent.
    """
    found = []
    for unit in units:
        try:
            folds = folds_of(rows, unit, seeds, test=test, validation=validation)
        except SplitError:
            continue
        found += [nearest_training(rows, fold).assign(unit=unit, seed=fold.seed) for fold in folds]
    if not found:
        raise ResultError(f"{rows.collection.name} supports none of the splits by {', '.join(units)}")
    return pd.concat(found, ignore_index=True)


def with_answers(found, predictions):
    """Say of each test slice whether a system named it rightly.

    Parameters
    ----------
    found : pd.DataFrame
        Of `neighbours`.
    predictions : pd.DataFrame
        As `genrelib.evaluation.scores` has them, of any splits and seeds.

    Returns
    -------
    pd.DataFrame
        The rows of the splits and seeds that were predicted, with a column ``hit``.

    Raises
    ------
    ResultError
        The predictions are of other slices than the folds' test parts.
    """
    given = predictions.rename(columns={"protocol": "unit"})
    given = given.assign(hit=hits_of(predictions))[["unit", "seed", "slice", "track_id", "hit"]]
    both = found.merge(given[["unit", "seed"]].drop_duplicates(), on=["unit", "seed"])
    joined = both.merge(given, on=["unit", "seed", "slice", "track_id"])
    if both.empty or len(joined) != len(both):
        raise ResultError(
            f"neighbours are joined with the predictions of the same folds; {len(joined)} of {len(both)} test slices "
            "are among them; predict slices of this collection under these splits and seeds"
        )
    return joined


def all_answers(found, predictions):
    """Join the neighbours with every system that was tested on the same folds.

    Parameters
    ----------
    found : pd.DataFrame
        Of `neighbours`.
    predictions : dict of str to pd.DataFrame
        By system.

    Returns
    -------
    dict of str to pd.DataFrame
        See `with_answers`; systems of other rows or other parts are absent.
    """
    joined = {}
    for system, frame in predictions.items():
        try:
            joined[system] = with_answers(found, frame)
        except ResultError:
            continue
    return joined


def by_kind(found, *, n_resamples=N_RESAMPLES, seed=0):
    """Count the kinds of nearest neighbours, and how often slices of each kind were named rightly.

    Parameters
    ----------
    found : pd.DataFrame
        Of `neighbours` or `with_answers`.
    n_resamples, seed : int
        Of the intervals, which resample tracks.

    Returns
    -------
    pd.DataFrame
        A row a split and kind that occurs: unit, kind, slices (over all seeds), tracks, share (of the split's test
        slices); with answers also accuracy, low, high.
    """
    rows = []
    for unit, part in found.groupby("unit", sort=False):
        for kind in [kind for kind in KINDS if (part["kind"] == kind).any()]:
            ones = part[part["kind"] == kind]
            row = {"unit": unit, "kind": kind, "slices": len(ones), "tracks": ones["track_id"].nunique()}
            row["share"] = len(ones) / len(part)
            if "hit" in ones:
                low, high = interval_of_mean(ones["hit"], ones["track_id"], n_resamples=n_resamples, seed=seed)
                row |= {"accuracy": float(ones["hit"].mean()), "low": low, "high": high}
            rows.append(row)
    return pd.DataFrame(rows)


def interval_of_mean(values, tracks, *, n_resamples=N_RESAMPLES, seed=0):
    """Give the 95% interval of a mean over slices, by resampling whole tracks.

    Parameters
    ----------
    values : sequence of float or bool
        One a slice.
    tracks : sequence
        The track of each.
    n_resamples, seed : int

    Returns
    -------
    (float, float)
        NaN from fewer than two tracks.
    """
    codes, names = pd.factorize(np.asarray(tracks, dtype=object))
    if len(names) < 2:
        return np.nan, np.nan
    sums, counts = np.bincount(codes, weights=np.asarray(values, dtype=float)), np.bincount(codes)
    n = len(names)
    draws = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=n_resamples)
    low, high = np.percentile((draws @ sums) / (draws @ counts), PERCENTILES)
    return float(low), float(high)


def hits_of(predictions):
    """Tell of each row whether the most probable genre is the true one.

    Returns
    -------
    np.ndarray [shape=(n,), dtype=bool]
    """
    columns = [f"p{i}" for i in range(sum(f"p{i}" in predictions for i in range(predictions.shape[1])))]
    return predictions[columns].to_numpy().argmax(axis=1) == predictions["true"].to_numpy()
