"""A local server and a GTZAN of twenty stand-ins, which tests of downloads share."""

import hashlib

import pandas as pd
import pytest

from genrelib.datasets import _download as fetch
from genrelib.datasets import gtzan
from tests.datasets.serving import local_server
from tests.making import GTZAN_TRACKS, write_gtzan


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with local_server() as httpd:
        yield httpd


@pytest.fixture
def tiny_gtzan(monkeypatch, tmp_path):
    """Make GTZAN 20 stand-in tracks; give the bytes of each WAV."""
    wavs = {path.stem: path.read_bytes() for path in write_gtzan(tmp_path / "originals", GTZAN_TRACKS)}
    index = pd.DataFrame(
        {"genre": [track.split(".")[0] for track in GTZAN_TRACKS]}, index=pd.Index(GTZAN_TRACKS, name="track_id")
    )
    index = index.assign(artist="A", title="T", artist_id="0", artist_fold="0", gtzan_160_fold="0")
    index = index.assign(fault_filtered="", excluded_as_fault="")
    index["wav_md5"] = [hashlib.md5(wavs[track]).hexdigest() for track in GTZAN_TRACKS]
    monkeypatch.setattr(gtzan, "read_index", lambda: index.copy())
    monkeypatch.setattr(gtzan, "track_list", lambda name: list(GTZAN_TRACKS))
    monkeypatch.setattr(fetch.time, "sleep", lambda seconds: None)
    return wavs
