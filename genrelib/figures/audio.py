"""Plots of sound: waveforms, mel spectrograms, slices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genrelib.audio import INT16_SCALE
from genrelib.figures.style import INK, canvas, genre_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

TICKS_HZ = (128, 512, 1024, 2048, 4096, 8192)
TOP_DB = 80.0  # librosa's default range
WAVE_COLUMNS = 1200  # more than a plot has pixels across
MEL_COLUMNS = 400  # fewer than a plot has pixels across: more make large PNGs of noise
LEVELS = 32  # colours of a spectrogram: 2.5 dB each, told apart no worse than 256, and a third off the PNG


def wave_and_mel(samples: np.ndarray, sample_rate: int, *, title: str = "") -> Figure:
    """Draw a waveform over its mel spectrogram.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,), dtype=int16 or float in -1..1]
    sample_rate : int [Hz]
    title : str
    """
    figure, (top, bottom) = canvas(2, 1, height=4.2, sharex=True, height_ratios=(1, 2))
    draw_wave(top, samples, sample_rate)
    top.set(title=title, ylabel="Amplitude")
    image = draw_mel(bottom, mel_decibel(samples, sample_rate), sample_rate, (0, len(samples) / sample_rate))
    bottom.set(xlabel="Time (s)", ylabel="Frequency (Hz)")
    figure.colorbar(image, ax=bottom, label="Level (dB, peak = 0)")
    return figure


def track_grid(tracks: dict[str, np.ndarray], sample_rate: int, *, columns: int = 5, title: str = "") -> Figure:
    """Draw one track a genre, small: waveform over mel spectrogram.

    Parameters
    ----------
    tracks : dict of str to np.ndarray
        Genre to samples, as `wave_and_mel` takes them.
    sample_rate : int [Hz]
    columns : int
    title : str
    """
    n_bands = -(-len(tracks) // columns)
    ratios, height = (1.2, 2) * n_bands, 3 * n_bands
    figure, axes = canvas(
        2 * n_bands, columns, height=height, sharex=True, sharey="row", squeeze=False, height_ratios=ratios
    )
    tops, bottoms = axes[::2].ravel(), axes[1::2].ravel()
    for unused in (*tops[len(tracks) :], *bottoms[len(tracks) :]):
        unused.set_visible(False)
    for top, bottom, (genre, samples) in zip(tops, bottoms, tracks.items()):
        draw_wave(top, samples, sample_rate, colour=genre_colour(genre, list(tracks)))
        top.set(title=genre, ylim=(-1, 1))  # one scale, so that loud and quiet show
        decibel, span = mel_decibel(samples, sample_rate), (0, len(samples) / sample_rate)
        image = draw_mel(bottom, decibel, sample_rate, span, n_columns=MEL_COLUMNS // columns)
        bottom.set_xlabel("Time (s)")
        bottom.tick_params(labelbottom=True)
    for top, bottom in zip(tops[::columns], bottoms[::columns]):
        top.set_ylabel("Amplitude")
        bottom.set_ylabel("Frequency (Hz)")
    figure.colorbar(image, ax=axes, label="Level (dB, each track's peak = 0)", aspect=40)
    figure.suptitle(title or None, x=0.01, ha="left")
    return figure


def slices_of_track(samples: np.ndarray, sample_rate: int, *, seconds: float = 3.0, title: str = "") -> Figure:
    """Draw one track cut into its slices; the tail that fills no slice is hatched.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,)]
    sample_rate : int [Hz]
    seconds : float
        Length of a slice.
    title : str
    """
    length = round(seconds * sample_rate)
    n_slices = len(samples) // length
    figure, axis = canvas(height=2.3)
    draw_wave(axis, samples, sample_rate)
    top = axis.get_ylim()[1]
    for i in range(n_slices):
        left, right = i * length / sample_rate, (i + 1) * length / sample_rate
        axis.axvspan(left, right, color="#d9d9d9" if i % 2 else "#f2f2f2", zorder=0, label="slice")
        axis.text((left + right) / 2, top, str(i + 1), ha="center", va="bottom", fontweight="bold")
    end, stop = n_slices * length / sample_rate, len(samples) / sample_rate
    if end < stop:
        axis.axvspan(end, stop, facecolor="white", edgecolor=INK, hatch="////", zorder=3, alpha=0.8, label="tail")
        axis.annotate(f"dropped: {stop - end:.3f} s", (stop, 0), (6, 0), textcoords="offset points", va="center")
    axis.set(xlabel="Time (s)", ylabel="Amplitude", xlim=(0, stop), ylim=(-top, top))
    axis.set_title(title or f"{n_slices} slices of {seconds:g} s", pad=20)
    return figure


def draw_wave(axis: Axes, samples: np.ndarray, sample_rate: int, *, colour: str = INK) -> None:
    """Draw the lowest and highest sample of each column of pixels: what a plot of all samples would show, at once."""
    samples = as_float(samples)
    edges = np.unique(np.linspace(0, len(samples), WAVE_COLUMNS + 1).astype(int))
    low, high = (part.reduceat(samples, edges[:-1]) for part in (np.minimum, np.maximum))
    middles = (edges[:-1] + edges[1:] - 1) / 2 / sample_rate
    axis.fill_between(middles, low, high, color=colour, linewidth=0.6)
    limit = max(1.05 * float(np.abs(samples).max()), 1e-3)
    axis.set_ylim(-limit, limit)


def as_float(samples: np.ndarray) -> np.ndarray:
    """Give samples in -1..1, whether they were int16 or are there already."""
    samples = np.asarray(samples)
    return samples.astype(np.float32) / (INT16_SCALE if samples.dtype == np.int16 else 1)


def mel_decibel(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Mel power in dB below the peak, at librosa's defaults: 2048, 512, 128."""
    import librosa

    power = librosa.feature.melspectrogram(y=as_float(samples), sr=sample_rate)
    return librosa.power_to_db(power, ref=np.max, top_db=TOP_DB)


def draw_mel(
    axis: Axes, mel: np.ndarray, sample_rate: int, span: tuple[float, float], *,
    vmin: float = -TOP_DB, vmax: float = 0.0, cmap: Colormap | str | None = None, n_columns: int = MEL_COLUMNS,
) -> AxesImage:  # fmt: skip
    """Draw bands by frames, ticks in Hz, the loudest frame a column; ``span`` is the time of both ends in seconds."""
    import librosa

    starts = np.unique(np.linspace(0, mel.shape[1], n_columns + 1).astype(int))[:-1]
    shown = np.maximum.reduceat(mel, starts, axis=1)
    image = axis.imshow(
        shown, origin="lower", aspect="auto", extent=(*span, -0.5, len(mel) - 0.5), interpolation="nearest",
        cmap=cmap or colour_map(), vmin=vmin, vmax=vmax,
    )  # fmt: skip
    centres = librosa.mel_frequencies(len(mel) + 2, fmin=0.0, fmax=sample_rate / 2)[1:-1]
    ticks = [hertz for hertz in TICKS_HZ if hertz < sample_rate / 2]
    axis.set_yticks(np.interp(ticks, centres, np.arange(len(mel))), [str(hertz) for hertz in ticks])
    return image


def colour_map() -> Colormap:
    """Give the colours of levels."""
    import matplotlib

    return matplotlib.colormaps["magma"].resampled(LEVELS)
