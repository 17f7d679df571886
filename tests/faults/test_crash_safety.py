"""Every writer killed, run twice at once, and short of disk: the next run ends with what an undisturbed one gives."""

import re
import signal
import time

import pytest

from tests.faults.helping import FULL, KILLS, Child, draws, leftovers, snapshot, whole
from tests.faults.writers import WRITERS

SMALL = 150  # bytes that a file may hold where the disk is full
PARTS = (".part", ".part.from")  # of a download that may go on


@pytest.fixture(scope="module")
def undisturbed(source, tmp_path_factory):
    """What each writer gives when nothing disturbs it, how many changes of the disk that takes, and how long."""
    found = {}

    def of(name):
        if name not in found:
            out = tmp_path_factory.mktemp("whole") / "out"
            out.mkdir()
            told = whole(name, out, source)
            found[name] = snapshot(out), told
            assert found[name][0] and not leftovers(out)
            told["largest"] = max(path.stat().st_size for path in out.rglob("*") if path.is_file())
        return found[name]

    return of


@pytest.mark.parametrize("name", WRITERS)
def test_killed_at_random_moments(name, source, tmp_path, undisturbed):
    """Killed by SIGKILL, half of the times at a random moment, half right before a random change of the disk"""
    expected, usual = undisturbed(name)
    random = draws("kill", name)
    for number in range(KILLS):
        out = tmp_path / str(number)
        out.mkdir()
        if number % 2:
            child = Child(name, out, source)
            time.sleep(random.uniform(0, usual["seconds"]))
            child.kill()
        else:
            step = random.randint(1, max(1, usual["changes"]))
            code, told = Child(name, out, source, step=step).end()
            assert code == -signal.SIGKILL or told["changes"] < step, (code, told)
        half = snapshot(out)
        finished = set(half) & set(expected)
        assert all(half[one] == expected[one] for one in finished), "what is in place is whole"
        whole(name, out, source)
        assert snapshot(out) == expected, (name, number)


@pytest.mark.parametrize("name", [name for name in WRITERS if name not in ("zip", "tar")])
def test_two_runs_at_once(name, source, tmp_path, undisturbed):
    """Two processes that write the same at the same time"""
    expected, _ = undisturbed(name)
    for number in range(3 if FULL else 1):
        out = tmp_path / str(number)
        out.mkdir()
        children = [Child(name, out, source) for _ in range(2)]
        told = [child.end() for child in children]
        assert [code for code, _ in told] == [0, 0], told
        assert snapshot(out) == expected and not leftovers(out)


@pytest.mark.parametrize("name", WRITERS)
def test_disk_full(name, source, tmp_path, undisturbed):
    """The disk is full at once, or somewhere in the largest file: one clear error, no half file, then room again"""
    expected, usual = undisturbed(name)
    random = draws("full", name)
    for n_bytes in (SMALL, *(random.randint(SMALL, usual["largest"] - 1) for _ in range(max(1, KILLS // 4)))):
        out = tmp_path / str(n_bytes)
        out.mkdir()
        told = whole(name, out, source, n_bytes=n_bytes)
        assert "refused" in told and re.search("disk full|of free disk", told["refused"]), told
        assert str(out) in told["refused"]
        half = {one: digest for one, digest in snapshot(out).items() if not one.endswith(PARTS)}
        assert half.items() <= expected.items() and (half == {} or n_bytes > SMALL), n_bytes
        whole(name, out, source)
        assert snapshot(out) == expected
