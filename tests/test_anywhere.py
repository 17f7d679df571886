"""Paths of any kind, terminals of any encoding, users without a home or a folder that they may write."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from genrelib._base import writable
from genrelib._base.errors import GenrelibError
from genrelib._base.paths import absolute_variables, cache_root, data_root, shown
from genrelib.datasets import load_collection
from genrelib.reports.leakage.table import find_table
from tests.making import ROOT, write_tree

NAMES = ("my music", 'it\'s "mine"', "#1 100% é", "new\nline", "-dash", "$HOME;ls")
LATIN = os.fsdecode(b"latin\xe9")  # not UTF-8


def command(*arguments, cwd, **environment):
    """Run a command in a process of its own; give its exit code, and what it printed as text of any bytes."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "", **environment}
    started = [sys.executable, "-m", "genrelib", *map(str, arguments)]
    ended = subprocess.run(started, cwd=cwd, env=environment, capture_output=True, timeout=300, check=False)
    return ended.returncode, ended.stdout.decode(errors="replace") + ended.stderr.decode(errors="replace")


@pytest.fixture
def music(tmp_path, monkeypatch):
    """A folder of songs under each of the names, in a home that is the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))

    def make(name):
        for path in write_tree(tmp_path / "plain", ["rock/song.wav", "jazz/song.wav"], seconds=0.2):
            try:
                os.rename(path, path.with_name(f"{name}.wav"))
            except OSError:
                pytest.skip(f"this file system has no such name: {name!r}")
        os.rename(tmp_path / "plain", tmp_path / name)
        return tmp_path / name

    return make


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["relative", "home", "link", "full"])
def test_a_folder_of_any_name_is_loaded_by_any_form_of_its_path(music, monkeypatch, name, form):
    folder = music(name)
    Path("link").symlink_to(folder)
    path = {"relative": f"./{name}", "home": f"~/{name}", "link": "./link", "full": str(folder)}[form]
    collection = load_collection(path, path)
    tracks, cache = collection.tracks, collection.cache
    monkeypatch.chdir("/")  # what was read stays in full, wherever a notebook's process goes
    assert len(tracks) == 2 and tracks["path"].map(lambda each: Path(each).is_file()).all()
    assert cache.is_absolute() and cache.parent.samefile(folder)


@pytest.mark.parametrize("name", NAMES[2:4])
def test_check_takes_any_name_and_any_terminal(music, name):
    """ASCII is the poorest that there is: codes in place of letters, no traceback"""
    folder = music(name)
    arguments = ("check", "--collection", f"./{name}", "--data", ".")
    code, told = command(*arguments, cwd=folder.parent, PYTHONIOENCODING="ascii")
    assert code == 0 and "2 ok" in told and "Traceback" not in told


def test_a_name_that_is_not_utf_8_is_told(music):
    folder = music(LATIN)
    arguments = ("check", "--collection", f"./{LATIN}", "--data", ".")
    code, told = command(*arguments, cwd=folder.parent)
    assert code == 1 and "not UTF-8" in told and "Traceback" not in told and "latin" in told
    os.rename(folder, folder.with_name("plain"))
    write_tree(folder.with_name("plain"), ["rock/b.wav", "jazz/b.wav"])
    code, told = command("check", "--collection", "./plain", "--data", ".", cwd=folder.parent)
    assert code == 0 and "2 ok" in told and "2, names that are not UTF-8" in told


@pytest.mark.parametrize("name", ["x" * 300])
@pytest.mark.parametrize(
    "words", [["check", "--collection", "./{}"], ["table", "{}.csv"], ["reproduce", "--collection", "./{}"]],
    ids=lambda words: words[0],
)  # fmt: skip
def test_a_path_that_leads_nowhere_is_one_line(tmp_path, words, name):
    code, told = command(*(word.format(name) for word in words), cwd=tmp_path, TF_CPP_MIN_LOG_LEVEL="3")
    assert code == 1 and "Traceback" not in told and name in told


def test_variables_that_name_paths_hold_in_every_folder(music, monkeypatch):
    home = music("my music").parent
    for name in ("GENRELIB_DATA", "GENRELIB_CACHE", "GENRELIB_TABLE"):
        monkeypatch.setenv(name, "~/my music")
    assert set(absolute_variables().values()) == {str(home / "my music")}
    assert data_root() == cache_root() == find_table() == home / "my music"
    assert data_root("x") == home / "x" and cache_root("x") == home / "my music"
    monkeypatch.delenv("GENRELIB_CACHE")
    assert cache_root("x") == home / "x" / "cache"


@pytest.mark.parametrize("ours", [True, False])
def test_caches_of_libraries_go_where_the_user_may_write(tmp_path, monkeypatch, capsys, ours):
    monkeypatch.setattr(writable.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(writable, "_writable", lambda folder: folder.is_relative_to(tmp_path))
    monkeypatch.setattr(writable.tempfile, "mkdtemp", lambda prefix: str(tmp_path / "fresh"))
    for name in ("NUMBA_CACHE_DIR", "MPLCONFIGDIR"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / f"genrelib-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    if not ours:
        folder.mkdir()
        folder.chmod(0o777)  # anybody may put code there
    writable.settle_caches()
    assert Path(os.environ["NUMBA_CACHE_DIR"]).parent == (folder if ours else tmp_path / "fresh")
    assert ("set NUMBA_CACHE_DIR" in capsys.readouterr().err) == (not ours)
    monkeypatch.setenv("NUMBA_CACHE_DIR", "mine")
    writable.settle_caches()
    assert os.environ["NUMBA_CACHE_DIR"] == "mine"


def test_without_a_home_paths_are_shown(monkeypatch):
    monkeypatch.setattr(os.path, "expanduser", lambda path: str(path))
    assert shown(ROOT / "README.md") == "README.md" and shown("/nowhere/else.txt") == "else.txt"


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may write anywhere")
def test_data_that_may_not_be_written_says_what_to_set(music):
    from genrelib.slices import cut_slices

    folder = music("mine")
    folder.chmod(0o500)
    with pytest.raises(GenrelibError, match="GENRELIB_CACHE"):
        cut_slices(load_collection(folder, folder), 0.1, progress=False)
