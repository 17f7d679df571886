"""The benchmark in one picture: how many times over each row reaches what was aimed at, or how near its floor it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genrelib._base.paths import CHECKOUT
from genrelib.figures.style import INK, PALE, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURE = CHECKOUT / "docs" / "pictures" / "speed.svg"
MET, SHORT, PLAIN = "reaches its target", "falls short of it", "no target: against the plain way, or its floor"
LOOKS = {MET: {"marker": "o", "color": INK}, SHORT: {"marker": "o", "color": INK, "markerfacecolor": "white"},
         PLAIN: {"marker": "D", "color": PALE}}  # fmt: skip


def marks(rows: list[dict]) -> list[dict]:
    """Give a mark a row that was measured: label, value (1 is the target, or the floor), kind, and words beside it."""
    made = []
    for one in rows:
        if one["ratio"] is None:
            continue
        aims, words = [], []
        if one["target"] is not None:
            aims.append(one["ratio"] / one["target"])
            words.append(f"{one['target']:g} times")
        if one["limit_seconds"] is not None:
            aims.append(one["limit_seconds"] / one["our_seconds"])
            words.append(f"under {one['limit_seconds']:g} s")
        kind = PLAIN if not aims else MET if one["met"] else SHORT
        took = "" if one["our_seconds"] is None else f"{one['our_seconds']:.3g} s"
        aimed = "memory under its limit" if one["our_seconds"] is None else f"aim: {' and '.join(words)}"
        against = f"{'floor' if one['plain'].startswith('the floor') else 'plain'} {one['plain_seconds'] or 0:.3g} s"
        beside = ", ".join(filter(None, [took, aimed if aims else against]))
        made.append({"label": one["name"], "value": min(aims, default=one["ratio"]), "kind": kind, "words": beside})
    return made


def draw(board: list[dict]) -> Figure:
    """Draw the marks, a line a row, on an axis whose steps are equal ratios."""
    figure, axis = canvas(height=1.4 + 0.36 * len(board), width=11)
    largest = max(mark["value"] for mark in board)
    for place, mark in enumerate(board):
        axis.hlines(place, 1, mark["value"], color="#dddddd", linewidth=3, zorder=1)
        axis.plot(mark["value"], place, linestyle="", markersize=8, zorder=3, label=mark["kind"], **LOOKS[mark["kind"]])
        times = float(f"{mark['value']:.2g}")
        axis.text(largest * 1.6, place, f"{times:g} times ({mark['words']})", va="center", fontsize=9, color=INK)
    axis.axvline(1, color=INK, linewidth=1, zorder=2)
    axis.set_xscale("log")
    axis.set_xticks([0.01, 0.1, 1, 10, 100], ["0.01", "0.1", "1", "10", "100"])
    axis.set_yticks(range(len(board)), [mark["label"] for mark in board], fontsize=9)
    axis.set(xlim=(min(0.1, *(0.7 * mark["value"] for mark in board)), largest * 1.5), ylim=(len(board) - 0.4, -0.6))
    axis.set_xlabel("1 is the target; where there is none, the plain way or the floor")
    axis.grid(axis="x")
    named = dict(zip(*reversed(axis.get_legend_handles_labels()), strict=True))
    figure.legend(named.values(), named.keys(), loc="outside lower center", ncols=3)
    return figure
