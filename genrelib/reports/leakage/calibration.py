"""How far probabilities can be believed: how often an answer is right, beside how sure it was given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from genrelib.evaluation.intervals import interval_of_mean
from genrelib.evaluation.predictions import hits_of, n_genres_of

BINS = 10  # equal ones, of the first answer's probability
SURE = 0.8
N_DRAWS = 1000


def calibration_error(probabilities: np.ndarray, labels: np.ndarray) -> tuple[float, list[dict]]:
    """Give the expected calibration error over ten equal bins of the first answer's probability, and the bins.

    The error is the mean distance of how sure the answers [n, n_genres] of a bin are and how many of them are right, by
    their number; a bin that has answers says its mean probability, the share of right ones, and n.

    Examples
    --------
    >>> calibration_error(np.array([[0.9, 0.1], [0.9, 0.1]]), np.array([0, 1]))
    (0.4, [{'says': 0.9, 'right': 0.5, 'n': 2}])
    """
    said, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bins = _bins(said)
    by_bin = pd.DataFrame({"says": said, "right": right.astype(float), "n": 1}).groupby(bins)
    curve = by_bin.agg({"says": "mean", "right": "mean", "n": "sum"}).round(4).to_dict("records")
    return _error(said, right, bins), curve


def calibration(votes: pd.DataFrame) -> dict[str, Any]:
    """Say how far the probabilities of one system under one split can be believed.

    Parameters
    ----------
    votes : pd.DataFrame
        A row an answer: track_id, true, ``p0`` …; most often a song's mean probabilities in one training.

    Returns
    -------
    dict
        n; sure (how many answers say `SURE` or more), right (share of those that are right) and its 95% interval low,
        high, which draws tracks; error, perfect and perfect_95 (what a model whose every probability is true would
        show with as many answers, in the mean and in 95 of 100 draws); curve.
    """
    p = votes[[f"p{i}" for i in range(n_genres_of(votes))]].to_numpy(float)
    said, hit = p.max(axis=1), hits_of(votes)
    error, curve = calibration_error(p, votes["true"].to_numpy())
    draws = np.random.default_rng(0).random((N_DRAWS, len(said))) < said
    errors = [_error(said, right, _bins(said)) for right in draws]
    sure = said >= SURE
    low, high = interval_of_mean(hit[sure], votes["track_id"].to_numpy()[sure]) if sure.any() else (np.nan, np.nan)
    right = float(hit[sure].mean()) if sure.any() else np.nan
    return {
        "n": len(said), "sure": int(sure.sum()), "right": right, "low": low, "high": high, "error": error,
        "perfect": float(np.mean(errors)), "perfect_95": float(np.percentile(errors, 95)), "curve": curve,
    }  # fmt: skip


def _bins(said):
    return np.minimum((said * BINS).astype(int), BINS - 1)


def _error(said, right, bins):
    gaps = np.bincount(bins, said, minlength=BINS) - np.bincount(bins, right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(said))
