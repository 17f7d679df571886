"""Where data, runs, committed results and the tables of the package lie, whatever folder a notebook was opened from."""

from __future__ import annotations

import os
from pathlib import Path

from genrelib._base.errors import GenrelibError

PACKAGE = Path(__file__).resolve().parents[1]
_SOURCE = PACKAGE.parent
CHECKOUT = _SOURCE if (_SOURCE / "pyproject.toml").is_file() else None  # None for an installed package
_HOME = CHECKOUT or Path(os.path.abspath(os.curdir))  # wherever the process goes later
NOTEBOOKS = _HOME / "notebooks"
RUNS = _HOME / "runs"
RESULTS = _HOME / "results"
VARIABLES = ("GENRELIB_DATA", "GENRELIB_CACHE", "GENRELIB_TABLE")  # that name a path


def absolute(path: str | Path) -> Path:
    """Give a path in full where it is read, since a notebook's process works in another folder; ~ is the home."""
    return Path(os.path.abspath(os.path.expanduser(path)))  # links stay as they are named


def absolute_variables() -> dict[str, str]:
    """Give the variables that name paths, as they are to be set for a process that works in another folder."""
    return {name: str(absolute(os.environ[name])) for name in VARIABLES if os.environ.get(name)}


def data_root(root: str | Path | None = None) -> Path:
    """Give the folder that collections lie under: ``root``, else GENRELIB_DATA, else ``data`` of the checkout."""
    return absolute(root or os.environ.get("GENRELIB_DATA") or _HOME / "data")


def cache_root(root: str | Path | None = None) -> Path:
    """Give the folder of caches: GENRELIB_CACHE, which serves where data may not be written, else ``cache`` there."""
    named = os.environ.get("GENRELIB_CACHE")
    return absolute(named) if named else data_root(root) / "cache"


def shown(path: str | Path) -> str:
    """Name a path as a reader of a shared notebook should see it: below the checkout or the home folder."""
    path = absolute(path)
    for folder, sign in ((_HOME, ""), (Path(os.path.expanduser("~")), "~")):  # which stays ~ for a user without a home
        if path.is_relative_to(folder):
            return str(Path(sign) / path.relative_to(folder))
    return path.name


def published() -> dict[str, Path]:
    """Give the folders of committed results on real audio by collection, the smallest first."""
    order = ("gtzan_mini", "gtzan_160", "gtzan", "artist20", "fma_small", "fma_medium")
    return {name: RESULTS / name for name in order if (RESULTS / name / "results").is_dir()}


def table_path(name: str) -> Path:
    """Find one of the small tables that travel with the package, such as ``"claims.csv"`` or ``"gtzan/index.csv"``."""
    path = PACKAGE / "data" / name
    if not path.is_file():
        raise GenrelibError(f"the table {name!r} comes with genrelib and is not at {path}; install genrelib again")
    return path
