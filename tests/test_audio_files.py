"""Which files of a folder are sound, by their content, and what is told of the others."""

import os

from genrelib.audio import HEAD_BYTES, begins_like_audio
from genrelib.datasets._files import find_audio
from tests.making import write_tree


def test_files_are_taken_by_content_and_the_others_told(tmp_path):
    write_tree(tmp_path, ["rock/a.wav", "rock/.b.wav", ".hidden/c.wav"])
    for name in ("song", "song.jpg", "song.xyz"):
        (tmp_path / name).write_bytes((tmp_path / "rock/a.wav").read_bytes())
    (tmp_path / "page.mp3").write_text("<html>")
    (tmp_path / "list.csv").write_text("genre,file")
    (tmp_path / "unicode.txt").write_text("Ein Text", encoding="utf-16")
    (tmp_path / "rock" / "empty").write_bytes(b"")
    (tmp_path / "up").symlink_to(tmp_path)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    files, passed_over = find_audio(tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in files] == [
        "page.mp3", "rock/a.wav", "song", "song.jpg", "song.xyz",
    ]  # fmt: skip
    assert passed_over == {
        "no sound": [tmp_path / "list.csv", tmp_path / "rock/empty", tmp_path / "unicode.txt"],
        "hidden": [tmp_path / ".hidden", tmp_path / "rock/.b.wav"],
        "no file, or a link to none": [tmp_path / "gone", tmp_path / "pipe"],
        "a link to a folder that is read already": [tmp_path / "up"],
    }
    assert find_audio(tmp_path / "absent") == ([], {})


def test_text_and_pictures_do_not_begin_like_sound():
    for head in (b"", b"#EXTM3U\n", b"v=0\no=- ", b"ffconcat version 1.0", b"\xff\xd8\xff\xe0", b"\x89PNG", b"%PDF-1.7",
                 b"\0" * HEAD_BYTES, b"\xff\xfeA\0", b"PK\3\4"):  # fmt: skip
        assert not begins_like_audio(head), head
