"""Plots of claims: beside what was measured, and how much hangs on what a report leaves open."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from genrelib._base.errors import GenrelibError
from genrelib.figures.style import INK, LOOKS, PALE, canvas, mark

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

LEAK_FREE_LOOKS = (("D", INK, INK), ("d", INK, INK))
CLAIM = "#bd1f01"
CLAIM_MARKERS = {"<": "<", "<=": "<", ">": ">", ">=": ">"}  # "below .60" points to where the figure must lie
PLATE = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # behind a number, so that no line crosses it


def dumbbell(rows: list[dict], *, chance: float | None = None, title: str = "") -> Figure:
    """Draw claims beside what was measured under each split.

    Parameters
    ----------
    rows : list of dict
        ``label``; ``claimed`` (float or None) and optionally ``operator`` ("=", "<", ">"); ``measured``: a list of
        dicts ``name``, ``mean``, ``low``, ``high`` (None: no interval), ``leak_free`` and optionally ``part``, which
        stands beside the number: what is not of a test part.
    chance : float, optional
        Accuracy of guessing, as a line.
    title : str
    """
    looks = _looks_of_splits(rows)
    lines = [1 + len(row["measured"]) for row in rows]
    figure, axis = canvas(height=1.4 + sum(0.25 + 0.24 * n for n in lines))
    edges = np.cumsum([0, *(n + 1 for n in lines)])  # a line a figure, and one between rows
    for row, top, bottom in zip(rows, edges[:-1], edges[1:], strict=True):
        heights = np.arange(top + 1, bottom)
        _draw_row(axis, row, heights, looks)
        if top:
            axis.axhline(top, color="#cccccc", linewidth=0.8)
    if chance is not None:
        axis.axvline(chance, color=PALE, linestyle="--", label=f"chance: {chance:.2g}", zorder=0)
    axis.set_yticks((edges[:-1] + edges[1:]) / 2, [row["label"] for row in rows])
    axis.set(xlabel="Accuracy (share)", xlim=(0, 1), ylim=(edges[-1], 0), title=title)
    axis.grid(axis="x")
    handles = {}
    for handle, name in zip(*axis.get_legend_handles_labels(), strict=True):
        handles.setdefault(name, handle)  # one entry a name
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=3)
    return figure


def sensitivity_bars(
    table: pd.DataFrame, *, reference: str, title: str = "", metric: str = "Accuracy (share)"
) -> Figure:
    """Draw how a figure changes with a choice that a report leaves open.

    Parameters
    ----------
    table : pd.DataFrame
        Columns ``label``, ``mean``, ``low``, ``high``; NaN bounds draw no interval.
    reference : str
        Label of the main reading: its bar is dark and its mean a line through all.
    title, metric : str
    """
    main = table[table["label"] == reference]
    if len(main) != 1:
        labels = list(table["label"])
        raise GenrelibError(f"the reference is the label of one row; {reference!r} is that of {len(main)} in {labels}")
    figure, axis = canvas(height=1.2 + 0.42 * len(table))
    places = np.arange(len(table))
    shades = np.where(table["label"] == reference, "#5a5a5a", "#cfcfcf")
    axis.barh(places, table["mean"], height=0.6, color=shades)
    axis.hlines(places, table["low"], table["high"], color=INK, linewidth=2)
    right = table[["mean", "high"]].max(axis=1)
    for place, mean, edge in zip(places, table["mean"], right, strict=True):
        _write(axis, f"{mean:.2f}", edge, place, INK)
    axis.axvline(main["mean"].iloc[0], color=INK, linestyle="--", linewidth=1, zorder=0)
    axis.set_yticks(places, table["label"])
    axis.set(xlabel=metric, xlim=(0, 1), ylim=(len(table) - 0.4, -0.6), title=title)
    return figure


def _looks_of_splits(rows):
    """Name of a split → its marker: filled diamonds for the leak-free ones alone."""
    leak_free = {bar["name"]: bar["leak_free"] for row in rows for bar in row["measured"]}
    markers = {True: cycle(LEAK_FREE_LOOKS), False: cycle(LOOKS)}
    return {name: next(markers[bool(free)]) for name, free in leak_free.items()}


def _draw_row(axis, row, heights, looks):
    """Draw a claim and, below it, what was measured: one figure a line, all joined."""
    if row["claimed"] is not None:
        operator = row.get("operator", "=")
        look = (CLAIM_MARKERS.get(operator, "X"), CLAIM, CLAIM)
        mark(axis, row["claimed"], heights[0], look, label="claimed")
        _write(axis, f"{operator} {row['claimed']:.2f}".removeprefix("= "), row["claimed"], heights[0], CLAIM)
    joined = [row["claimed"], *(bar["mean"] for bar in row["measured"])][row["claimed"] is None :]
    axis.plot(joined, heights[len(heights) - len(joined) :], color="#cccccc", linewidth=1.5, zorder=1)
    for bar, height in zip(row["measured"], heights[1:], strict=True):
        mean, low, high = (bar["mean"] if bar[end] is None else bar[end] for end in ("mean", "low", "high"))
        axis.hlines(height, low, high, color=INK, linewidth=2)
        mark(axis, mean, height, looks[bar["name"]], label=bar["name"] + (" (leak-free)" if bar["leak_free"] else ""))
        _write(axis, " ".join(filter(None, [f"{mean:.2f}", bar.get("part")])), np.nanmax([mean, high]), height, INK)


def _write(axis, words, x, y, colour):
    axis.annotate(words, (x, y), (8, 0), textcoords="offset points", va="center", fontsize=9, color=colour, bbox=PLATE)
