import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from IPython.display import Audio, Markdown

from genrelib.reports import session as notebook
from genrelib.datasets.collection import Collection
from genrelib._base.errors import DatasetError
from genrelib.reports.session import Session, on_colab, open_session, player, start
from genrelib._base.paths import RUNS


def collection(name, is_demo):
    row = {"path": "a.wav", "genre": "jazz", "artist": None, "artist_id": "a", "album": None, "duration": 9.0}
    return Collection(name, pd.DataFrame([row], index=["a"]), Path("data"), is_demo=is_demo)


@pytest.fixture(autouse=True)
def not_headless(monkeypatch):
    monkeypatch.delenv("GENRELIB_HEADLESS", raising=False)
    monkeypatch.delenv("GENRELIB_DATA", raising=False)


@pytest.fixture
def loaded(monkeypatch):
    """What is loaded, in the place of audio."""
    calls = []

    def load(name, root=None):
        calls.append((name, root))
        return collection(name, name == "demo")

    monkeypatch.setattr(notebook, "load_collection", load)
    return calls


@pytest.fixture
def colab(monkeypatch):
    for name in ("google", "google.colab"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))


def test_demo_is_opened_where_there_is_no_audio_and_labelled(loaded, tmp_path, capsys):
    session = open_session(data=tmp_path)
    said = capsys.readouterr().out
    assert loaded == [("demo", tmp_path)] and session.collection.name == "demo" and session.is_demo
    assert said.startswith("collection: demo (no complete ")
    assert "DEMO: synthesised audio." in said and "evidence of nothing" in said
    assert session.seeds == (0,) and session.folder == RUNS / "demo"


def test_real_audio_is_not_labelled_demo(loaded, tmp_path, capsys):
    session = open_session("gtzan_mini", data=tmp_path)
    said = capsys.readouterr().out
    assert said == "collection: gtzan_mini (as asked)\n"
    assert not session.is_demo and session.seeds == (0, 1, 2) and session.folder == RUNS / "gtzan_mini"


@pytest.mark.parametrize(
    "seeds, expected",
    [(None, (0,)), (0, (0,)), (5, (5,)), (np.int64(5), (5,)), ([1, 2], (1, 2)), (range(3), (0, 1, 2))],
)
def test_seeds_are_a_number_or_several(loaded, seeds, expected):
    assert open_session("demo", seeds=seeds).seeds == expected


def test_folder_is_taken_as_given(loaded, tmp_path):
    assert open_session("demo", folder=str(tmp_path / "mine")).folder == tmp_path / "mine"


def test_choose_takes_the_smaller_setting_on_the_demo():
    for is_demo, expected in ((True, 3), (False, 15)):
        assert Session(collection("any", is_demo), Path("runs"), (0,)).choose(15, demo=3) == expected


@pytest.mark.parametrize(
    "is_demo, headless, kind",
    [(False, True, Markdown), (False, False, Audio), (True, True, Audio), (True, False, Audio)],
)
def test_player_embeds_no_real_audio_headless(monkeypatch, is_demo, headless, kind):
    if headless:
        monkeypatch.setenv("GENRELIB_HEADLESS", "1")
    samples = np.sin(np.arange(800) / 10).astype(np.float32)
    shown = player(samples, 8000, Session(collection("any", is_demo), Path("runs"), (0,)))
    assert type(shown) is kind
    if kind is Audio:
        assert b"RIFF" == shown.data[:4] and len(shown.data) == 44 + 2 * 800
    else:
        assert "when the notebook is run interactively" in shown.data


def test_player_of_silence():
    with np.errstate(all="raise"):
        shown = player(np.zeros(800, np.int16), 8000, Session(collection("any", True), Path("runs"), (0,)))
    assert set(shown.data[44:]) == {0}


def test_colab_is_told_by_its_module(colab):
    assert on_colab()


def test_this_is_not_colab():
    assert not on_colab()


@pytest.fixture
def fetched(monkeypatch):
    """A collection that is missing until it is downloaded."""
    calls = []

    def load(name, root=None):
        if name != "demo" and ("download", name, root) not in calls:
            raise DatasetError(f"{name}: 1000 tracks are missing")
        calls.append(("load", name, root))
        return collection(name, name == "demo")

    monkeypatch.setattr(notebook, "load_collection", load)
    monkeypatch.setattr(notebook, "download_collection", lambda name, root: calls.append(("download", name, root)))
    return calls


def test_colab_fetches_the_whole_of_gtzan(colab, fetched, tmp_path, capsys):
    session = open_session(data=tmp_path)
    assert fetched == [("download", "gtzan", tmp_path), ("load", "gtzan", tmp_path)]
    assert session.collection.name == "gtzan" and session.seeds == (0, 1, 2) and not session.is_demo
    said = capsys.readouterr().out
    assert "collection: gtzan (the whole collection, fetched on Colab (1.2 GB))" in said
    assert "1000 tracks are missing" in said and "DEMO" not in said


def test_colab_fetches_what_is_asked_for_and_only_once(colab, fetched, tmp_path):
    for _ in range(2):
        open_session("gtzan_mini", data=tmp_path)
    assert [what for what, *_ in fetched] == ["download", "load", "load"]


def test_colab_shows_the_demo_if_asked(colab, fetched, tmp_path):
    assert open_session("demo", data=tmp_path).is_demo
    assert fetched == [("load", "demo", tmp_path)]


def test_nothing_is_fetched_elsewhere(fetched, tmp_path):
    with pytest.raises(DatasetError, match="1000 tracks are missing"):
        open_session("gtzan_mini", data=tmp_path)
    assert fetched == []


@pytest.fixture
def styled(monkeypatch):
    calls = []
    monkeypatch.setitem(sys.modules, "genrelib.figures.style", SimpleNamespace(set_style=lambda: calls.append(1)))
    return calls


def test_start_prints_versions_and_device(styled, monkeypatch, capsys):
    import tensorflow as tf

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    start()
    said = capsys.readouterr().out.splitlines()
    assert styled == [1] and said[0].startswith("Python 3.")
    assert all(f"{name} " in said[0] for name in notebook.SHOWN) and f"tensorflow {tf.__version__}" in said[0]
    assert said[-1] == f"no GPU: {os.cpu_count()} CPU cores" and len(said) == 3


def test_start_names_the_gpu_or_says_how_to_have_one(styled, colab, monkeypatch, capsys):
    import tensorflow as tf

    gpus = []
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: gpus if kind == "GPU" else [])
    start()
    assert "choose Runtime > Change runtime type > T4 GPU" in capsys.readouterr().out
    gpus.append(SimpleNamespace(name="/physical_device:GPU:0"))
    start()
    said = capsys.readouterr().out
    assert "GPU: /physical_device:GPU:0" in said and "Runtime >" not in said
