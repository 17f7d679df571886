"""One seed, one result, to the last digit; and caches that are rebuilt only when what they depend on changes."""

import importlib.metadata
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile as sf

from genrelib import slices
from genrelib._base.errors import AudioError
from genrelib.audio import read_int16
from genrelib.datasets import artist20
from genrelib.datasets.folder import load_folder
from genrelib.features import spectral_table, tzanetakis_table
from genrelib.features.pictures import draw_slices
from genrelib.features.windows import cut_windows
from genrelib.models import mel_cnn1d
from genrelib.reports.stanford.music_vectors import sound_numbers
from genrelib.reports.toronto.new_songs import random_samples
from genrelib.training import loop as training
from genrelib.training.augment import pitch_shifted
from tests.faults.helping import FULL, snapshot
from tests.making import ROOT, write_tree

RUN = """
import sys
from pathlib import Path
from dataclasses import replace
from types import SimpleNamespace
from genrelib.training import protocols
from genrelib.results import recording as results
from tests.tiny import rows_of, tiny_fold, tiny_slices
out, seed = Path(sys.argv[1]), int(sys.argv[2])
made = tiny_slices(Path(f"{out}.tiny"))
run = {"folder": out, "fit": {"epochs": 2, "patience": 3, "batch_size": 8},
    "folds": lambda *rows, **shares: [replace(tiny_fold(made), seed=seed)]}
runs = protocols.run_protocols("mel_cnn1d", made, ["slice"], [seed], **run)
protocols.run_protocols("feature_mlp", rows_of(made), ["slice"], [seed], **run)
results.record("idc-mel-cnn1d", replace(runs, collection=SimpleNamespace(name="tiny", is_demo=True)), save_model=False)
"""
# what each cache must be rebuilt for when another version of it is installed, and for nothing else
DEPENDS_ON = {
    "slices": {"soxr", "soundfile"},
    "windows": {"soxr", "soundfile", "numpy", "scipy", "librosa"},
    "images": {"soxr", "soundfile", "numpy", "scipy", "matplotlib"},
    "features": {"soxr", "soundfile", "numpy", "scipy", "librosa"},
    "samples": {"soxr", "soundfile", "numpy", "scipy", "librosa"},
    "tzanetakis": {"soxr", "soundfile", "numpy", "scipy", "librosa"},
    "front end": {"soxr", "soundfile", "kapre", "tensorflow", "keras"},
    "shifted": {"soxr", "soundfile", "numpy", "scipy", "librosa"},
    "sounds": {"soxr", "soundfile", "numpy", "scipy", "librosa"},
    "excerpts": {"soxr", "soundfile"},
}
PACKAGES = sorted(set.union(*DEPENDS_ON.values()) | {"scikit-learn", "pandas", "joblib"})
QUIET = {"progress": False, "n_jobs": 1}


def run(out, seed, hash_seed):
    environment = os.environ | {"PYTHONHASHSEED": str(hash_seed), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", RUN, str(out), str(seed)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return snapshot(out)


def test_one_seed_gives_one_result_in_another_process(tmp_path):
    """Two processes with one seed give equal records, predictions, weights and curves; another seed gives others"""
    first = run(tmp_path / "a", 0, 1)
    assert len(first) == 3 + 2 * 4
    for number in range(3 if FULL else 1):
        assert run(tmp_path / f"b{number}", 0, 2 + number) == first
    if FULL:
        other = run(tmp_path / "c", 1, 1)
        assert not set(first.values()) & {digest for name, digest in other.items() if "run.json" not in name}


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    """Two tracks: long enough for every kind of features."""
    folder = tmp_path_factory.mktemp("songs")
    write_tree(folder, ["rock/a.wav", "blues/b.wav"], seconds=3.2)
    return folder


def builders():
    model = mel_cnn1d(n_samples=22050, sample_rate=22050, n_classes=2)
    return {
        "slices": lambda songs, cache: slices.cut_slices(songs, 1.0, cache=cache, **QUIET),
        "windows": lambda songs, cache: cut_windows(songs, 4, cache=cache, **QUIET),
        "images": lambda songs, cache: draw_slices(
            slices.cut_slices(songs, 1.0, cache=cache, **QUIET), image_size=8, **QUIET),
        "features": lambda songs, cache: spectral_table(songs, cache=cache, **QUIET),
        "samples": lambda songs, cache: random_samples(songs, n=1, seconds=0.5, cache=cache, **QUIET),
        "tzanetakis": lambda songs, cache: tzanetakis_table(songs, cache=cache, **QUIET),
        "front end": lambda songs, cache: training.cached_front_end(
            training.split_front_end(model)[0], slices.cut_slices(songs, 1.0, cache=cache, **QUIET)),
        "shifted": lambda songs, cache: pitch_shifted(songs, cache=cache, **QUIET),
        "sounds": lambda songs, cache: sound_numbers(songs.tracks, cache=cache, n_jobs=1),
        "excerpts": lambda songs, cache: artist20._middles(
            [Path(path) for path in songs.tracks["path"]], 0.3, cache, 1, False),
    }  # fmt: skip


def built(build, songs, cache):
    """Tell whether a call adds to the cache something of its own kind: the last that it makes."""
    before = set(cache.iterdir())
    build(load_folder(songs), cache)
    return set(cache.iterdir()) - before


@pytest.mark.parametrize("kind", DEPENDS_ON)
def test_another_version_rebuilds_exactly_what_depends_on_it(kind, songs, tmp_path, monkeypatch):
    """Another version of each package rebuilds exactly the caches that depend on it"""
    build, found = builders()[kind], importlib.metadata.distribution
    assert built(build, songs, tmp_path) and not built(build, songs, tmp_path)
    rebuilds = set()
    for package in PACKAGES:
        with monkeypatch.context() as patch:
            patch.setattr(importlib.metadata, "distribution", lambda name, package=package: (
                type("Other", (), {"version": "0.0.1"}) if name == package else found(name)))  # fmt: skip
            if built(build, songs, tmp_path):
                rebuilds.add(package)
    assert rebuilds == DEPENDS_ON[kind]
    assert not built(build, songs, tmp_path)


@pytest.mark.parametrize("kind", [kind for kind in DEPENDS_ON if kind != "front end"])
def test_a_changed_file_rebuilds_and_a_touched_one_does_not(kind, songs, tmp_path):
    """One changed sample in one file rebuilds; a new date of the file does not"""
    build, path, cache = builders()[kind], songs / "rock" / "a.wav", tmp_path / "cache"
    cache.mkdir()
    assert built(build, songs, cache)
    os.utime(path, (1, 1))
    assert not built(build, songs, cache)
    before, samples = path.read_bytes(), read_int16(path)
    samples[100] ^= 1
    sf.write(path, samples, 22050, subtype="PCM_16")
    try:
        assert built(build, songs, cache)
    finally:
        path.write_bytes(before)
    assert not built(build, songs, cache)


@pytest.mark.parametrize("kind", [kind for kind in DEPENDS_ON if kind not in ("images", "front end")])
def test_all_tracks_that_cannot_be_read_are_listed_and_nothing_is_kept(kind, songs, tmp_path):
    """Files that break after they were loaded; pictures and the front end read slices"""
    collection, broken = load_folder(songs), [tmp_path / "a.wav", tmp_path / "b.wav"]
    for path in broken:
        path.write_bytes(b"no sound")
    collection = replace(collection, tracks=collection.tracks.assign(path=list(map(str, broken))))
    with pytest.raises(AudioError, match="2 of 2") as caught:
        builders()[kind](collection, tmp_path / "cache")
    assert all(str(path) in str(caught.value) for path in broken)
    assert not list((tmp_path / "cache").glob("[!.]*"))


def test_each_setting_has_a_cache_of_its_own(songs, tmp_path):
    """Slices of another length, hop or rate are another cache; the first one stays"""
    collection, keys = load_folder(songs), []
    for settings in ({}, {"seconds": 0.5}, {"hop_seconds": 0.25}, {"sample_rate": 11025}, {}):
        keys.append(slices.cut_slices(collection, cache=tmp_path, **{"seconds": 1.0, **settings}, **QUIET).key)
    assert len(set(keys)) == 4 and keys[0] == keys[-1] and len(list(tmp_path.iterdir())) == 4
