"""Anyone's songs: a folder a genre, audio files within, and a table of who plays what where one is there."""

from collections import Counter
from pathlib import Path
from unicodedata import normalize

import pandas as pd

from genrelib._base.errors import DatasetError, listed
from genrelib.datasets._files import READ_ALREADY, durations, find_audio, in_words
from genrelib.datasets.collection import COLUMNS, Collection

METADATA = "metadata.csv"
KNOWN = ("genre", "artist", "album")  # its columns beside the file


def load_folder(root: str | Path) -> Collection:
    """Load a ``genre/song.*`` tree.

    Parameters
    ----------
    root : str or Path
        Its folders are the genres; every file below one that is sound, at any depth, is a track.
        ``root/metadata.csv``, where there is one, has a column ``file``, the path below ``root`` with ``/`` between
        its parts, and any of ``genre``, ``artist``, ``album``. A blank field is unknown; a genre there goes
        before that of the folder.

    Returns
    -------
    Collection
        Named as the folder; track ids are the paths below ``root``. A track without an artist is in no split by artist.
        Artists whose names differ in case or spaces alone are one. What is passed over, and genres that differ in case
        or spaces alone, are printed.

    Raises
    ------
    DatasetError
        No such folder, a genre folder without audio, a row of the table that fits no track or is there twice, or
        tracks that cannot be read (all are listed).
    """
    root = Path(root)
    if not root.is_dir():
        raise DatasetError(f"{root}: no such folder; give one that holds a folder a genre")
    files, passed_over = find_audio(root)
    if not _is_text(root):
        raise DatasetError(f"{root}: the folder's name is not UTF-8, which no table can hold; rename it")
    passed_over["names that are not UTF-8"] = [path for path in files if not _is_text(path)]
    songs = {path.relative_to(root).as_posix(): path for path in files if _is_text(path)}
    tracks = _read_metadata(root, songs)
    folders = [name.partition("/")[0] if "/" in name else None for name in songs]
    tracks["genre"] = tracks["genre"].where(tracks["genre"].notna(), folders)
    loose = tracks["genre"].isna()
    passed_over["beside the genre folders"] = [songs[name] for name in tracks.index[loose]]
    tracks = tracks[~loose]
    passed_over = {why: [path for path in paths if path.name != METADATA] for why, paths in passed_over.items()}
    notes = [*in_words(passed_over), *_alike(tracks["genre"])]
    if notes:
        print(f"{root}:\n{listed(notes)}")
    _refuse_empty(root, tracks.index, passed_over.get(READ_ALREADY, ()))
    paths = [str(songs[name]) for name in tracks.index]
    artists = pd.Series([_plain(name) for name in tracks["artist"]], tracks.index, dtype=object)
    tracks = tracks.assign(path=paths, artist_id=artists, duration=durations(root, paths))[list(COLUMNS)]
    return Collection(name=root.absolute().name or "folder", tracks=tracks, root=root)


def _is_text(path):
    return not any("\ud800" <= letter <= "\udfff" for letter in str(path))


def _plain(name):
    """Give a name without what typing differs in, so that one artist is never on both sides of a split."""
    return " ".join(name.casefold().split()) if name else None


def _read_metadata(root, songs):
    """Give what the table knows of each song [columns genre, artist, album]; None where it does not."""
    table, path = pd.DataFrame(columns=list(KNOWN)), root / METADATA
    if path.is_file():
        table = _by_song(path, root, songs)
    known = table.reindex(index=pd.Index(list(songs), name="track_id"), columns=list(KNOWN)).astype(object)
    return known.where(known.notna() & (known != ""), None)


def _by_song(path, root, songs):
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:  # pandas' own errors are ValueErrors
        raise DatasetError(f"{path}: cannot be read as a table ({error}); save it as CSV, commas between") from error
    table.columns = [column.strip() for column in table.columns]
    if "file" not in table:
        raise DatasetError(
            f"{path}: has the columns file and any of {', '.join(KNOWN)}; given "
            f"{', '.join(table.columns)}; name them so"
        )
    others = sorted(set(table.columns) - {"file", *KNOWN})
    if others:
        print(f"{path}: columns that are not read: {', '.join(others)}")
    table = table.apply(lambda column: column.str.strip())
    names = {normalize("NFC", name): name for name in songs}  # some file systems take accents apart
    names = [names.get(normalize("NFC", name)) for name in table["file"]]
    times = Counter(names)
    bad = [
        f"row {row}: {file!r} " + ("is there twice" if name else "is no audio file here")
        for row, (file, name) in enumerate(zip(table["file"], names, strict=True), start=2)  # row 1 is the header
        if name is None or times[name] > 1
    ]
    if bad:
        raise DatasetError(
            f"{path}: each row names another audio file by its path below {root}, such as rock/song.mp3; these do "
            f"not:\n{listed(bad)}\nmend or delete these rows"
        )
    return table.set_axis(names)


def _refuse_empty(root, songs, read_already):
    if not len(songs):
        raise DatasetError(f"{root}: no tracks; a folder collection is laid out as genre/file, sound of any format")
    filled = {name.split("/")[0] for name in songs} | {path.name for path in read_already if path.parent == root}
    folders = (path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith((".", "__MACOSX")))
    empty = sorted(set(folders) - filled)
    if empty:
        raise DatasetError(
            f"{root}: each folder is a genre, with sound of any format in it; these hold no track:\n{listed(empty)}\n"
            "put songs there, or move these folders elsewhere"
        )


def _alike(genres):
    """Say in words which genres may be one."""
    spellings = {}
    for genre in genres:
        spellings.setdefault(_plain(genre), set()).add(genre)
    for names in spellings.values():
        if len(names) > 1:
            yield f"are these one genre? {', '.join(map(repr, sorted(names)))} are taken for {len(names)}"
