"""artist20: the distributed layout, the middle of each song, and splits by album and by song."""

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from genrelib._base.errors import DatasetError
from genrelib.audio import read_int16
from genrelib.datasets import artist20, download_collection, load_collection
from genrelib.datasets.artist20 import artists_as_classes, load_artist20
from genrelib.datasets.collection import Collection
from genrelib.reports.turin import artists
from tests.making import noise

RATE = 16000
SONG, SHORT = 0.5, 0.2  # seconds


def write_song(path, seconds, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, noise(seconds, seed=seed, sample_rate=RATE), RATE, subtype="PCM_16")


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Three artists of three albums with two or three songs each, as a whole copy."""
    for name, value in {"N_TRACKS": 21, "N_ARTISTS": 3, "N_ALBUMS": 3}.items():
        monkeypatch.setattr(artist20, name, value)
    songs = [
        tmp_path / "artist20" / "mp3s-32k" / artist / album / f"{number:02d}-song.wav"
        for artist in ("aerosmith", "beatles", "u2")
        for album in ("first", "second", "third")
        for number in range(2 + (album == "second"))
    ]
    for seed, song in enumerate(songs):
        write_song(song, SHORT if song.parts[-3:] == ("u2", "third", "00-song.wav") else SONG, seed)
    return tmp_path


def load(root, seconds=0.3):
    return load_artist20(root, seconds=seconds, n_jobs=1, progress=False)


def test_artists_are_the_classes_and_albums_are_known(small):
    collection = load(small)
    assert collection.name == "artist20" and not collection.is_demo
    assert collection.genres == ["aerosmith", "beatles", "u2"]
    assert "beatles/second/02-song" in collection.tracks.index
    assert collection.groups("album").nunique() == 9  # "first" by three artists is three albums
    assert (collection.tracks["genre"] == collection.tracks["artist_id"]).all()
    assert "fewer than two artists" in collection.why_not("artist")
    assert collection.why_not("album") is None


def test_the_middle_of_a_song_is_taken_and_a_shorter_song_whole(small):
    tracks = load(small).tracks
    whole = read_int16(tracks["song"]["beatles/first/00-song"], sample_rate=RATE)
    middle = read_int16(tracks["path"]["beatles/first/00-song"], sample_rate=RATE)
    np.testing.assert_array_equal(middle, whole[1600:6400])  # .1 to .4 of .5 s
    assert tracks["duration"]["u2/third/00-song"] == pytest.approx(SHORT)
    np.testing.assert_array_equal(
        read_int16(tracks["path"]["u2/third/00-song"], sample_rate=RATE),
        read_int16(tracks["song"]["u2/third/00-song"], sample_rate=RATE),
    )


def test_without_audio_the_error_says_where_it_is_to_be_had(tmp_path):
    with pytest.raises(DatasetError, match=r"(?s)labrosa.ee.columbia.edu/projects/artistid.*artist/album/track.mp3"):
        load_collection("artist20", tmp_path)
    with pytest.raises(DatasetError, match="on request"):
        download_collection("artist20", tmp_path)


def test_a_copy_that_is_not_whole_is_counted(small):
    (small / "artist20" / "mp3s-32k" / "u2" / "first" / "00-song.wav").unlink()
    with pytest.raises(DatasetError, match="has 21 songs of 3 artists, 3 albums each; .* holds 20 of 3"):
        load(small)
    for song in (small / "artist20" / "mp3s-32k" / "u2" / "first").iterdir():
        song.unlink()
    with pytest.raises(DatasetError, match="u2: 2 albums"):
        load(small)


def test_songs_outside_an_album_are_listed(small):
    write_song(small / "artist20" / "stray.wav", SONG, seed=5)
    with pytest.raises(DatasetError, match=r"(?s)no artist/album:.*stray.wav"):
        load(small)


def test_another_length_is_cut_beside_the_first(small):
    first, other = load(small).tracks, load_collection("artist20", small, seconds=0.1, progress=False).tracks
    assert other["duration"].max() == pytest.approx(0.1) and not set(first["path"]) & set(other["path"])


def four_artists(n_artists=4, n_albums=6, songs=(3, 7, 2, 5, 4, 6)):
    rows = [
        {"track_id": f"{a}/{b}/{s}", "artist": f"Artist {a}", "artist_id": f"a{a}", "album": f"album {b}",
         "genre": "rock" if a % 2 else "pop"}
        for a in range(n_artists)
        for b in range(n_albums)
        for s in range(songs[(a + b) % len(songs)])
    ]  # fmt: skip
    tracks = pd.DataFrame(rows).set_index("track_id").assign(path="", duration=9.0)
    return Collection("demo", tracks, root=".", is_demo=True)


def test_classes_are_artists_and_the_rest_stays():
    given = four_artists()
    collection = artists_as_classes(given, 3)
    assert collection.genres == ["Artist 0", "Artist 1", "Artist 2"] and collection.is_demo
    assert given.genres == ["pop", "rock"]  # what was given is as it was
    unknown = given.tracks["album"].where(given.tracks["artist_id"] != "a0", None)
    rest = artists_as_classes(Collection("demo", given.tracks.assign(album=unknown), root="."))
    assert rest.genres == ["Artist 1", "Artist 2", "Artist 3"]


def test_a_collection_without_artists_is_refused():
    given = four_artists()
    with pytest.raises(DatasetError, match="two at least"):
        artists_as_classes(Collection("mine", given.tracks.assign(artist_id=None), root="."))


def test_whatever_else_was_asked_for_artists_of_the_demo_stand_in(small, tmp_path, monkeypatch, capsys):
    whole = load(small)
    assert artists.artists_at_hand(whole) is whole and capsys.readouterr().out == ""
    monkeypatch.setenv("GENRELIB_DATA", str(tmp_path / "data"))
    monkeypatch.setitem(artists.DEMO_SETTINGS, "seconds", 1.0)
    stand_in = artists.artists_at_hand(four_artists())
    told = capsys.readouterr().out
    assert told.startswith("DEMO: no audio of artist20") and artist20.HOME in told
    assert stand_in.is_demo and stand_in.name == "demo" and len(stand_in.genres) == 8
    assert set(stand_in.tracks.groupby(["artist", "album"]).size()) == {3}
    assert stand_in.tracks["genre"].equals(stand_in.tracks["artist"].rename("genre"))
