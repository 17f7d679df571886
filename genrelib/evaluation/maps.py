"""What a hidden layer makes of slices, drawn as a map, and how clearly each genre stands apart on it.

Conventions: a *silhouette* (Rousseeuw, 1987) compares how near a slice is to its own genre and to the nearest other
one: 1 far from all others, 0 between two, below 0 nearer to another genre than to its own. A genre's is the mean over
its slices. The *noisiest* genre is that of the lowest mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genrelib._base.errors import GenrelibError
from genrelib.evaluation.predictions import as_models_take
from genrelib.slices import Rows

if TYPE_CHECKING:
    import keras

BATCH = 64
PERPLEXITY = 30.0  # scikit-learn's default; fewer neighbours where there are few slices


def layer_outputs(model: keras.Model, slices: Rows, positions: np.ndarray, *, layer: str = "gru_last") -> np.ndarray:
    """Give what a layer makes of slices: float32 [n, d], an output of several dimensions flattened.

    The positions are most often ``fold.test``; ``gru_last`` is the last recurrent layer of `genrelib.models.crnn`.

    Raises
    ------
    GenrelibError
        The model has no such layer, or there are no positions.
    """
    import keras

    names = [each.name for each in model.layers]
    if layer not in names:
        raise GenrelibError(f"{model.name} has no layer {layer!r}; it has {', '.join(names)}")
    positions = np.asarray(positions)
    if not len(positions):
        raise GenrelibError("a layer's output is of slices; positions is empty")
    inner = keras.Model(model.inputs[0], model.get_layer(layer).output)
    outputs = [np.asarray(inner(batch, training=False)) for batch in as_models_take(slices, positions, BATCH)]
    return np.concatenate(outputs).reshape(len(positions), -1)


def tsne_map(outputs: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """Lay points [n, d] out on a plane [n, 2] by t-SNE: near neighbours stay near, far distances mean nothing.

    Raises
    ------
    GenrelibError
        Fewer than three points, or values that are not finite.
    """
    from sklearn.manifold import TSNE

    outputs = np.asarray(outputs)
    if len(outputs) < 3 or not np.isfinite(outputs).all():
        raise GenrelibError(f"a map takes three points at least, of finite numbers; given {outputs.shape}")
    perplexity = min(PERPLEXITY, (len(outputs) - 1) / 3)
    return TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(outputs)


def silhouettes(points: np.ndarray, labels: np.ndarray, genres: list[str]) -> dict[str, float]:
    """Give the mean silhouette of each genre; see this module's conventions.

    Parameters
    ----------
    points : np.ndarray [shape=(n, d)]
        A map, or the layer's output itself.
    labels : np.ndarray [shape=(n,), dtype=int]
    genres : list of str
        Of a genre without a point the silhouette is NaN.

    Raises
    ------
    GenrelibError
        Points of fewer than two genres, or a genre to each point: there is nothing to compare.
    """
    from sklearn.metrics import silhouette_samples

    labels = np.asarray(labels)
    n_present = len(np.unique(labels))
    if not 2 <= n_present < len(labels):
        raise GenrelibError(f"silhouettes compare points of two genres at least; {n_present} in {len(labels)} points")
    means = pd.Series(silhouette_samples(points, labels)).groupby(labels).mean()
    return dict(zip(genres, means.reindex(range(len(genres))).tolist(), strict=True))


def noisiest(by_genre: dict[str, float]) -> str:
    """Name the genre of the lowest mean silhouette, as `silhouettes` gives them; of equals the first in the alphabet.

    >>> noisiest({"blues": 0.4, "disco": float("nan"), "rock": -0.1})
    'rock'
    """
    known = {genre: value for genre, value in by_genre.items() if np.isfinite(value)}
    return min(known, key=lambda genre: (known[genre], genre))
