"""Counts, learning curves, confusion, recalls."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from genrelib._base.errors import GenrelibError
from genrelib.figures.style import INK, LOOKS, canvas, genre_colour, mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from genrelib.datasets.collection import Collection
    from genrelib.evaluation.scores import LevelScores
    from genrelib.training.loop import History


def tracks_per_genre(collection: Collection) -> Figure:
    """Draw how many tracks each genre has."""
    counts = collection.tracks["genre"].value_counts().reindex(collection.genres)
    figure, axis = canvas(height=2.8)
    _genre_bars(axis, counts, counts)
    axis.set(ylabel="Tracks", title=f"{len(collection.tracks)} tracks of {_named(collection)}")
    return figure


def artists_per_genre(collection: Collection) -> Figure:
    """Draw how many artists each genre has; a genre with one artist is hatched and named as such."""
    known = collection.tracks.dropna(subset="artist_id")
    counts = known.groupby("genre")["artist_id"].nunique().reindex(collection.genres, fill_value=0)
    words = {0: "unknown", 1: "one\nartist"}
    figure, axis = canvas(height=2.8)
    bars = _genre_bars(axis, counts, [words.get(count, count) for count in counts])
    for bar, count in zip(bars, counts, strict=True):
        bar.set_hatch("///" if count == 1 else "")
    unknown = len(collection.tracks) - len(known)
    rest = f" ({unknown} tracks are of unknown artist)" if unknown else ""
    axis.set(ylabel="Artists", title=f"Artists in {_named(collection)}{rest}")
    return figure


def learning_curves(histories: list[History] | dict[str, list[History]], *, label: str = "") -> Figure:
    """Draw loss and accuracy against epoch, in training and in validation, a thin line a seed.

    Parameters
    ----------
    histories : list of History, or dict of str to list of History
        A seed each of one system, or of several systems by name.
    label : str
        Title of the figure.
    """
    systems = histories if isinstance(histories, dict) else {"": histories}
    figure, panels = canvas(1, 2, height=3.4)
    for (system, runs), look in zip(systems.items(), cycle(LOOKS)):
        for seed, history in enumerate(runs):
            for axis, metric in zip(panels, ("loss", "accuracy"), strict=True):
                draw_curves(axis, history, metric, look, system if seed == 0 else None)  # the legend names it once
    for axis, name in zip(panels, ("Loss: cross-entropy (nats)", "Accuracy (share)"), strict=True):
        axis.set(xlabel="Epoch", ylabel=name)
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.grid(axis="y")
    panels[0].set_ylim(0, None)
    panels[1].set_ylim(0, 1.02)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    figure.suptitle(label or None, x=0.01, ha="left")
    return figure


def confusion(
    scores_or_matrix: LevelScores | np.ndarray, genres: list[str], *, title: str = "", counts: bool = True
) -> Figure:
    """Draw a confusion matrix: rows are true genres, colour is the share of the row.

    Parameters
    ----------
    scores_or_matrix : LevelScores or np.ndarray [shape=(k, k)]
    genres : list of str
    title : str
    counts : bool
        Write counts into the cells; else the share of the row in percent.
    """
    matrix = np.asarray(getattr(scores_or_matrix, "confusion", scores_or_matrix))
    if matrix.shape != (len(genres), len(genres)):
        raise GenrelibError(f"a confusion matrix has a row and a column for each of {genres}; given {matrix.shape}")
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1e-12)  # a genre absent from the test part: zeros
    figure, axis = canvas(height=5.4, width=7.2)
    image = axis.imshow(shares, cmap="Greys", vmin=0, vmax=1)
    digits = 0 if not counts or np.allclose(matrix, np.rint(matrix)) else 1
    for (row, column), value in np.ndenumerate(matrix if counts else 100 * shares):
        if matrix[row, column]:
            colour = "white" if shares[row, column] > 0.5 else INK
            axis.text(column, row, f"{value:.{digits}f}", ha="center", va="center", color=colour, fontsize=9)
    axis.set_xticks(range(len(genres)), genres, rotation=40, ha="right", rotation_mode="anchor")
    axis.set_yticks(range(len(genres)), genres)
    axis.set(xlabel="Predicted genre", ylabel="True genre", title=title)
    figure.colorbar(image, ax=axis, label="Share of the true genre", shrink=0.85)
    return figure


def recalls(
    by_system: dict[str, list[LevelScores | dict[str, float]]], genres: list[str], *, title: str = ""
) -> Figure:
    """Draw the recall of each genre by several systems: the mean over seeds, and a line from the lowest to the highest.

    Parameters
    ----------
    by_system : dict of str to list of (LevelScores or dict of genre to recall)
        One entry a seed.
    genres : list of str
    title : str
    """
    figure, axis = canvas(height=3.8)
    for place, genre in enumerate(genres):
        axis.axvspan(place - 0.46, place + 0.46, color=genre_colour(genre, genres), alpha=0.3, linewidth=0, zorder=0)
    offsets = np.linspace(-0.27, 0.27, len(by_system)) if len(by_system) > 1 else [0.0]
    for (system, seeds), offset, look in zip(by_system.items(), offsets, cycle(LOOKS)):
        dicts = [getattr(scores, "recall", scores) for scores in seeds]
        table = np.array([[recall.get(genre, np.nan) for genre in genres] for recall in dicts], dtype=float)
        there = np.flatnonzero(np.isfinite(table).any(axis=0))  # NaN: the genre is absent from the test part
        means, low, high = (how(table[:, there], axis=0) for how in (np.nanmean, np.nanmin, np.nanmax))
        axis.vlines(there + offset, low, high, color=INK, linewidth=1.5)
        mark(axis, there + offset, means, look, label=system)
    axis.set_xticks(range(len(genres)), genres)
    _on_one_line(axis)
    axis.set(xlabel="Genre", ylabel="Recall (share found)", ylim=(-0.03, 1.03), xlim=(-0.6, len(genres) - 0.4))
    axis.set_title(title)
    axis.grid(axis="y")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def _named(collection):
    return f"{collection.name} (synthesised, no evidence)" if collection.is_demo else collection.name


def draw_curves(axis: Axes, history: History, metric: str, look: tuple[str, str, str], system: str | None) -> None:
    """Draw one seed; ``system`` None keeps it out of the legend."""

    def named(words):
        return None if system is None else f"{system}: {words}".removeprefix(": ")

    _, fill, _ = look
    colour, curves = INK if fill == "white" else fill, history.curves
    axis.plot(curves["epoch"], curves[metric], ":", color=colour, linewidth=1.3, label=named("training"))
    axis.plot(curves["epoch"], curves[f"val_{metric}"], "-", color=colour, linewidth=1, label=named("validation"))
    chosen = curves[curves["epoch"] == history.best_epoch]
    mark(axis, chosen["epoch"], chosen[f"val_{metric}"], look, label=named("chosen epoch"))


def _genre_bars(axis, counts, words):
    genres = list(counts.index)
    colours = [genre_colour(genre, genres) for genre in genres]
    bars = axis.bar(genres, counts, color=colours, edgecolor=INK, linewidth=0.6)
    axis.bar_label(bars, [str(word) for word in words], padding=2)
    axis.yaxis.get_major_locator().set_params(integer=True)
    axis.set(xlabel="Genre", ylim=(0, 1.25 * max(1, counts.max())))
    _on_one_line(axis)
    return bars


def _on_one_line(axis):
    axis.tick_params(axis="x", pad=15)
    for word in axis.get_xticklabels():
        word.set_verticalalignment("baseline")
