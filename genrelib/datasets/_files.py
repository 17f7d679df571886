"""Find audio files below a folder, and read the headers of many at once."""

import os
from pathlib import Path

from genrelib.audio import duration_seconds
from genrelib._base.errors import DatasetError
from genrelib._base.parallel import over_tracks


def is_hidden(name):
    """Tell whether a relative path is hidden: ``._*`` forks of macOS, ``.DS_Store``, ``__MACOSX``, half-done work."""
    return any(part.startswith((".", "__MACOSX")) for part in Path(name).parts)


def audio_files(folder, suffixes):
    """Find the files below a folder that end like audio and are not hidden.

    Parameters
    ----------
    folder : str or Path
        Links below it are followed, each folder once.
    suffixes : set of str
        Endings with their dot, in lower case; those of files may have any.

    Returns
    -------
    list of Path
        Sorted; empty where there is no such folder.

    Raises
    ------
    DatasetError
        A folder below may not be listed: its tracks would be missed without a word.
    """
    folder = Path(folder)
    if not folder.is_dir():
        return []
    seen = {str(parent) for parent in folder.resolve().parents}  # a link up the tree would go round in circles
    found = []
    for here, folders, files in os.walk(folder, followlinks=True, onerror=_refuse_unlisted):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        real = os.path.realpath(here)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        found += [Path(here, name) for name in files if not is_hidden(name) and Path(name).suffix.lower() in suffixes]
    return sorted(found)


def durations(name, paths):
    """Read the length of each file in seconds, from its header.

    Raises
    ------
    DatasetError
        Some cannot be read: all of them are listed, since one bad track is no reason to hide the next.
    """
    return over_tracks(
        duration_seconds,
        [(path,) for path in paths],
        name=name,
        cannot="tracks cannot be read",
        remedy="mend or replace these files",
        label="reading headers",
        error=DatasetError,
        progress=False,
    )


def _refuse_unlisted(error):
    reason = f"the folder cannot be listed ({error.strerror}); check its permissions"
    raise DatasetError(f"{error.filename}: {reason}") from error
