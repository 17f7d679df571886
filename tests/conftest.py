"""Fixtures that several test modules share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_audio():
    """The folder that holds real gtzan_mini and gtzan_160, or a skip that says how to have one."""
    folder = os.environ.get("GENRELIB_TEST_AUDIO")
    if not folder:
        pytest.skip("needs real audio: GENRELIB_TEST_AUDIO names no folder with gtzan_mini and gtzan_160")
    assert Path(folder, "gtzan_mini").is_dir(), f"GENRELIB_TEST_AUDIO={folder} holds no gtzan_mini"
    return Path(folder)


@pytest.fixture
def tree(tmp_path):
    """Four tracks of 1 s and a little, in three genres."""
    from tests.making import write_songs

    return write_songs(tmp_path / "songs", ("rock/b.wav", "blues/a.wav", "blues/deep/c.wav", "jazz/d.flac"))
