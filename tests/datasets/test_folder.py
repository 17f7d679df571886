"""Anyone's songs: which files are tracks, and what is said of those that cannot be read."""

import os
import subprocess

import pytest
import soundfile as sf

from genrelib.datasets.folder import load_folder
from genrelib._base.errors import DatasetError
from tests.making import run_child, write_tree


def test_genre_is_the_first_folder_and_the_id_the_path(tmp_path):
    names = [
        "Rock & Roll/Chuck Berry/01 – Maybellene.wav",
        "blues/a.flac",
        "blues/B.WAV",
        "électro/ひこうき雲.ogg",
        "x/y.mp3",
    ]
    write_tree(tmp_path, [name for name in names if not name.endswith(("ogg", "mp3"))], seconds=0.5)
    for name in names[3:]:
        (tmp_path / name).parent.mkdir()
        sf.write(tmp_path / name, sf.read(tmp_path / names[1])[0], 22050)
    collection = load_folder(tmp_path)
    assert set(collection.tracks.index) == set(names) and list(collection.tracks.index) == list(
        load_folder(tmp_path).tracks.index
    )
    assert collection.genres == ["Rock & Roll", "blues", "x", "électro"]
    assert collection.tracks["duration"].tolist() == pytest.approx([0.5] * 5, abs=0.1)
    assert all(os.path.samefile(row["path"], tmp_path / track) for track, row in collection.tracks.iterrows())
    assert collection.name == "folder" and collection.why_not("artist") == "folder knows no artists"


def test_order_does_not_hang_on_that_of_the_disk(tmp_path):
    names = [f"{genre}/{i}.wav" for genre in "cab" for i in (10, 2, 1)]
    write_tree(tmp_path, names)
    assert list(load_folder(tmp_path).tracks.index) == sorted(names)


def test_what_is_no_track_is_passed_over(tmp_path):
    write_tree(tmp_path, [
        "rock/a.wav", "rock/._a.wav", ".hidden/b.wav", "rock/.bin/c.wav", "__MACOSX/rock/d.wav", "rock/__MACOSX/e.wav",
        "top.wav",
    ])  # fmt: skip
    for name in ("rock/.DS_Store", "rock/cover.jpg", "rock/list.mf", "rock/noending"):
        (tmp_path / name).write_text("not audio")
    (tmp_path / "rock" / "album.wav").mkdir()
    (tmp_path / "empty").mkdir()
    write_tree(tmp_path, ["rock/album.wav/f.wav"])
    collection = load_folder(tmp_path)
    assert list(collection.tracks.index) == ["rock/a.wav", "rock/album.wav/f.wav"] and collection.genres == ["rock"]


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


def test_missing_or_empty_folder(tmp_path):
    (tmp_path / "file").write_text("1")
    for name in ("absent", "file"):
        with pytest.raises(DatasetError, match=f"{tmp_path / name}: no such folder; give one that holds"):
            load_folder(tmp_path / name)
    with pytest.raises(DatasetError, match=f"{tmp_path}: no tracks; .* laid out as genre/file, .* .wav"):
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
        ("gone.wav", "no such"),
    ]:  # fmt: skip
        (line,) = [line for line in lines if f"rock/{name}" in line]
        assert reason in line
    assert "good" not in str(caught.value) and lines[-1] == "mend or replace these files"


AS_NOBODY = """
import os
from genrelib.datasets.folder import load_folder
from genrelib._base.errors import DatasetError
os.setgid(65534); os.setuid(65534)
try:
    print(len(load_folder(sys.argv[1]).tracks))
except DatasetError as error:
    print(error)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can step down to another user")
def test_folder_that_may_not_be_listed_is_no_lesser_collection(tmp_path):
    write_tree(tmp_path, ["rock/a.wav", "blues/b.wav"])
    for folder in [tmp_path, *tmp_path.parents]:
        if "pytest" in folder.name or folder == tmp_path:
            folder.chmod(0o755)
    (tmp_path / "blues").chmod(0)
    told = run_child(AS_NOBODY, tmp_path, stderr=subprocess.STDOUT).communicate(timeout=60)[0]
    (tmp_path / "blues").chmod(0o700)
    assert told.startswith(
        f"{tmp_path / 'blues'}: the folder cannot be listed (Permission denied); check its permissions"
    )
