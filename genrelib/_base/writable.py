"""Where numba and matplotlib keep what they work out, for users whose home and installed packages are not writable."""

from __future__ import annotations

import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path


def settle_caches() -> None:
    """Name a folder for the caches of numba and matplotlib where their own choice cannot be written.

    numba compiles librosa's functions into a folder beside them, else into one of the user's, and fails without both;
    it reads its variable once, so this is called before librosa is imported. What the user has set stays.
    """
    librosa, cached = find_spec("librosa"), Path(os.path.expanduser("~"), ".cache", "numba")
    beside = [Path(folder) for folder in librosa.submodule_search_locations or ()] if librosa else []
    needed = {
        "NUMBA_CACHE_DIR": not any(map(_writable, [*beside, cached])),
        "MPLCONFIGDIR": not _writable(Path(os.path.expanduser("~"), ".config", "matplotlib")),
    }
    names = [name for name, need in needed.items() if need and not os.environ.get(name)]
    if names:
        folder = _own_folder()
        os.environ.update({name: str(folder / name.lower()) for name in names if folder})


def _writable(folder):
    """Tell whether files can be made in a folder, which may have to be made first."""
    if not folder.is_absolute():  # ~ of a user without a home
        return False
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _own_folder():
    """Give a folder that is this user's alone, since what numba reads from it is executed; None where there is none."""
    try:
        user = os.getuid() if hasattr(os, "getuid") else "user"  # Windows' temporary folder is the user's own
        folder = Path(tempfile.gettempdir(), f"genrelib-{user}")
        folder.mkdir(mode=0o700, exist_ok=True)
        if user == "user" or (not folder.is_symlink() and folder.stat().st_uid == user and _private(folder)):
            return folder
        print(f"{folder} is not yours alone: librosa is compiled at each start; set NUMBA_CACHE_DIR", file=sys.stderr)
        return Path(tempfile.mkdtemp(prefix="genrelib-"))
    except OSError as error:
        print(f"no folder can be written, and librosa needs one: set TMPDIR ({error})", file=sys.stderr)
        return None


def _private(folder):
    return folder.stat().st_mode & 0o022 == 0 and _writable(folder)
