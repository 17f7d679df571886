"""Draw the spectrograms of sounds as the pictures that the Toronto report fed its image networks.

What the report says: scipy's ``wavfile.read`` and ``spectrogram``, "visualized and saved using the matplotlib library"
(section 3); 4 channels (section 5). Its Figure 2 and section 5 call the same pictures mel spectrograms.

What it leaves open, and what is chosen here: linear frequency, since section 3 names the function (``frequency="mel"``
draws the other reading, with librosa's defaults); that function's own defaults (`scipy.signal.spectrogram`: Tukey
window of 256 samples, 32 of them shared with the next, power density); decibel below the picture's loudest cell, 80 at
most (librosa's ``top_db``); matplotlib's manner: low frequencies at the bottom, the colour map viridis stretched from
the picture's lowest cell to its loudest, opaque. The plot alone, no axes or frame: each pixel of 128 × 128 has the
colour of the mean decibel over its area.
"""

from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

from genrelib.audio import INT16_SCALE, SAMPLE_RATE
from genrelib._base.errors import AudioError, GenrelibError

IMAGE_SIZE = 128  # pixels a side; the report gives none
COLOUR_MAP = "viridis"  # matplotlib's default since 2.0
CHANNELS = 4  # red, green, blue, opacity, as in a PNG that matplotlib saves; the report's conv1 takes 4
DECIBEL_RANGE = 80.0  # librosa's top_db
WINDOWS = {"linear": 256, "mel": 2048}  # samples: the defaults of scipy and of librosa
DRAWER = 1  # raise when the same sound and settings would give another picture


def spectrogram_images(
    samples, *, sample_rate=SAMPLE_RATE, frequency="linear", image_size=IMAGE_SIZE, colour_map=COLOUR_MAP
):
    """Draw the spectrograms of sounds of equal length.

    Parameters
    ----------
    samples : np.ndarray [shape=(n, n_samples), dtype=int16]
    sample_rate : int > 0 [Hz]
        Places the mel bands; a linear picture does not depend on it.
    frequency : {"linear", "mel"}
        ``linear``: scipy.signal.spectrogram, 129 rows from 0 to half the rate. ``mel``: librosa's melspectrogram,
        128 mel bands.
    image_size : int > 0
        Pixels a side.
    colour_map : str
        Any name that matplotlib knows.

    Returns
    -------
    np.ndarray [shape=(n, image_size, image_size, 4), dtype=uint8]
        Row 0 is the highest frequency. Silence has the colour map's lowest colour throughout.

    Raises
    ------
    AudioError
        Not int16 [n, n_samples], or shorter than one window: 256 samples, 2048 for mel.
    GenrelibError
        No such frequency scale or colour map, or an image without pixels.
    """
    samples = np.asarray(samples)
    if samples.ndim != 2 or samples.dtype != np.int16:
        raise AudioError(f"sounds to draw are int16 [n, n_samples]; given {samples.dtype} {list(samples.shape)}")
    return Look(sample_rate, frequency, image_size, colour_map).checked(samples.shape[1]).draw(samples)


@dataclass(frozen=True)
class Look:
    """Hold what decides a picture beside the sound; see `spectrogram_images`."""

    sample_rate: int
    frequency: str
    image_size: int
    colour_map: str

    def checked(self, n_samples):
        """Give itself, or raise where sounds of so many samples cannot be drawn like this."""
        from matplotlib import colormaps

        if self.frequency not in WINDOWS:
            raise GenrelibError(f"frequency is linear or mel; given {self.frequency!r}")
        if not isinstance(self.image_size, int) or self.image_size < 1:
            raise GenrelibError(f"an image has a whole number of pixels a side, 1 at least; given {self.image_size!r}")
        if self.colour_map not in list(colormaps):
            raise GenrelibError(f"matplotlib has no colour map {self.colour_map!r}; it has viridis, magma and gray")
        if self.sample_rate <= 0 or n_samples < WINDOWS[self.frequency]:
            raise AudioError(
                f"a {self.frequency} picture shows one window of {WINDOWS[self.frequency]} samples or more; "
                f"given {n_samples} samples at {self.sample_rate} Hz: draw a longer time"
            )
        return self

    def settings(self):
        """Give what a cache key must hold of it."""
        packages = ["numpy", "scipy", "matplotlib", *(["librosa"] if self.frequency == "mel" else [])]
        return [DRAWER, vars(self), [version(package) for package in packages]]

    def draw(self, samples):
        """Draw int16 [n, n_samples] as uint8 [n, image_size, image_size, 4]."""
        from matplotlib import colormaps

        power = (_linear_power if self.frequency == "linear" else _mel_power)(samples, self.sample_rate)
        return colormaps[self.colour_map](_levels(power, self.image_size)[:, ::-1], bytes=True)


def _linear_power(samples, sample_rate):
    from scipy.signal import spectrogram

    return spectrogram(samples, sample_rate)[2]  # (n, bins, frames)


def _mel_power(samples, sample_rate):
    from librosa.feature import melspectrogram

    return melspectrogram(y=samples.astype(np.float32) / INT16_SCALE, sr=sample_rate)  # (n, mels, frames)


def _levels(power, image_size):
    """Turn power into decibel, average it over each pixel, and stretch it: 0 the lowest cell, 1 the loudest."""
    loudest = power.max(axis=(1, 2), keepdims=True)
    relative = power / np.where(loudest > 0, loudest, 1)  # silence stays 0
    decibel = 10 * np.log10(np.maximum(relative, np.float32(10 ** (-DECIBEL_RANGE / 10))))  # the loudest cell has 0
    lowest = decibel.min(axis=(1, 2), keepdims=True)
    n_bins, n_frames = power.shape[1:]
    pixels = _shares(image_size, n_bins) @ (decibel @ _shares(image_size, n_frames).T)  # (n, image_size, image_size)
    return np.clip((pixels - lowest) / np.where(lowest < 0, -lowest, 1), 0, 1)


def _shares(n_pixels, n_cells):
    """Give the share that each cell has in each pixel's length [n_pixels, n_cells]; a row sums to 1."""
    edges = np.linspace(0, n_cells, n_pixels + 1)[:, None]
    cells = np.arange(n_cells)
    covered = np.minimum(edges[1:], cells + 1) - np.maximum(edges[:-1], cells)
    return (np.maximum(covered, 0) * n_pixels / n_cells).astype(np.float32)
