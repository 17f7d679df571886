"""Anyone's songs: a folder a genre, audio files within."""

from pathlib import Path

import pandas as pd

from genrelib.audio import SUFFIXES
from genrelib.datasets.collection import Collection
from genrelib.datasets._files import audio_files, durations
from genrelib._base.errors import DatasetError


def load_folder(root):
    """Load a ``genre/file.*`` tree.

    Parameters
    ----------
    root : str or Path
        Its folders are the genres; every audio file below one, at any depth, is a track. Hidden files, and files
        that do not end like audio, are passed over.

    Returns
    -------
    Collection
        Named ``folder``; track ids are the paths below ``root``; artists and albums are unknown.

    Raises
    ------
    DatasetError
        No such folder, no genre folders with audio in them, or tracks that cannot be read (all are listed).
    """
    root = Path(root)
    if not root.is_dir():
        raise DatasetError(f"{root}: no such folder; give one that holds a folder a genre")
    paths = [path for path in audio_files(root, SUFFIXES) if path.parent != root]
    if not paths:
        raise DatasetError(
            f"{root}: no tracks; a folder collection is laid out as genre/file, with files ending in "
            f"{', '.join(sorted(SUFFIXES))}"
        )
    names = [path.relative_to(root) for path in paths]
    columns = {
        "path": [str(path) for path in paths],
        "genre": [name.parts[0] for name in names],
        "duration": durations(root, paths),
    }
    tracks = pd.DataFrame(columns, index=pd.Index([name.as_posix() for name in names], name="track_id"))
    tracks[["artist", "artist_id", "album"]] = None
    return Collection(name="folder", tracks=tracks, root=root)
