"""How many cases, processes that are killed or short of disk, and what is compared afterwards."""

import hashlib
import io
import json
import multiprocessing
import os
import random
import re
import resource
import signal
import sys
import time
import traceback
import zipfile
from pathlib import Path

from genrelib._base.caching import LOCK
from genrelib._base.errors import GenrelibError

CASES = int(os.environ.get("GENRELIB_FAULT_CASES", "100"))  # of each fuzz test
FULL = CASES > 100  # `make test-faults`
KILLS = max(1, CASES // 100)  # of each writer
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.faults.writers"])
CHANGES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.truncate", "os.chmod")
SETTLED = 300  # seconds; far more than any writer takes on a busy machine


class Child:
    """A process that runs one writer: to its end, to its n-th change of the disk, or until it is killed."""

    def __init__(self, name, out, source, *, step=None, n_bytes=None):
        self.ours, theirs = PROCESSES.Pipe()
        self.process = PROCESSES.Process(target=_write, args=(name, out, source, step, n_bytes, theirs))
        self.process.start()
        theirs.close()
        assert self.ours.poll(SETTLED) and self.ours.recv() == "begins"

    def end(self):
        """Wait; give the exit code and, of a process that was not killed, what it tells."""
        told = None
        if self.ours.poll(SETTLED):
            try:
                told = self.ours.recv()
            except EOFError:
                pass
        self.process.join(SETTLED)
        return self.process.exitcode, told

    def kill(self):
        self.process.kill()
        return self.end()


def whole(name, out, source, **limits):
    """Run a writer to its end; give how it ended."""
    code, told = Child(name, out, source, **limits).end()
    assert code == 0, (code, told)
    return told


def draws(*names):
    """Give a generator whose seed follows from names, printed so that a failure can be repeated."""
    seed = os.environ.get("GENRELIB_FAULT_SEED", "0")
    print(f"GENRELIB_FAULT_SEED={seed} {' '.join(map(str, names))}")
    return random.Random(f"{seed}/{'/'.join(map(str, names))}")


def snapshot(folder):
    """Digest every file that is not hidden: bytes, without what a clock wrote."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    names = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: _digest(path) for name, path in names.items() if not _is_hidden(name)}


def leftovers(folder):
    """List what a killed run left beside its results."""
    hidden = [path.name for path in folder.rglob("*") if _is_hidden(path.relative_to(folder).as_posix())]
    return [name for name in hidden if name != LOCK]


def _is_hidden(name):
    return any(part.startswith(".") for part in name.split("/"))


def _digest(path):
    if path.suffix == ".keras" and zipfile.is_zipfile(path):  # a stand-in of a model is any bytes
        content = repr(_network(path)).encode()
    elif path.suffix in (".json", ".ipynb"):
        content = json.dumps(_timeless(json.loads(path.read_text())), sort_keys=True).encode()
    else:
        content = path.read_bytes()
    return hashlib.sha256(content).hexdigest()


def _network(path):
    """Give a model's layers, and a digest of each weight: the file holds dates and numbers of objects, too."""
    import h5py

    weights = {}

    def keep(name, item):
        if isinstance(item, h5py.Dataset):
            weights[name] = hashlib.sha256(item[()].tobytes()).hexdigest()

    with zipfile.ZipFile(path) as archive:
        with h5py.File(io.BytesIO(archive.read("model.weights.h5")), "r") as file:
            file.visititems(keep)
        config = archive.read("config.json").decode()
    return re.sub(r'"shared_object_id": \d+', "", config), sorted(weights.items())


def _timeless(value):
    if isinstance(value, dict):
        if "cells" in value:  # a notebook: what came out of its cells
            return [[out.get("text", "") for out in cell.get("outputs", ())] for cell in value["cells"]]
        return {key: _timeless(one) for key, one in value.items() if key not in ("seconds", "01_a")}
    return [_timeless(one) for one in value] if isinstance(value, list) else value


def _write(name, out, source, step, n_bytes, pipe):
    from tests.faults.writers import BEFORE, WRITERS

    out = Path(out)
    BEFORE.get(name, lambda out: None)(out)
    changes = _count_changes(str(out), step)
    begin = time.perf_counter()
    pipe.send("begins")
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)  # a limit on the size of files would hold for the file that pytest keeps them in
    if n_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))
    try:
        WRITERS[name](out, Path(source))
        pipe.send({"changes": len(changes), "seconds": time.perf_counter() - begin})
    except GenrelibError as error:
        pipe.send({"refused": str(error)})
    except BaseException:
        pipe.send({"broke": traceback.format_exc()})
        os._exit(1)


def _count_changes(below, step):
    """Note each change of the disk below a folder, and die of SIGKILL right before the ``step``-th."""
    changes = []

    def heard(event, arguments):
        writes = event in CHANGES or (event == "open" and _opens_to_write(*arguments[1:3]))
        if writes and any(str(one).startswith(below) for one in arguments):
            changes.append(event)
            if len(changes) == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(heard)
    return changes


def _opens_to_write(mode, flags):
    return bool(set(str(mode or "")) & set("wax+")) or bool((flags or 0) & (os.O_WRONLY | os.O_RDWR))
