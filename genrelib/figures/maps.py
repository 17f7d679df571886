"""Plots of what a network makes of slices: maps, silhouettes, votes, and one artist on several albums."""

import numpy as np

from genrelib._base.errors import GenrelibError
from genrelib.figures.style import INK, LOOKS, PALE, canvas, genre_colour, mark

SHAPES = "oD^sPXv<>h"  # beside the colour: from the eleventh class on colours repeat
LINES = ("-", "--", ":", "-.", (0, (1, 4)), (0, (6, 4)))
ALBUM_SHADES = ("#000000", "#7f7f7f", "#bd1f01", "#3f90da", "#a96b59", "#832db6")
OCTAVES = (200, 800, 3200)  # Hz, ticks
N_FFT = 2048  # librosa's default


def tsne_by_genre(points, labels, genres, silhouettes, *, title=""):
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

    Returns
    -------
    matplotlib.figure.Figure
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


def accuracy_by_slices_heard(tables, *, chance=None, title=""):
    """Draw the accuracy of a vote against the number of slices that it is taken over.

    Parameters
    ----------
    tables : dict of str to pd.DataFrame
        Name of a system to what `genrelib.evaluation.votes.slices_heard` gives.
    chance : float, optional
        Accuracy of guessing, as a line.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = canvas(height=3.6)
    for number, (system, table) in enumerate(tables.items()):
        named = f"{system}: " if system else ""
        votes = (("majority", "-", "most frequent label"), ("mean_probability", "--", "mean probability"))
        for look, (column, line, words) in zip(LOOKS[2 * number :], votes, strict=False):
            axis.plot(table["slices"], table[column], line, color=INK, linewidth=1)
            mark(axis, table["slices"], table[column], look, label=named + words)
    if chance is not None:
        axis.axhline(chance, color=PALE, linestyle=":", label=f"chance: {chance:.2g}")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.set(xlabel="Slices heard of each track", ylabel="Accuracy (share of tracks)", ylim=(0, 1.02), title=title)
    axis.grid(axis="y")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def albums_of_artists(tracks, samples, sample_rate, *, title=""):
    """Draw by how much each song's mean spectrum differs from its artist's, a panel an artist, a look an album.

    Parameters
    ----------
    tracks : pd.DataFrame
        Rows of a collection's tracks: artist and album.
    samples : list of np.ndarray [shape=(n,)]
        One a row.
    sample_rate : int [Hz]
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    artists = list(dict.fromkeys(tracks["artist"]))
    figure, axes = canvas(1, len(artists), height=3.6, sharey=True, squeeze=False)
    hertz, levels = _mean_spectra(samples, sample_rate)
    for axis, artist in zip(axes.flat, artists, strict=True):
        own = (tracks["artist"] == artist).to_numpy()
        apart, albums = levels[own] - levels[own].mean(axis=0), tracks["album"].to_numpy()[own]
        for number, album in enumerate(dict.fromkeys(albums)):
            look = {"color": ALBUM_SHADES[number % len(LINES)], "linestyle": LINES[number % len(LINES)]}
            axis.plot(hertz, apart[albums == album].T, linewidth=0.6, alpha=0.6, **look)
            axis.plot(hertz, apart[albums == album].mean(axis=0), linewidth=2.4, label=f"album {number + 1}", **look)
        axis.set(title=artist, xlabel="Frequency (Hz)", xscale="log", xlim=(hertz[0], hertz[-1]))
        axis.set_xticks(OCTAVES, [str(one) for one in OCTAVES])
        axis.minorticks_off()
        axis.axhline(0, color=PALE, linewidth=0.6, zorder=0)
    axes[0, 0].set_ylabel("Level (dB above the artist's mean)")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=6)
    figure.suptitle(title or None, x=0.01, ha="left")
    return figure


def published_beside_ours(table, *, columns, title=""):
    """Draw figures of several sources, a row a protocol, with the interval of those that have one.

    Parameters
    ----------
    table : pd.DataFrame
        A row a protocol, by its name; the columns named, and optionally ``low`` and ``high`` of the last of them.
    columns : sequence of str
        The sources, in order.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = canvas(height=1.6 + 0.75 * len(table))
    offsets = np.linspace(-0.24, 0.24, len(columns)) if len(columns) > 1 else [0.0]
    rows = np.arange(len(table))
    for offset, column, look in zip(offsets, columns, LOOKS, strict=False):
        mark(axis, table[column], rows + offset, look, label=column)
        for value, row in zip(table[column], rows, strict=True):
            edge = table["high"].iloc[row] if column == columns[-1] and "high" in table else value
            if np.isfinite(value):
                axis.annotate(f"{value:.2f}", (np.nanmax([value, edge]), row + offset), (9, 0),
                              textcoords="offset points", va="center", fontsize=9)  # fmt: skip
    if "low" in table:
        axis.hlines(rows + offsets[-1], table["low"], table["high"], color=INK, linewidth=2)
    axis.set_yticks(rows, table.index)
    axis.set(xlabel="Weighted F1", xlim=(0, 1.08), ylim=(len(table) - 0.5, -0.5), title=title)
    axis.grid(axis="x")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def _mean_spectra(samples, sample_rate):
    """Give hertz [k] and, a row a sound, decibel of the mean power in half octaves [n, k]; a row's mean is 0."""
    from scipy.signal import welch

    edges = 100 * 2 ** np.arange(0, np.log2(sample_rate / 2 / 100), 1 / 2)
    levels = []
    for one in samples:
        hertz, power = welch(np.asarray(one, dtype=np.float64), sample_rate, nperseg=N_FFT)
        bands = [(hertz >= low) & (hertz < high) for low, high in zip(edges[:-1], edges[1:], strict=True)]
        level = 10 * np.log10([power[band].mean() + 1e-12 for band in bands])
        levels.append(level - level.mean())
    return np.sqrt(edges[:-1] * edges[1:]), np.array(levels)
