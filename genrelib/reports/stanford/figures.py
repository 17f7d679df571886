"""Plots of the Stanford report: valence and its thirds, grey images, three networks side by side, fifteen numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genrelib._base.errors import GenrelibError
from genrelib.figures.claims import CLAIM
from genrelib.figures.curves import draw_curves
from genrelib.figures.style import INK, LOOKS, PALE, canvas, genre_colour, mark
from genrelib.reports.stanford.moods import MOODS, THIRDS, mood_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from genrelib.evaluation.scores import Scores

BINS = 24  # eight a third, so that an edge of a third is an edge of a bin
MOOD_SHADES = dict(zip(MOODS, ("#4d4d4d", "#a6a6a6", "#e0e0e0"), strict=True))
MOOD_MARKERS = dict(zip(MOODS, ("v", "o", "^"), strict=True))
LEVELS = 32  # greys, told apart no worse than 256 at this size, and a smaller PNG
WORTH_WORDS = 0.2  # correlations nearer to 0 are left to their colour
SIGNED = "PuOr"  # from -1 to 1, told apart by colour-blind readers; no genre has its colours


def valence_histogram(valence: pd.Series, name: str) -> Figure:
    """Draw the valence of a collection's tracks, and the thirds that make the moods."""
    valence, moods = valence.to_numpy(dtype=float), mood_of(valence)
    edges = np.linspace(0, 1, BINS + 1)
    figure, axis = canvas(height=3.2)
    groups = [valence[moods == mood] for mood in MOODS]
    axis.hist(groups, edges, stacked=True, color=MOOD_SHADES.values(), edgecolor=INK, linewidth=0.6)
    for edge in THIRDS:
        axis.axvline(edge, color=INK, linestyle="--", linewidth=1)
    top = axis.get_ylim()[1]
    for mood, middle in zip(MOODS, (1 / 6, 1 / 2, 5 / 6), strict=True):
        n = int((moods == mood).sum())
        axis.text(middle, top, f"{mood}: {n:,} tracks, {n / len(moods):.0%}", ha="center", va="bottom")
    axis.set(xlabel="Valence (0 sad, 1 happy)", ylabel="Tracks", xlim=(0, 1))
    axis.set_title(f"Valence of {len(valence):,} tracks of {name}", pad=22)
    return figure


def grey_slices(images: np.ndarray, titles: list[str], *, seconds: float) -> Figure:
    """Draw grey mel images as the networks take them, black 0 and white 1."""
    import matplotlib

    images, greys = np.asarray(images)[..., 0], matplotlib.colormaps["gray"].resampled(LEVELS)
    columns = min(5, len(images))
    rows = -(-len(images) // columns)
    figure, axes = canvas(rows, columns, height=0.5 + 1.9 * rows, squeeze=False, sharex=True, sharey=True)
    for axis in axes.flat[len(images) :]:
        axis.set_visible(False)
    for axis, image, title in zip(axes.flat, images, titles, strict=False):
        extent = (0, seconds, 0, image.shape[1])
        picture = axis.imshow(image.T, cmap=greys, vmin=0, vmax=1, origin="lower", aspect="auto", extent=extent)
        axis.set_title(title, fontsize=9)
    figure.colorbar(picture, ax=axes, label="Grey (1: the slice's\nloudest cell, 0: -80 dB)", aspect=40)
    figure.supxlabel("Time (s)", fontsize=11)
    figure.supylabel("Mel band", fontsize=11)
    return figure


def networks_side_by_side(histories: dict[str, list], sizes: dict[str, int]) -> Figure:
    """Draw the curves of networks, a column each, a line a seed: loss, then the accuracy of each output."""
    figure, axes = canvas(3, len(histories), height=7, squeeze=False, sharex="col", sharey="row")
    kinds = ("loss", "genre_accuracy", "mood_accuracy")
    for column, (system, several) in enumerate(histories.items()):
        for axis, kind in zip(axes[:, column], kinds, strict=True):
            for seed, history in enumerate(several):
                draw_curves(axis, history, kind, LOOKS[0], "" if seed == 0 else None)
            axis.grid(axis="y")
        axes[0, column].set_title(f"{system}\n{sizes[system]:,} weights")
        axes[-1, column].set_xlabel("Epoch")
        axes[-1, column].xaxis.get_major_locator().set_params(integer=True)
    for axis, name in zip(axes[:, 0], ("Loss (nats)", "Genre accuracy (share)", "Mood accuracy (share)"), strict=True):
        axis.set_ylabel(name)
    axes[0, 0].set_ylim(0, None)
    for axis in axes[1:, 0]:
        axis.set_ylim(0, 1.02)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def train_and_test(table: pd.DataFrame, *, title: str = "") -> Figure:
    """Draw `moods.report_table`, claimed beside measured: the length of a bar is the gap of training and test."""
    outputs = list(dict.fromkeys(table.columns.get_level_values(0)))
    whose = list(dict.fromkeys(table.index.get_level_values(1)))
    looks = dict(zip(whose, (("X", CLAIM, CLAIM), *LOOKS), strict=False))
    figure, axes = canvas(1, len(outputs), height=1.6 + 0.32 * len(table), sharey=True, squeeze=False)
    for axis, output in zip(axes.flat, outputs, strict=True):
        for place, ((_, source), (train, test)) in enumerate(table[output][["train", "test"]].iterrows()):
            colour = looks[source][2]
            axis.hlines(place, min(train, test), max(train, test), color=colour, linewidth=1.2)
            mark(axis, train, place, ("|", colour, colour), label=None)
            mark(axis, test, place, looks[source], label=f"{source}: test" if place < len(whose) else None)
        axis.set(xlabel=f"{output.capitalize()} accuracy (share)", xlim=(0, 1.02), title=f"{title} {output}".strip())
        axis.grid(axis="x")
    axes[0, 0].set_yticks(range(len(table)), [", ".join(row) for row in table.index])
    axes[0, 0].set_ylim(len(table) - 0.4, -0.6)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def genre_and_mood(genre_scores: Scores, mood_scores: Scores) -> Figure:
    """Draw the confusion of moods, and for each pair of true genre and mood how often either was found."""
    genre, mood = genre_scores.frame, mood_scores.frame
    if list(genre["slice"]) != list(mood["slice"]):
        raise GenrelibError("genre and mood are scored on the same slices, in the same order; these differ")
    pairs = np.zeros((2, len(genre_scores.genres), len(MOODS)))
    n = np.zeros(pairs.shape[1:])
    at = (genre["true"].to_numpy(), mood["true"].to_numpy())
    np.add.at(n, at, 1)
    for page, (scores, frame) in zip(pairs, ((genre_scores, genre), (mood_scores, mood)), strict=True):
        given = frame[[f"p{i}" for i in range(len(scores.genres))]].to_numpy().argmax(axis=1)
        np.add.at(page, at, given == frame["true"].to_numpy())
    figure, axes = canvas(1, 3, height=1.6 + 0.36 * len(genre_scores.genres))
    confusion = mood_scores.slice.confusion
    _matrix(axes[0], confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1), confusion, MOODS)
    axes[0].set(xlabel="Predicted mood", ylabel="True mood", title="Moods (slices)")
    for axis, page, name in zip(axes[1:], pairs, ("Genre found", "Mood found"), strict=True):
        _matrix(axis, page / np.maximum(n, 1), np.where(n > 0, n, np.nan), genre_scores.genres, share=True)
        axis.set(xlabel="True mood", ylabel="True genre", title=f"{name} (%, of slices)")
    return figure


def vector_map(points: np.ndarray, tracks: pd.DataFrame, genres: list[str], *, title: str = "") -> Figure:
    """Draw songs on a plane: colour is the genre, the marker the mood."""
    moods = mood_of(tracks["valence"])
    figure, axis = canvas(height=5)
    for genre in genres:
        for mood in MOODS:
            there = (tracks["genre"] == genre).to_numpy() & (moods == mood)
            colour = genre_colour(genre, genres)
            axis.plot(*points[there].T, MOOD_MARKERS[mood], color=colour, markeredgecolor=INK, markersize=7)
    handles = [axis.plot([], [], "s", color=genre_colour(genre, genres), label=genre)[0] for genre in genres]
    blank = {"color": "white", "markeredgecolor": INK}
    handles += [axis.plot([], [], MOOD_MARKERS[mood], label=mood, **blank)[0] for mood in MOODS]
    figure.legend(handles=handles, loc="outside right upper")
    axis.set(xticks=[], yticks=[], xlabel="First axis of the map", ylabel="Second axis of the map", title=title)
    return figure


def node_table(correlations: pd.DataFrame) -> Figure:
    """Draw what each node goes with: `music_vectors.node_correlations`, a row a node."""
    figure, axis = canvas(height=1.8 + 0.3 * len(correlations))
    image = axis.imshow(correlations, cmap=SIGNED, vmin=-1, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(correlations.to_numpy()):
        if not abs(value) < WORTH_WORDS:  # NaN is not, either
            words, colour = "–" if np.isnan(value) else f"{value:.2f}", "white" if abs(value) > 0.6 else INK
            axis.text(column, row, words, ha="center", va="center", fontsize=8, color=colour)
    axis.set_xticks(range(correlations.shape[1]), correlations.columns, rotation=40, ha="right", rotation_mode="anchor")
    axis.set_yticks(range(len(correlations)), correlations.index)
    axis.set(xlabel="Genre, or measure of the song", ylabel="Node of the FC layer")
    figure.colorbar(image, ax=axis, label="Correlation over songs")
    return figure


def _matrix(axis, shares, numbers, names, *, share=False):
    """Draw shares as greys; write counts, or the shares themselves where there is a count."""
    from matplotlib.patches import Rectangle

    nothing = {"facecolor": "white", "edgecolor": PALE, "hatch": "///", "linewidth": 0}
    axis.imshow(shares, cmap="Greys", vmin=0, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(numbers):
        if np.isfinite(value):
            words = f"{100 * shares[row, column]:.0f}" if share else f"{value:.0f}"
            colour = "white" if shares[row, column] > 0.5 else INK
            axis.text(column, row, words, ha="center", va="center", color=colour, fontsize=9)
        else:
            axis.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, **nothing))
    axis.set_xticks(range(len(MOODS)), MOODS)
    axis.set_yticks(range(len(names)), names)
