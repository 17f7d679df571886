import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from IPython.display import Audio, Markdown

from genrelib._base.errors import DatasetError
from genrelib._base.paths import RUNS
from genrelib.datasets.collection import Collection
from genrelib.reports import session as module
from genrelib.reports.session import Session, open_session, player, start


def collection(name, is_demo):
    row = {"path": "a.wav", "genre": "jazz", "artist": None, "artist_id": "a", "album": None, "duration": 9.0}
    return Collection(name, pd.DataFrame([row], index=["a"]), Path("data"), is_demo=is_demo)


@pytest.fixture(autouse=True)
def not_headless(monkeypatch):
    monkeypatch.delenv("GENRELIB_HEADLESS", raising=False)
    monkeypatch.delenv("GENRELIB_DATA", raising=False)


@pytest.fixture
def calls(monkeypatch):
    """What is loaded and fetched, in the place of audio: all but the demo is missing until it is downloaded."""
    calls = []

    def load(name, root=None):
        if name != "demo" and ("download", name, root) not in calls:
            raise DatasetError(f"{name}: 1000 tracks are missing")
        calls.append(("load", name, root))
        return collection(name, name == "demo")

    monkeypatch.setattr(module, "load_collection", load)
    monkeypatch.setattr(module, "download_collection", lambda name, root: calls.append(("download", name, root)))
    return calls


@pytest.fixture
def colab(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))


@pytest.mark.parametrize("there, asked", [(True, 0), (False, 1)])
def test_colab_gets_the_weights_of_the_pretrained_classifier_by_their_hash(colab, monkeypatch, there, asked):
    calls = []
    monkeypatch.setattr(module, "find_spec", lambda name: there or None)
    run = lambda call: calls.append(call) or SimpleNamespace(returncode=0)  # noqa: E731
    monkeypatch.setattr(module, "subprocess", SimpleNamespace(run=run))
    start()
    assert len(calls) == asked
    for call in calls:
        assert {"--no-deps", "--require-hashes"} < set(call) and "sha256:" in Path(call[-1]).read_text()


def test_demo_is_opened_where_there_is_no_audio_and_labelled(calls, tmp_path, capsys):
    session = open_session(data=tmp_path)
    said = capsys.readouterr().out
    assert calls == [("load", "demo", tmp_path)] and session.is_demo
    assert said.startswith("collection: demo (no complete ") and "DEMO" in said and "evidence of nothing" in said
    assert session.seeds == (0,) and session.folder == RUNS / "demo"

    assert "GENRELIB_DATA" not in os.environ  # one session leaves no data folder to the next


def test_real_audio_is_not_labelled_demo_and_a_run_of_ones_own_music_bears_its_name(calls, tmp_path, capsys):
    own = str(tmp_path / "my music")
    calls.append(("download", own, None))
    session = open_session(own)
    assert capsys.readouterr().out == f"collection: {own} (as asked)\n"
    assert not session.is_demo and session.seeds == (0, 1, 2) and session.folder == RUNS / "my music"


@pytest.mark.parametrize("seeds, expected", [(0, (0,)), (np.int64(5), (5,)), ([1, 2], (1, 2)), (range(3), (0, 1, 2))])
def test_seeds_are_a_number_or_several_and_a_run_lies_where_it_is_asked_to(calls, tmp_path, seeds, expected):
    session = open_session("demo", folder=str(tmp_path / "mine"), seeds=seeds)
    assert session.seeds == expected and session.folder == tmp_path / "mine"


@pytest.mark.parametrize(
    "is_demo, headless, kind",
    [(False, True, Markdown), (False, False, Audio), (True, True, Audio), (True, False, Audio)],
)
def test_player_embeds_no_real_audio_headless(monkeypatch, is_demo, headless, kind):
    if headless:
        monkeypatch.setenv("GENRELIB_HEADLESS", "1")
    session = Session(collection("any", is_demo), Path("runs"), (0,))
    shown = player(np.sin(np.arange(800) / 10).astype(np.float32), 8000, session)
    assert type(shown) is kind and (kind is Markdown or len(shown.data) == 44 + 2 * 800)
    if kind is Audio:  # silence has no peak to divide by
        with np.errstate(all="raise"):
            assert set(player(np.zeros(800, np.int16), 8000, session).data[44:]) == {0}


def test_colab_takes_the_collection_whose_figures_are_committed(colab, calls, tmp_path, capsys):
    session = open_session(data=tmp_path)
    assert calls == [("download", "gtzan_160", tmp_path), ("load", "gtzan_160", tmp_path)]
    assert session.collection.name == "gtzan_160" and session.seeds == (0, 1, 2)
    said = capsys.readouterr().out
    assert "1.2 GB" in said and "1000 tracks are missing" in said and "DEMO" not in said


def test_colab_fetches_what_is_asked_for_once_and_shows_the_demo_if_asked(colab, calls, tmp_path):
    for name in ("gtzan_mini", "gtzan_mini", "demo"):
        open_session(name, data=tmp_path)
    assert [(what, name) for what, name, _ in calls] == [
        ("download", "gtzan_mini"), ("load", "gtzan_mini"), ("load", "gtzan_mini"), ("load", "demo"),
    ]  # fmt: skip


def test_nothing_is_fetched_elsewhere(calls, tmp_path):
    with pytest.raises(DatasetError, match="1000 tracks are missing"):
        open_session("gtzan_mini", data=tmp_path)
    assert calls == []


def test_start_prints_versions_and_says_how_to_have_a_gpu(colab, monkeypatch, capsys):
    import tensorflow as tf

    styled, gpus = [], []
    monkeypatch.setitem(sys.modules, "genrelib.figures.style", SimpleNamespace(set_style=lambda: styled.append(1)))
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: gpus if kind == "GPU" else [])
    start()
    said = capsys.readouterr().out
    assert styled == [1] and f"tensorflow {tf.__version__}" in said and "T4 GPU" in said
    assert f"no GPU: {os.cpu_count()} CPU cores" in said
    gpus.append(SimpleNamespace(name="/physical_device:GPU:0"))
    start()
    said = capsys.readouterr().out
    assert "GPU: /physical_device:GPU:0" in said and "T4 GPU" not in said
