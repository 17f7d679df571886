"""Draw a collection's spectrograms, a picture a slice or a track: uint8 on a memory map, cached.

What the Toronto report says: spectrograms of "30 second and 3 second clips" (section 9; its section 3 names the 30 s
ones alone), songs cut to that length or padded with silence. How one is drawn, and what of that the report leaves
open, is in `genrelib.features.drawing`.
"""

import math
import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from genrelib.audio import SAMPLE_RATE, read_int16
from genrelib._base.caching import content_hashes, folder_when_whole, key_of
from genrelib.datasets.collection import Collection
from genrelib.features.drawing import CHANNELS, COLOUR_MAP, IMAGE_SIZE, Look, spectrogram_images
from genrelib._base.errors import AudioError, GenrelibError, listed
from genrelib._base.parallel import progress_bar
from genrelib.slices import Rows

__all__ = ["ImageSet", "draw_slices", "draw_tracks", "spectrogram_images"]

BATCH_SAMPLES = 2**19  # drawn at once by a thread: 7 slices of 3 s


@dataclass(frozen=True, eq=False)
class ImageSet(Rows):
    """Hold a picture of each slice, or of each track; it is split, trained on and scored as a SliceSet is.

    Attributes
    ----------
    samples : np.memmap [shape=(n, image_size, image_size, 4), dtype=uint8]
        Red, green, blue, opacity; row 0 is the highest frequency. Pages are read from disk when touched.
    table : pd.DataFrame
        One row an image: track_id, start (seconds), genre.
    genres : list of str
        The collection's, in label order.
    sample_rate : int [Hz]
    seconds : float
        What one image shows.
    frequency : {"linear", "mel"}
    collection : Collection
    key : str
        Names content and settings: equal keys hold equal images.
    """

    samples: np.ndarray
    table: pd.DataFrame
    genres: list
    sample_rate: int
    seconds: float
    frequency: str
    collection: Collection
    key: str

    @property
    def input_sizes(self):
        """Keywords by which a network's builder learns what it is given."""
        return {"image_size": self.samples.shape[1], "channels": self.samples.shape[3]}


def draw_slices(
    slices, *, frequency="linear", image_size=IMAGE_SIZE, colour_map=COLOUR_MAP, n_jobs=None, progress=True
):
    """Draw each slice's spectrogram.

    Parameters
    ----------
    slices : SliceSet
        The cache of the images lies beside theirs.
    frequency, image_size, colour_map
        See `genrelib.features.drawing.spectrogram_images`.
    n_jobs : int, optional
        Batches drawn at once; all cores unless given. Any joblib backend does.
    progress : bool
        Show a bar.

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
    folder = slices.cache_folder.parent / f"images-{key}"
    if not folder.is_dir():
        step = max(1, BATCH_SAMPLES // slices.n_samples)
        tasks = [(_read_slices, start, slices.samples, step) for start in range(0, len(slices), step)]
        _build(folder, look, tasks, n_jobs, progress, slices.collection.name)
    return _open(folder, look, slices.table, slices.collection, slices.seconds, key)


def draw_tracks(
    collection, seconds=30.0, *, sample_rate=SAMPLE_RATE, frequency="linear", image_size=IMAGE_SIZE,
    colour_map=COLOUR_MAP, cache=None, n_jobs=None, progress=True,
):  # fmt: skip
    """Draw one spectrogram a track: its first seconds, with silence behind a track that ends before.

    Parameters
    ----------
    collection : Collection
    seconds : float > 0
        30 in the report.
    sample_rate : int > 0 [Hz]
        Tracks at other rates are resampled. 22,050 is GTZAN's.
    frequency, image_size, colour_map
        See `genrelib.features.drawing.spectrogram_images`.
    cache : str or Path, optional
        Folder of the caches; ``cache`` under the data folder unless given.
    n_jobs, progress
        See `draw_slices`; a track is a batch.

    Returns
    -------
    ImageSet
        In the order of the collection's tracks.

    Raises
    ------
    AudioError
        Tracks that cannot be decoded: all of them are listed. A time shorter than one window.
    GenrelibError
        As `draw_slices`.
    """
    n_samples = round(seconds * sample_rate) if math.isfinite(seconds) else 0
    look = Look(sample_rate, frequency, image_size, colour_map).checked(n_samples)
    ids, paths = list(collection.tracks.index), list(collection.tracks["path"])
    decoders = [version("soxr"), version("soundfile")]
    key = key_of([look.settings(), "tracks", n_samples, decoders, ids, content_hashes(paths)])
    folder = Path(cache or collection.cache) / f"images-{key}"
    if not folder.is_dir():
        tasks = [(_read_track, number, path, n_samples, sample_rate) for number, path in enumerate(paths)]
        _build(folder, look, tasks, n_jobs, progress, collection.name)
    table = pd.DataFrame({"track_id": ids, "start": 0.0, "genre": collection.tracks["genre"].to_numpy()})
    return _open(folder, look, table, collection, n_samples / sample_rate, key)


def _read_slices(start, samples, step):
    return samples[start : start + step]


def _read_track(number, path, n_samples, sample_rate):
    samples = read_int16(path, sample_rate=sample_rate)[:n_samples]
    return np.pad(samples, (0, n_samples - len(samples)))[None]


def _build(folder, look, tasks, n_jobs, progress, name):
    from joblib import Parallel, delayed

    with folder_when_whole(folder) as building:
        path = building / "images.uint8"
        path.touch()
        # threads: scipy's FFT and numpy release the interpreter's lock, and nothing is copied between processes
        parallel = Parallel(n_jobs=n_jobs or os.cpu_count(), prefer="threads", return_as="generator")
        drawn = parallel(delayed(_draw_into)(path, look, *task) for task in tasks)
        watched = progress_bar(drawn, total=len(tasks), label="drawing spectrograms", show=progress)
        bad = [error for error in watched if error]
        if bad:
            raise AudioError(
                f"{name}: {len(bad)} of {len(tasks)} tracks cannot be drawn:\n{listed(bad, limit=1000)}\n"
                "mend, replace or remove these files"
            )


def _draw_into(path, look, read, position, *arguments):
    """Read sounds, draw them, and write the images to their place; give an error in words."""
    try:
        samples = read(position, *arguments)
    except AudioError as error:
        return str(error)
    with open(path, "r+b") as file:  # buffered: an unbuffered write may stop short on a full disk without a word
        file.seek(position * look.image_size**2 * CHANNELS)
        file.write(look.draw(samples).tobytes())
    return None


def _open(folder, look, table, collection, seconds, key):
    path, shape = folder / "images.uint8", (len(table), look.image_size, look.image_size, CHANNELS)
    if not path.is_file() or path.stat().st_size != math.prod(shape):
        raise GenrelibError(f"{folder}: these images were damaged after they were cached; delete the folder, run again")
    return ImageSet(
        samples=np.memmap(path, dtype=np.uint8, mode="r", shape=shape),
        table=table,
        genres=collection.genres,
        sample_rate=look.sample_rate,
        seconds=seconds,
        frequency=look.frequency,
        collection=collection,
        key=key,
    )
