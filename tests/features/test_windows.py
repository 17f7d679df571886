"""Mel spectrograms of windows: what librosa gives for each by itself, on a memory map, from a cache."""

import librosa
import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from genrelib._base.errors import AudioError, GenrelibError
from genrelib.datasets.folder import load_folder
from genrelib.features.windows import HOP, WINDOW, cut_windows, votes_heard, window_mels
from tests.making import noise, write_tree

RATE = 22050
CLOSE = {"power": {"rtol": 1e-5, "atol": 1e-9}, "decibel": {"rtol": 0, "atol": 1e-3}}  # atol of decibel in dB


def cut(collection, folder, n_windows=None, **options):
    return cut_windows(collection, n_windows, cache=folder, progress=False, **{"n_jobs": 2, **options})


def plain(samples, n_windows, scale="power"):
    """Window by window, with librosa."""
    found = []
    for start in range(0, n_windows * HOP, HOP):
        window = samples[start : start + WINDOW].astype(np.float32)
        window = np.concatenate([window, np.zeros(WINDOW - len(window), np.float32)])
        mel = librosa.feature.melspectrogram(y=window, sr=RATE, n_fft=2048, hop_length=512, n_mels=128)
        found.append(mel if scale == "power" else librosa.power_to_db(mel))
    return np.array(found)


# The right windows


def test_an_fft_of_128_samples_leaves_46_of_128_bands_empty():
    mels = window_mels(noise(1.0, seed=1), 3, n_fft=128)
    assert mels.shape == (3, 128, 5) and (mels == 0).all(axis=(0, 2)).sum() == 46
    with pytest.raises(GenrelibError, match="n_fft=0"):
        window_mels(noise(1.0, seed=1), 3, n_fft=0)


@pytest.mark.parametrize("scale", ["power", "decibel"])
@pytest.mark.parametrize("n_windows", [1, 7, 8, 9, 21])
def test_equal_to_librosa_window_by_window(n_windows, scale):
    sound = noise(1.0, seed=n_windows)
    sound[: len(sound) // 2] //= 300  # a quiet half
    mels = window_mels(sound, n_windows, scale=scale)
    assert mels.shape == (n_windows, 128, 5) and mels.dtype == np.float32
    np.testing.assert_allclose(mels, plain(sound / 32768, n_windows, scale), **CLOSE[scale])


@settings(max_examples=20, deadline=None)
@given(st.integers(WINDOW, 4 * WINDOW), st.integers(0, 3), st.integers(0, 2**20))
def test_any_length_is_padded_as_by_hand(n_samples, fewer, seed):
    sound = noise(n_samples / RATE, seed=seed) / np.float32(32768)
    n_windows = max(1, -(-len(sound) // HOP) - fewer)
    np.testing.assert_allclose(window_mels(sound, n_windows), plain(sound, n_windows), rtol=1e-3, atol=1e-9)


def test_silence_inside_a_track_is_finite():
    sound = noise(1.0)
    sound[:5000] = 0
    power, decibel = (window_mels(sound, 15, scale=scale) for scale in ("power", "decibel"))
    assert not power[:2].any() and np.isfinite(decibel).all()
    np.testing.assert_allclose(decibel[:2], -100, rtol=1e-6)  # librosa's floor


@pytest.mark.parametrize("scale", ["power", "decibel"])
def test_a_set_holds_every_track_in_order(tree, tmp_path, scale):
    held = cut(tree, tmp_path / "cache", 12, scale=scale)
    assert held.samples.shape == (48, 5, 128) and held.mels.shape == (4, 12, 128, 5)
    for number, path in enumerate(tree.tracks["path"]):
        expected = plain(sf.read(path, dtype="float32")[0], 12, scale)
        np.testing.assert_allclose(held.mels[number], expected, **CLOSE[scale])
    np.testing.assert_array_equal(held.samples[13], held.mels[1, 1].T)  # pivoted
    np.testing.assert_allclose(held.table["start"], np.tile(np.arange(12) * HOP / RATE, 4))


@pytest.mark.parametrize(("shortest", "n_windows"), [(30.0, 599), (29.93, 599), (29.85, 598), (9.0, 181), (0.5, 11)])
def test_as_many_windows_as_start_in_the_shortest_track_599_at_most(tmp_path, shortest, n_windows):
    write_tree(tmp_path / "songs", ["rock/long.wav"], seconds=31.0)
    write_tree(tmp_path / "songs", ["blues/short.wav"], seconds=shortest)
    held = cut(load_folder(tmp_path / "songs"), tmp_path / "cache")
    assert held.mels.shape == (2, n_windows, 128, 5)
    assert held.samples[n_windows - 1].any()  # the last one has sound in it


# The cache


def test_each_setting_is_another_set(tree, tmp_path):
    settings = [{}, {"n_windows": 3}, {"scale": "decibel"}, {"n_fft": 128}]
    made = [cut(tree, tmp_path / "cache", **each) for each in settings]
    assert len({each.key for each in made}) == len(made)
    assert not np.array_equal(made[0].samples, made[3].samples)


# Bad input


def test_tracks_too_short_for_the_windows_asked_for_say_how_many_start_in_them(tree, tmp_path):
    songs = tmp_path / "songs"
    sf.write(songs / "jazz" / "blink.wav", noise(0.05), RATE)
    sf.write(songs / "jazz" / "brief.wav", noise(0.3), RATE)
    with pytest.raises(AudioError, match="2 of 6 tracks cannot be cut into 12 windows") as caught:
        cut(load_folder(songs), tmp_path / "cache", 12)
    for name, reason in [("blink", "one window at least"), ("brief", "in which 7 windows start")]:
        (line,) = [line for line in str(caught.value).splitlines() if f"{songs}/jazz/{name}.wav" in line]
        assert reason in line


@pytest.mark.parametrize("n_windows", [0, -1, 2.0, "599"])
def test_settings_that_make_no_window_leave_nothing(tree, tmp_path, n_windows):
    with pytest.raises(GenrelibError, match=f"whole number of windows, 1 at least; given n_windows={n_windows!r}"):
        cut(tree, tmp_path / "cache", n_windows)
    with pytest.raises(GenrelibError, match="whole number of windows"):
        window_mels(noise(1.0), n_windows)
    with pytest.raises(GenrelibError, match="scale is power or decibel; given 'log'"):
        cut(tree, tmp_path / "cache", scale="log")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("sound", [noise(0.05), noise(0.2, channels=2), np.zeros(0, np.int16)])
def test_what_is_no_track_is_refused(sound):
    with pytest.raises(AudioError, match="one window at least, 2205 samples at 22050 Hz; given"):
        window_mels(sound, 1)


# What is done with them


def votes_by_hand(frame, held, count):
    right, seconds = [], []
    for _, track in frame.groupby("track_id"):
        first = sorted(track["slice"])[:count]
        heard = track.set_index("slice").loc[first]
        right.append(heard[["p0", "p1"]].mean().to_numpy().argmax() == heard["true"].iloc[0])
        starts = np.rint(held.table["start"].to_numpy()[first] * RATE).astype(int)
        seconds.append(len({at for start in starts for at in range(start, start + WINDOW)}) / RATE)
    return np.mean(seconds), np.mean(right)


def test_votes_of_the_first_windows_are_those_by_hand(tmp_path):
    write_tree(tmp_path / "songs", [f"{genre}/{i}.wav" for genre in ("jazz", "rock") for i in range(6)], seconds=0.6)
    held = cut(load_folder(tmp_path / "songs"), tmp_path / "cache")
    draw = np.random.default_rng(0)
    positions = np.sort(draw.choice(len(held), len(held) // 2, replace=False))
    p, tracks = draw.uniform(size=len(positions)), held.table["track_id"][positions]
    frame = pd.DataFrame({"track_id": tracks, "slice": positions, "true": held.labels[positions], "p0": p, "p1": 1 - p})
    frame = frame.sample(frac=1, random_state=0)  # in any order
    counts = [1, 2, 4, 100]
    curve = votes_heard(frame, held, counts)
    assert list(curve["windows"]) == counts
    expected = [votes_by_hand(frame, held, count) for count in counts]
    np.testing.assert_allclose(curve[["seconds", "accuracy"]], expected)
