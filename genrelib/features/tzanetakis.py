"""The thirty features of Tzanetakis and Cook (2002, Musical genre classification of audio signals), for a collection.

Every constant is the paper's for 22,050 Hz, and stands in the module of its group: `tzanetakis_timbre`,
`tzanetakis_beat`, `tzanetakis_pitch`. Sound at another rate is resampled.
"""

import os
from pathlib import Path

import pandas as pd

from genrelib.audio import SAMPLE_RATE, read_audio
from genrelib._base.caching import cached_table, content_hashes, key_of, library_versions
from genrelib._base.errors import AudioError, listed
from genrelib.features.tzanetakis_beat import WINDOW, beat_histogram, rhythm
from genrelib.features.tzanetakis_pitch import pitch, pitch_histograms
from genrelib.features.tzanetakis_signal import prepared
from genrelib.features.tzanetakis_timbre import timbre
from genrelib._base.paths import data_root
from genrelib._base.parallel import progress_bar

EXTRACTOR = 1  # raise when the same file would give other numbers

TIMBRE_NAMES = [
    "centroid_mean",
    "centroid_variance",
    "rolloff_mean",
    "rolloff_variance",
    "flux_mean",
    "flux_variance",
    "zero_crossings_mean",
    "zero_crossings_variance",
    "low_energy",
    "mfcc1_mean",
    "mfcc1_variance",
    "mfcc2_mean",
    "mfcc2_variance",
    "mfcc3_mean",
    "mfcc3_variance",
    "mfcc4_mean",
    "mfcc4_variance",
    "mfcc5_mean",
    "mfcc5_variance",
]
RHYTHM_NAMES = ["A0", "A1", "RA", "P1", "P2", "beat_SUM"]
PITCH_NAMES = ["FA0", "UP0", "FP0", "IPO1", "pitch_SUM"]
NAMES = TIMBRE_NAMES + RHYTHM_NAMES + PITCH_NAMES


def thirty_features(samples, sample_rate):
    """Compute the thirty features of a track.

    Parameters
    ----------
    samples : array [shape=(n,)]
        At least 65,536 at 22,050 Hz: one window of the beat histogram.
    sample_rate : int > 0 [Hz]
        Samples at another rate than 22,050 are resampled.

    Returns
    -------
    dict of str to float
        Keys in the order of ``NAMES``; all finite. A sound without a beat has zeros for the six rhythmic ones.

    Raises
    ------
    AudioError
        Not one channel, not finite, shorter than one window of the beat histogram (2.97 s), or silent.
    """
    samples = prepared(samples, sample_rate, n_least=WINDOW, what="a beat histogram")
    _, histogram = beat_histogram(samples, SAMPLE_RATE)
    features = {
        **timbre(samples, SAMPLE_RATE),
        **rhythm(histogram),
        **pitch(*pitch_histograms(samples, SAMPLE_RATE)),
    }
    return {name: features[name] for name in NAMES}


def tzanetakis_table(collection, *, cache=None, n_jobs=None, progress=True):
    """Compute the thirty features of every track of a collection, in parallel; kept until a file changes.

    Parameters
    ----------
    collection : Collection
    cache : str or Path, optional
        Folder of the caches; ``cache`` under the data folder unless given.
    n_jobs : int, optional
        Tracks at once; all cores unless given.
    progress : bool
        Show a bar.

    Returns
    -------
    pd.DataFrame [shape=(n_tracks, 31)]
        Indexed by ``track_id`` in the collection's order: the thirty columns of ``NAMES``, and ``label``, the genre.

    Raises
    ------
    AudioError
        Tracks that cannot be decoded or are too short for a beat histogram: all of them are listed.
    GenrelibError
        The cached table was damaged, or no room on the disk.
    """
    tracks = collection.tracks
    settings = [EXTRACTOR, NAMES, library_versions()]
    key = key_of([settings, list(tracks.index), content_hashes(list(tracks["path"]))])
    target = Path(cache or data_root() / "cache") / f"tzanetakis-{key}.parquet"
    table = cached_table(target, lambda: _build(collection, n_jobs, progress))
    return table.assign(label=tracks["genre"])


def _build(collection, n_jobs, progress):
    from joblib import Parallel, delayed

    paths = list(collection.tracks["path"])
    # processes: numpy's many short steps hold the interpreter's lock; a worker returns thirty numbers a track
    parallel = Parallel(n_jobs=n_jobs or os.cpu_count(), return_as="generator")
    done = parallel(delayed(_features_of)(path) for path in paths)
    rows, bad = [], []
    for features, error in progress_bar(done, total=len(paths), label="thirty features", show=progress):
        rows.append(features)
        if error:
            bad.append(error)
    if bad:
        raise AudioError(
            f"{collection.name}: {len(bad)} of {len(paths)} tracks cannot be described:\n{listed(bad, limit=1000)}\n"
            "mend, replace or remove these files"
        )
    return pd.DataFrame(rows, columns=NAMES, index=collection.tracks.index.rename("track_id"))


def _features_of(path):
    """Give the features of a file, and an error in words."""
    try:
        samples = read_audio(path)
    except AudioError as error:  # it names the file
        return {}, str(error)
    try:
        return thirty_features(samples, SAMPLE_RATE), None
    except AudioError as error:
        return {}, f"{path}: {error}"
