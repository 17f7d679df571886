"""Plots of the Turin report: features of 2002 and what the machine made of them, augmentation, votes, albums."""

from __future__ import annotations

from itertools import cycle, pairwise
from typing import TYPE_CHECKING

import numpy as np

from genrelib._base.errors import GenrelibError
from genrelib.audio import SAMPLE_RATE
from genrelib.features.tzanetakis import NAMES, PITCH_NAMES, RHYTHM_NAMES, TIMBRE_NAMES, rhythm
from genrelib.features.tzanetakis_signal import beat_histogram, pitch_histograms
from genrelib.figures.audio import colour_map, draw_mel, mel_decibel
from genrelib.figures.claims import CLAIM
from genrelib.figures.style import INK, LOOKS, PALE, canvas, genre_colour, mark

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from genrelib.reports.turin.svm import RepeatedSvm
    from genrelib.slices import SliceSet

CLASSES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FIFTHS = tuple(CLASSES[7 * place % 12] for place in range(12))  # the order of the folded histogram
GROUPS = {"timbre": TIMBRE_NAMES, "rhythm": RHYTHM_NAMES, "pitch": PITCH_NAMES}
LIMIT = 1.5  # deviations at which the colours end: medians of genres lie within
CHORD_SECONDS, PARTIALS = 3.0, 8
LINES = ("-", "--", ":", "-.", (0, (1, 4)), (0, (6, 4)))  # one an album, beside its shade
ALBUM_SHADES = ("#000000", "#7f7f7f", "#bd1f01", "#3f90da", "#a96b59", "#832db6")
OCTAVES = (200, 800, 3200)  # Hz, ticks
N_FFT = 2048  # librosa's default
LEAST = 1e-9  # below it a feature is the same everywhere


def beat_histograms(tracks: dict[str, np.ndarray], sample_rate: int) -> Figure:
    """Draw the beat histograms of tracks side by side, the two highest peaks named."""
    figure, axes = canvas(1, len(tracks), height=3.2, sharex=True, sharey=True, squeeze=False)
    for axis, (genre, samples) in zip(axes.flat, tracks.items(), strict=True):
        tempos, histogram = beat_histogram(samples, sample_rate)
        read = rhythm(histogram)
        axis.bar(tempos, histogram, width=1, color=genre_colour(genre, list(tracks)))
        for place in (read["P1"], read["P2"]):
            if place:
                height = histogram[int(place) - tempos[0]]
                axis.annotate(f"{place:.0f}", (place, height), (0, 3), textcoords="offset points", ha="center")
        axis.set(title=f"{genre}: SUM {read['beat_SUM']:.2f}", xlabel="Tempo (BPM)", xlim=(tempos[0], tempos[-1]))
        axis.margins(y=0.15)
    axes[0, 0].set_ylabel("Beat strength\n(share of the loudness at lag 0)")
    return figure


def _chord_sound(notes):
    """Synthesise MIDI notes of eight partials each, the k-th at 1/k of the first: float32, peak .9."""
    time = np.arange(round(CHORD_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    hertz = [440 * 2 ** ((note - 69) / 12) for note in notes]
    sound = sum(np.sin(2 * np.pi * pitch * k * time) / k for pitch in hertz for k in range(1, PARTIALS + 1))
    return (0.9 * sound / np.abs(sound).max()).astype(np.float32)


def chord_and_histogram(notes: tuple[int, ...]) -> Figure:
    """Draw a synthesised chord as a piano roll, beside the folded pitch histogram that is read from its sound."""
    _, folded = pitch_histograms(_chord_sound(notes), SAMPLE_RATE)
    figure, (roll, bars) = canvas(1, 2, height=3.2)
    roll.barh(notes, CHORD_SECONDS, height=0.8, color=INK)
    for note in notes:
        word = f"{CLASSES[note % 12]}{note // 12 - 1}"
        roll.text(CHORD_SECONDS / 2, note, word, color="white", ha="center", va="center", fontweight="bold")
    roll.set(title="What was played", xlabel="Time (s)", ylabel="MIDI note", ylim=(min(notes) - 2, max(notes) + 2))
    played = {CLASSES[note % 12] for note in notes}
    bars.bar(FIFTHS, folded, color=[INK if name in played else PALE for name in FIFTHS])
    bars.set(title="What the folded histogram hears", xlabel="Pitch class, by fifths", ylabel="Pitch strength")
    return figure


def features_by_genre(table: pd.DataFrame, genres: list[str]) -> Figure:
    """Draw the median of each of the thirty features in each genre, in deviations from all tracks."""
    ranks = table[NAMES].rank(pct=True)  # ranks: variances have long tails that a mean would follow
    deviations = (ranks - ranks.mean()) / ranks.std().clip(lower=LEAST)
    medians = deviations.groupby(table["label"]).median().reindex(genres)
    figure, axis = canvas(height=4.6)
    image = axis.imshow(medians, cmap="RdBu_r", vmin=-LIMIT, vmax=LIMIT, aspect="auto")
    axis.set_xticks(range(len(NAMES)), NAMES, rotation=60, ha="right", rotation_mode="anchor", fontsize=9)
    axis.set_yticks(range(len(genres)), genres)
    start = 0
    for group, names in GROUPS.items():
        axis.text(start - 0.4, -0.7, group, fontweight="bold")
        start += len(names)
        if start < len(NAMES):
            axis.axvline(start - 0.5, color=INK, linewidth=1.5)
    axis.set(xlabel="Feature", ylabel="Genre")
    figure.colorbar(image, ax=axis, label="Median, in deviations\nof the ranks of all tracks")
    return figure


def svm_spread(by_unit: dict[str, RepeatedSvm], *, claims: dict[str, float], title: str = "") -> Figure:
    """Draw how the accuracy of repeated cross-validation spreads, by split, beside published figures, a line each."""
    if not by_unit:
        raise GenrelibError("no split was measured; there is no spread to draw")
    figure, axis = canvas(height=1.6 + 1.1 * len(by_unit))
    for place, result in enumerate(by_unit.values()):
        values, counts = np.unique(result.accuracies, return_counts=True)
        _, fill, edge = LOOKS[place % len(LOOKS)]
        width = 0.9 * np.diff(values).min() if len(values) > 1 else 0.005
        axis.bar(values, 0.8 * counts / counts.max(), width, bottom=place, color=fill, edgecolor=edge)
        axis.hlines(place - 0.1, *result.ci95, color=INK, linewidth=2)
        axis.plot(result.accuracy, place - 0.1, "o", color=INK)
        axis.annotate(
            f"{result.accuracy:.3f}", (result.ci95[1], place - 0.1), (6, 0), textcoords="offset points", va="center"
        )
    for place, (name, value) in enumerate(claims.items()):
        axis.axvline(value, color=CLAIM, linestyle=("-", "--", ":")[place % 3], label=f"{name}: {value:.2f}", zorder=0)
    axis.set_yticks(np.arange(len(by_unit)) + 0.3, [f"by {unit}" for unit in by_unit])
    axis.set(xlabel="Accuracy (share of tracks)", xlim=(0, 1), ylim=(-0.4, len(by_unit)), title=title)
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def augmentations(augmented: SliceSet, track_id: str) -> Figure:
    """Draw a track's first slice as it is, shifted in pitch, and the window that overlaps its second half."""
    table = augmented.table
    wanted = (("original", "as it is", 0.0), ("shifted", "a semitone higher", 0.0),
              ("overlapping", "half a slice later", augmented.seconds / 2))  # fmt: skip
    figure, axes = canvas(1, 3, height=3.4, sharey=True)
    for axis, (variant, words, start) in zip(axes, wanted, strict=True):
        near = np.abs(table["start"] - start) < 1 / augmented.sample_rate
        rows = np.flatnonzero((table["track_id"] == track_id) & (table["variant"] == variant) & near)
        if not len(rows):
            raise GenrelibError(f"{track_id} has no {variant} slice from {start:g} s on")
        samples, begin = augmented.samples[rows[0]], table["start"].iloc[rows[0]]
        span = (begin, begin + augmented.seconds)
        decibel = mel_decibel(samples, augmented.sample_rate)
        image = draw_mel(axis, decibel, augmented.sample_rate, span, n_columns=130)
        axis.set(title=words, xlabel="Time in the track (s)")
    axes[0].set_ylabel("Frequency (Hz)")
    figure.colorbar(image, ax=axes, label="Level (dB, peak = 0)")
    figure.suptitle(track_id, x=0.01, ha="left")
    return figure


def report_mel(mel: np.ndarray, *, sample_rate: int, seconds: float, title: str = "") -> Figure:
    """Draw the report's mel formula beside the decibels that the front end gives for one slice."""
    import librosa

    mel = np.asarray(mel).reshape(len(mel), -1)
    figure, (curve, picture) = canvas(1, 2, height=3.4, width_ratios=(1, 1.7))
    hertz = np.linspace(0, sample_rate / 2, 200)
    for htk, line, words in ((True, "-", "report: 2595·log10(1 + f/700)"), (False, "--", "librosa's default (Slaney)")):
        mels = librosa.hz_to_mel(hertz, htk=htk)
        curve.plot(hertz, mel.shape[1] * mels / mels[-1], line, color=INK, label=words)
    curve.set(xlabel="Frequency (Hz)", ylabel="Mel band", ylim=(0, 1.35 * mel.shape[1]), title="The scale")
    curve.legend(loc="upper left")
    image = picture.imshow(
        mel.T, origin="lower", aspect="auto", interpolation="nearest", cmap=colour_map(),
        extent=(0, seconds, 0, mel.shape[1]),
    )  # fmt: skip
    picture.set(xlabel="Time (s)", ylabel="Mel band", title=title or "One slice")
    figure.colorbar(image, ax=picture, label="Level (dB of power)")
    return figure


def accuracy_by_slices_heard(
    tables: dict[str, pd.DataFrame], *, chance: float | None = None, title: str = ""
) -> Figure:
    """Draw the accuracy of the most frequent label by the number of slices heard: `votes.slices_heard` a system."""
    figure, axis = canvas(height=3.6)
    for look, (system, table) in zip(cycle(LOOKS), tables.items()):
        axis.plot(table["slices"], table["majority"], color=INK, linewidth=1)
        mark(axis, table["slices"], table["majority"], look, label=system)
    if chance is not None:
        axis.axhline(chance, color=PALE, linestyle=":", label=f"chance: {chance:.2g}")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.set(xlabel="Slices heard of each track", ylabel="Accuracy (share of tracks)", ylim=(0, 1.02), title=title)
    axis.grid(axis="y")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def albums_of_artists(tracks: pd.DataFrame, samples: list[np.ndarray], sample_rate: int) -> Figure:
    """Draw by how much each song's mean spectrum differs from its artist's, a panel an artist, a look an album."""
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
        axis.set_xticks(OCTAVES, map(str, OCTAVES))
        axis.minorticks_off()
        axis.axhline(0, color=PALE, linewidth=0.6, zorder=0)
    axes[0, 0].set_ylabel("Level (dB above the artist's mean)")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=6)
    return figure


def published_beside_ours(table: pd.DataFrame, *, columns: list[str], title: str = "") -> Figure:
    """Draw figures of several sources (columns), a row a protocol; ``low`` and ``high`` are of the last one."""
    figure, axis = canvas(height=1.6 + 0.75 * len(table))
    offsets, rows = np.linspace(-0.24, 0.24, len(columns)), np.arange(len(table))
    for offset, column, look in zip(offsets, columns, LOOKS, strict=False):
        mark(axis, table[column], rows + offset, look, label=column)
        edges = table[[column, "high"] if column == columns[-1] else [column]].max(axis=1)
        about = {"textcoords": "offset points", "va": "center", "fontsize": 9}
        for row in np.flatnonzero(np.isfinite(table[column])):
            axis.annotate(f"{table[column].iloc[row]:.2f}", (edges.iloc[row], row + offset), (9, 0), **about)
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
    powers = []
    for song in samples:
        hertz, power = welch(np.asarray(song, dtype=np.float64), sample_rate, nperseg=N_FFT)
        powers.append([power[(hertz >= low) & (hertz < high)].mean() for low, high in pairwise(edges)])
    levels = 10 * np.log10(np.array(powers) + 1e-12)
    return np.sqrt(edges[:-1] * edges[1:]), levels - levels.mean(axis=1, keepdims=True)
