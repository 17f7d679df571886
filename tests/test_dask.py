"""Slices and tables on a real Dask cluster of two worker processes, one of which is killed in the middle."""

import sys

import pytest

from tests.making import run_python, write_tree

pytest.importorskip("distributed", reason="needs the extra: pip install 'genrelib[dask]'")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills a worker by a signal")

N_TRACKS = 24

# sys.argv: the folder of tracks, a folder for all else, what is called
CHILD = """
import os
import signal
import sys
import threading
import time
from pathlib import Path

import joblib
import numpy as np
from dask.distributed import Client, LocalCluster

from genrelib.datasets import load_collection
from genrelib.features import spectral_table
from genrelib.slices import cut_slices
from tests.making import assert_alike

CALLS = {
    "slices": lambda cache, **settings: cut_slices(collection, 0.2, cache=cache, progress=False, **settings).samples,
    "table": lambda cache, **settings: spectral_table(collection, cache=cache, progress=False, **settings),
}
collection, folder, call = load_collection(Path(sys.argv[1])), Path(sys.argv[2]), CALLS[sys.argv[3]]
reads = folder / "reads"


def slow_disk(reads):
    # in a worker: each read leaves a mark and takes its time, so that a worker dies with work in hand
    import os
    import time

    import genrelib.features.spectral as spectral
    import genrelib.slices as slices

    def slowed(read):
        def slow(path, **settings):
            (reads / f"{os.getpid()}-{time.monotonic_ns()}").touch()
            time.sleep(0.1)
            return read(path, **settings)

        return slow

    slices.read_int16, spectral.read_audio = slowed(slices.read_int16), slowed(spectral.read_audio)


def n_reads(pid=None):
    return sum(pid is None or mark.name.startswith(f"{pid}-") for mark in reads.iterdir())


def kill_once_at_work(pid, seen):
    while n_reads(pid) < 3:
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    seen.append(n_reads())


if __name__ == "__main__":
    alone = call(folder / "alone", n_jobs=1)
    reads.mkdir()
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=folder / "dask"
        ) as cluster,
        Client(cluster) as client,
    ):
        client.run(slow_disk, reads)
        workers, seen = list(client.run(os.getpid).values()), []
        killer = threading.Thread(target=kill_once_at_work, args=(workers[0], seen), daemon=True)
        killer.start()
        with joblib.parallel_config(backend="dask"):
            together = call(folder / "together")
        killer.join(timeout=10)
    assert seen and seen[0] < len(collection.tracks), f"the worker was not killed in the middle: {seen}"
    assert n_reads(workers[1]), "the other worker did nothing"
    if isinstance(alone, np.ndarray):  # slices: of a row's numbers each is a column
        together, alone = (made.reshape(len(made), -1) for made in (together, alone))
    assert_alike(together, alone)
"""


@pytest.mark.parametrize("call", ["slices", "table"])  # work in threads and in processes elsewhere
def test_a_killed_worker_loses_nothing(tmp_path, call):
    write_tree(tmp_path / "tracks", [f"{genre}/{n}.wav" for genre in ("a", "b") for n in range(N_TRACKS // 2)])
    run_python(CHILD, tmp_path / "tracks", tmp_path, call)
