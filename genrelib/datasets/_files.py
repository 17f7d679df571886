"""Find audio files below a folder, and read the headers of many at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from genrelib._base.errors import DatasetError
from genrelib._base.parallel import over_tracks
from genrelib.audio import HEAD_BYTES, SUFFIXES, begins_like_audio, duration_seconds, printable, shown

READ_ALREADY = "a link to a folder that is read already"  # a reason to pass it over


def is_hidden(name: str) -> bool:
    """Tell whether a relative path is hidden: ``._*`` forks of macOS, ``.DS_Store``, ``__MACOSX``, half-done work."""
    return any(part.startswith((".", "__MACOSX")) for part in Path(name).parts)


def find_audio(root: str | Path) -> tuple[list[Path], dict[str, list[Path]]]:
    """Find every file below a folder that is sound by its content, and tell what is passed over.

    The files are sorted: those that begin as sound does, and those that only end like it, of which reading tells what
    is wrong with them. Beside them, a reason in words → what was passed over for it, sorted; folders among them. Links
    are followed, each folder once. A folder that may not be listed is a DatasetError: its tracks would be missed
    without a word.
    """
    listing, passed_over = _listing(root)
    files = []
    for path in listing:
        reason = None if path.suffix.lower() in SUFFIXES else _no_sound(path)
        if reason:
            passed_over.setdefault(reason, []).append(path)
        else:
            files.append(path)
    return files, {reason: sorted(paths) for reason, paths in passed_over.items()}


def in_words(passed_over: dict[str, list[Path]]) -> Iterator[str]:
    """Say what was passed over, how many and why, a line a reason: ``passed over: 1, no sound (cover.jpg)``."""
    for reason, paths in passed_over.items():
        if paths:
            names = ", ".join(printable(shown(path.name)) for path in paths[:3])
            yield f"passed over: {len(paths)}, {reason} ({names}{', …' * (len(paths) > 3)})"


def _no_sound(path):
    """Say why a file holds no sound by its first bytes, or give None."""
    if not path.is_file():  # to open a pipe would wait for its writer
        return "no file, or a link to none"
    try:
        with open(path, "rb") as file:
            return None if begins_like_audio(file.read(HEAD_BYTES)) else "no sound"
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def audio_files(folder: str | Path, suffixes: set[str]) -> list[Path]:
    """Find the files below a folder, sorted, that end as named (with a dot, in lower case), and are not hidden.

    Links are followed, and a folder that may not be listed is refused, as in `find_audio`.
    """
    return [path for path in _listing(folder)[0] if path.suffix.lower() in suffixes]


def _listing(folder):
    """Give all files below a folder, sorted, and by reason the files and folders left out."""
    folder, files, left_out = Path(folder), [], {}
    seen = {str(parent) for parent in folder.resolve().parents}  # a link up the tree would go round in circles
    for here, folders, names in os.walk(folder, followlinks=True, onerror=_refuse_unlisted) if folder.is_dir() else ():
        real = os.path.realpath(here)
        if real in seen:
            left_out.setdefault(READ_ALREADY, []).append(Path(here))
            folders.clear()
            continue
        seen.add(real)
        hidden = [Path(here, name) for name in folders + names if is_hidden(name)]
        if hidden:
            left_out.setdefault("hidden", []).extend(hidden)
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        files += [Path(here, name) for name in names if not is_hidden(name)]
    return sorted(files), left_out


def durations(name: str, paths: Iterable[str | Path]) -> list[float]:
    """Read the length of each file in seconds, from its header; a DatasetError lists all that cannot be read."""
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
