"""The plot of one recording's 57 numbers over what they are numbers of."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from genrelib.audio import SAMPLE_RATE
from genrelib.features.rows import N_MFCC
from genrelib.features.spectral import harmonic_part
from genrelib.figures.audio import as_float, draw_wave
from genrelib.figures.style import INK, PALE, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEVELS = 10  # colours of a spectrogram, 8 dB each: more make a larger PNG and show no more
COLUMNS, ROWS = 90, 48  # cells of a spectrogram drawn: fewer than a plot has pixels, which make large PNGs of noise
PITCHES = {0: "C", 2: "D", 4: "E", 5: "F", 7: "G", 9: "A", 11: "B"}
SKY, VIOLET, RED = "#92dadd", "#832db6", "#bd1f01"


def numbers_over_spectrogram(samples: np.ndarray, numbers: dict[str, float], *, title: str = "") -> Figure:
    """Draw the 57 numbers of samples [n] at 22,050 Hz, `genrelib.features.spectral_numbers`, over what they are of.

    Dashed lines are means, bands one standard deviation; over the spectrogram a band is one bandwidth.
    """
    import librosa

    samples = as_float(samples)
    magnitude, phase = librosa.magphase(librosa.stft(samples))
    seconds = len(samples) / SAMPLE_RATE
    figure, axes = canvas(5, 1, height=9, width=7.5, height_ratios=(2, 1, 1, 1, 1.3))
    _draw_spectrum(figure, axes[0], magnitude, numbers, seconds)
    _draw_chroma(figure, axes[1], magnitude**2, numbers, seconds)
    _draw_loudness(axes[2], samples, numbers, seconds)
    _draw_parts(axes[3], samples, harmonic_part(samples, magnitude, phase), numbers, seconds)
    _draw_mfcc(axes[4], numbers)
    for axis in axes[:4]:
        axis.set(xlabel="Time (s)", xlim=(0, seconds))
    figure.suptitle(title or None, x=0.01, ha="left")
    return figure


def _draw_spectrum(figure, axis, magnitude, numbers, seconds):
    import librosa

    decibel = librosa.amplitude_to_db(_thinned(_thinned(magnitude).T, ROWS).T, ref=np.max, top_db=80.0)
    image = _draw_frames(axis, decibel, seconds, SAMPLE_RATE / 2000, vmin=-80, vmax=0, cmap="magma")
    figure.colorbar(image, ax=axis, label="Level (dB,\npeak = 0)")
    curves = (("rolloff", "spectral_rolloff", SKY), ("spectral_centroid", "spectral_centroid", "white"))
    for name, function, colour in curves:
        feature = getattr(librosa.feature, function)
        _draw_curve(axis, feature(S=magnitude, sr=SAMPLE_RATE)[0] / 1000, seconds, colour)
        axis.axhline(numbers[f"{name}_mean"] / 1000, color=colour, linestyle="--", label=_hertz(numbers, name))
    middle, width = (numbers[f"spectral_{name}_mean"] / 1000 for name in ("centroid", "bandwidth"))
    label = _hertz(numbers, "spectral_bandwidth")
    axis.axhspan(middle - width, middle + width, color="white", alpha=0.15, linewidth=0, label=label)
    axis.set(ylabel="Frequency (kHz)", ylim=(0, SAMPLE_RATE / 2000))
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": 3}
    legend = axis.legend(**place, fontsize=6.5, frameon=True, facecolor=INK, labelcolor="white")
    legend.set_in_layout(False)  # wider than the axes: it would press all five together
    axis.set_title(" ", fontsize=14)  # keeps its place


def _draw_chroma(figure, axis, power, numbers, seconds):
    import librosa

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Trying to estimate tuning from empty frequency set")  # silence has none
        chroma = librosa.feature.chroma_stft(S=power, sr=SAMPLE_RATE)
    chroma = np.stack([_smoothed(pitch) for pitch in chroma])
    image = _draw_frames(axis, chroma, seconds, 12, vmin=0, vmax=1, cmap="Greys", levels=6)
    axis.set_yticks([row + 0.5 for row in PITCHES], PITCHES.values(), fontsize=8)
    figure.colorbar(image, ax=axis, label="Strength")
    axis.set(ylabel="Pitch class", title=f"chroma_stft: {_moments(numbers, 'chroma_stft')}")


def _draw_loudness(axis, samples, numbers, seconds):
    import librosa

    other = axis.twinx()
    drawn = (
        (axis, "rms", librosa.feature.rms(y=samples)[0], INK, "RMS"),
        (other, "zero_crossing_rate", librosa.feature.zero_crossing_rate(samples)[0], RED, "ZCR (share)"),
    )  # fmt: skip
    for on, name, values, colour, label in drawn:
        _draw_curve(on, values, seconds, colour)
        mean, deviation = numbers[f"{name}_mean"], numbers[f"{name}_var"] ** 0.5
        on.axhline(mean, color=colour, linestyle="--", linewidth=1)
        on.axhspan(mean - deviation, mean + deviation, color=colour, alpha=0.12, linewidth=0)
        on.set_ylabel(label, color=colour)
        on.set_ylim(0, None)
    other.spines["right"].set_visible(True)
    axis.set_title("; ".join(f"{name}: {_moments(numbers, name)}" for name in ("rms", "zero_crossing_rate")))


def _draw_parts(axis, samples, harmonic, numbers, seconds):
    draw_wave(axis, harmonic, SAMPLE_RATE, colour=VIOLET)
    draw_wave(axis, samples - harmonic, SAMPLE_RATE, colour=PALE)  # in front: it is the smaller one
    limit = 1.05 * max(float(np.abs(samples).max()), 1e-3)
    if numbers["tempo"] > 0:
        beats = np.arange(0, seconds, 60 / numbers["tempo"])
        axis.vlines(beats, 0.85 * limit, limit, color=INK, linewidth=1)
    harmony, perceptr = _moments(numbers, "harmony"), _moments(numbers, "perceptr")
    axis.set(ylabel="Amplitude", ylim=(-limit, limit))
    axis.set_title(
        f"harmony (violet): {harmony}; tempo (ticks): {numbers['tempo']:.0f} a minute;\nperceptr (grey): {perceptr}"
    )


def _draw_mfcc(axis, numbers):
    names = [f"mfcc{i + 1}" for i in range(N_MFCC)]
    means = np.array([numbers[f"{name}_mean"] for name in names])
    deviations = np.sqrt([numbers[f"{name}_var"] for name in names])
    axis.bar(range(1, N_MFCC + 1), means, color="#cfcfcf", edgecolor=INK, linewidth=0.6)
    axis.errorbar(range(1, N_MFCC + 1), means, deviations, fmt="none", ecolor=INK, elinewidth=1.2)
    axis.axhline(0, color=INK, linewidth=0.6)
    axis.set_yscale("symlog", linthresh=10)  # the first is hundreds, the last a few
    axis.set(xlabel="MFCC", ylabel="Mean ± sd", xticks=range(1, N_MFCC + 1), title="20 MFCC: mean and deviation")


def _draw_frames(axis, values, seconds, top, *, cmap, levels=LEVELS, **limits):
    import matplotlib

    return axis.imshow(
        values, origin="lower", aspect="auto", extent=(0, seconds, 0, top), interpolation="nearest",
        cmap=matplotlib.colormaps[cmap].resampled(levels), **limits,
    )  # fmt: skip


def _draw_curve(axis, values, seconds, colour):
    curve = _smoothed(values)
    axis.plot(np.linspace(0, seconds, len(curve)), curve, color=colour, linewidth=0.8)


def _thinned(values, n=COLUMNS):
    """Keep the loudest of the columns that are drawn as one."""
    starts = np.unique(np.linspace(0, values.shape[1], n + 1).astype(int))[:-1]
    return np.maximum.reduceat(values, starts, axis=1)


def _smoothed(values):
    """Give the mean over each column that is drawn."""
    return np.array([part.mean() for part in np.array_split(values, min(COLUMNS, len(values)))])


def _hertz(numbers, name):
    return f"{name} {numbers[f'{name}_mean']:.0f} ± {numbers[f'{name}_var'] ** 0.5:.0f} Hz"


def _moments(numbers, name):
    return f"mean {numbers[f'{name}_mean']:.3g}, var {numbers[f'{name}_var']:.2g}"
