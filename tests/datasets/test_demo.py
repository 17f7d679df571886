"""The demo collection: what it promises of its files, its nesting, and its known artist effect."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from genrelib._base.deal import deal
from genrelib._base.errors import DatasetError, GenrelibError
from genrelib.datasets.demo import collection as demo
from genrelib.datasets.demo.collection import GENRES, SOUNDS_LIKE, artist_ceiling, load_demo
from genrelib.datasets.demo.sound import Performance, render

SMALL = {"tracks_per_genre": 4, "seconds": 1.0, "sample_rate": 8000, "n_jobs": 1, "progress": False}


def digests(collection):
    paths = collection.tracks.path
    return {track_id: hashlib.sha256(Path(path).read_bytes()).hexdigest() for track_id, path in paths.items()}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return load_demo(tmp_path_factory.mktemp("small"), **SMALL)


@pytest.fixture(scope="module")
def default_plan():
    """The default layout's rows, with no sound made."""
    return planned(12)


def planned(tracks_per_genre, seed=0, artists_per_genre=7):
    plan = demo._plan(tracks_per_genre, artists_per_genre, seed)
    rows = {track: demo._describe(played, Path("x.wav")) for track, played in plan.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


# The files


def test_same_bytes_in_a_new_process_and_of_several_jobs(small, tmp_path):
    settings = SMALL | {"n_jobs": 2}
    code = f"from genrelib.datasets.demo.collection import load_demo; load_demo({str(tmp_path)!r}, **{settings!r})"
    root = Path(demo.__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    made = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.rglob("*.wav")}
    assert made == digests(small)


def test_every_track_differs_and_another_seed_differs(small, tmp_path):
    one, other = digests(small), digests(load_demo(tmp_path, **SMALL, seed=1))
    assert len(set(one.values())) == len(one)
    assert not set(one.values()) & set(other.values())


def test_files_lie_where_promised_at_the_rate_and_length_asked(small):
    for track_id, row in small.tracks.iterrows():
        path = Path(row.path)
        assert path.relative_to(small.root / "demo").parts[1:] == (row.genre, f"{track_id}.wav")
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.subtype) == (8000, 1, "PCM_16")
        assert info.frames == 8000 and row.duration == 1.0


@pytest.mark.parametrize("genre", GENRES)
@pytest.mark.parametrize("sample_rate", [8000, 22050, 48000])
def test_sound_is_level_and_never_silent(genre, sample_rate):
    sound = render(Performance(0, genre, genre, 0, 0, 0), 6 * sample_rate, sample_rate)
    assert sound.dtype == np.int16 and len(sound) == 6 * sample_rate
    assert -3.01 < 20 * np.log10(np.abs(sound.astype(float)).max() / 32767) < -0.99
    seconds = sound.reshape(6, sample_rate) / 32768
    assert np.sqrt(np.mean(seconds**2, axis=1)).min() > 0.01


def test_albums_differ_in_brightness_by_the_tilt_asked():
    def tilts(album_tilt):
        """Decibel of the upper octaves less the lower ones' of the same performance on twelve albums."""
        played = [Performance(0, "rock", "rock", 0, album, 0, album_tilt) for album in range(12)]
        power = [np.abs(np.fft.rfft(render(one, 2 * 16000, 16000))) ** 2 for one in played]
        return [10 * np.log10(one[4000:12000].sum() / one[200:800].sum()) for one in power]

    assert np.std(tilts(2.0)) > 2 * np.std(tilts(0.3))


def test_a_second_call_only_reads(tmp_path, monkeypatch):
    first = load_demo(tmp_path, **SMALL)
    monkeypatch.setattr(demo, "_build", lambda *_: pytest.fail("built again"))
    pd.testing.assert_frame_equal(load_demo(tmp_path, **SMALL).tracks, first.tracks)


def test_each_setting_has_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "render", lambda _, n_samples, __: np.zeros(n_samples, dtype=np.int16))
    changes = ({}, {"seed": 1}, {"seconds": 1.5}, {"sample_rate": 9000}, {"tracks_per_genre": 5}, {"album_tilt": 2},
               {"artists_per_genre": 4})  # fmt: skip
    folders = {Path(load_demo(tmp_path, **{**SMALL, **change}).tracks.path.iloc[0]).parents[1] for change in changes}
    assert len(folders) == len(changes)


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: os.truncate(path, 1000)])
def test_a_damaged_copy_is_made_anew(small, tmp_path, damage):
    damage(Path(load_demo(tmp_path, **SMALL).tracks.path.iloc[17]))
    assert digests(load_demo(tmp_path, **SMALL)) == digests(small)
    assert [path.name[0] for path in (tmp_path / "demo").iterdir()] == ["v"]


# The table


def test_collection_says_what_it_is(small):
    assert small.licence == "CC0"
    assert " ".join(small.genres) == "blues classical country disco hiphop jazz metal pop reggae rock"
    assert small.tracks.index[0] == "blues.00000"
    assert small.tracks.notna().all().all()
    assert all(small.why_not(unit) is None for unit in ("slice", "track", "album", "artist"))
    words = (small.citation, small.tracks.drop(columns="path").to_csv(), Path(small.tracks.path.iloc[0]).parts[-4:])
    assert "gtzan" not in repr(words).lower()


def test_default_layout_is_a_stray_of_three_tracks_and_six_of_one_or_two(default_plan):
    for _, tracks in default_plan.groupby("genre"):
        assert sorted(tracks.artist_id.value_counts()) == [1, 1, 1, 2, 2, 2, 3] and tracks.album.nunique() == 12
        stray = tracks.artist_id[tracks.sounds_like != tracks.genre].unique()
        assert len(stray) == 1 and (tracks.artist_id == stray[0]).sum() == 3


@pytest.mark.parametrize("n, artists, several", [(4, 7, 4), (5, 7, 5), (24, 7, 7), (36, 4, 4), (100, 20, 20)])
def test_nesting_and_a_quarter_by_one_stray(n, artists, several):
    tracks = planned(n, artists_per_genre=artists)
    assert (tracks.groupby("genre").artist_id.nunique() == several).all()
    assert (tracks.groupby("genre").size() == n).all()
    nested = (("album", "artist_id"), ("artist_id", "genre"), ("artist_id", "artist"), ("artist", "artist_id"))
    for child, parent in nested:
        assert (tracks.groupby(child)[parent].nunique() == 1).all()
    per_artist = tracks.groupby(["genre", "artist_id"]).sounds_like.agg(["first", "nunique"]).reset_index()
    assert (per_artist["nunique"] == 1).all()
    strays = per_artist[per_artist["first"] != per_artist.genre]
    assert (strays.genre.value_counts() == 1).all() and strays.genre.nunique() == 10
    assert (strays["first"] == strays.genre.map(SOUNDS_LIKE)).all()
    if n % 4 == 0:
        assert artist_ceiling(tracks) == 0.75


def test_each_fold_by_artist_has_its_share_of_strays(default_plan):
    dealt = deal(default_plan.genre.to_numpy(), default_plan.artist_id.to_numpy(dtype=object), [1 / 3] * 3, seed=0)
    assert all(0.65 < artist_ceiling(default_plan, default_plan.index[dealt == fold]) < 0.85 for fold in range(3))


def test_strays_sound_like_another_genre_and_each_genre_has_one_imitator():
    assert sorted(SOUNDS_LIKE) == sorted(SOUNDS_LIKE.values()) == list(GENRES)
    assert all(genre != other for genre, other in SOUNDS_LIKE.items())


def test_strays_are_not_told_by_their_number():
    tracks = planned(4)
    strays = tracks[tracks.sounds_like != tracks.genre]
    assert strays.artist_id.str[-1].nunique() > 1


@pytest.mark.parametrize("seed", range(5))
def test_valence_lies_in_0_to_1_and_fills_all_three_thirds(seed):
    valence = planned(12, seed).valence
    assert valence.between(0, 1).all()
    assert (np.histogram(valence, [0, 1 / 3, 2 / 3, 1])[0] >= 12).all()


# The known artist effect


def frame(**sounds_like):
    return pd.DataFrame({"genre": "rock", "sounds_like": sounds_like})


def test_ceiling_of_tiny_frames():
    tracks = frame(a="rock", b="rock", c="blues", d="rock")
    assert artist_ceiling(tracks) == 0.75
    assert artist_ceiling(tracks, ["c"]) == 0.0
    assert artist_ceiling(tracks, pd.Series(["a", "c"])) == 0.5
    assert artist_ceiling(tracks, np.array(["a", "c", "c", "c"])) == 0.25  # one id a test slice


def test_ceiling_refuses_what_it_cannot_know():
    with pytest.raises(DatasetError, match="sounds_like"):
        artist_ceiling(frame(a="rock").drop(columns="sounds_like"))
    with pytest.raises(DatasetError, match="unknown: .'z'"):
        artist_ceiling(frame(a="rock"), ["a", "z"])
    with pytest.raises(DatasetError, match="got none"):
        artist_ceiling(frame(a="rock"), [])


# Silly settings


@pytest.mark.parametrize("setting", [
    {"tracks_per_genre": 3}, {"tracks_per_genre": 4.5}, {"tracks_per_genre": True}, {"artists_per_genre": 3},
    {"seconds": 0.5}, {"seconds": float("nan")}, {"seconds": "9"}, {"seed": -1}, {"seed": None}, {"sample_rate": 0},
    {"sample_rate": 22050.5}, {"album_tilt": -1}, {"n_jobs": 0},
])  # fmt: skip
def test_silly_settings_are_refused_by_name_and_value(tmp_path, setting):
    name, value = next(iter(setting.items()))
    with pytest.raises(GenrelibError, match=f"{name} must be.*got {value!r}"):
        load_demo(tmp_path, **{**SMALL, **setting})
    assert list(tmp_path.iterdir()) == []
