"""The 57 numbers: what plain librosa calls give, in the columns of the public tables, cached by content."""

import dataclasses
import os
import tracemalloc

import librosa
import numpy as np
import pandas as pd
import pytest

from genrelib._base.errors import AudioError, GenrelibError
from genrelib.audio import read_audio, write_wav
from genrelib.datasets import load_collection
from genrelib.datasets.folder import load_folder
from genrelib.features import COLUMNS, FEATURES, read_table, spectral, spectral_numbers, spectral_table, track_of
from tools.bench.rows_features import plain_numbers

RATE = 22050
STATISTICS = ["chroma_stft", "rms", "spectral_centroid", "spectral_bandwidth", "rolloff", "zero_crossing_rate",
              "harmony", "perceptr", *(f"mfcc{number}" for number in range(1, 21))]  # fmt: skip


def song(seconds, *, seed):
    """Plucked notes over soft noise, as int16: pitch, harmonics, onsets at a steady beat, and a little offset."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    beat = time % 0.5
    pitch = 220 * 2 ** (rng.integers(0, 12, 200)[(time // 0.5).astype(int)] / 12)
    sound = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in (1, 2, 3)) * np.exp(-6 * beat)
    sound = 0.2 * sound + 0.02 * rng.standard_normal(len(time)) + 0.01
    return (sound * 32767).astype(np.int16)


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    """Two songs of 7 s and a little, one of 1 s."""
    root = tmp_path_factory.mktemp("songs")
    for seed, (name, seconds) in enumerate({"blues/blues.00000": 7.3, "rock/a.1": 7.0, "rock/short": 1.0}.items()):
        (root / name).parent.mkdir(exist_ok=True)
        write_wav(root / f"{name}.wav", song(seconds, seed=seed))
    collection = load_folder(root)
    return dataclasses.replace(collection, tracks=collection.tracks.rename({"blues/blues.00000.wav": "blues.00000"}))


def table_of(collection, cache, **settings):
    return spectral_table(collection, cache=cache, progress=False, **{"n_jobs": 1, **settings})


# The numbers


@pytest.mark.parametrize("seconds", [0.1, 3.0])
def test_the_harmonic_part_is_librosas(seconds):
    samples = song(seconds, seed=5).astype(np.float32) / 32768
    samples[len(samples) // 2 :] = 0  # cells without power
    magnitude, phase = librosa.magphase(librosa.stft(samples))
    harmonic = spectral.harmonic_part(samples, magnitude, phase)
    assert harmonic.dtype == np.float32
    np.testing.assert_allclose(harmonic, librosa.effects.harmonic(samples), rtol=0, atol=1e-7)
    np.testing.assert_allclose(samples - harmonic, librosa.effects.percussive(samples), rtol=0, atol=1e-6)


@pytest.mark.parametrize("seconds, rate, silent_from", [(3.0, RATE, None), (8.1, RATE, None), (4.0, 16000, 40000)])
def test_numbers_are_those_of_plain_librosa_calls(seconds, rate, silent_from):
    samples = song(seconds, seed=3).astype(np.float32) / 32768
    if silent_from:
        samples[silent_from:] = 0
    ours, plain = (call(samples, sample_rate=rate) for call in (spectral_numbers, plain_numbers))
    assert list(ours) == list(plain) and ours["tempo"] == plain["tempo"] > 0
    np.testing.assert_allclose(list(ours.values()), list(plain.values()), rtol=1e-3)


@pytest.mark.filterwarnings("error")
def test_silence_gives_numbers_and_no_warning():
    numbers = spectral_numbers(np.zeros(3 * RATE, dtype=np.float32))
    assert np.isfinite(list(numbers.values())).all()
    assert numbers["tempo"] == numbers["rms_mean"] == numbers["harmony_var"] == 0


# The table


def test_columns_are_the_public_ones_in_their_order(songs, tmp_path):
    header = [f"{name}_{moment}" for name in STATISTICS for moment in ("mean", "var")]
    header = ["filename", "length", *header[:16], "tempo", *header[16:], "label"]
    assert list(COLUMNS) == header and len(header) == 60
    table = table_of(songs, tmp_path)
    assert list(table.columns) == header
    assert set(table[list(FEATURES)].dtypes) == {np.dtype(float)}
    assert np.isfinite(table[list(FEATURES)]).all(axis=None)


def test_one_row_a_track(songs, tmp_path):
    table = table_of(songs, tmp_path)
    assert table["filename"].tolist() == ["blues.00000.wav", "rock/a.1.wav#.wav", "rock/short.wav#.wav"]
    assert [track_of(name) for name in table["filename"]] == list(songs.tracks.index)
    assert table["length"].tolist() == [round(7.3 * RATE), 7 * RATE, 3 * RATE]
    assert table["label"].tolist() == ["blues", "rock", "rock"]
    whole = read_audio(songs.tracks["path"].iloc[0])
    np.testing.assert_array_equal(table[list(FEATURES)].iloc[0], list(spectral_numbers(whole).values()))


def test_one_row_a_slice_and_a_short_song_padded_with_silence(songs, tmp_path):
    table = table_of(songs, tmp_path, seconds=3.0)
    names = ["blues.00000.0.wav", "blues.00000.1.wav"]
    names += ["rock/a.1.wav#0.wav", "rock/a.1.wav#1.wav", "rock/short.wav#0.wav"]
    assert table["filename"].tolist() == names
    assert [track_of(name) for name in names] == list(songs.tracks.index.repeat([2, 2, 1]))
    assert (table["length"] == 3 * RATE).all()
    second = read_audio(songs.tracks["path"].iloc[0])[3 * RATE : 6 * RATE]
    np.testing.assert_array_equal(table[list(FEATURES)].iloc[1], list(spectral_numbers(second).values()))
    padded = np.concatenate([read_audio(songs.tracks["path"].iloc[2]), np.zeros(2 * RATE, dtype=np.float32)])
    np.testing.assert_allclose(table[list(FEATURES)].iloc[4], list(plain_numbers(padded).values()), rtol=1e-3)


def test_other_settings_and_labels_are_another_table(songs, tmp_path):
    """Of other files and versions tests/faults/test_repeats.py asks"""
    relabelled = dataclasses.replace(songs, tracks=songs.tracks.assign(genre=["blues", "rock", "jazz"]))
    table_of(songs, tmp_path), table_of(songs, tmp_path, seconds=3.0), table_of(songs, tmp_path, sample_rate=16000)
    assert table_of(relabelled, tmp_path)["label"].iloc[2] == "jazz"
    assert len(list(tmp_path.glob("features-*.parquet"))) == 4


def test_damaged_cache_is_told(songs, tmp_path):
    table_of(songs, tmp_path)
    next(tmp_path.glob("features-*")).write_bytes(b"PAR1 and no more")
    with pytest.raises(GenrelibError, match="damaged.*delete the file"):
        table_of(songs, tmp_path)


@pytest.mark.parametrize("settings", [{"seconds": 0}, {"seconds": -1.0}, {"seconds": np.nan}, {"sample_rate": 0}])
def test_rows_of_no_sound_are_refused(songs, tmp_path, settings):
    with pytest.raises(AudioError, match="at least one sample"):
        table_of(songs, tmp_path, **settings)


def test_memory_is_that_of_one_track(songs, tmp_path):
    def peak(n_tracks):
        tracks = pd.concat([songs.tracks.iloc[:1]] * n_tracks).set_axis([str(n) for n in range(n_tracks)])
        tracemalloc.start()
        table_of(dataclasses.replace(songs, tracks=tracks), tmp_path / str(n_tracks))
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return held

    table_of(songs, tmp_path)  # imports
    assert peak(8) < 1.1 * peak(2)


# Real audio


def test_agrees_with_the_public_table_on_real_tracks(real_audio, tmp_path):
    public = os.environ.get("GENRELIB_TEST_TABLE")
    if not public:
        pytest.skip("needs the public table: GENRELIB_TEST_TABLE names no features_30_sec.csv")
    collection = load_collection("gtzan_160", real_audio)
    sample = dataclasses.replace(collection, tracks=collection.tracks.iloc[::7])  # 20 tracks, all genres
    ours = table_of(sample, tmp_path).set_index("filename")
    theirs = read_table(public).set_index("filename").loc[ours.index]
    assert (ours["length"] == theirs["length"]).all() and (ours["label"] == theirs["label"]).all()
    apart = (ours[list(FEATURES)] / theirs[list(FEATURES)] - 1).abs().median()
    assert (apart.drop(["harmony_mean", "perceptr_mean"]) < 0.02).all(), apart.sort_values()[-6:]
    assert np.isclose(ours["tempo"], theirs["tempo"], rtol=1e-6).mean() >= 0.95
