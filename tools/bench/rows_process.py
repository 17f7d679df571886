"""Rows that need a process of their own: the import, and the memory of a run of GTZAN's size."""

import json
import os
import subprocess
import sys
from pathlib import Path

from genrelib.datasets import load_collection
from tools.bench.measuring import alternate, not_measured, row, scratch

CHECKOUT = Path(__file__).resolve().parents[2]
LIMIT_MIB = 3 * 1024  # anonymous memory
LARGE = {"tracks_per_genre": 100, "seconds": 30.0}  # as large as GTZAN: 1000 tracks of 30 s
HEAVY = "import librosa, tensorflow, kapre"


def import_time(settings):
    """Time ``import genrelib``, against importing what it stands on."""
    seconds_to_import(HEAVY), seconds_to_import("import genrelib")  # files into the page cache
    plain_seconds, our_seconds = alternate(
        lambda: seconds_to_import(HEAVY), lambda: seconds_to_import("import genrelib"), settings.repeats
    )
    return row(
        name="import genrelib",
        plain=HEAVY,
        ours="import genrelib",
        plain_seconds=plain_seconds,
        our_seconds=our_seconds,
        limit_seconds=1.0,
        floor="Python's own import of one small module: the rest loads when first used",
        collection="none",
        note=f"a fresh process each; the slowest took {max(our_seconds):.3f} s",
    )


def memory(settings):
    """Measure the anonymous memory of slicing and one epoch at GTZAN's size."""
    name = "memory of slicing and one epoch of mel_cnn1d"
    if not Path("/proc/self/status").is_file():
        return not_measured(name, "RssAnon is read from /proc, which this system does not have")
    collection = load_collection("demo", settings.data, **LARGE, progress=False)
    with scratch(settings) as folder:
        told = run("-m", "tools.bench.memory", str(settings.data), str(folder))
    used = json.loads(told.splitlines()[-1])
    measured = row(
        name=name,
        plain=f"the limit: {LIMIT_MIB} MiB of anonymous memory (RssAnon)",
        ours="the peak over cut_slices, the front end and one epoch",
        plain_seconds=[LIMIT_MIB],
        our_seconds=[used["peak"]],
        target=1,
        floor="TensorFlow once imported, and its buffers for one batch; slices and mels stay on memory maps",
        collection=collection.name,
        note=f"{len(collection.tracks)} tracks, {used['n_slices']} slices: {used['imported']} MiB once TensorFlow is "
        f"imported, at most {used['cut']} while slicing, {used['peak']} in all; limit over peak, measured once",
    )
    return measured | {"plain_seconds": None, "our_seconds": None}


def seconds_to_import(statement):
    """Give the seconds that an import statement takes in a fresh process, the interpreter's start left out."""
    timed = f"import time; begin = time.perf_counter(); {statement}; print(time.perf_counter() - begin)"
    return float(run("-c", timed).split()[-1])


def run(*arguments):
    """Run this Python in the checkout and give what it printed."""
    environment = os.environ | {"GENRELIB_HEADLESS": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{arguments} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout
