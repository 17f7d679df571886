"""A linear classifier of numbers that describe a stretch of sound, kept as JSON: no pickle, no code.

Two kinds of numbers have one: the level-free ones of `genrelib.features` ("embedded", always there) and those that a
frozen network gives ("pretrained", `genrelib.models.musicnn`). Applying one takes NumPy and SciPy alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genrelib._base.errors import ResultError

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

NEAREST = 5  # training rows whose mean distance tells how far off a sound is
# C in the leakage study, fixed beforehand; the heads that come along chose theirs
STRENGTH = {"embedded": 0.1, "pretrained": 0.003}


@dataclass(frozen=True, eq=False)  # arrays have no one truth: a head is equal to itself alone
class Head:
    """Hold a linear classifier, and the rows that it learned from as far as a distance to them needs.

    Attributes
    ----------
    genres : list of str
    powers : np.ndarray [shape=(d,)] or None
        Yeo and Johnson's power of each number; None where numbers are taken as they are.
    mean, scale : np.ndarray [shape=(d,)]
        Of the training rows, after the powers.
    coefficients : np.ndarray [shape=(n_genres, d)]
    intercepts : np.ndarray [shape=(n_genres,)]
    temperature : float > 0
        What logits are divided by, fitted on artists that training had not heard.
    axes : np.ndarray [shape=(q, d)] or None
        Directions in which distances are taken; None for all.
    rows : np.ndarray [shape=(m, q)]
        Training rows in these directions.
    limits : tuple of (float, float)
        A single step, and a song of many, farther from its nearest rows than this are unlike anything learned.
    """

    genres: list
    powers: np.ndarray | None = field(repr=False)
    mean: np.ndarray = field(repr=False)
    scale: np.ndarray = field(repr=False)
    coefficients: np.ndarray = field(repr=False)
    intercepts: np.ndarray = field(repr=False)
    temperature: float
    axes: np.ndarray | None = field(repr=False)
    rows: np.ndarray = field(repr=False)
    limits: tuple

    def probabilities(self, numbers: np.ndarray) -> np.ndarray:
        """Give calibrated probabilities [..., n_genres] of numbers [..., d].

        Beyond the limit of a step they were never calibrated: they are flatter the farther off it is, so that a tone
        is not "jazz" at 100%.

        Examples
        --------
        >>> import numpy as np
        >>> one, none = np.ones(1), np.zeros(1)
        >>> head = Head(["low", "high"], None, none, one, np.array([[-1.0], [1.0]]), np.zeros(2), 1.0, None,
        ...             np.array([[0.0]] * 5), (9.0, 9.0))
        >>> head.probabilities(np.array([[0.0], [3.0]])).round(3).tolist()
        [[0.5, 0.5], [0.002, 0.998]]
        """
        places = self._standardised(numbers)
        farther = np.maximum(self._distances(places) / self.limits[0], 1)[..., None]
        logits = (places @ self.coefficients.T + self.intercepts) / self.temperature / farther
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)

    def distance(self, numbers: np.ndarray) -> float:
        """Give how far numbers [d] lie from the nearest training rows."""
        return float(self._distances(self._standardised(numbers)))

    def is_strange(self, numbers: np.ndarray) -> bool:
        """Tell whether a song's steps [n, d] are, in the mean, unlike anything learned; fewer steps vary more."""
        one, many = self.limits
        return self.distance(np.mean(numbers, axis=0)) > many + (one - many) / len(numbers)

    def _distances(self, places):
        places = places if self.axes is None else places @ self.axes.T
        products = places @ self.rows.T  # (..., rows)
        squares = np.square(places).sum(axis=-1)[..., None] - 2 * products + np.square(self.rows).sum(axis=1)
        nearest = np.sort(np.sqrt(np.maximum(squares, 0)), axis=-1)[..., :NEAREST]
        return nearest.mean(axis=-1)

    def _standardised(self, numbers):
        numbers = np.asarray(numbers, dtype=np.float64)
        if self.powers is not None:
            numbers = _powered(numbers, self.powers)
        return (numbers - self.mean) / self.scale

    def to_json(self) -> str:
        """Give the head as JSON, numbers to seven digits; five of the many rows, of which only distances are taken."""
        content = {
            name: _rounded(getattr(self, name), 5 if name == "rows" else 7) for name in self.__dataclass_fields__
        }
        return json.dumps(content, ensure_ascii=False)


def unfitted(kind: str) -> Pipeline:
    """Give the scikit-learn pipeline, a scaler and a logistic regression of a fixed C, that the leakage study fits."""
    from sklearn.feature_selection import VarianceThreshold
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PowerTransformer, StandardScaler

    if kind == "embedded":
        scaler = PowerTransformer()
    else:  # a unit that is constant but for rounding would be divided by that rounding
        scaler = make_pipeline(VarianceThreshold(1e-14), StandardScaler())
    return make_pipeline(scaler, LogisticRegression(C=STRENGTH[kind], max_iter=3000))


def read_head(path: str | Path) -> Head:
    """Read the head of a file that holds one beside its card.

    Raises
    ------
    ResultError
        No such file, or one that does not hold a head whose parts fit each other.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))["head"]
        arrays = ("powers", "mean", "scale", "coefficients", "intercepts", "axes", "rows")
        given = {name: None if content[name] is None else np.asarray(content[name], np.float64) for name in arrays}
        heat, (one, many) = float(content["temperature"]), map(float, content["limits"])
        head = Head(list(content["genres"]), temperature=heat, limits=(one, many), **given)
        fits = head.coefficients.shape == (len(head.genres), len(head.mean)) and len(head.scale) == len(head.mean)
        if not fits or not np.isfinite(head.coefficients).all():
            raise ValueError(f"coefficients of shape {head.coefficients.shape} for {len(head.genres)} genres")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ResultError(
            f"{path}: holds no linear head ({error!r}); install genrelib again, or write it anew"
        ) from error
    return head


def _powered(numbers, powers):
    """Yeo and Johnson's transform of each number by its own power."""
    above, below = np.maximum(numbers, 0), np.minimum(numbers, 0)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        up = np.where(
            powers == 0, np.log1p(above), (np.power(above + 1, powers) - 1) / np.where(powers == 0, 1, powers)
        )
        rest = 2 - powers
        down = np.where(rest == 0, -np.log1p(-below), -(np.power(1 - below, rest) - 1) / np.where(rest == 0, 1, rest))
    return np.where(numbers >= 0, up, down)


def _rounded(value, digits):
    if isinstance(value, np.ndarray) and value.ndim > 1:
        return [_rounded(part, digits) for part in value]
    if isinstance(value, np.ndarray):
        return [float(f"{part:.{digits}g}") for part in value]
    return value
