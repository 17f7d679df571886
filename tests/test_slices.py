"""Slices: what a naive loop would cut, on a memory map, from a cache that follows content and settings."""

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from genrelib import slices as slices_module
from genrelib.datasets.folder import load_folder
from genrelib.datasets.gtzan import load_gtzan
from genrelib._base.errors import AudioError, GenrelibError
from genrelib.slices import cut_slices
from tests.making import noise, run_child, told_on_full_disk, write_tree

RATE = 22050
NAMES = ("rock/b.wav", "blues/a.wav", "blues/deep/c.wav", "jazz/d.flac")


@pytest.fixture
def tree(tmp_path):
    """Four tracks of 1 s and a little, in three genres."""
    for seed, path in enumerate(write_tree(tmp_path / "songs", NAMES)):
        sf.write(path, noise(1.0 + 0.037 * seed, seed=seed), RATE)
    return load_folder(tmp_path / "songs")


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


def test_samples_are_a_read_only_memory_map_of_int16(tree, tmp_path):
    slices = cut(tree, tmp_path / "cache")
    assert isinstance(slices.samples, np.memmap) and slices.samples.dtype == np.int16
    with pytest.raises(ValueError, match="read-only"):
        slices.samples[0, 0] = 1
    assert slices.cache_folder == tmp_path / "cache" / f"slices-{slices.key}"
    assert slices.labels.dtype == np.int64


def test_tail_that_fills_no_slice_is_dropped(tmp_path):
    (tmp_path / "songs" / "a").mkdir(parents=True)
    for n_samples, n_slices in [(2999, 2), (3000, 3), (3001, 3), (1000, 1)]:
        sf.write(tmp_path / "songs" / "a" / "a.wav", noise(1)[:n_samples], 1000)
        assert len(cut(load_folder(tmp_path / "songs"), tmp_path / "cache", 1.0, sample_rate=1000)) == n_slices


def test_stereo_and_other_rates_become_slices_of_one_shape(tmp_path):
    for name, rate, channels in [("a", 8000, 1), ("b", 96000, 1), ("c", 44100, 2), ("d", 22050, 1)]:
        (tmp_path / name).mkdir()
        sf.write(tmp_path / name / "x.wav", noise(1.05, sample_rate=rate, channels=channels), rate)
    slices = cut(load_folder(tmp_path), tmp_path / "cache", 0.5)
    assert slices.samples.shape == (8, 11025) and list(slices.table["genre"]) == list("aabbccdd")


def test_slice_set_equals_itself_alone(tree, tmp_path):
    one, two = cut(tree, tmp_path / "cache"), cut(tree, tmp_path / "cache")
    assert one == one and one != two and one.key == two.key  # noqa: PLR0124


# The cache


@pytest.fixture
def reads(monkeypatch):
    """Count the tracks that are decoded."""
    read, seen = slices_module.read_int16, []

    def counted(path, **options):
        seen.append(path)
        return read(path, **options)

    monkeypatch.setattr(slices_module, "read_int16", counted)
    return seen


def test_second_call_decodes_nothing(tree, tmp_path, reads):
    first = cut(tree, tmp_path / "cache")
    assert len(reads) == len(NAMES)
    second = cut(tree, tmp_path / "cache", n_jobs=1)
    assert len(reads) == len(NAMES)
    np.testing.assert_array_equal(first.samples, second.samples)
    pd.testing.assert_frame_equal(first.table, second.table)
    assert os.listdir(tmp_path / "cache") == [f"slices-{first.key}"]


def test_copy_of_the_audio_elsewhere_shares_the_cache(tree, tmp_path, reads):
    first = cut(tree, tmp_path / "cache")
    os.rename(tmp_path / "songs", tmp_path / "moved")
    assert cut(load_folder(tmp_path / "moved"), tmp_path / "cache").key == first.key and len(reads) == len(NAMES)


def test_key_follows_content_settings_and_order(tree, tmp_path):
    keys = [cut(tree, tmp_path / "cache").key]
    for options in ({"seconds": 0.2}, {"hop_seconds": 0.05}, {"sample_rate": 8000}):
        keys.append(cut(tree, tmp_path / "cache", **options).key)
    turned = type(tree)(tree.name, tree.tracks.iloc[::-1], tree.root)
    keys.append(cut(turned, tmp_path / "cache").key)
    path = Path(tree.tracks["path"].iloc[0])
    samples = sf.read(path, dtype="int16")[0]
    samples[100] ^= 1
    sf.write(path, samples, RATE)
    changed = cut(tree, tmp_path / "cache")
    keys.append(changed.key)
    assert len(set(keys)) == len(keys)
    np.testing.assert_array_equal(changed.samples, naive(tree, 2205)[0])


def test_genres_are_the_collections_even_from_the_cache(tree, tmp_path, reads):
    first = cut(tree, tmp_path / "cache")
    renamed = type(tree)("folder", tree.tracks.assign(genre=tree.tracks["genre"].replace("jazz", "bebop")), tree.root)
    second = cut(renamed, tmp_path / "cache")
    assert second.genres == ["bebop", "blues", "rock"] and len(reads) == len(NAMES)
    assert list(second.table["genre"]) == list(first.table["genre"].replace("jazz", "bebop"))


def test_damaged_cache_is_told_and_not_used(tree, tmp_path):
    folder = cut(tree, tmp_path / "cache").cache_folder
    os.truncate(folder / "samples.int16", 1000)
    with pytest.raises(GenrelibError, match=f"{folder}: these slices were damaged.*delete the folder"):
        cut(tree, tmp_path / "cache")
    (folder / "counts.json").unlink()
    with pytest.raises(GenrelibError, match="damaged"):
        cut(tree, tmp_path / "cache")


def test_cache_lies_under_the_data_folder_unless_told(tree, tmp_path, monkeypatch):
    monkeypatch.setenv("GENRELIB_DATA", str(tmp_path / "data"))
    slices = cut_slices(tree, 0.1, progress=False)
    assert slices.cache_folder.parent == tmp_path / "data" / "cache"


BUILD = """
from genrelib.datasets.folder import load_folder
from genrelib.slices import cut_slices
import genrelib.slices as module
read = module.read_int16
def slow(path, **options):
    if "c.wav" in str(path):
        print("half way", flush=True)
        time.sleep(60)
    return read(path, **options)
if sys.argv[3] == "slow":
    module.read_int16 = slow
cut_slices(load_folder(sys.argv[1]), .1, cache=sys.argv[2], n_jobs=1, progress=False)
"""


def test_killed_build_is_never_taken_for_whole(tree, tmp_path):
    child = run_child(BUILD, tmp_path / "songs", tmp_path / "cache", "slow")
    assert child.stdout.readline() == "half way\n"
    deadline = time.monotonic() + 10
    while not list((tmp_path / "cache").glob(".building-*/whole/samples.int16")) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait(10) == -signal.SIGKILL
    assert [name[:10] for name in os.listdir(tmp_path / "cache")] == [".building-"]
    again = cut(tree, tmp_path / "cache")
    undisturbed = cut(tree, tmp_path / "other")
    for name in ("samples.int16", "counts.json"):
        assert (again.cache_folder / name).read_bytes() == (undisturbed.cache_folder / name).read_bytes()


def test_two_processes_and_threads_build_at_once(tree, tmp_path):
    children = [run_child(BUILD, tmp_path / "songs", tmp_path / "cache", "quick") for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        sets = list(pool.map(lambda _: cut(tree, tmp_path / "cache"), range(4)))
    assert [child.wait(60) for child in children] == [0, 0]
    for slices in sets:
        np.testing.assert_array_equal(slices.samples, naive(tree, 2205)[0])
    assert os.listdir(tmp_path / "cache") == [f"slices-{sets[0].key}"]


def test_full_disk_is_told_and_leaves_nothing(tree, tmp_path):
    sf.write(tmp_path / "songs" / "jazz" / "long.wav", noise(6.0), RATE)
    call = "from genrelib.datasets.folder import load_folder\nfrom genrelib.slices import cut_slices\n"
    call += f"cut_slices(load_folder({str(tmp_path / 'songs')!r}), .1, cache={str(tmp_path / 'cache')!r}, n_jobs=2)"
    told = told_on_full_disk(call)
    assert told.startswith(str(tmp_path / "cache" / "slices-")) and "disk full" in told and "MB are free" in told
    assert os.listdir(tmp_path / "cache") == []


# Bad input


def test_all_unusable_tracks_are_listed_and_nothing_is_kept(tree, tmp_path):
    songs = tmp_path / "songs"
    sf.write(songs / "jazz" / "short.wav", noise(0.05), RATE)
    sf.write(songs / "jazz" / "silent.wav", np.zeros(RATE, dtype=np.int16), RATE)
    sf.write(songs / "rock" / "nan.wav", np.full(RATE, np.nan, dtype=np.float32), RATE, subtype="FLOAT")
    collection = load_folder(songs)
    (songs / "rock" / "b.wav").write_bytes(
        (songs / "rock" / "b.wav").read_bytes()[:5000]
    )  # cut off after it was loaded
    with pytest.raises(AudioError, match="4 of 7 tracks cannot be cut into slices of 0.1 s") as caught:
        cut(collection, tmp_path / "cache")
    for name, reason in [
        ("jazz/short", "0.05 s, shorter"),
        ("jazz/silent", "zero"),
        ("rock/nan", "NaN"),
        ("rock/b", "trunc"),
    ]:
        (line,) = [line for line in str(caught.value).splitlines() if f"{songs / name}.wav" in line]
        assert reason in line
    assert os.listdir(tmp_path / "cache") == []


def test_tracks_that_are_gone_are_all_listed(tree, tmp_path):
    for name in NAMES[:2]:
        (tmp_path / "songs" / name).unlink()
    with pytest.raises(AudioError, match="2 of 4 files cannot be read") as caught:
        cut(tree, tmp_path / "cache")
    assert all(str(tmp_path / "songs" / name) in str(caught.value) for name in NAMES[:2])


@pytest.mark.parametrize("options", [
    {"seconds": 0}, {"seconds": -1.0}, {"seconds": 1e-9}, {"seconds": float("nan")}, {"seconds": float("inf")},
    {"hop_seconds": 0}, {"hop_seconds": -0.1}, {"hop_seconds": float("nan")}, {"sample_rate": 0},
    {"seconds": -1.0, "hop_seconds": -1.0, "sample_rate": -8000},
])  # fmt: skip
def test_settings_that_make_no_slice(tree, tmp_path, options):
    with pytest.raises(AudioError, match="at least one sample; given seconds="):
        cut(tree, tmp_path / "cache", **options)
    assert not (tmp_path / "cache").exists()


# Real audio


def test_real_tracks_give_997_slices_equal_to_a_naive_decode(real_audio, tmp_path):
    collection = load_gtzan("gtzan_mini", real_audio)
    slices = cut_slices(collection, cache=tmp_path, progress=False)
    assert slices.samples.shape == (997, 66150)
    assert json.loads((slices.cache_folder / "counts.json").read_text()) == dict(
        slices.table["track_id"].value_counts()
    )
    for track in collection.tracks.index[[0, 55, 99]]:
        samples, rate = sf.read(collection.tracks.loc[track, "path"], dtype="int16")
        whole = len(samples) // 66150
        assert rate == RATE
        np.testing.assert_array_equal(
            slices.samples[slices.table["track_id"] == track], samples[: whole * 66150].reshape(whole, 66150)
        )
