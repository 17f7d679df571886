"""Say which versions, which machine and which commit a figure comes from."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

from genrelib._base.paths import CHECKOUT

PACKAGES = ("tensorflow", "keras", "kapre", "librosa", "numpy", "scikit-learn", "genrelib")
# what a run leaves in the checkout is no change of the code that ran
OUTPUTS = ("results", "README.md", "docs")


def versions() -> dict[str, str]:
    """Give the version of Python and of each package that a figure may depend on (None if absent), importing none."""
    from genrelib import __version__  # of a checkout that was not installed, too

    installed = {package: _version(package) for package in PACKAGES}
    return {"python": platform.python_version(), **installed, "genrelib": __version__}


def machine() -> dict[str, int | str | None]:
    """Give the number of CPUs and the platform."""
    return {"cpus": os.cpu_count(), "platform": platform.platform()}


def commit(checkout: Path | None = CHECKOUT) -> str:
    """Give the commit of the checkout that the code runs from, or ``unknown`` outside one.

    It is a hash, with ``+changes`` if files other than results differ from it.
    """
    # without this check an installed package would report whatever repository its environment lies in
    if checkout is None or not (checkout / ".git").exists():
        return "unknown"
    head = _git(checkout, "rev-parse", "HEAD")
    changes = _git(checkout, "status", "--porcelain", "--", ".", *(f":!{name}" for name in OUTPUTS))
    if not head or changes is None:
        return "unknown"
    return head + ("+changes" if changes else "")


def _version(package):
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _git(checkout, *arguments):
    try:
        done = subprocess.run(["git", *arguments], cwd=checkout, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
