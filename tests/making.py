"""Tiny audio and child processes that several test modules make."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from genrelib._base.caching import LOCK
from genrelib.datasets.folder import load_folder
from genrelib.datasets.gtzan import GENRES

ROOT = Path(__file__).parents[1]
GTZAN_TRACKS = [f"{genre}.{number:05d}" for genre in GENRES for number in range(2)]

NOBODY = """
import os
from genrelib import audio, datasets
from genrelib._base.errors import GenrelibError
os.setgid(65534); os.setuid(65534)
"""


def names_in(folder):
    """What lies in a folder, without the lock that a run leaves there."""
    return sorted(path.name for path in Path(folder).iterdir() if path.name != LOCK)


def noise(seconds, *, seed=0, sample_rate=22050, channels=1):
    """Noise as int16 [shape=(n,) or (n, channels)], a different one a seed."""
    shape = (round(seconds * sample_rate), channels)[: 1 if channels == 1 else 2]
    return np.random.default_rng(seed).integers(-9000, 9000, shape).astype(np.int16)


def write_tree(root, names, *, seconds=0.2, sample_rate=22050):
    """Write a track of noise for each name below ``root``, each of its own; give the paths."""
    paths = [Path(root) / name for name in names]
    for seed, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        kind = path.suffix[1:].upper()
        sf.write(path, noise(seconds, seed=seed, sample_rate=sample_rate), sample_rate, format=kind, subtype="PCM_16")
    return paths


def write_songs(root, names, sample_rate=22050):
    """Write tracks of 1 s and a little, each longer than the one before; give them as a collection."""
    for seed, path in enumerate(write_tree(root, names)):
        sf.write(path, noise(1.0 + 0.037 * seed, seed=seed, sample_rate=sample_rate), sample_rate)
    return load_folder(root)


def assert_alike(given, expected):
    """Compare two tables or arrays that other threads, processes or BLAS kernels made: exactly, but for floats.

    Those add the same numbers in another order, so the last bits may differ: 1e-6 of a column's range is allowed, or
    of its largest value where that is more (single precision has about 6e-8 of it), which no figure shows.
    """
    given, expected = pd.DataFrame(given), pd.DataFrame(expected)
    numbers = expected.select_dtypes("float").columns
    pd.testing.assert_frame_equal(given.drop(columns=numbers), expected.drop(columns=numbers))
    assert list(given.columns) == list(expected.columns) and given.index.equals(expected.index)
    values = expected[numbers].to_numpy()
    largest = np.maximum(np.ptp(values, axis=0), np.abs(values).max(axis=0))
    difference = np.abs(given[numbers].to_numpy() - values).max(axis=0)
    assert (difference <= 1e-6 * largest).all(), dict(zip(numbers, difference / largest, strict=True))


def write_gtzan(folder, tracks, suffix=".wav"):
    """Write stand-ins of GTZAN tracks, 20 ms each, as ``<folder>/<genre>/<track>.wav``."""
    return write_tree(folder, [f"{track.split('.')[0]}/{track}{suffix}" for track in tracks], seconds=0.02)


def write_notebook(path, *codes):
    """Write a notebook of these cells, of which the first is the one of parameters."""
    import nbformat

    cells = [nbformat.v4.new_code_cell(code) for code in codes]
    cells[0]["metadata"]["tags"] = ["parameters"]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)


def run_child(code, *arguments, **options):
    """Start Python on ``code`` in a process of its own, with genrelib on its path and its output piped."""
    command = [sys.executable, "-c", f"import sys, time\n{code}", *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, **options)


def run_python(code, *arguments):
    """Run ``code`` to its end and give what it prints; fail with its errors where it fails."""
    child = run_child(code, *arguments, stderr=subprocess.PIPE, cwd=ROOT)
    told, errors = child.communicate(timeout=300)
    assert child.returncode == 0, errors
    return told


def as_nobody(folder, call, *arguments):
    """Run ``call`` as a user who may do nothing but enter the folder; give the lines that it and its errors print."""
    for above in [folder, *folder.parents]:
        if "pytest" in above.name or above == folder:
            above.chmod(0o755)
    child = run_child(NOBODY + call, *arguments, stderr=subprocess.STDOUT)
    return child.communicate(timeout=60)[0].splitlines()


is_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can step down")
