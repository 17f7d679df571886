"""The plot of one recording's 57 numbers over what they are numbers of."""

import warnings

import numpy as np

from genrelib.audio import SAMPLE_RATE
from genrelib.features.rows import N_MFCC
from genrelib.features.spectral import harmonic_part
from genrelib.figures.audio import as_float, draw_wave
from genrelib.figures.style import INK, PALE, canvas

LEVELS = 10  # colours of a spectrogram, 8 dB each: more make a larger PNG and show no more
COLUMNS, ROWS = 90, 48  # cells of a spectrogram drawn: fewer than a plot has pixels, which make large PNGs of noise
PITCHES = {0: "C", 2: "D", 4: "E", 5: "F", 7: "G", 9: "A", 11: "B"}
SKY, VIOLET, RED = "#92dadd", "#832db6", "#bd1f01"


def numbers_over_spectrogram(samples, numbers, *, sample_rate=SAMPLE_RATE, title=""):
    """Draw the 57 numbers of a recording over what they are numbers of.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,), dtype=int16 or float in -1..1]
    numbers : dict of str to float
        Of `genrelib.features.spectral_numbers`, for the same samples.
    sample_rate : int [Hz]
    title : str

    Returns
    -------
    matplotlib.figure.Figure
        Spectrogram with centroid, bandwidth and rolloff; chroma; loudness and zero crossings; the harmonic and the
        percussive part, with beats at the tempo; the 20 MFCC. Dashed lines are means, bands one standard deviation
        (over the spectrogram: one bandwidth).
    """
    import librosa

    samples = as_float(samples)
    magnitude, phase = librosa.magphase(librosa.stft(samples))
    seconds = len(samples) / sample_rate
    figure, axes = canvas(5, 1, height=9, width=7.5, height_ratios=(2, 1, 1, 1, 1.3))
    _draw_spectrum(figure, axes[0], magnitude, numbers, sample_rate, seconds)
    _draw_chroma(figure, axes[1], magnitude**2, numbers, sample_rate, seconds)
    _draw_loudness(axes[2], samples, numbers, sample_rate)
    _draw_parts(axes[3], samples, harmonic_part(samples, magnitude, phase), numbers, sample_rate)
    _draw_mfcc(axes[4], numbers)
    for axis in axes[:4]:
        axis.set(xlabel="Time (s)", xlim=(0, seconds))
    figure.suptitle(title or None, x=0.01, ha="left")
    return figure


def _draw_spectrum(figure, axis, magnitude, numbers, sample_rate, seconds):
    import librosa

    decibel = librosa.amplitude_to_db(_thinned(_thinned(magnitude).T, ROWS).T, ref=np.max, top_db=80.0)
    image = _draw_frames(axis, decibel, seconds, sample_rate / 2000, vmin=-80, vmax=0, cmap="magma")
    figure.colorbar(image, ax=axis, label="Level (dB,\npeak = 0)")
    curves = (("rolloff", "spectral_rolloff", SKY), ("spectral_centroid", "spectral_centroid", "white"))
    for name, function, colour in curves:
        feature = getattr(librosa.feature, function)
        curve = _smoothed(feature(S=magnitude, sr=sample_rate)[0] / 1000)
        axis.plot(np.linspace(0, seconds, len(curve)), curve, color=colour, linewidth=0.8)
        axis.axhline(numbers[f"{name}_mean"] / 1000, color=colour, linestyle="--", label=_hertz(numbers, name))
    middle, width = (numbers[f"spectral_{name}_mean"] / 1000 for name in ("centroid", "bandwidth"))
    label = _hertz(numbers, "spectral_bandwidth")
    axis.axhspan(middle - width, middle + width, color="white", alpha=0.15, linewidth=0, label=label)
    axis.set(ylabel="Frequency (kHz)", ylim=(0, sample_rate / 2000))
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": 3}
    legend = axis.legend(**place, fontsize=6.5, frameon=True, facecolor=INK, labelcolor="white")
    legend.set_in_layout(False)  # wider than the axes: it would press all five together
    axis.set_title(" ", fontsize=14)  # keeps its place


def _draw_chroma(figure, axis, power, numbers, sample_rate, seconds):
    import librosa

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Trying to estimate tuning from empty frequency set")  # silence has none
        chroma = librosa.feature.chroma_stft(S=power, sr=sample_rate)
    chroma = np.stack([_smoothed(pitch) for pitch in chroma])
    image = _draw_frames(axis, chroma, seconds, 12, vmin=0, vmax=1, cmap="Greys", levels=6)
    axis.set_yticks([row + 0.5 for row in PITCHES], PITCHES.values(), fontsize=8)
    figure.colorbar(image, ax=axis, label="Strength")
    axis.set(ylabel="Pitch class", title=f"chroma_stft: {_moments(numbers, 'chroma_stft')}")


def _draw_loudness(axis, samples, numbers, sample_rate):
    import librosa

    other = axis.twinx()
    drawn = (
        (axis, "rms", librosa.feature.rms(y=samples)[0], INK, "RMS"),
        (other, "zero_crossing_rate", librosa.feature.zero_crossing_rate(samples)[0], RED, "Zero crossings\n(share)"),
    )  # fmt: skip
    for on, name, values, colour, label in drawn:
        curve = _smoothed(values)
        on.plot(np.linspace(0, len(samples) / sample_rate, len(curve)), curve, color=colour, linewidth=0.8)
        mean, deviation = numbers[f"{name}_mean"], numbers[f"{name}_var"] ** 0.5
        on.axhline(mean, color=colour, linestyle="--", linewidth=1)
        on.axhspan(mean - deviation, mean + deviation, color=colour, alpha=0.12, linewidth=0)
        on.set_ylabel(label, color=colour)
        on.set_ylim(0, None)
    other.spines["right"].set_visible(True)
    words = "; ".join(f"{name}: {_moments(numbers, name)}" for name in ("rms", "zero_crossing_rate"))
    axis.set_title(words)


def _draw_parts(axis, samples, harmonic, numbers, sample_rate):
    draw_wave(axis, harmonic, sample_rate, colour=VIOLET)
    draw_wave(axis, samples - harmonic, sample_rate, colour=PALE)  # in front: it is the smaller one
    limit = 1.05 * max(float(np.abs(samples).max()), 1e-3)
    if numbers["tempo"] > 0:
        beats = np.arange(0, len(samples) / sample_rate, 60 / numbers["tempo"])
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
