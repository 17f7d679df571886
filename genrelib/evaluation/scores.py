"""Score predictions of genres at slice and at track level, with intervals that resample tracks or artists.

Conventions
-----------
- *Predictions* are a table with one row a test slice: ``track_id`` (str), ``slice`` (int, its position in the
  SliceSet), ``true`` (int, index into the genres), ``p0`` … ``p{k-1}`` (probabilities that sum to 1), ``seed`` (int)
  and ``protocol`` (str, the unit of the split). One table holds one test part: a slice occurs once.
- Three *levels* are scored. ``slice``: each row by itself. ``track``: the mean of a track's probabilities.
  ``track_majority``: the genre that most of a track's slices were given; a tie goes to the larger mean probability.
- The predicted genre is the most probable one; among equals, the first in the order of the genres.
- A *confusion* matrix has a row a true genre and a column a predicted one.
- *Macro averages run over the genres that are present in the test part.* Recall of an absent genre is NaN. Precision
  of a present genre that was never predicted is 0, and so is its F1, as in scikit-learn with ``zero_division=0``.
- An *interval* resamples whole tracks, or the groups that a caller names, most often artists: see
  `genrelib.evaluation.intervals`. A resample that lost a genre averages over those it kept.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genrelib._base.errors import ResultError, listed
from genrelib.evaluation.intervals import N_RESAMPLES, interval, interval_of_mean, resamples
from genrelib.evaluation.predictions import as_models_take, n_genres_of, prediction_frame, validate_predictions
from genrelib.slices import Rows

if TYPE_CHECKING:
    import keras

LEVELS = ("slice", "track", "track_majority")
READ_BYTES = 2**25  # float32 samples held at once while predicting: 32 MiB


@dataclass(frozen=True)
class LevelScores:
    """What was counted at one level; see the conventions of this module."""

    accuracy: float
    macro_f1: float
    macro_precision: float
    macro_recall: float
    weighted_f1: float
    top3_accuracy: float
    recall: dict[str, float]  # genre → recall, NaN where the genre is absent
    confusion: np.ndarray = field(repr=False)  # [shape=(k, k), dtype=int], rows are true
    n: int  # slices or tracks scored
    # metric → (low, high): accuracy, macro_f1, macro_precision, macro_recall, weighted_f1
    ci95: dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Scores:
    """Scores of one test part at three levels, and the predictions that they were counted from."""

    genres: list[str]
    frame: pd.DataFrame = field(repr=False)
    slice: LevelScores
    track: LevelScores
    track_majority: LevelScores


def evaluate(
    model: keras.Model, slices: Rows, positions: np.ndarray, *,
    batch_size: int = 64, seed: int = 0, protocol: str = "",
) -> Scores:  # fmt: skip
    """Predict slices with a model and score them.

    Parameters
    ----------
    model : keras.Model
        Gives [shape=(batch, n_genres)]: probabilities, or logits where the last layer's activation is linear.
    slices : Rows
        Raw audio (int16) is given to the model as float32 in -1..1; any other input as float32 of the same values.
    positions : np.ndarray [shape=(n,), dtype=int]
        Which slices; most often ``fold.test``.
    batch_size : int > 0
    seed, protocol : int, str
        Go into the predictions: the seed of the training, the unit of the split.

    Raises
    ------
    ResultError
        No slices, positions outside the set, or an output that is not a distribution over the genres.

    Examples
    --------
    >>> import genrelib as gl
    >>> slices = gl.cut_slices(gl.load_collection("demo"), seconds=0.5, sample_rate=8000)
    >>> gl.evaluate(gl.models.raw_cnn1d(n_samples=4000), slices, range(100)).slice.n
    100
    """
    from scipy.special import softmax

    positions = np.asarray(positions)
    genres, (n_slices, *shape) = list(slices.genres), slices.samples.shape
    if len(positions) == 0:
        raise ResultError("scoring needs at least one slice, positions is empty; was the test part left empty?")
    if positions.min() < 0 or positions.max() >= n_slices:
        raise ResultError(
            f"positions lie in 0..{n_slices - 1}, not {positions.min()}..{positions.max()}; take these slices' own fold"
        )
    step = max(1, READ_BYTES // (4 * math.prod(shape) * batch_size)) * batch_size
    pieces = as_models_take(slices, positions, step)
    outputs = np.concatenate([model.predict(piece, batch_size=batch_size, verbose=0) for piece in pieces])
    if outputs.shape != (len(positions), len(genres)):
        raise ResultError(
            f"a model gives one number a slice and genre, {(len(positions), len(genres))}; this one gives "
            f"{outputs.shape}; build it with n_classes={len(genres)}"
        )
    probabilities = softmax(outputs.astype(np.float64), axis=1) if gives_logits(model) else outputs
    frame = prediction_frame(slices, positions, probabilities, seed=seed, protocol=protocol)
    return score_predictions(frame, genres)


def score_predictions(
    frame: pd.DataFrame, genres: list[str], *, groups: pd.Series | None = None,
    n_resamples: int = N_RESAMPLES, seed: int = 0,
) -> Scores:  # fmt: skip
    """Score one test part at slice level and, by two votes, at track level.

    Parameters
    ----------
    frame : pd.DataFrame
        Predictions; see the conventions of this module.
    genres : list of str
        In the order of the labels and of the columns ``p0``, ``p1``, ….
    groups : pd.Series, optional
        Track → what the intervals resample, such as ``collection.groups("artist")`` where artists are kept apart and
        the folds' predictions are put one below the other; tracks unless given.
    n_resamples, seed : int
        How often they are resampled for the intervals (0 leaves them NaN), and the seed of those draws.

    Raises
    ------
    ResultError
        The table is not well formed, see `validate_predictions`; or a track is in no group.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"track_id": ["a", "b"], "slice": [0, 1], "true": [0, 1], "p0": [0.9, 0.8], "p1": [0.1, 0.2]}
    >>> scores = score_predictions(pd.DataFrame(rows).assign(seed=0, protocol="track"), ["blues", "jazz"])
    >>> scores.track.accuracy, scores.track.recall
    (0.5, {'blues': 1.0, 'jazz': 0.0})
    """
    validate_predictions(frame, genres)
    genres = list(genres)
    units, tracks = units_of(frame, len(genres))
    codes, names = pd.factorize(_groups_of(tracks, groups))
    draws = resamples(len(names), n_resamples, seed)
    levels = {level: _score(*units[level], codes, genres, draws) for level in LEVELS}
    return Scores(genres=genres, frame=frame, **levels)


def paired_difference(
    frame_a: pd.DataFrame, frame_b: pd.DataFrame, *, level: str = "slice", groups: pd.Series | None = None,
    n_resamples: int = N_RESAMPLES, seed: int = 0,
) -> tuple[float, tuple[float, float]]:  # fmt: skip
    """Give by how much the accuracy of ``frame_a`` is above that of ``frame_b`` on the same test rows.

    Parameters
    ----------
    frame_a, frame_b : pd.DataFrame
        Predictions of two systems, one seed or several; rows are matched by ``seed`` and ``slice``.
    level : "slice", "track" or "track_majority"
    groups, n_resamples, seed
        As in `score_predictions`.

    Returns
    -------
    (float, (float, float))
        The difference, and its 95% interval from resampling tracks or ``groups`` (over all seeds at once).

    Raises
    ------
    ResultError
        The tables hold other rows, or one is not well formed.
    """
    if level not in LEVELS:
        raise ResultError(f"level is one of {', '.join(LEVELS)}, not {level!r}")
    rows_a, hits_a = _hits(frame_a, level)
    rows_b, hits_b = _hits(frame_b, level)
    if not rows_a.equals(rows_b):
        raise ResultError(
            f"a paired difference needs the same test rows (seed, slice, track, true); these {len(rows_a)} and "
            f"{len(rows_b)} rows differ; predict both systems on the same folds"
        )
    gain = hits_a["hit"].to_numpy(float) - hits_b["hit"].to_numpy(float)
    groups = _groups_of(hits_a["track_id"], groups)
    return float(gain.mean()), interval_of_mean(gain, groups, n_resamples=n_resamples, seed=seed)


def _groups_of(tracks, groups):
    """Give the group of each track: itself, where none are named."""
    if groups is None:
        return np.asarray(tracks, dtype=object)
    own = groups.reindex(tracks)
    if own.isna().any():
        names = own.index[own.isna()].unique()
        raise ResultError(
            f"an interval over groups takes the group of each track; these {len(names)} have none:\n{listed(names)}\n"
            "leave them out of the predictions, or resample tracks"
        )
    return own.to_numpy(dtype=object)


def units_of(frame: pd.DataFrame, n_genres: int) -> tuple[dict[str, tuple[np.ndarray, ...]], pd.Index]:
    """Give for each level what is counted: true labels [n], votes [n, k], track codes [n]; and the tracks."""
    codes, tracks = pd.factorize(frame["track_id"])
    true = frame["true"].to_numpy()
    p = frame[[f"p{i}" for i in range(n_genres)]].to_numpy(np.float64)
    mean, majority = np.zeros((2, len(tracks), n_genres))
    np.add.at(mean, codes, p)
    mean /= np.bincount(codes)[:, None]
    np.add.at(majority, (codes, p.argmax(axis=1)), 1)
    majority += mean / 2  # counts are whole: less than 1 of mean probability decides ties and nothing else
    track_true, every = np.zeros(len(tracks), dtype=true.dtype), np.arange(len(tracks))
    track_true[codes] = true
    by_vote = {"track": (track_true, mean, every), "track_majority": (track_true, majority, every)}
    return {"slice": (true, p, codes), **by_vote}, tracks


def _score(true, votes, tracks, groups, genres, draws):
    """Score one level: ``tracks`` [n] are positions in ``groups``, the number of each track's group."""
    by_group = confusions_of(groups[tracks], true, votes)
    confusion = by_group.sum(axis=0)
    recall, figures = figures_of(confusion)
    resampled = figures_of(np.tensordot(draws, by_group, axes=1))[1]
    return LevelScores(
        **{name: float(value) for name, value in figures.items()},
        top3_accuracy=float(np.mean(_rank(true, votes) < 3)),
        recall={genre: float(value) for genre, value in zip(genres, recall)},
        confusion=confusion.astype(int),
        n=len(true),
        ci95={name: interval(values) for name, values in resampled.items()},
    )


def confusions_of(groups: np.ndarray, true: np.ndarray, votes: np.ndarray) -> np.ndarray:
    """Count a confusion matrix for each of the groups [n], which are numbered from 0: [n_groups, k, k]."""
    counts = np.zeros((groups.max() + 1, votes.shape[1], votes.shape[1]))
    np.add.at(counts, (groups, true, votes.argmax(axis=1)), 1)
    return counts


def figures_of(confusion: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Count recall [..., k] and the averages [...] from confusion matrices [..., k, k] of any number of parts."""
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    support, predicted = confusion.sum(axis=-1), confusion.sum(axis=-2)
    n, present = support.sum(axis=-1), support > 0
    recall, precision = _ratio(hits, support), _ratio(hits, predicted)
    f1 = _ratio(2 * hits, support + predicted)
    averages = {
        "accuracy": hits.sum(axis=-1) / n,
        "macro_f1": (f1 * present).sum(axis=-1) / present.sum(axis=-1),
        "macro_precision": (precision * present).sum(axis=-1) / present.sum(axis=-1),
        "macro_recall": recall.sum(axis=-1) / present.sum(axis=-1),
        "weighted_f1": (f1 * support).sum(axis=-1) / n,
    }
    return np.where(present, recall, np.nan), averages


def _ratio(part, whole):
    return np.divide(part, whole, out=np.zeros(whole.shape), where=whole > 0)


def _rank(true, votes):
    """How many genres stand before the true one; equals stand in the order of the genres."""
    own = np.take_along_axis(votes, true[:, None], axis=1)
    earlier = np.arange(votes.shape[1]) < true[:, None]
    return ((votes > own) | ((votes == own) & earlier)).sum(axis=1)


def _hits(frame, level):
    """Give the rows that must match, and for each counted unit its track and whether it was right."""
    n_genres = n_genres_of(frame)
    if frame.empty or not {"seed", "slice"} <= set(frame.columns):
        validate_predictions(frame, range(n_genres))
    frame = frame.sort_values(["seed", "slice"], ignore_index=True)
    hits = []
    for _, part in frame.groupby("seed"):
        validate_predictions(part, range(n_genres))
        units, tracks = units_of(part, n_genres)
        true, votes, codes = units[level]
        hits.append(pd.DataFrame({"track_id": tracks[codes], "hit": votes.argmax(axis=1) == true}))
    rows = frame[["seed", "slice", "track_id", "true"]].astype({"track_id": object})
    return rows, pd.concat(hits, ignore_index=True)


def gives_logits(model: keras.Model) -> bool:
    """Tell whether the last layer is linear; where a model ends in a model, that one's last layer."""
    layers = getattr(model, "layers", None)
    while layers:
        model, layers = layers[-1], getattr(layers[-1], "layers", None)
    return getattr(getattr(model, "activation", None), "__name__", "") == "linear"
