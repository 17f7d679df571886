"""Rows about features: the table of 57 against librosa's functions one by one, the thirty against real time."""

import dataclasses
from functools import partial

import numpy as np

from genrelib.audio import SAMPLE_RATE, read_audio
from genrelib.features import FEATURES, spectral_table, thirty_features
from tools.bench.measuring import alternate, row, scratch, seconds_of
from tools.bench.rows_audio import first

TRACKS = 20
SLICE_SECONDS = 3.0
CORES = 2


def plain_numbers(samples, *, sample_rate=SAMPLE_RATE):
    """Describe a recording by the 57 numbers with one plain librosa call a feature.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,), dtype=float32]
    sample_rate : int > 0 [Hz]

    Returns
    -------
    dict of str to float
        See `genrelib.features.spectral_numbers`.
    """
    import librosa

    feature, sound = librosa.feature, {"y": samples, "sr": sample_rate}
    series = {
        "chroma_stft": feature.chroma_stft(**sound),
        "rms": feature.rms(y=samples),
        "spectral_centroid": feature.spectral_centroid(**sound),
        "spectral_bandwidth": feature.spectral_bandwidth(**sound),
        "rolloff": feature.spectral_rolloff(**sound),
        "zero_crossing_rate": feature.zero_crossing_rate(samples),
        "harmony": librosa.effects.harmonic(samples),
        "perceptr": librosa.effects.percussive(samples),
    }
    series |= {f"mfcc{i + 1}": values for i, values in enumerate(feature.mfcc(**sound, n_mfcc=20))}
    numbers = {"tempo": float(np.squeeze(librosa.beat.beat_track(**sound)[0]))}
    for name, values in series.items():
        numbers |= {f"{name}_mean": float(np.mean(values)), f"{name}_var": float(np.var(values))}
    return {name: numbers[name] for name in FEATURES}


def feature_table(settings):
    """Make the 30 s row and the 3 s rows of 20 tracks on two cores, against a plain loop."""
    collection = first(settings.collection, TRACKS)
    kept = {}

    def plain():
        return seconds_of(lambda: kept.update(plain=_plain_rows(collection)))

    with scratch(settings) as folder:

        def ours():
            cache = folder / f"{len(list(folder.iterdir()))}"  # a fresh one each time
            return seconds_of(lambda: kept.update(ours=_our_rows(collection, cache)))

        one = dataclasses.replace(collection, tracks=collection.tracks.iloc[:1])
        _plain_rows(one), ours()  # imports, compiled functions, and the workers' start
        repeats = max(1, (settings.repeats + 1) // 2)
        plain_seconds, our_seconds = alternate(plain, ours, repeats)
    apart = np.abs(kept["ours"] / kept["plain"] - 1)
    return row(
        name=f"feature table of {len(collection.tracks)} tracks, whole and in slices of {SLICE_SECONDS:g} s",
        plain="for each track and slice: one librosa call a feature",
        ours=f"spectral_table(…, n_jobs={CORES}), seconds=None and {SLICE_SECONDS:g}, into a fresh cache folder",
        plain_seconds=plain_seconds,
        our_seconds=our_seconds,
        target=10,
        floor="of our time a seventh is running medians (SciPy's were over four fifths of the plain time), a fifth the "
        "chroma and its tuning estimate, the rest STFTs and librosa's own loops: about 14 times were medians free",
        collection=collection.name,
        note=f"{len(apart)} rows; workers already started; no number further from the plain one than "
        f"{np.nanmax(apart):.1g} of it",
    )


def thirty_numbers(settings):
    """Describe a track by the thirty features of 2002 on one core, against its own length."""
    collection = first(settings.collection, len(settings.collection.genres))
    tracks = [read_audio(path) for path in collection.tracks["path"]]
    thirty_features(tracks[0], SAMPLE_RATE)  # imports and tables
    return row(
        name=f"thirty features of {len(tracks)} tracks, one core, against real time",
        plain="the tracks' own length",
        ours="thirty_features, track by track",
        plain_seconds=[len(samples) / SAMPLE_RATE for samples in tracks],
        our_seconds=[seconds_of(partial(thirty_features, samples, SAMPLE_RATE)) for samples in tracks],
        target=15,
        floor="the beat histogram's octave bands and autocorrelations (half), the pitch histograms' (two fifths)",
        collection=collection.name,
        note="a ratio a track",
    )


def _our_rows(collection, cache):
    make = partial(spectral_table, collection, cache=cache, n_jobs=CORES, progress=False)
    return np.concatenate([make(seconds=seconds)[list(FEATURES)].to_numpy() for seconds in (None, SLICE_SECONDS)])


def _plain_rows(collection):
    import librosa

    whole, sliced, n_samples = [], [], round(SLICE_SECONDS * SAMPLE_RATE)
    for path in collection.tracks["path"]:
        samples, _ = librosa.load(path, sr=SAMPLE_RATE)
        whole.append(plain_numbers(samples))
        starts = range(0, len(samples) - n_samples + 1, n_samples)
        sliced.extend(plain_numbers(samples[start : start + n_samples]) for start in starts)
    return np.array([list(numbers.values()) for numbers in whole + sliced])
