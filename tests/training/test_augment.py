"""Half-tone shifts and overlapping windows: what they hold, and that only the training part sees them."""

from dataclasses import replace

import librosa
import numpy as np
import pandas as pd
import pytest

from genrelib._base.errors import AudioError, GenrelibError, SplitError
from genrelib.audio import read_audio, write_wav
from genrelib.datasets.collection import Collection
from genrelib.slices import cut_slices
from genrelib.splits import split_slices
from genrelib.training.augment import augmented_slices, extended, pitch_shifted

RATE = 22050
SECONDS = 0.4  # a slice; tracks hold 5.6 of them
PITCH = {"a.0": 220.0, "a.1": 330.0, "b.0": 440.0, "b.1": 660.0, "c.0": 880.0, "c.1": 990.0}
QUIET = {"n_jobs": 1, "progress": False}


@pytest.fixture(scope="module")
def collection(tmp_path_factory):
    root, time = tmp_path_factory.mktemp("tones"), np.arange(int(2.25 * RATE)) / RATE
    for name, pitch in PITCH.items():
        write_wav(root / f"{name}.wav", 0.5 * np.sin(2 * np.pi * pitch * time).astype(np.float32))
    columns = {"path": [str(root / f"{name}.wav") for name in PITCH], "genre": [name[0] for name in PITCH]}
    tracks = pd.DataFrame(columns, index=pd.Index(list(PITCH), name="track_id")).assign(duration=2.25)
    tracks[["artist", "artist_id", "album"]] = None
    return Collection("tones", tracks, root)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def plain(collection, cache):
    return cut_slices(collection, SECONDS, cache=cache, **QUIET)


@pytest.fixture(scope="module")
def augmented(collection, cache):
    return augmented_slices(collection, SECONDS, cache=cache, **QUIET)


@pytest.mark.parametrize("semitones", [1, -12])
def test_shifted_tracks_are_librosas_and_keep_all_that_is_known(collection, cache, semitones):
    shifted = pitch_shifted(collection, semitones, cache=cache, **QUIET)
    assert shifted.tracks.drop(columns="path").equals(collection.tracks.drop(columns="path"))
    samples = read_audio(collection.tracks.loc["b.0", "path"])
    naive = librosa.effects.pitch_shift(samples, sr=RATE, n_steps=semitones)
    np.testing.assert_allclose(read_audio(shifted.tracks.loc["b.0", "path"]), naive, atol=1 / 32768)


def test_rows_are_the_original_then_what_overlaps_then_what_was_shifted(plain, augmented):
    counts = augmented.table["variant"].value_counts()
    assert counts.to_dict() == {"original": 30, "overlapping": 30, "shifted": 60}  # 5 and 10 a track
    np.testing.assert_array_equal(augmented.samples[: len(plain)], plain.samples)
    assert augmented.table[["track_id", "start", "genre"]].iloc[: len(plain)].equals(plain.table)
    assert len(augmented.labels) == len(augmented) == 120


def test_each_window_is_that_piece_of_its_track(collection, augmented, cache):
    shifted = pitch_shifted(collection, cache=cache, **QUIET)
    for number in (25, 40, 59, 60, 119):
        row = augmented.table.iloc[number]
        source = shifted if row["variant"] == "shifted" else collection
        samples = read_audio(source.tracks.loc[row["track_id"], "path"])
        start = round(row["start"] * RATE)
        piece = samples[start : start + augmented.n_samples]
        np.testing.assert_array_equal(augmented.samples[number], np.round(piece * 32768).astype(np.int16))
    overlapping = augmented.table.query("variant == 'overlapping'")
    np.testing.assert_allclose(overlapping["start"] % SECONDS, SECONDS / 2, atol=1e-4)


def test_only_the_training_part_grows_and_only_by_its_own_tracks(plain, augmented):
    fold = split_slices(plain, "track", test=0.5, validation=0, seed=0)
    more = extended(fold, plain, augmented)
    taught = set(plain.table["track_id"].iloc[fold.train])
    assert set(augmented.table["track_id"].iloc[more.train]) == taught
    assert len(more.train) == len(fold.train) * 4
    assert more.test is fold.test and more.validation is fold.validation
    assert set(augmented.table["variant"].iloc[more.test]) == {"original"}


def test_folds_by_slice_and_of_other_slices_are_refused(plain, augmented, collection, cache):
    with pytest.raises(SplitError, match="hold half of it"):
        extended(split_slices(plain, "slice", validation=0, seed=0), plain, augmented)
    shorter = cut_slices(collection, SECONDS / 2, cache=cache, **QUIET)
    with pytest.raises(SplitError, match="begin with the slices"):
        extended(split_slices(shorter, "track", 0.5, 0, 0), shorter, augmented)


@pytest.mark.parametrize("semitones", [np.nan, np.inf])
def test_a_shift_must_be_finite(collection, semitones):
    with pytest.raises(GenrelibError, match="finite number of semitones"):
        pitch_shifted(collection, semitones)


def test_tracks_that_cannot_be_read_are_all_named(collection, tmp_path):
    (tmp_path / "bad.wav").write_bytes(b"RIFF nothing")
    paths = [str(tmp_path / "bad.wav"), *collection.tracks["path"][1:]]
    broken = replace(collection, tracks=collection.tracks.assign(path=paths))
    with pytest.raises(AudioError, match="1 of 6 tracks cannot be shifted:(.|\n)*bad.wav"):
        pitch_shifted(broken, cache=tmp_path / "cache", **QUIET)
    assert not [path for path in (tmp_path / "cache").iterdir() if path.name.startswith("shifted")]
