"""Plots of what a network makes of slices: a map, and how clearly each genre stands apart on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genrelib._base.errors import GenrelibError
from genrelib.figures.style import INK, canvas, genre_colour

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHAPES = "oD^sPXv<>h"  # beside the colour: from the eleventh class on colours repeat


def tsne_by_genre(
    points: np.ndarray, labels: np.ndarray, genres: list[str], silhouettes: dict[str, float], *, title: str = ""
) -> Figure:
    """Draw a map of slices coloured by genre, beside the mean silhouette of each genre.

    Parameters
    ----------
    points : np.ndarray [shape=(n, 2)]
        As `genrelib.evaluation.maps.tsne_map` gives it.
    labels : np.ndarray [shape=(n,), dtype=int]
    genres : list of str
    silhouettes : dict of str to float
        As `genrelib.evaluation.maps.silhouettes` gives it.
    title : str
    """
    points, labels = np.asarray(points), np.asarray(labels)
    if len(points) != len(labels):
        raise GenrelibError(f"a point has a label; {len(points)} points, {len(labels)} labels")
    figure, (plane, bars) = canvas(1, 2, height=max(4.2, 0.24 * len(genres) + 1), width_ratios=(1.6, 1))
    for number, genre in enumerate(genres):
        own, shape = points[labels == number], SHAPES[number // 10 % len(SHAPES)]
        plane.scatter(*own.T, s=26, color=genre_colour(genre, genres), marker=shape, edgecolor=INK, linewidth=0.3)
    plane.set(title=title, xlabel="First axis of the map", ylabel="Second axis of the map", xticks=[], yticks=[])
    order = sorted((genre for genre in genres if np.isfinite(silhouettes[genre])), key=silhouettes.get)
    colours = [genre_colour(genre, genres) for genre in order]
    bars.barh(order, [silhouettes[genre] for genre in order], color=colours, edgecolor=INK, linewidth=0.6)
    bars.axvline(0, color=INK, linewidth=0.8)
    bars.set(title="How clearly each stands apart", xlabel="Mean silhouette (-1 to 1)", ylabel="Noisiest at the bottom")
    return figure
