"""Where data, runs and committed results lie: in the checkout, whatever folder a notebook was opened from."""

import os
from pathlib import Path

_SOURCE = Path(__file__).resolve().parents[1]
CHECKOUT = _SOURCE if (_SOURCE / "pyproject.toml").is_file() else None  # None for an installed package
_HOME = CHECKOUT or Path()
NOTEBOOKS = _HOME / "notebooks"
RUNS = _HOME / "runs"
RESULTS = _HOME / "results"


def data_root(root=None):
    """Give the folder that collections lie under: ``root``, else GENRELIB_DATA, else ``data`` of the checkout.

    Returns
    -------
    Path
    """
    return Path(root or os.environ.get("GENRELIB_DATA") or _HOME / "data")


def shown(path):
    """Name a path as a reader of a shared notebook should see it: below the checkout or the home folder.

    Returns
    -------
    str
    """
    path = Path(os.path.abspath(path))  # links stay as they are named
    for folder, sign in ((_HOME.absolute(), ""), (Path.home(), "~")):
        if path.is_relative_to(folder):
            return str(Path(sign) / path.relative_to(folder))
    return path.name


def published():
    """Give the folders of committed results on real audio, the smallest collection first.

    Returns
    -------
    dict of str to Path
    """
    order = ("gtzan_mini", "gtzan_140", "gtzan", "artist20", "fma_small", "fma_medium")
    return {name: RESULTS / name for name in order if (RESULTS / name / "results").is_dir()}
