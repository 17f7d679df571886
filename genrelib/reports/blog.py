"""Plots of the 100 ms post: a filter that slides, a window in two scales, times of extraction, what a vote gains."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from genrelib.figures.claims import LEAK_FREE_LOOKS
from genrelib.figures.style import INK, LOOKS, PALE, canvas, mark

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SEVEN = (  # the post's example of an image, 12 × 10 pixels
    "          ",
    " ######## ",
    " ######## ",
    "       ## ",
    "      ##  ",
    "      ##  ",
    "     ##   ",
    "     ##   ",
    "    ##    ",
    "    ##    ",
    "   ##     ",
    "          ",
)
EDGE = np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]])  # dark above, light below
RISE = np.array([-1.0, 1.0])  # less before, more now


def filter_over_image() -> Figure:
    """Draw the post's first picture: an edge filter that slides over a digit, and its activation map."""
    from scipy.signal import correlate2d

    image = np.array([[pixel == "#" for pixel in row] for row in SEVEN], dtype=float)
    activation = correlate2d(image, EDGE, mode="valid")  # (10, 8): a place fewer on each side
    figure, (left, middle, right) = canvas(1, 3, height=3.2, width_ratios=(10, 5, 8))
    left.imshow(image, cmap="Greys", vmin=0, vmax=1.4)
    for corner, style in (((0, 0), "-"), ((1, 0), ":"), ((3, 2), "--")):
        _box(left, corner[0], corner[1], 3, 3, style)
    left.annotate("", (4.4, 1), (2.6, 1), arrowprops={"arrowstyle": "->", "color": INK, "linewidth": 2})
    middle.imshow(EDGE, cmap="RdBu_r", vmin=-3, vmax=3)
    shown = right.imshow(activation, cmap="RdBu_r", vmin=-3, vmax=3)
    for (row, column), value in np.ndenumerate(EDGE):
        middle.text(column, row, f"{value:+d}".replace("+0", "0"), ha="center", va="center")
    for (row, column), style in (((0, 0), "-"), ((2, 3), "--")):
        _box(right, column, row, 1, 1, style)
    left.xaxis.get_major_locator().set_params(integer=True)
    left.set(title="The filter slides both ways", xlabel="Column (pixels)", ylabel="Row (pixels)")
    middle.set(title="An edge filter", xticks=[], yticks=[])
    right.set(title="Its activation map", xlabel="Column (places)", ylabel="Row (places)")
    figure.colorbar(shown, ax=right, label="Dot product")
    return figure


def filter_over_time(window: np.ndarray) -> Figure:
    """Draw how `RISE` slides over one window [frames, mels] of decibels along time, and what it gives at each."""
    n_frames, n_mels = window.shape
    rises = np.diff(window, axis=0, append=0).mean(axis=1)  # by RISE; padding "same": zeros behind the last frame
    figure, (left, middle, right) = canvas(1, 3, height=3.6, width_ratios=(6, 3, 6))
    image = left.imshow(window.T, origin="lower", aspect="auto", cmap="magma", interpolation="nearest")
    for first, style in ((0, "-"), (1, ":"), (n_frames - 1, "--")):
        _box(left, first, 0, 2, n_mels, style, colour="#ffffff" if first < n_frames - 1 else INK)
    left.set(xlim=(-0.5, n_frames + 0.5), xticks=range(n_frames + 1))
    left.set_xticklabels([*map(str, range(1, n_frames + 1)), "pad"])
    left.set(title="The filter slides along time", xlabel="Frame (23 ms apart)", ylabel="Mel band")
    figure.colorbar(image, ax=left, label="Level (dB)")
    middle.imshow(np.tile(RISE, (n_mels, 1)), origin="lower", aspect="auto", cmap="RdBu_r", interpolation="nearest",
                  vmin=-2, vmax=2)  # fmt: skip
    for place, weight in enumerate(RISE):
        middle.text(place, n_mels / 2, f"{weight:+.0f}", ha="center", va="center")
    middle.set(title="All bands wide", xticks=[0, 1], xlabel="Frame of the filter", yticks=[])
    right.bar(range(1, n_frames + 1), rises, color=[PALE] * (n_frames - 1) + ["white"], edgecolor=INK)
    right.axhline(0, color=INK, linewidth=0.8)
    right.set(title="What it gives at each place", xlabel="Place of the filter", ylabel="Mean rise (dB)")
    return figure


def window_scales(power: np.ndarray, decibel: np.ndarray) -> Figure:
    """Draw the first five of the same windows [n, 5, 128] as power and as decibel, and how the values of all spread."""
    figure, axes = canvas(2, 2, height=5.4, width_ratios=(3, 2))
    scales = {"Power": power, "Level (dB)": decibel}
    for (left, right), (name, windows) in zip(axes, scales.items(), strict=True):
        shown = np.vstack(windows[:5]).T  # (mels, 5 windows of 5 frames)
        image = left.imshow(shown, origin="lower", aspect="auto", cmap="magma", interpolation="nearest")
        for edge in range(1, len(windows[:5])):
            left.axvline(edge * windows.shape[1] - 0.5, color="white", linewidth=1.5)
        left.set(ylabel="Mel band", xlabel="Frame, window by window", title=f"{name.split()[0]}: five windows")
        figure.colorbar(image, ax=left, label=name)
        right.hist(windows.ravel(), bins=60, color=PALE, edgecolor=INK, linewidth=0.3)
        right.set(xlabel=name, ylabel="Cells", yscale="log", title="How its values are spread")
    return figure


def extraction_times(seconds: dict[str, float], *, title: str = "") -> Figure:
    """Draw the seconds that one track takes by several ways, on a log axis."""
    figure, axis = canvas(height=1.3 + 0.5 * len(seconds))
    times = list(seconds.values())
    bars = axis.barh(list(seconds), times, height=0.6, color=PALE, edgecolor=INK)
    axis.bar_label(bars, fmt="{:.3g} s", padding=4)
    axis.set_xscale("log")
    axis.set(xlabel="Time for one track (s)", xlim=(min(times) / 3, max(times) * 5), title=title)
    axis.invert_yaxis()
    axis.grid(axis="x")
    return figure


def accuracy_heard(
    curves: dict[str, list[pd.DataFrame]], *, chance: float, leak_free: Sequence[str] = (), title: str = ""
) -> Figure:
    """Draw the accuracy of a vote against the seconds heard: split → `genrelib.features.windows.votes_heard` a seed."""
    figure, axis = canvas(height=3.8)
    looks = {True: cycle(LEAK_FREE_LOOKS), False: cycle(LOOKS)}
    for name, seeds in curves.items():
        look = next(looks[name in leak_free])
        seconds = np.mean([curve["seconds"] for curve in seeds], axis=0)
        accuracy = np.array([curve["accuracy"] for curve in seeds])
        axis.fill_between(seconds, accuracy.min(axis=0), accuracy.max(axis=0), color=PALE, alpha=0.3, linewidth=0)
        axis.plot(seconds, accuracy.mean(axis=0), color=INK, linewidth=1)
        mark(axis, seconds, accuracy.mean(axis=0), look, label=name + (" (leak-free)" if name in leak_free else ""))
    axis.axhline(chance, color=INK, linestyle="--", linewidth=1, label="chance")
    axis.set_xscale("log")
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.set(xlabel="Sound heard a track (s)", ylabel="Accuracy of the vote (share)", ylim=(0, 1.03), title=title)
    axis.grid(axis="y")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def _box(axis, column, row, width, height, style, *, colour=INK):
    """Frame cells of an image: where a filter lies."""
    from matplotlib.patches import Rectangle

    corner = (column - 0.5, row - 0.5)
    axis.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=colour, linestyle=style, linewidth=2.2))
