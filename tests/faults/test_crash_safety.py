"""Every writer killed, run twice at once, and short of disk: the next run ends with what an undisturbed one gives."""

import ast
import re
import signal
import time

import pytest

from tests.faults.helping import KILLS, Child, draws, leftovers, snapshot, whole
from tests.faults.writers import WRITERS
from tests.making import ROOT

HEADING = "Crash safety"
SMALL = 150  # bytes that a file may hold where the disk is full
WRITING = ("write_text", "write_bytes", "savez", "savefig", "tofile", "write_wav")
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
def test_killed_at_random_moments(name, source, tmp_path, undisturbed, tried):
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
        tried(1)


@pytest.mark.parametrize("name", [name for name in WRITERS if name not in ("zip", "tar")])
def test_two_runs_at_once(name, source, tmp_path, undisturbed, tried):
    """Two processes that write the same at the same time"""
    expected, _ = undisturbed(name)
    for number in range(1 if KILLS == 2 else 3):
        out = tmp_path / str(number)
        out.mkdir()
        children = [Child(name, out, source) for _ in range(2)]
        told = [child.end() for child in children]
        assert [code for code, _ in told] == [0, 0], told
        assert snapshot(out) == expected and not leftovers(out)
        tried(1)


@pytest.mark.parametrize("name", WRITERS)
def test_disk_full(name, source, tmp_path, undisturbed, tried):
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
        tried(1)


WHOLE = {"file_when_whole", "folder_when_whole", "cached_table", "write_when_whole"}
OWN_WAYS = {"caching", "datasets.archives", "datasets.fetch", "datasets.demo"}  # each is a writer above
NOT_IN_PLACE = {"datasets.gtzan", "model_files"}  # into memory; where its three callers have it put in place


def test_nothing_is_written_but_whole(tried):
    """A module that writes files has them put in place by genrelib._base.caching, or is a writer of its own above"""
    for path in sorted((ROOT / "genrelib").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT / "genrelib").with_suffix("").parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        writes = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Call) and _writes(node)]
        assert not writes or names & WHOLE or module in OWN_WAYS | NOT_IN_PLACE, (module, writes)
        tried(1)


def _writes(call):
    owner, _, name = ast.unparse(call.func).rpartition(".")
    if name == "open":
        of_path = owner not in ("", "os", "tarfile", "zipfile")  # path.open(mode), else open(path, mode)
        mode = "".join(ast.unparse(one) for one in call.args[1 - of_path :][:1])
        return bool(set(mode.strip("'")) & set("wax+"))
    if name in ("write", "save"):
        return owner in ("sf", "np", "soundfile") or (name == "save" and bool(call.args))
    copies = ("copy", "copyfile", "copytree", "copyfileobj")
    return name in WRITING or (owner == "shutil" and name in copies) or (name in ("to_csv", "to_parquet") and call.args)
