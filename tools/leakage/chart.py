"""A row a system: a mark a figure, its interval as a line, and words beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genrelib.figures.style import INK, LOOKS, PALE, canvas, mark

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HOLLOW, SQUARE = LOOKS[0], LOOKS[1]
FULL, FREE = ("o", PALE, PALE), ("D", INK, INK)
# look → marker, fill and edge
SHAPES = {"slice": HOLLOW, "track": SQUARE, "artist": FREE, "own": FREE, "published": FULL, "copied": HOLLOW}


def dots(rows: list[dict], *, legend: dict[str, str], axis: str) -> Figure:
    """Draw a row a system, on it a mark a figure.

    Parameters
    ----------
    rows : list of dict
        label, words (right of the row), marks: a list of dict look (of `SHAPES`), mean, low, high.
    legend : dict of str to str
        Look → what it means.
    axis : str
        Words below the axis.
    """
    figure, axes = canvas(height=1.3 + 0.3 * len(rows), width=9.5)
    for place, row in enumerate(rows):
        steps = place + 0.22 * (np.arange(len(row["marks"])) - (len(row["marks"]) - 1) / 2)
        for one, y in zip(row["marks"], steps, strict=True):
            if one["low"] is not None:
                axes.hlines(y, one["low"], one["high"], color=INK, linewidth=1.2)
            mark(axes, one["mean"], y, SHAPES[one["look"]], label=legend[one["look"]])
        axes.annotate(row["words"], (1.02, place), va="center", color=PALE, fontsize=9, annotation_clip=False)
    axes.set_yticks(range(len(rows)), [row["label"] for row in rows])
    axes.set(xlabel=axis, xlim=(0, 1), ylim=(len(rows) - 0.4, -0.6))
    axes.grid(axis="x")
    handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    named = [words for words in legend.values() if words in handles]
    figure.legend([handles[words] for words in named], named, loc="outside lower center", ncols=3)
    return figure
