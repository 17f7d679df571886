"""Draw a collection's spectrograms, a picture a slice or a track: uint8 on a memory map, cached.

What the Toronto report says: spectrograms of "30 second and 3 second clips" (section 9; its section 3 names the 30 s
ones alone), songs cut to that length or padded with silence; scipy's ``wavfile.read`` and ``spectrogram``, "visualized
and saved using the matplotlib library" (section 3); 4 channels (section 5). Its Figure 2 and section 5 call the same
pictures mel spectrograms.

What it leaves open, and what is chosen here: linear frequency, since section 3 names the function (``frequency="mel"``
draws the other reading, with librosa's defaults); that function's own defaults (`scipy.signal.spectrogram`: Tukey
window of 256 samples, 32 of them shared with the next, power density); decibel below the picture's loudest cell, 80 at
most (librosa's ``top_db``); matplotlib's manner: low frequencies at the bottom, the colour map viridis stretched from
the picture's lowest cell to its loudest, opaque. The plot alone, no axes or frame: each pixel of 128 × 128 has the
colour of the mean decibel over its area.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from genrelib._base.caching import content_hashes, folder_when_whole, key_of
from genrelib._base.errors import AudioError, GenrelibError
from genrelib._base.parallel import over_tracks
from genrelib.audio import INT16_SCALE, SAMPLE_RATE, read_int16, trim_or_pad
from genrelib.datasets.collection import Collection
from genrelib.slices import Rows, SliceSet, map_rows, write_rows

IMAGE_SIZE = 128  # pixels a side; the report gives none
COLOUR_MAP = "viridis"  # matplotlib's default since 2.0
CHANNELS = 4  # red, green, blue, opacity, as in a PNG that matplotlib saves; the report's conv1 takes 4
DECIBEL_RANGE = 80.0  # librosa's top_db
WINDOWS = {"linear": 256, "mel": 2048}  # samples: the defaults of scipy and of librosa
DRAWER = 1  # raise when the same sound and settings would give another picture
FILE = "images.uint8"
BATCH_SAMPLES = 2**19  # drawn at once by a thread: 7 slices of 3 s


@dataclass(frozen=True)
class Look:
    """Hold what decides a picture beside the sound; see `draw_slices`."""

    sample_rate: int
    frequency: str
    image_size: int
    colour_map: str

    def checked(self, n_samples: int) -> Look:
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

    def settings(self) -> list:
        """Give what a cache key must hold of it."""
        packages = ["numpy", "scipy", "matplotlib", *(["librosa"] if self.frequency == "mel" else [])]
        return [DRAWER, vars(self), [version(package) for package in packages]]

    def draw(self, samples: np.ndarray) -> np.ndarray:
        """Draw int16 [n, n_samples] as uint8 [n, image_size, image_size, 4]."""
        from matplotlib import colormaps

        levels = _levels(_power(samples, self.sample_rate, self.frequency), self.image_size)
        return colormaps[self.colour_map](levels[:, ::-1], bytes=True)


@dataclass(frozen=True, eq=False)
class ImageSet(Rows):
    """Hold a picture of each slice, or of each track; see `genrelib.slices.Rows`.

    Attributes
    ----------
    samples : np.memmap [shape=(n, image_size, image_size, 4), dtype=uint8]
        Red, green, blue, opacity; row 0 is the highest frequency.
    sample_rate : int [Hz]
    seconds : float
        What one image shows.
    frequency : {"linear", "mel"}
    """

    sample_rate: int
    seconds: float
    frequency: str

    @property
    def input_sizes(self) -> dict[str, int]:
        return {"image_size": self.samples.shape[1], "channels": self.samples.shape[3]}


def draw_slices(
    slices: SliceSet,
    *,
    frequency: str = "linear",
    image_size: int = IMAGE_SIZE,
    colour_map: str = COLOUR_MAP,
    n_jobs: int | None = None,
    progress: bool = True,
) -> ImageSet:
    """Draw each slice's spectrogram.

    Parameters
    ----------
    slices : SliceSet
        The cache of the images lies beside theirs.
    frequency : {"linear", "mel"}
        ``linear``: scipy.signal.spectrogram, 129 rows from 0 to half the rate. ``mel``: librosa's melspectrogram,
        128 mel bands.
    image_size : int > 0
        Pixels a side.
    colour_map : str
        Any name that matplotlib knows.
    n_jobs, progress
        See `genrelib.slices.cut_slices`; batches are drawn at once.

    Returns
    -------
    ImageSet
        Row for row the slices.

    Raises
    ------
    AudioError
        Slices shorter than one window.
    GenrelibError
        No such frequency scale or colour map, an image without pixels, or no room on the disk.
    """
    look = Look(slices.sample_rate, frequency, image_size, colour_map).checked(slices.n_samples)
    key = key_of([look.settings(), "slices", slices.key])
    step = max(1, BATCH_SAMPLES // slices.n_samples)
    tasks = [(_read_slices, start, slices.samples, step) for start in range(0, len(slices), step)]
    about = {"table": slices.table, "collection": slices.collection, "seconds": slices.seconds, "key": key}
    return _drawn(slices.cache_folder.parent, look, tasks, about, n_jobs, progress)


def draw_tracks(
    collection: Collection,
    seconds: float = 30.0,
    *,
    sample_rate: int = SAMPLE_RATE,
    frequency: str = "linear",
    image_size: int = IMAGE_SIZE,
    colour_map: str = COLOUR_MAP,
    cache: str | Path | None = None,
    n_jobs: int | None = None,
    progress: bool = True,
) -> ImageSet:
    """Draw one spectrogram a track: its first seconds, with silence behind a track that ends before.

    Parameters
    ----------
    collection : Collection
    seconds : float > 0
        30 in the report.
    frequency, image_size, colour_map
        See `draw_slices`.
    sample_rate, cache, n_jobs, progress
        See `genrelib.slices.cut_slices`.

    Returns
    -------
    ImageSet
        In the order of the collection's tracks.

    Raises
    ------
    AudioError, GenrelibError
        As `draw_slices`, for a time shorter than one window; all tracks that cannot be decoded are listed.
    """
    n_samples = round(seconds * sample_rate) if math.isfinite(seconds) else 0
    look = Look(sample_rate, frequency, image_size, colour_map).checked(n_samples)
    ids, paths = list(collection.tracks.index), list(collection.tracks["path"])
    decoders = [version("soxr"), version("soundfile")]
    key = key_of([look.settings(), "tracks", n_samples, decoders, ids, content_hashes(paths)])
    tasks = [(_read_track, number, path, n_samples, sample_rate) for number, path in enumerate(paths)]
    table = pd.DataFrame({"track_id": ids, "start": 0.0, "genre": collection.tracks["genre"].to_numpy()})
    about = {"table": table, "collection": collection, "seconds": n_samples / sample_rate, "key": key}
    return _drawn(Path(cache or collection.cache), look, tasks, about, n_jobs, progress)


def _read_slices(start, samples, step):
    return samples[start : start + step]


def _read_track(number, path, n_samples, sample_rate):
    return trim_or_pad(read_int16(path, sample_rate=sample_rate), n_samples / sample_rate, sample_rate)[None]


def _drawn(cache, look, tasks, about, n_jobs, progress):
    """Give the set of images that the cache holds, which are drawn first where they are not there."""
    folder = cache / f"images-{about['key']}"
    if not folder.is_dir():
        with folder_when_whole(folder) as building:
            (building / FILE).touch()
            # threads: scipy's FFT and numpy release the interpreter's lock
            over_tracks(
                _draw_into,
                [(building / FILE, look, *task) for task in tasks],
                name=about["collection"].name,
                cannot="tracks cannot be drawn",
                label="drawing spectrograms",
                n_jobs=n_jobs,
                progress=progress,
            )
    images = map_rows(folder / FILE, np.uint8, (len(about["table"]), look.image_size, look.image_size, CHANNELS))
    known = {"genres": about["collection"].genres, "sample_rate": look.sample_rate, "frequency": look.frequency}
    return ImageSet(samples=images, **known, **about)


def _draw_into(file, look, read, position, *arguments):
    write_rows(file, position, look.draw(read(position, *arguments)))


def _power(samples, sample_rate, frequency):
    """Give the power of each cell [n, bins or mels, frames]."""
    if frequency == "linear":
        from scipy.signal import spectrogram

        return spectrogram(samples, sample_rate)[2]
    from librosa.feature import melspectrogram

    return melspectrogram(y=samples.astype(np.float32) / INT16_SCALE, sr=sample_rate)


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
