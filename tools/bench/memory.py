"""Slice a demo of GTZAN's size and train one epoch, and print the peaks of anonymous memory (MiB) as JSON.

Run in a process of its own: ``python -m tools.bench.memory DATA CACHE``.
"""

import json
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from tools.bench.rows_process import LARGE

INTERVAL = 0.02  # seconds between two looks


def anonymous_mib():
    """Read RssAnon: memory of this process that is no page of a file."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) // 1024


@contextmanager
def peak_of():
    """Watch anonymous memory during the block; the list that is given holds the peak at its end."""
    peak, done = [anonymous_mib()], threading.Event()

    def watch():
        while not done.is_set():
            peak[0] = max(peak[0], anonymous_mib())
            time.sleep(INTERVAL)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def main(data, cache):
    """Do the work and print the peaks."""
    import genrelib as gl

    with peak_of() as cut:
        collection = gl.load_collection("demo", data, **LARGE, progress=False)
        slices = gl.cut_slices(collection, cache=cache, progress=False)
    with peak_of() as trained:
        model = gl.models.mel_cnn1d(n_samples=slices.n_samples, n_classes=len(slices.genres))
        imported = anonymous_mib()
        gl.train(model, slices, gl.split_slices(slices, "slice"), epochs=1)
    peaks = {"n_slices": len(slices), "cut": cut[0], "imported": imported, "peak": max(cut[0], trained[0])}
    print(json.dumps(peaks))


if __name__ == "__main__":
    main(*sys.argv[1:])
