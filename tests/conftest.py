"""Fixtures that several test modules share."""

import json
import os
import time
from pathlib import Path

import pytest

from genrelib._base.caching import file_when_whole
from genrelib._base.provenance import commit, versions


@pytest.fixture(scope="session")
def real_audio():
    """The folder that holds real gtzan_mini and gtzan_160, or a skip that says how to have one."""
    folder = os.environ.get("GENRELIB_TEST_AUDIO")
    if not folder:
        pytest.skip("needs real audio: GENRELIB_TEST_AUDIO names no folder with gtzan_mini and gtzan_160")
    assert Path(folder, "gtzan_mini").is_dir(), f"GENRELIB_TEST_AUDIO={folder} holds no gtzan_mini"
    return Path(folder)


def pytest_terminal_summary(terminalreporter):
    """Write the outcome of each test file where GENRELIB_OUTCOME names a file; files that did not run keep theirs."""
    target = os.environ.get("GENRELIB_OUTCOME")
    if not target:
        return
    target, ran, here = Path(target), {}, commit()
    for kind in ("passed", "failed", "error", "skipped"):
        for one in terminalreporter.stats.get(kind, ()):
            none = {"passed": 0, "failed": 0, "error": 0, "skipped": 0, "commit": here}
            ran.setdefault(one.nodeid.split("::")[0], none)[kind] += 1
    kept = json.loads(target.read_text())["files"] if target.is_file() else {}
    about = {"when": time.strftime("%Y-%m-%d"), "versions": versions()}
    with file_when_whole(target) as temporary:
        temporary.write_text(json.dumps({**about, "files": dict(sorted({**kept, **ran}.items()))}, indent=1) + "\n")
