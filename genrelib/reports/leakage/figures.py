"""Plots of what a split lets through: what is left of a claim, whom a test slice meets again, widths of intervals."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from genrelib.figures.audio import draw_mel, mel_decibel
from genrelib.figures.claims import CLAIM, LEAK_FREE_LOOKS
from genrelib.figures.style import INK, LOOKS, PALE, canvas, mark
from genrelib.reports.leakage.horses import UNCHANGED
from genrelib.splits import LEAK_FREE, UNITS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

LEAK, FREE = LOOKS[0], LEAK_FREE_LOOKS[0]
FEWEST = 3  # songs of a bin that is drawn
# the darker, the more of the training part is heard again
SHADES = {
    "recording": INK, "album": "#5a5a5a", "artist": PALE, "other artist": "#dddddd", "unknown": "white",
}  # fmt: skip
TIES = {"recording": "the same recording", "album": "the same album", "artist": "the same artist",
        "other artist": "another artist", "unknown": "an unknown artist"}  # fmt: skip


def claimed_reproduced_left(rows: list[dict], *, chance: float | None = None, title: str = "") -> Figure:
    """Draw of each system, of `study.three_figures`, what is claimed, reproduced, and left without leaks."""
    figure, axis = canvas(height=1.5 + 0.75 * len(rows))
    for place, row in enumerate(rows):
        reproduced, free = row["reproduced"], row["leak_free"]
        if reproduced and free:
            axis.annotate(
                "", (free["mean"], place), (reproduced["mean"], place),
                arrowprops={"arrowstyle": "-|>", "color": PALE, "linewidth": 6, "shrinkA": 8, "shrinkB": 8}, zorder=1,
            )  # fmt: skip
        for figures, look, name in (
            (reproduced, LEAK, "reproduced, under the report's split"),
            (free, FREE, "left when no artist is in both parts"),
        ):
            if figures:
                axis.hlines(place, figures["low"], figures["high"], color=INK, linewidth=1.2, zorder=2)
                mark(axis, figures["mean"], place, look, label=name)
                _write(axis, figures["mean"], place, INK, 8)
        mark(axis, row["claimed"], place, ("X", CLAIM, CLAIM), label="claimed")
        _write(axis, row["claimed"], place, CLAIM, -18)
        if not free:
            words = axis.annotate("leak-free: not measured", (0.01, place), fontsize=9, color=INK, va="center")
            words.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})  # chance's line goes behind it
    if chance is not None:
        axis.axvline(chance, color=PALE, linestyle="--", label=f"chance: {chance:.2g}", zorder=0)
    axis.set_yticks(range(len(rows)), [f"{row['system']}\n({_counted(row)})" for row in rows])
    axis.set(xlabel="Accuracy (share)", xlim=(0, 1), ylim=(len(rows) - 0.4, -0.6), title=title)
    axis.grid(axis="x")
    _legend_once(figure, axis, ncols=2)
    return figure


def neighbour_pair(test: np.ndarray, training: np.ndarray, sample_rate: int, *, titles: tuple[str, str]) -> Figure:
    """Draw a test slice beside its nearest training slice, as mel spectrograms."""
    figure, axes = canvas(1, 2, height=3.2, sharey=True)
    for axis, samples, title in zip(axes, (test, training), titles, strict=True):
        span = (0, len(samples) / sample_rate)
        image = draw_mel(axis, mel_decibel(samples, sample_rate), sample_rate, span, n_columns=200)
        axis.set(xlabel="Time (s)")
        axis.set_title(title, fontsize=11)
    axes[0].set_ylabel("Frequency (Hz)")
    figure.colorbar(image, ax=axes, label="Level (dB, each peak = 0)")
    return figure


def neighbour_kinds(table: pd.DataFrame, *, title: str = "") -> Figure:
    """Draw the shares of each kind of nearest training slice, of `neighbours.by_kind`, a bar a split."""
    units = list(dict.fromkeys(table["unit"]))
    figure, axis = canvas(height=1.6 + 0.5 * len(units))
    shares = table.pivot(index="unit", columns="kind", values="share").reindex(units).fillna(0)
    left = np.zeros(len(units))
    for kind in [kind for kind in SHADES if kind in shares]:
        look = {"color": SHADES[kind], "edgecolor": INK, "linewidth": 0.6, "label": TIES[kind]}
        bars = axis.barh(units, shares[kind], left=left, **look)
        words = [f"{share:.0%}" if share > 0.05 else "" for share in shares[kind]]
        axis.bar_label(bars, words, label_type="center", color="white" if kind in ("recording", "album") else INK)
        left += shares[kind].to_numpy()
    axis.set(xlabel="Share of the test slices", ylabel="Split by", xlim=(0, 1), title=title)
    axis.invert_yaxis()
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=3,
                  title="The nearest training slice is of")  # fmt: skip
    return figure


def accuracy_by_neighbour(
    tables: dict[str, pd.DataFrame], *, unit: str, chance: float | None = None, title: str = ""
) -> Figure:
    """Draw how often slices are named rightly by what their neighbour is: `neighbours.by_kind` a system."""
    parts = {system: table[table["unit"] == unit].set_index("kind") for system, table in tables.items()}
    parts = {system: part for system, part in parts.items() if len(part)}  # no name in the legend without a mark
    kinds = [kind for kind in TIES if any(kind in part.index for part in parts.values())]
    figure, axis = canvas(height=3.6)
    offsets = np.linspace(-0.2, 0.2, len(parts)) if len(parts) > 1 else [0.0]
    for (system, part), offset, look in zip(parts.items(), offsets, cycle(LOOKS)):
        part = part.reindex(kinds)
        places = np.arange(len(kinds)) + offset
        axis.vlines(places, part["low"], part["high"], color=INK, linewidth=1.5)
        mark(axis, places, part["accuracy"], look, label=system)
    slices = next(iter(parts.values())).reindex(kinds)["slices"].fillna(0).astype(int)
    axis.set_xticks(range(len(kinds)), [f"{TIES[kind]}\n({n} slices)" for kind, n in zip(kinds, slices, strict=True)])
    if chance is not None:
        axis.axhline(chance, color=PALE, linestyle="--", label=f"chance: {chance:.2g}", zorder=0)
    axis.set(xlabel="The nearest training slice is of", ylabel="Accuracy (share)", ylim=(0, 1.04), title=title)
    axis.set_xlim(-0.6, len(kinds) - 0.4)
    axis.grid(axis="y")
    _legend_once(figure, axis, ncols=4)
    return figure


def by_split(rows: pd.DataFrame, *, ceiling: float | None = None, title: str = "") -> Figure:
    """Draw the rows of `study.gather` of one level and part: systems, a mark a split, its interval as a line.

    ``ceiling`` is what the demo can give at most on artists unheard.
    """
    systems = rows["system"].unique()
    figure, axis = canvas(height=3.9)
    units = [unit for unit in UNITS if unit in set(rows["unit"])]
    for place, (unit, look) in enumerate(zip(units, LOOKS, strict=False)):
        part = rows[rows["unit"] == unit].set_index("system").reindex(systems)
        places = np.arange(len(systems)) + 0.16 * (place - (len(units) - 1) / 2)
        axis.vlines(places, part["low"], part["high"], color=INK, linewidth=1.5)
        mark(axis, places, part["mean"], FREE if unit in LEAK_FREE else look, label=f"by {unit}")
    if ceiling is not None:
        axis.axhline(1, color=PALE, linestyle=":", label="most that is possible, artists heard before: 1")
        expected = f"most to expect, artists unheard: {ceiling:.2f}"
        axis.axhline(ceiling, color=INK, linestyle="--", linewidth=1, label=expected)
    axis.set_xticks(range(len(systems)), systems, rotation=30, ha="right", rotation_mode="anchor")
    axis.set(xlabel="System", ylabel="Accuracy (share)", ylim=(0, 1.06), xlim=(-0.6, len(systems) - 0.4), title=title)
    axis.grid(axis="y")
    _legend_once(figure, axis, ncols=3)
    return figure


def reliability(table: pd.DataFrame, *, title: str = "") -> Figure:
    """Draw how many answers are right by how sure they were given: `tables.believed`, a panel a system."""
    systems = list(dict.fromkeys(table["system"]))
    figure, axes = canvas(1, len(systems), height=3.6, sharey=True, squeeze=False)
    looks = dict(zip(dict.fromkeys(table["split"]), cycle(LOOKS)))
    for axis, system in zip(axes[0], systems, strict=True):
        axis.plot([0, 1], [0, 1], "--", color=PALE, linewidth=1, label="as often right as it says", zorder=0)
        for row in table[table["system"] == system].itertuples():
            bins = [each for each in row.curve if each["n"] >= FEWEST]
            x, y = [each["says"] for each in bins], [each["right"] for each in bins]
            axis.plot(x, y, "-", color=INK, linewidth=1)
            mark(axis, x, y, FREE if row.split in LEAK_FREE else looks[row.split], label=f"by {row.split}")
        axis.set(xlabel="It says (probability)", xlim=(0, 1.03), ylim=(0, 1.03))
        axis.set_title(system, fontsize=11)
        axis.grid()
    axes[0][0].set_ylabel("It is right (share of answers)")
    figure.suptitle(title, x=0.01, ha="left")
    _legend_once(figure, axes[0][0], ncols=4)
    return figure


def moved(table: pd.DataFrame, *, title: str = "") -> Figure:
    """Draw which share of first answers each change moves: `horses.shares`, a mark a system."""
    table = table[table["moved"].notna() & (table["change"] != UNCHANGED)]
    changes, systems = list(dict.fromkeys(table["change"])), list(dict.fromkeys(table["system"]))
    figure, axis = canvas(height=1.8 + 0.45 * len(changes))
    for system, look in zip(systems, cycle(LOOKS)):
        own = table[table["system"] == system]
        offset = 0.17 * (systems.index(system) - (len(systems) - 1) / 2)
        mark(axis, own["moved"], [changes.index(change) + offset for change in own["change"]], look, label=system)
    axis.set_yticks(range(len(changes)), changes)
    axis.set(xlabel="Songs whose first answer is another (share)", xlim=(-0.03, 1.03), title=title)
    axis.set_ylim(len(changes) - 0.5, -0.5)
    axis.grid(axis="x")
    _legend_once(figure, axis, ncols=4)
    return figure


def widths(
    tables: dict[str, pd.DataFrame], *, together: str = "tracks", marked: dict[str, int] | None = None, title: str = ""
) -> Figure:
    """Draw how the interval of an accuracy narrows with test tracks: `study.interval_widths` a name.

    ``together`` is what was drawn: tracks, or artists.
    """
    figure, axis = canvas(height=3.8)
    for (name, table), look in zip(tables.items(), cycle(LOOKS)):
        axis.plot(table["tracks"], 100 * table["half_width"], "-", color=INK, linewidth=1.5, zorder=2)
        mark(axis, table["tracks"], 100 * table["half_width"], look, label=f"{name}: {together} resampled")
        axis.plot(table["tracks"], 100 * table["if_slices_were_independent"], ":", color=PALE, linewidth=2,
                  label=f"{name}: as if slices were independent")  # fmt: skip
    top = 100 * max(table["half_width"].max() for table in tables.values())
    for number, (name, size) in enumerate((marked or {}).items()):
        axis.axvline(size, color="#cccccc", linewidth=1, zorder=0)
        axis.annotate(name, (size, top * (1.12 - 0.09 * (number % 2))), (3, 0), textcoords="offset points", fontsize=9)
    sizes = sorted({size for table in tables.values() for size in table["tracks"]})
    axis.set_xscale("log")
    axis.set_xticks(sizes, [str(size) for size in sizes])
    axis.minorticks_off()
    axis.set(xlabel="Test tracks", ylabel="Half-width of the 95% interval\n(points of accuracy)")
    axis.set(ylim=(0, 1.22 * top), title=title)
    axis.grid(axis="y")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=1)
    return figure


def _counted(row):
    validated = row["reproduced"] and row["reproduced"]["part"] == "validation"
    return f"a {row['level']}" + (", reproduced: validation" if validated else "")


def _write(axis, x, y, colour, up):
    axis.annotate(f"{x:.2f}", (x, y), (0, up), textcoords="offset points", ha="center", fontsize=10, color=colour)


def _legend_once(figure, axis, *, ncols):
    handles = {}
    for handle, name in zip(*axis.get_legend_handles_labels(), strict=True):
        handles.setdefault(name, handle)  # one entry a name
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=ncols)
