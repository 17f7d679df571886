"""Plots of feature tables, spectrogram pictures and logits: genres apart, tracks in clumps, a song's first three."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from genrelib._base.errors import GenrelibError
from genrelib.features.rows import FEATURES
from genrelib.figures.style import INK, canvas, genre_colour

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from genrelib.features.pictures import ImageSet
    from genrelib.features.rows import RowSet

ALIKE = 0.8  # two features that correlate more than this tell the same
DOTS = 1500  # of a map: more hide each other
CHANNELS = ("red", "green", "blue", "opacity")
UNITS = {"spectral_centroid": "Hz", "spectral_bandwidth": "Hz", "rolloff": "Hz", "tempo": "beats a minute"}


def telling_features(table: pd.DataFrame, n: int = 6) -> list[str]:
    """Choose the features of a table with ``label`` in which genres differ most, none of them much like another.

    By falling F of a one-way analysis of variance; passed over where one chosen before correlates beyond ±.8.
    """
    from sklearn.feature_selection import f_classif

    values = table[list(FEATURES)]
    values = values.loc[:, values.std() > 0]  # of a constant one nothing can be said
    order = np.argsort(-f_classif(values.to_numpy(), table["label"])[0], kind="stable")
    alike, chosen = values.corr().abs(), []
    for name in values.columns[order]:
        if len(chosen) < n and (alike.loc[name, chosen] <= ALIKE).all():
            chosen.append(name)
    return chosen


def distributions(table: pd.DataFrame, columns: list[str], genres: list[str], *, title: str = "") -> Figure:
    """Draw columns of a table with ``label``, genre by genre: boxes to the quartiles, whiskers to 5 and 95 percent."""
    n_rows = -(-len(columns) // 2)
    figure, axes = canvas(n_rows, 2, height=0.5 + 2.0 * n_rows, sharex=True, squeeze=False)
    there = [genre for genre in genres if (table["label"] == genre).any()]
    for axis, name in zip(axes.flat, columns, strict=False):  # the last panel may stay empty
        groups = [table.loc[table["label"] == genre, name] for genre in there]
        boxes = axis.boxplot(
            groups, whis=(5, 95), showfliers=False, patch_artist=True, widths=0.65, medianprops={"color": INK}
        )
        for box, genre in zip(boxes["boxes"], there, strict=True):
            box.set(facecolor=genre_colour(genre, genres), edgecolor=INK, linewidth=0.6)
        unit = UNITS.get(name.rpartition("_")[0] if name.endswith("_mean") else name)
        axis.set(title=name, ylabel=f"Value ({unit})" if unit else "Value")
        axis.grid(axis="y")
    for axis in axes.flat[len(columns) :]:
        axis.set_visible(False)
    for axis in axes[-1]:
        axis.set_xticks(range(1, len(there) + 1), there, rotation=40, ha="right", rotation_mode="anchor")
        axis.set_xlabel("Genre")
    figure.suptitle(title or None, x=0.01, ha="left")
    return figure


def pca_map(rows: RowSet, *, title: str = "") -> Figure:
    """Draw slices by their two principal components, those of each genre's first track tied to their middle.

    Beyond `DOTS` rows not all are drawn, but all count.
    """
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    fitted = PCA(2).fit(standard := StandardScaler().fit_transform(rows.samples))
    places, shares = fitted.transform(standard), 100 * fitted.explained_variance_ratio_
    table = rows.table.assign(x=places[:, 0], y=places[:, 1])
    figure, axis = canvas(height=5.6)
    step = -(-len(table) // DOTS)
    for genre, group in table.groupby("genre"):
        colour = genre_colour(genre, rows.genres)
        axis.plot(group["x"][::step], group["y"][::step], ".", markersize=4, color=colour, alpha=0.5, markeredgewidth=0)
        axis.plot([], [], "o", color=colour, label=genre)
        points = group.loc[group["track_id"] == group["track_id"].iloc[0], ["x", "y"]].to_numpy()
        for point in points:
            axis.plot(*np.stack([points.mean(axis=0), point]).T, color=INK, linewidth=0.6, zorder=3)
        axis.plot(*points.T, "o", markersize=5, markerfacecolor=colour, markeredgecolor=INK, zorder=4)
    low, high = np.percentile(places, (0.5, 99.5), axis=0)  # a few far outliers would press all others together
    margin = 0.05 * (high - low)
    axis.set(xlim=(low[0] - margin[0], high[0] + margin[0]), ylim=(low[1] - margin[1], high[1] + margin[1]))
    axis.set(xlabel=f"First component ({shares[0]:.0f}% of the variance)", title=title)
    axis.set_ylabel(f"Second component ({shares[1]:.0f}%)")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=5)
    return figure


def pictures(by_reading: dict[str, ImageSet], positions: Sequence[int], *, title: str = "") -> Figure:
    """Draw the same slices, at ``positions`` of each set, as several kinds of picture: a row each, a column a slice."""
    size = {"height": 0.9 + 0.95 * len(by_reading), "width": 0.6 + 0.95 * len(positions)}
    figure, axes = canvas(len(by_reading), len(positions), **size, squeeze=False)
    for row, (reading, images) in zip(axes, by_reading.items(), strict=True):
        for axis, position in zip(row, positions, strict=True):
            _show(axis, images.samples[position])
        row[0].set_ylabel(reading)
    for axis, position in zip(axes[0], positions, strict=True):
        axis.set_title(images.table["genre"].iloc[position], fontsize=10)
    figure.supxlabel("Time, each picture from its start to its end", fontsize=11)
    figure.supylabel("Frequency", fontsize=11)
    figure.suptitle(title or None, x=0.01, ha="left")
    return figure


def four_channels(image: np.ndarray, *, title: str = "") -> Figure:
    """Draw a picture [size, size, 4] of dtype uint8, and each of its channels by itself."""
    figure, (whole, *axes) = canvas(1, 5, height=2.0, width=6.5)
    _show(whole, image)
    whole.set(title="as drawn", xlabel=f"{image.shape[1]} pixels", ylabel=f"{image.shape[0]} pixels")
    for axis, channel, name in zip(axes, np.moveaxis(image, -1, 0), CHANNELS, strict=True):
        shown = _show(axis, channel, cmap="gray", vmin=0, vmax=255)
        axis.set_title(name)
        axis.spines[:].set_visible(True)  # opacity is white throughout
    figure.colorbar(shown, ax=[whole, *axes], label="Value (0 to 255)", shrink=0.8)
    figure.suptitle(title or None, x=0.01, ha="left")
    return figure


def top_three(logits: pd.DataFrame, chosen: dict[str, str], true: pd.Series, *, title: str = "") -> Figure:
    """Draw the three likeliest genres of a few songs with their logits: `ranking.song_logits`, `ranking.three_songs`.

    ``true`` is track → genre.
    """
    if not chosen:
        raise GenrelibError("there is no song to draw; choose one at least")
    genres = list(logits.columns)
    figure, axes = canvas(1, len(chosen), height=2.7, sharex=True, squeeze=False)
    for axis, (name, track) in zip(axes[0], chosen.items(), strict=True):
        top = logits.loc[track].sort_values(ascending=False, kind="stable")[:3]
        bars = axis.barh(range(3), top, color=[genre_colour(genre, genres) for genre in top.index], edgecolor=INK)
        axis.bar_label(bars, [f"{genre} {logit:.2f}" for genre, logit in top.items()], padding=3)
        axis.set(ylim=(2.6, -0.6), yticks=range(3), yticklabels=["1st", "2nd", "3rd"])
        axis.set_xlabel("Logit, mean over samples")
        axis.set_title(f"{name}: {track}\nis {true[track]}", fontsize=11)
    shown = np.concatenate([np.sort(logits.loc[track])[-3:] for track in chosen.values()])
    low, high = min(0.0, shown.min()), max(0.0, shown.max())
    axes[0, 0].set_xlim(low - 0.05 * (high - low), high + 0.8 * (high - low))  # room for the words
    figure.suptitle(title or None, x=0.01, ha="left")
    return figure


def _show(axis, pixels, **look):
    """Show sixteen levels a channel, which look the same and make a third of the PNG."""
    axis.set(xticks=[], yticks=[])
    coarse = np.where(pixels == 255, 255, pixels // 16 * 16 + 8).astype(np.uint8)
    return axis.imshow(coarse, interpolation="nearest", **look)
