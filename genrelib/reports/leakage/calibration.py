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


def calibration(votes: pd.DataFrame, artists: pd.Series | None = None) -> dict[str, Any]:
    """Say how far the probabilities of one system under one split can be believed.

    Parameters
    ----------
    votes : pd.DataFrame
        A row a song and training: track_id, true, ``p0`` …, the song's mean probabilities. A song that several
        trainings were tested on has a row each, and is one song all the same.
    artists : pd.Series, optional
        Track → artist, where artists are kept apart: they are drawn then, and a track without one by itself.

    Returns
    -------
    dict
        n (songs); sure (how many of them some training answers with `SURE` or more), right (share of those answers
        that are right) and its 95% interval low, high, which draws songs, or artists; error (the expected calibration
        error: the mean distance of how sure the answers of a bin are and how many of them are right, over ten equal
        bins of the first answer's probability, by their number); perfect and perfect_95 (what a model whose every
        probability is true would show on these songs, in the mean and in 95 of 100 draws: a song is drawn once for all
        its trainings); curve: of each bin with answers its mean probability, the share of right ones, and n songs.

    Examples
    --------
    >>> votes = pd.DataFrame({"track_id": ["a", "b"], "true": [0, 1], "p0": 0.9, "p1": 0.1})
    >>> figures = calibration(votes)
    >>> figures["error"], figures["curve"]
    (0.4, [{'says': 0.9, 'right': 0.5, 'n': 2}])
    """
    p = votes[[f"p{i}" for i in range(n_genres_of(votes))]].to_numpy(float)
    said, hit, tracks = p.max(axis=1), hits_of(votes), votes["track_id"].to_numpy()
    songs, names = pd.factorize(tracks)
    draws = np.random.default_rng(0).random((N_DRAWS, len(names)))[:, songs] < said
    errors = [calibration_error(said, right) for right in draws]
    sure = said >= SURE
    groups = tracks[sure] if artists is None else together(tracks[sure], artists)
    low, high = interval_of_mean(hit[sure], groups) if sure.any() else (np.nan, np.nan)
    answers = pd.DataFrame({"says": said, "right": hit.astype(float), "n": tracks})
    curve = answers.groupby(_bins(said)).agg({"says": "mean", "right": "mean", "n": "nunique"})
    return {
        "n": len(names), "sure": len(set(tracks[sure])), "right": float(hit[sure].mean()) if sure.any() else np.nan,
        "low": low, "high": high, "error": calibration_error(said, hit), "perfect": float(np.mean(errors)),
        "perfect_95": float(np.percentile(errors, 95)), "curve": curve.round(4).to_dict("records"),
    }  # fmt: skip


def together(tracks: np.ndarray, artists: pd.Series) -> np.ndarray:
    """Name what stands or falls together where artists are kept apart: a track's artist; without one, the track."""
    known = artists.reindex(tracks).to_numpy()
    return np.where(pd.isna(known), tracks, known)


def _bins(said):
    return np.minimum((said * BINS).astype(int), BINS - 1)


def calibration_error(said: np.ndarray, right: np.ndarray) -> float:
    """Give the expected calibration error of answers: how sure each is, and whether it is right; see `calibration`."""
    bins = _bins(said)
    gaps = np.bincount(bins, said, minlength=BINS) - np.bincount(bins, right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(said))
