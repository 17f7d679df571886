"""Read what is predicted, put predictions into a table, check one before anything is counted, say which are right.

See the conventions of `genrelib.evaluation.scores`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from genrelib._base.errors import ResultError, listed
from genrelib.audio import INT16_SCALE
from genrelib.slices import Rows

SUM_TOLERANCE = 1e-3  # float16 and float32 softmax stay within this of 1


def as_models_take(slices: Rows, positions: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Read slices, at most ``size`` at once, as float32: audio (int16) in -1..1, any other input as it is."""
    scale = np.float32(INT16_SCALE if slices.samples.dtype == np.int16 else 1)
    for start in range(0, len(positions), size):
        yield np.asarray(slices.samples[positions[start : start + size]], dtype=np.float32) / scale


def prediction_frame(
    rows: Rows, positions: np.ndarray, probabilities: np.ndarray, *, seed: int = 0, protocol: str = ""
) -> pd.DataFrame:
    """Put probabilities [n, n_genres] of the rows at positions [n] into a table of predictions."""
    return pd.DataFrame(
        {
            "track_id": rows.table["track_id"].to_numpy()[positions],
            "slice": positions.astype(np.int64),
            "true": np.asarray(rows.labels)[positions].astype(np.int64),
            **{f"p{i}": column.astype(np.float32) for i, column in enumerate(probabilities.T)},
            "seed": seed,
            "protocol": protocol,
        }
    )


def validate_predictions(frame: pd.DataFrame, genres: Sequence) -> None:
    """Refuse a table of predictions that is not well formed.

    Raises
    ------
    ResultError
        Empty; a column missing or a probability too many; probabilities that are not finite, are negative or do not
        sum to 1 within 1e-3; ``true`` out of range; a slice that occurs twice; a track with two true labels.
    """
    columns = [f"p{i}" for i in range(len(genres))]
    missing = [c for c in ("track_id", "slice", "true", *columns, "seed", "protocol") if c not in frame.columns]
    if missing:
        raise ResultError(f"predictions of {len(genres)} genres lack the column(s) {', '.join(missing)}; add them")
    if f"p{len(genres)}" in frame.columns:
        raise ResultError(f"predictions hold p{len(genres)}, yet {len(genres)} genres end at p{len(genres) - 1}")
    if len(frame) == 0:
        raise ResultError("predictions hold one row a test slice; there is no row; was the test part left empty?")
    if frame["track_id"].isna().any():
        raise ResultError("every prediction belongs to a track; some have no track_id; fill them in")
    for name in ("slice", "true"):
        if not pd.api.types.is_integer_dtype(frame[name]):
            raise ResultError(f"the column {name} holds whole numbers, not {frame[name].dtype}; convert it")
    p = frame[columns].to_numpy(np.float64)
    _refuse(frame, ~np.isfinite(p).all(axis=1), "probabilities are finite numbers; did the training diverge?", columns)
    _refuse(frame, (p < 0).any(axis=1), "probabilities are not negative; logits need a softmax", columns)
    unnormed = np.abs(p.sum(axis=1) - 1) > SUM_TOLERANCE
    _refuse(frame, unnormed, f"probabilities sum to 1 within {SUM_TOLERANCE}; logits need a softmax", columns)
    _refuse(frame, ~frame["true"].between(0, len(genres) - 1), f"true lies in 0..{len(genres) - 1}", ["true"])
    _refuse(frame, frame["slice"].duplicated(), "a slice occurs once; score each seed by itself", ["seed"])
    labels = frame.groupby("track_id")["true"].transform("nunique")
    _refuse(frame, labels > 1, "a track has one true label; check the labels", ["true"])


def hits_of(frame: pd.DataFrame) -> np.ndarray:
    """Tell of each row whether the most probable genre, of equals the first, is the true one: bool [n]."""
    columns = [f"p{i}" for i in range(n_genres_of(frame))]
    return frame[columns].to_numpy().argmax(axis=1) == frame["true"].to_numpy()


def n_genres_of(frame: pd.DataFrame) -> int:
    """Count the columns ``p0``, ``p1``, …."""
    return sum(f"p{i}" in frame.columns for i in range(frame.shape[1]))


def _refuse(frame, bad, rule, columns):
    bad = np.asarray(bad)
    if bad.any():
        rows = frame.loc[bad, ["track_id", "slice", *columns]].head(3)
        shown = [", ".join(f"{name} {value}" for name, value in row.items()) for row in rows.to_dict("records")]
        raise ResultError(f"{rule}; {bad.sum()} of {len(frame)} predictions break this, first:\n{listed(shown)}")
