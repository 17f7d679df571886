"""Anyone's songs: which files are tracks, and what is said of those that cannot be read."""

import os
from pathlib import Path
from unicodedata import normalize

import pytest
import soundfile as sf

from genrelib._base.errors import DatasetError
from genrelib.datasets import load_collection
from genrelib.datasets.folder import load_folder
from tests.making import as_nobody, is_root, write_tree


def test_genre_is_the_first_folder_and_the_id_the_path(tmp_path):
    names = ["Rock & Roll/Chuck Berry/01 – Maybellene.wav", "blues/a.flac", "blues/B.WAV", "électro/ひこうき雲.ogg"]
    names += ["x/y.mp3"]
    write_tree(tmp_path, [name for name in names if not name.endswith(("ogg", "mp3"))], seconds=0.5)
    for name in names[3:]:
        (tmp_path / name).parent.mkdir()
        sf.write(tmp_path / name, sf.read(tmp_path / names[1])[0], 22050)
    collection = load_folder(tmp_path)
    assert set(collection.tracks.index) == set(names)
    assert list(collection.tracks.index) == list(load_folder(tmp_path).tracks.index)
    assert collection.genres == ["Rock & Roll", "blues", "x", "électro"]
    assert collection.tracks["duration"].tolist() == pytest.approx([0.5] * 5, abs=0.1)
    assert all(os.path.samefile(row["path"], tmp_path / track) for track, row in collection.tracks.iterrows())
    assert collection.name == tmp_path.name and collection.why_not("artist") == f"{tmp_path.name} knows no artists"


def test_what_is_no_track_is_passed_over_and_told(tmp_path, capsys):
    write_tree(tmp_path, [
        "rock/a.wav", "rock/._a.wav", ".hidden/b.wav", "rock/.bin/c.wav", "__MACOSX/rock/d.wav", "rock/__MACOSX/e.wav",
        "top.wav",
    ])  # fmt: skip
    for name in ("rock/.DS_Store", "rock/cover.jpg", "rock/list.mf", "rock/noending"):
        (tmp_path / name).write_text("not audio")
    (tmp_path / "rock" / "album.wav").mkdir()
    write_tree(tmp_path, ["rock/album.wav/f.wav"])
    collection = load_folder(tmp_path)
    assert list(collection.tracks.index) == ["rock/a.wav", "rock/album.wav/f.wav"] and collection.genres == ["rock"]
    told = capsys.readouterr().out
    assert "3, no sound (cover.jpg, list.mf, noending)" in told and "1, beside the genre folders (top.wav)" in told
    assert told.startswith(f"{tmp_path}:\n") and "hidden" in told


def test_a_tidy_folder_has_nothing_told(tmp_path, capsys):
    write_tree(tmp_path, ["rock/a.wav", "jazz/b.wav"])
    (tmp_path / "metadata.csv").write_text("file,artist\nrock/a.wav,A\n")
    load_folder(tmp_path)
    assert capsys.readouterr().out == ""


def test_empty_genre_folders_are_all_listed_behind_what_is_passed_over(tmp_path, capsys):
    write_tree(tmp_path, ["rock/a.wav"])
    (tmp_path / "jazz").mkdir()
    (tmp_path / "blues").mkdir()
    (tmp_path / "blues" / "cover.jpg").write_text("a picture")
    with pytest.raises(DatasetError, match=r"any format in it; these hold no track:\n  blues\n  jazz\nput songs there"):
        load_folder(tmp_path)
    assert "passed over: 1, no sound (cover.jpg)" in capsys.readouterr().out


def test_a_link_in_circles_beside_the_genre_folders_is_passed_over_and_told(tmp_path, capsys):
    write_tree(tmp_path, ["rock/a.wav", "jazz/b.wav"])
    for name, target in (("loop", tmp_path), ("rock2", tmp_path / "rock"), ("itself", tmp_path / "itself")):
        (tmp_path / name).symlink_to(target)
    assert load_folder(tmp_path).genres == ["jazz", "rock"]
    told = capsys.readouterr().out
    assert "2, a link to a folder that is read already (loop, rock2)" in told and "itself" in told


def test_genres_that_differ_in_case_or_spaces_alone_are_pointed_out(tmp_path, capsys):
    write_tree(tmp_path, ["Rock/a.wav", "rock/b.wav", "rock /c.wav", "jazz/d.wav"])
    assert load_folder(tmp_path).genres == ["Rock", "jazz", "rock", "rock "]
    assert "one genre? 'Rock', 'rock', 'rock ' are taken for 3" in capsys.readouterr().out


def test_links_are_followed_once_and_never_in_circles(tmp_path):
    write_tree(tmp_path, ["disk/albums/a.wav", "disk/b.wav"])
    songs = tmp_path / "songs"
    (songs / "jazz").mkdir(parents=True)
    (songs / "rock").symlink_to(tmp_path / "disk" / "albums")
    (songs / "jazz" / "b.wav").symlink_to(tmp_path / "disk" / "b.wav")
    (songs / "jazz" / "up").symlink_to(songs)
    (songs / "jazz" / "here").symlink_to(songs / "jazz")
    (songs / "jazz" / "further").symlink_to(tmp_path)
    assert list(load_folder(songs).tracks.index) == ["jazz/b.wav", "rock/a.wav"]
    (tmp_path / "link").symlink_to(songs)
    assert list(load_folder(tmp_path / "link").tracks.index) == ["jazz/b.wav", "rock/a.wav"]


def test_no_name_is_not_the_working_folder(tmp_path, monkeypatch):
    write_tree(tmp_path, ["rock/a.wav", "jazz/b.wav"])
    monkeypatch.chdir(tmp_path)
    for name in ("", " "):
        with pytest.raises(DatasetError, match="this is empty"):
            load_collection(name)
    assert load_collection(Path(".")).genres == ["jazz", "rock"]


def test_missing_or_empty_folder(tmp_path):
    (tmp_path / "file").write_text("1")
    for name in ("absent", "file"):
        with pytest.raises(DatasetError, match=f"{tmp_path / name}: no such folder; give one that holds"):
            load_folder(tmp_path / name)
    with pytest.raises(DatasetError, match=f"{tmp_path}: no tracks; .* laid out as genre/file"):
        load_folder(tmp_path)
    write_tree(tmp_path, ["top.wav"])
    with pytest.raises(DatasetError, match="no tracks"):
        load_folder(tmp_path)


def test_all_tracks_that_cannot_be_read_are_listed(tmp_path):
    paths = write_tree(tmp_path, [f"rock/{name}.wav" for name in ("good", "cut", "empty", "page", "zero")])
    paths[1].write_bytes(paths[1].read_bytes()[:1000])
    paths[2].write_bytes(b"")
    paths[3].write_text("<html>" * 99)
    paths[4].unlink()
    write_tree(tmp_path, ["rock/zero.au"], seconds=0)
    (tmp_path / "rock" / "gone.wav").symlink_to(tmp_path / "nowhere.wav")
    with pytest.raises(DatasetError, match=f"{tmp_path}: 5 of 6 tracks cannot be read") as caught:
        load_folder(tmp_path)
    lines = str(caught.value).splitlines()
    for name, reason in [
        ("cut.wav", "truncated"), ("empty.wav", "0 bytes"), ("page.wav", "not audio"), ("zero.au", "0 samples"),
        ("gone.wav", "a link to no file"),
    ]:  # fmt: skip
        (line,) = [line for line in lines if f"rock/{name}" in line]
        assert reason in line
    assert "good" not in str(caught.value) and lines[-1] == "mend or replace these files"


# Who plays what


def with_metadata(root, text, names=("rock/a.wav", "rock/b.wav", "jazz/c.wav", "jazz/d.wav")):
    write_tree(root, names)
    (root / "metadata.csv").write_text(text, encoding="utf-8")
    return load_folder(root).tracks


def test_metadata_names_genre_artist_and_album(tmp_path):
    rows = [
        "\ufefffile, artist ,album,genre",
        "jazz/c.wav, Nina  Simone ,Live,soul",
        "rock/a.wav,A,,",
        "top.wav,,,rock",
    ]
    tracks = with_metadata(tmp_path, "\n".join(rows), ("rock/a.wav", "rock/b.wav", "jazz/c.wav", "top.wav"))
    assert tracks["genre"].to_dict() == dict(zip(tracks.index, ("soul", "rock", "rock", "rock"), strict=True))
    assert list(tracks.loc["jazz/c.wav", ["artist", "artist_id", "album"]]) == ["Nina  Simone", "nina simone", "Live"]
    assert list(tracks.loc["rock/b.wav", ["artist", "artist_id", "album"]]) == [None] * 3
    assert list(tracks.loc["rock/a.wav", ["artist", "album"]]) == ["A", None]


def test_accents_are_the_same_however_a_disk_writes_them(tmp_path):
    names = ["rock/" + normalize("NFD", "café.wav"), "jazz/b.wav"]
    tracks = with_metadata(tmp_path, "file,artist\n" + normalize("NFC", "rock/café.wav") + ",A\n", names)
    assert tracks["artist"].dropna().tolist() == ["A"]


def test_columns_that_are_not_read_are_told(tmp_path, capsys):
    tracks = with_metadata(tmp_path, "file,title,artist,artist\nrock/a.wav,T,A,B\n")
    assert tracks["artist"].dropna().tolist() == ["A"] and "not read: artist.1, title" in capsys.readouterr().out


@pytest.mark.parametrize(("text", "words"), [
    ("file,artist\nrock/a.wav,A\nrock/x.wav,B", r"row 3: 'rock/x.wav' is no audio file here"),
    ("file,artist\nrock/a.wav,A\njazz/c.wav,B\nrock/a.wav,A", r"(?s)row 2: 'rock/a.wav'.*twice.*row 4: .*delete"),
    ("name,artist\nrock/a.wav,A", "columns file and any of genre, artist, album.*given name, artist"),
    ("", "cannot be read as a table"),
    ('file,artist\n"rock/a.wav,A', "cannot be read as a table|no audio"),
])  # fmt: skip
def test_metadata_that_does_not_fit_names_the_row(tmp_path, text, words):
    with pytest.raises(DatasetError, match=words) as caught:
        with_metadata(tmp_path, text)
    assert str(tmp_path / "metadata.csv") in str(caught.value)


LOAD = """
try:
    print(len(datasets.folder.load_folder(sys.argv[1]).tracks))
except GenrelibError as error:
    print(error)
"""


@is_root
def test_folder_that_may_not_be_listed_is_no_lesser_collection(tmp_path):
    write_tree(tmp_path, ["rock/a.wav", "blues/b.wav"])
    (tmp_path / "blues").chmod(0)
    told = as_nobody(tmp_path, LOAD, tmp_path)
    (tmp_path / "blues").chmod(0o700)
    assert told == [f"{tmp_path / 'blues'}: the folder cannot be listed (Permission denied); check its permissions"]
