"""Slices: what a naive loop would cut, on a memory map, from a cache that follows content and settings."""

import os

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from genrelib._base.errors import AudioError
from genrelib.datasets.folder import load_folder
from genrelib.slices import cut_slices
from tests.making import noise

RATE = 22050


def cut(collection, folder, seconds=0.1, **options):
    return cut_slices(collection, seconds, cache=folder, progress=False, **{"n_jobs": 2, **options})


def naive(collection, n_samples, hop=None):
    """Cut with a plain loop: read, step, keep what is whole."""
    found, rows = [], []
    for track, row in collection.tracks.iterrows():
        samples, _ = sf.read(row["path"], dtype="int16")
        at = 0
        while at + n_samples <= len(samples):
            found.append(samples[at : at + n_samples])
            rows.append({"track_id": track, "start": at / RATE, "genre": row["genre"]})
            at += hop or n_samples
    return np.array(found), pd.DataFrame(rows)


# The right slices


@pytest.mark.parametrize(
    ("seconds", "hop"), [(0.1, None), (0.1, 0.05), (0.1, 0.033), (0.1, 0.25), (0.3, 0.9), (1.0, None)]
)
def test_equal_to_a_naive_loop(tree, tmp_path, seconds, hop):
    slices = cut(tree, tmp_path / "cache", seconds, hop_seconds=hop)
    samples, table = naive(tree, round(seconds * RATE), hop and round(hop * RATE))
    np.testing.assert_array_equal(slices.samples, samples)
    pd.testing.assert_frame_equal(slices.table, table)
    assert slices.genres == ["blues", "jazz", "rock"]
    assert [slices.genres[label] for label in slices.labels] == list(table["genre"])
    assert len(slices) == len(table) and slices.n_samples == round(seconds * RATE)
    assert slices.hop_seconds == pytest.approx(hop or seconds, abs=1 / RATE)


def test_stereo_and_other_rates_become_slices_of_one_shape(tmp_path):
    for name, rate, channels in [("a", 8000, 1), ("b", 96000, 1), ("c", 44100, 2), ("d", 22050, 1)]:
        (tmp_path / name).mkdir()
        sf.write(tmp_path / name / "x.wav", noise(1.05, sample_rate=rate, channels=channels), rate)
    slices = cut(load_folder(tmp_path), tmp_path / "cache", 0.5)
    assert slices.samples.shape == (8, 11025) and list(slices.table["genre"]) == list("aabbccdd")


@pytest.mark.parametrize("missing", [1, 20])
def test_a_track_of_nearly_a_slice_is_repeated_to_one(tree, tmp_path, missing):
    samples = noise(0.1)[: 2205 - missing]
    sf.write(tmp_path / "songs" / "jazz" / "nearly.wav", samples, RATE)
    slices = cut(load_folder(tmp_path / "songs"), tmp_path / "cache")
    (row,) = np.flatnonzero(slices.table["track_id"] == "jazz/nearly.wav")
    np.testing.assert_array_equal(slices.samples[row], np.concatenate([samples, samples[:missing]]))


# The cache


def test_copy_of_the_audio_elsewhere_shares_the_cache(tree, tmp_path):
    first = cut(tree, tmp_path / "cache")
    os.rename(tmp_path / "songs", tmp_path / "moved")
    assert cut(load_folder(tmp_path / "moved"), tmp_path / "cache").key == first.key
    assert len(os.listdir(tmp_path / "cache")) == 1


# Bad input


def test_a_track_shorter_than_a_slice_is_refused_with_its_length(tree, tmp_path):
    short = tmp_path / "songs" / "jazz" / "short.wav"
    sf.write(short, noise(0.05), RATE)
    with pytest.raises(AudioError, match=f"1 of 5 tracks(?s:.*){short}: 1102 samples at 22050 Hz, .* takes 2205"):
        cut(load_folder(tmp_path / "songs"), tmp_path / "cache")
    assert os.listdir(tmp_path / "cache") == []


@pytest.mark.parametrize("options", [
    {"seconds": 0}, {"seconds": -1.0}, {"seconds": 1e-9}, {"seconds": float("nan")}, {"seconds": float("inf")},
    {"hop_seconds": 0}, {"hop_seconds": -0.1}, {"hop_seconds": float("nan")}, {"sample_rate": 0},
    {"seconds": -1.0, "hop_seconds": -1.0, "sample_rate": -8000},
])  # fmt: skip
def test_settings_that_make_no_slice(tree, tmp_path, options):
    with pytest.raises(AudioError, match="at least one sample; given seconds="):
        cut(tree, tmp_path / "cache", **options)
    assert not (tmp_path / "cache").exists()
