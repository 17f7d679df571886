"""Paths of any kind, terminals of any encoding, users without a home or a folder that they may write."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from genrelib.__main__ import main
from genrelib._base import writable
from genrelib._base.errors import GenrelibError
from genrelib._base.paths import absolute_variables, cache_root, data_root, shown
from genrelib.audio import read_audio
from genrelib.classify import load_classifier
from genrelib.datasets import check_collection, gtzan, load_collection
from genrelib.features import read_table
from genrelib.reports.leakage.table import find_table
from genrelib.reports.session import open_session
from genrelib.reports.toronto import public_table
from tests.features.test_read_table import made_up
from tests.making import ROOT, write_tree

ODD = 'my "it\'s" #1 100% é\nnew $HOME;ls $x^$ '
NAMES = (ODD, "-dash", "~tilde", "n" * 240)
LATIN = os.fsdecode(b"latin\xe9")  # not UTF-8


def command(*arguments, cwd, **environment):
    """Run a command in a process of its own; give its exit code, and what it printed, errors apart."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "", **environment}
    environment = {name: value for name, value in environment.items() if value is not None}
    started = [sys.executable, "-m", "genrelib", *map(str, arguments)]
    ended = subprocess.run(started, cwd=cwd, env=environment, capture_output=True, timeout=300, check=False)
    return ended.returncode, *(text.decode(errors="replace") for text in (ended.stdout, ended.stderr))


@pytest.fixture
def music(tmp_path, monkeypatch):
    """A folder of songs under each of the names, in a home that is the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))

    def make(name):
        try:
            for path in write_tree(tmp_path / "plain", ["rock/song.wav", "jazz/song.wav"], seconds=0.6):
                os.rename(path, path.with_name(f"{name}.wav"))
            os.rename(tmp_path / "plain", tmp_path / name)
        except OSError:
            pytest.skip(f"this file system has no such name: {name!r}")
        return tmp_path / name

    return make


def any_form(form, folder):
    """Name a folder of the working folder, which is the home too."""
    return {"relative": f"./{folder.name}", "home": f"~/{folder.name}", "link": "./link", "full": str(folder)}[form]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A classifier of one's own."""
    network = keras.Sequential([keras.Input((2000,)), keras.layers.Dense(2, activation="softmax")])
    path = tmp_path_factory.mktemp("model") / "mine.keras"
    network.save(path)
    card = {"system": "mine", "genres": ["jazz", "rock"], "sample_rate": 8000, "trained_on": "x", "seed": 0,
            "versions": {}, "accuracy": None, "trust": ""}  # fmt: skip
    path.with_suffix(".json").write_text(json.dumps(card), encoding="utf-8")
    return path


@pytest.fixture
def place(music, model, request):
    """A folder of songs of some name, with a link to it, a model, and a table in it."""
    name = request.param
    folder = music(name)
    Path("link").symlink_to(folder)
    for path in (model, model.with_suffix(".json")):
        shutil.copy(path, folder / f"{name}{path.suffix}")
    tracks = [f"{track}.wav" for track in gtzan.read_index().index[::5]]
    made_up(tracks).to_csv(folder / f"{name}.csv", index=False)
    return folder


EVERY_FORM = pytest.mark.parametrize("form", ["relative", "home", "link", "full"])


@EVERY_FORM
@pytest.mark.parametrize("place", NAMES, indirect=True)
def test_every_parameter_of_a_notebook_takes_any_path(place, monkeypatch, form):
    path = any_form(form, place)
    song, model, table = (
        f"{path}/{part}{place.name}{end}" for part, end in (("rock/", ".wav"), ("", ".keras"), ("", ".csv"))
    )
    session = open_session(path, path, f"{path}/run", 0)
    tracks, found = session.collection.tracks, find_table(table, path)
    answer, samples = load_classifier(model).classify(Path(song)), read_audio(Path(song))
    assert len(samples) == 0.6 * 22050 and Path(answer.song) == Path(song) and len(read_table(found)) == 200
    assert set(check_collection(path, path)["state"]) == {"ok"}
    monkeypatch.chdir("/")  # what was read stays in full, wherever a notebook's process goes
    assert tracks["path"].map(lambda each: Path(each).is_file()).all() and len(tracks) == 2
    assert all(each.is_absolute() for each in (session.folder, session.collection.cache, found))
    assert session.collection.cache.parent.samefile(place) and session.folder.parent.samefile(place)


@EVERY_FORM
@pytest.mark.parametrize("place", [ODD, LATIN], indirect=True, ids=["odd", "latin"])
def test_every_command_takes_any_path(place, monkeypatch, capsys, form):
    path, parameters = any_form(form, place), {}
    song = f"{path}/rock/{place.name}.wav"

    def executed(source, target, **given):
        parameters.update(given["parameters"])
        shutil.copy(source, target)

    monkeypatch.setattr("papermill.execute_notebook", executed)
    monkeypatch.setattr(public_table, "SYSTEMS", {})
    monkeypatch.setattr(public_table, "readme_section", lambda content: "")
    assert main(["classify", "--json", song, path, "--model", f"{path}/{place.name}.keras"]) == 0
    assert len(json.loads(capsys.readouterr().out)["songs"]) == 2
    if place.name == ODD:  # no table of tracks holds a name that is not UTF-8: see below
        assert main(["check", "--collection", path, "--data", path]) == 0 and "2 ok" in capsys.readouterr().out
        assert main(["reproduce", "--collection", path, "--data", path, "--folder", f"{path}/run",
                     "--notebooks", "99"]) == 0  # fmt: skip
        assert (place / "run" / "99_scoreboard.ipynb").is_file() and len(parameters) >= 3
        assert all(Path(parameters[each]).is_absolute() for each in ("collection", "data", "folder"))
    assert main(["table", f"{path}/{place.name}.csv", "--folder", f"{path}/table"]) == 0
    assert (place / "table" / "results" / "table.json").is_file()


def test_a_name_that_is_not_utf_8_is_told(music):
    folder = music(LATIN)
    arguments = ("check", "--collection", f"./{LATIN}", "--data", ".")
    code, out, err = command(*arguments, cwd=folder.parent)
    assert code == 1 and out == "" and "not UTF-8" in err and "Traceback" not in err and "latin" in err
    os.rename(folder, folder.with_name("plain"))
    write_tree(folder.with_name("plain"), ["rock/b.wav", "jazz/b.wav"])
    code, out, err = command("check", "--collection", "./plain", "--data", ".", cwd=folder.parent)
    assert code == 0 and err == "" and "2 ok" in out and "2, names that are not UTF-8" in out


@pytest.mark.parametrize("words", [
    "classify {}.wav", "classify a.wav --model {}.keras", "table {}.csv", "check --collection {}",
    "check --collection ./{}", "check --collection gtzan_mini --data {}", "data --data {}",
    "reproduce --collection ./{}", "reproduce --collection gtzan_mini --data {}",
])  # fmt: skip
def test_a_path_that_is_longer_than_a_name_can_be_is_one_line(music, capsys, words):
    name = "x" * 300
    assert main([word.format(name) for word in words.split()]) == 1
    told = capsys.readouterr().err
    assert name in told and not told.replace("not classified: ", "").startswith("Traceback")


@pytest.mark.parametrize("words", [
    ["classify", "a.wav", "--top", "x"], ["classify", "a.wav", "--model", ""], ["table", ""],
    ["reproduce", "--seeds", "a"], ["reproduce", "--seeds", "-1"], ["reproduce", "--folder", " "],
    ["reproduce", "--seeds", "0,0"], ["reproduce", "--seeds", str(2**32)],
    ["check", "--data", ""], ["reproduce", "--notebooks", "77"], ["classify", "--top", "0", "a.wav", "b.wav"],
])  # fmt: skip
def test_a_bad_option_is_refused_once_before_any_work(music, capsys, words):
    """An option that does not parse is a 2, as everywhere"""
    try:
        code = main(words)
    except SystemExit as ended:
        code = ended.code
    told = capsys.readouterr()
    assert code in (1, 2) and told.out == "" and len(told.err.splitlines()) <= 5
    assert not list(Path().iterdir())


@pytest.mark.parametrize("words", [
    ["check", "--collection", "songs", "--data", "."], ["classify", "--json", "songs", "--model", "embedded"],
    ["classify", "songs", "--model", "mine.keras"], ["table", "absent.csv"],
])  # fmt: skip
def test_nothing_but_our_words_reaches_a_terminal_of_any_encoding(music, model, words):
    """No line of TensorFlow, libmpg123 or numba; ASCII is the poorest encoding: codes in place of letters"""
    folder = music("songs")
    for name in ("é.wav", "\u266b\n.wav"):
        shutil.copy(folder / "rock" / "songs.wav", folder / "rock" / name)
    if words[0] == "classify":
        (folder / "rock" / "broken.mp3").write_bytes(b"\xff\xfb\x90\x64" + bytes(range(256)) * 40)
    for path in (model, model.with_suffix(".json")):
        shutil.copy(path, path.name)
    environment = {"TF_CPP_MIN_LOG_LEVEL": None, "PYTHONIOENCODING": "ascii"}
    code, out, err = command(*words, cwd=folder.parent, **environment)
    assert code == (words[0] != "check") and (out + err).isascii()
    ours = ("not classified: ", "passed over: ", "DatasetError: ", "GenrelibError: ", "compiling, once")
    assert all(line.startswith(ours) for line in err.splitlines()), err
    if "--json" in words:
        assert len(json.loads(out)["songs"]) == 4


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("songs, arguments", [
    ("my song (1).mp3", ["my song (1).mp3"]), ("a.mp3 'my song (1).mp3'", ["a.mp3", "my song (1).mp3"]),
    ("$HOME's #1 100%.mp3", ["$HOME's #1 100%.mp3"]),
])  # fmt: skip
def test_make_classify_takes_names_with_blanks(music, songs, arguments):
    """A stand-in of Python prints what reaches it"""
    home = music("songs").parent
    for name in ("Makefile", "requirements.txt", "constraints.txt", "pyproject.toml", "genrelib/data/musicnn.txt"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, home / name)
    (home / arguments[-1]).touch()
    python = home / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nshift 3\nprintf '%s\\n' \"$@\"\n", encoding="utf-8")
    python.chmod(0o755)
    (home / ".venv" / ".ready").touch()
    call = ["make", "-s", "classify", f"SONGS={songs.replace('$', '$$')}"]
    ended = subprocess.run(call, cwd=home, capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.splitlines() == arguments


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


def read_only(folder):
    """Take the right to write from a folder, or skip: root may write anywhere."""
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("this user may write anywhere")


def test_data_that_may_not_be_written_says_what_to_set(music):
    from genrelib.slices import cut_slices

    folder = music("mine")
    read_only(folder)
    with pytest.raises(GenrelibError, match="GENRELIB_CACHE"):
        cut_slices(load_collection(folder, folder), 0.1, progress=False)


@pytest.mark.parametrize("place", ["mine"], indirect=True)
def test_a_checkout_that_may_not_be_written_serves_or_says_what_to_set(place, tmp_path, monkeypatch, capsys):
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    read_only(checkout)
    for module in ("reports.toronto.public_table", "reports.run", "reports.session", "training.protocols"):
        monkeypatch.setattr(f"genrelib.{module}.RUNS", checkout / "runs")
    monkeypatch.setattr(public_table, "SYSTEMS", {})
    monkeypatch.setattr(public_table, "readme_section", lambda content: "")
    assert main(["classify", "--json", "mine", "--model", "mine/mine.keras"]) == 0
    assert main(["table", "mine/mine.csv", "--folder", "table"]) == 0 and Path("table/results/table.json").is_file()
    capsys.readouterr()
    for words in (["table", "mine/mine.csv"], ["reproduce", "--collection", "./mine", "--notebooks", "99"]):
        assert main(words) == 1
        assert "--folder" in capsys.readouterr().err
