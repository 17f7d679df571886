"""Fixtures that several test modules share."""

import json
import os
import time
from pathlib import Path

import pytest

from genrelib.caching import file_when_whole
from genrelib.provenance import commit, versions


@pytest.fixture(scope="session")
def real_audio():
    """The folder that holds real gtzan_mini and gtzan_140, or a skip that says how to have one."""
    folder = os.environ.get("GENRELIB_TEST_AUDIO")
    if not folder:
        pytest.skip("needs real audio: GENRELIB_TEST_AUDIO names no folder with gtzan_mini and gtzan_140")
    assert Path(folder, "gtzan_mini").is_dir(), f"GENRELIB_TEST_AUDIO={folder} holds no gtzan_mini"
    return Path(folder)


def pytest_terminal_summary(terminalreporter):
    """Write how many tests passed, and on which versions, where GENRELIB_OUTCOME names a file."""
    target = os.environ.get("GENRELIB_OUTCOME")
    if not target:
        return
    counts = {kind: len(terminalreporter.stats.get(kind, ())) for kind in ("passed", "failed", "error", "skipped")}
    told = {"when": time.strftime("%Y-%m-%d"), **counts, "versions": versions(), "commit": commit()}
    with file_when_whole(Path(target)) as temporary:
        temporary.write_text(json.dumps(told, indent=1) + "\n")
