"""Where data, runs, committed results and the tables of the package lie, whatever folder a notebook was opened from."""

import os
from pathlib import Path

from genrelib._base.errors import GenrelibError

PACKAGE = Path(__file__).resolve().parents[1]
_SOURCE = PACKAGE.parent
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
    order = ("gtzan_mini", "gtzan_160", "gtzan", "artist20", "fma_small", "fma_medium")
    return {name: RESULTS / name for name in order if (RESULTS / name / "results").is_dir()}


def table_path(name):
    """Find one of the small tables that travel with the package: the claims, what is known of each GTZAN track.

    Parameters
    ----------
    name : str
        Path below the folder of tables, such as ``"claims.csv"`` or ``"gtzan/index.csv"``.

    Returns
    -------
    Path

    Raises
    ------
    GenrelibError
        The package was installed without it.
    """
    path = PACKAGE / "data" / name
    if not path.is_file():
        raise GenrelibError(f"the table {name!r} comes with genrelib and is not at {path}; install genrelib again")
    return path
