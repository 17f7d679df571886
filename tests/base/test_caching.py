"""Caches: keys that follow content and settings, and nothing in place that is not whole."""

import errno
import hashlib
import json
import os
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import filelock
import pytest

from genrelib._base import caching
from genrelib._base.caching import BLOCK, alone_in, content_hashes, file_when_whole, folder_when_whole, key_of
from genrelib._base.errors import AudioError, GenrelibError
from tests.making import run_child, run_python


def test_key_follows_every_part_and_their_order_but_not_that_of_names():
    keys = [key_of(parts) for parts in ([1, 2], [2, 1], ["1", 2], [1, 2, None], [[1], 2], {"a": 1}, {"a": 2}, {"b": 1})]
    assert len(set(keys)) == len(keys)
    assert key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1})
    assert key_of([3.0, "é", {"a": [True]}]) == key_of([3.0, "é", {"a": [True]}])
    assert all(len(key) == 16 and int(key, 16) >= 0 for key in keys)


def test_key_is_the_same_in_a_new_process():
    code = "from genrelib._base.caching import key_of; print(key_of(['blues', 0.25, {'b': 1, 'a': None}]))"
    assert run_python(code).strip() == key_of(["blues", 0.25, {"a": None, "b": 1}])


def test_content_hash_digests_the_crc_of_each_block(tmp_path):
    contents = [b"", b"one", os.urandom(3 * BLOCK + 5), b"one"]
    paths = [tmp_path / str(i) for i in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    hashes = content_hashes(paths)
    blocks = [[content[i : i + BLOCK] for i in range(0, len(content), BLOCK)] for content in contents]
    sums = [json.dumps([[len(block), zlib.crc32(block)] for block in of]) for of in blocks]
    assert hashes == [hashlib.sha256(text.encode()).hexdigest()[:32] for text in sums]
    assert hashes[1] == hashes[3] and len(set(hashes)) == 3


def test_files_that_cannot_be_hashed_are_all_listed(tmp_path):
    (tmp_path / "here").write_bytes(b"1")
    with pytest.raises(AudioError, match="2 of 3 files cannot be read") as caught:
        content_hashes([tmp_path / "gone", tmp_path / "here", tmp_path])
    for path, reason in ((tmp_path / "gone", "No such file"), (tmp_path, "Is a directory")):
        assert f"{path}: {reason}" in str(caught.value)


def test_folder_appears_when_the_block_ends(tmp_path):
    target = tmp_path / "deep" / "cache"
    with folder_when_whole(target) as building:
        (building / "a").write_text("1")
        assert not target.exists() and building.is_relative_to(target.parent)
    assert (target / "a").read_text() == "1" and os.listdir(target.parent) == ["cache"]
    (tmp_path / "usual").mkdir()
    assert target.stat().st_mode == (tmp_path / "usual").stat().st_mode, "others may read it as they may any folder"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_failed_block_leaves_nothing(tmp_path, error):
    for whole in (folder_when_whole, file_when_whole):
        with pytest.raises(error), whole(tmp_path / "cache") as building:
            (building / "a" if building.is_dir() else building).write_text("half")
            raise error
    assert os.listdir(tmp_path) == []


def test_the_first_of_two_builders_stays(tmp_path):
    target = tmp_path / "cache"
    with folder_when_whole(target) as slow:
        (slow / "a").write_text("slow")
        with folder_when_whole(target) as quick:
            (quick / "a").write_text("quick")
    assert (target / "a").read_text() == "quick" and os.listdir(tmp_path) == ["cache"]


def test_what_a_killed_builder_left_is_swept_a_day_later(tmp_path):
    leftover = tmp_path / ".building-x"
    (leftover / "whole").mkdir(parents=True)
    for age, kept in [(0.5, True), (2, False)]:
        past = time.time() - age * caching.LEFTOVER_SECONDS
        os.utime(leftover, (past, past))
        with folder_when_whole(tmp_path / f"cache{age}"):
            pass
        assert leftover.exists() == kept
    assert sorted(os.listdir(tmp_path)) == ["cache0.5", "cache2"]


def test_file_is_replaced_only_by_a_whole_one(tmp_path):
    target = tmp_path / "deep" / "table.csv"
    with file_when_whole(target) as path:
        assert path.suffix == ".csv" and path.name.startswith(".")
        path.write_text("old")
    with pytest.raises(ValueError, match="no"), file_when_whole(target) as path:
        path.write_text("ne")
        raise ValueError("no")
    assert target.read_text() == "old" and os.listdir(target.parent) == ["table.csv"]
    with file_when_whole(target) as path:
        path.write_text("new")
    assert target.read_text() == "new" and os.listdir(target.parent) == ["table.csv"]


def test_threads_that_write_one_file_at_once_leave_one_whole(tmp_path):
    def write(text):
        for _ in range(20):
            with file_when_whole(tmp_path / "a.txt") as path:
                path.write_text(text * 5000)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, "abcdefgh"))
    assert len(set((tmp_path / "a.txt").read_text())) == 1 and os.listdir(tmp_path) == ["a.txt"]


def test_no_space_left_names_the_target(tmp_path):
    told = "cache: disk full .*No space left.* MB are free .*make room"
    with pytest.raises(GenrelibError, match=told), folder_when_whole(tmp_path / "cache"):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("whole", [folder_when_whole, file_when_whole, alone_in])
def test_file_where_a_folder_should_be(tmp_path, whole):
    (tmp_path / "taken").write_text("mine")
    for name in ("taken/cache", "taken/deep/cache"):
        refusal = pytest.raises(GenrelibError, match=f"{name}: cannot be written")
        with refusal as refused, whole(tmp_path / name):
            pytest.fail("there is no place to build")
        assert whole is alone_in or "GENRELIB_CACHE" in str(refused.value)
    assert (tmp_path / "taken").read_text() == "mine"


def test_one_run_at_a_time_and_a_killed_one_keeps_nobody_out(tmp_path, capsys):
    code = "from genrelib._base.caching import alone_in\n"
    code += "with alone_in(sys.argv[1]): print(flush=True); time.sleep(60)"
    child = run_child(code, tmp_path)
    child.stdout.readline()
    threading.Timer(0.5, child.kill).start()
    start = time.monotonic()
    with alone_in(tmp_path):
        assert time.monotonic() - start > 0.3
    child.wait(10)
    assert f"{tmp_path}: another run is at work there" in capsys.readouterr().err
    with alone_in(tmp_path):
        assert os.listdir(tmp_path) == [caching.LOCK]
    assert capsys.readouterr().err == ""


def test_a_disk_without_locks_is_written_all_the_same(tmp_path, monkeypatch):
    def no_locks(*_, **__):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(filelock.FileLock, "acquire", no_locks)
    with alone_in(tmp_path / "deep"):
        assert (tmp_path / "deep").is_dir()
