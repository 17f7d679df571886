"""FMA, the Free Music Archive's clips of 30 s: the six genres of the Stanford report, with artist, album and valence.

The report: "75 songs (30sec samples) each for the genres: Rock, Hip-Hop, Pop, Folk, Instrumental and Electronic",
their valence from Spotify. FMA's own table ``echonest.csv`` has that valence for 13,129 of its tracks, so that a draw
needs the metadata and the clips and no account anywhere. Which 75 the report drew is unknown: ours are drawn by seed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from genrelib._base.caching import alone_in
from genrelib._base.errors import AudioError, DatasetError, listed
from genrelib._base.paths import shown
from genrelib.audio import duration_seconds
from genrelib.datasets._download import Remote, fetch
from genrelib.datasets._files import audio_files, durations, is_hidden
from genrelib.datasets.collection import Collection

GENRES = ("Electronic", "Folk", "Hip-Hop", "Instrumental", "Pop", "Rock")
TRACKS_PER_GENRE = 75
NAMES = ("fma_small", "fma_medium")
SUBSETS = {"fma_small": ("small",), "fma_medium": ("small", "medium")}  # each holds the one before
METADATA = "fma_metadata"
DOWNLOADS = (METADATA, *NAMES)
LICENCE = "Each clip is licensed by its artist, most under a Creative Commons licence; the metadata is CC BY 4.0."
CITATION = "Defferrard, Benzi, Vandergheynst, Bresson, FMA: A Dataset for Music Analysis, ISMIR 2017."

HOST = "https://os.unil.cloud.switch.ch/fma/"
REMOTES = {
    name: Remote(urls=(f"{HOST}{name}.zip",), filename=f"{name}.zip", checksum=f"sha1:{sha1}")
    for name, sha1 in (
        (METADATA, "f0df49ffe5f2a6008d7dc83c6915b31835dfe733"),
        ("fma_small", "ade154f733639d52e35e32f5593efe5be76c6d70"),
        ("fma_medium", "c67b69ea232021025fca9231fc1c7c1a063ab50b"),
    )
}
MAX_BYTES = {METADATA: 4e9, "fma_small": 12e9, "fma_medium": 40e9}  # unpacked; the archives have .4, 7 and 23 GB

# The archive stated a wrong length for these, so that the clip was cut at the wrong place: it is shorter than 30 s, or
# holds no sound at all (mdeff/fma, issues 4 and 8). The six of fma_small first.
UNUSABLE = frozenset({
    "098565", "098567", "098569", "099134", "108925", "133297",
    "001486", "005574", "065753", "080391", "098558", "098559", "098560", "098566", "098568", "098571", "105247",
    "108924", "126981", "127336", "143992",
})  # fmt: skip
FAULT = "cut at the wrong place: short, or no sound"

HEADER_ROWS = {"tracks.csv": 2, "echonest.csv": 3}
VALENCE = ("echonest", "audio_features", "valence")
TRACK_COLUMNS = {
    "genre": ("track", "genre_top"), "artist": ("artist", "name"), "artist_id": ("artist", "id"),
    "album": ("album", "title"), "title": ("track", "title"), "subset": ("set", "subset"),
}  # fmt: skip


def read_metadata(root: str | Path) -> pd.DataFrame:
    """Read FMA's ``tracks.csv`` and ``echonest.csv``, which lie at any depth below ``root/fma_metadata``.

    Returns
    -------
    pd.DataFrame
        Indexed by ``track_id`` (six digits, as the clips are named): genre, artist, artist_id, album, title, subset,
        valence. What is unknown is None; a track without a row in echonest.csv has the valence NaN.

    Raises
    ------
    DatasetError
        No such table, one that is not FMA's or lacks a column, or a valence outside 0 to 1.
    """
    tracks, echonest = (_read_table(root, name) for name in HEADER_ROWS)
    for name, given, columns in (("tracks.csv", tracks, TRACK_COLUMNS.values()), ("echonest.csv", echonest, [VALENCE])):
        missing = ", ".join("/".join(column) for column in columns if column not in given.columns)
        if missing:
            raise DatasetError(f"{name}: lacks the column(s) {missing}; fetch the metadata of 2017-05 or later")
    table = pd.DataFrame({name: tracks[column] for name, column in TRACK_COLUMNS.items()}, dtype=object)
    table = table.where(table.notna(), None)
    valence = pd.to_numeric(echonest[VALENCE], errors="coerce")
    wrong = valence[(valence < 0) | (valence > 1) | (valence.isna() & echonest[VALENCE].notna())]
    if len(wrong):
        found = [f"{track}: {echonest[VALENCE][track]}" for track in wrong.index]
        raise DatasetError(f"echonest.csv: a valence is a number from 0 to 1; {len(wrong)} are not:\n{listed(found)}")
    table["artist_id"] = [None if one is None else str(one).removesuffix(".0") for one in table["artist_id"]]
    table["valence"] = valence.reindex(table.index)  # many tracks have no row there
    return table.rename_axis("track_id")


def candidates(metadata: pd.DataFrame, name: str) -> pd.DataFrame:
    """Give the tracks that may be drawn: of the six genres, in the collection, with a valence and a whole clip."""
    within = metadata["subset"].isin(SUBSETS[name]) & metadata["genre"].isin(GENRES) & metadata["valence"].notna()
    return metadata[within & ~metadata.index.isin(UNUSABLE)].sort_index()


def draw(metadata: pd.DataFrame, name: str, *, tracks_per_genre: int = TRACKS_PER_GENRE, seed: int = 0) -> pd.DataFrame:
    """Draw as many rows of the metadata of each of the six genres, sorted; 75 in the Stanford report.

    Raises
    ------
    DatasetError
        A genre has fewer: the message counts them all.
    """
    found = candidates(metadata, name)
    counts = found["genre"].value_counts().reindex(GENRES, fill_value=0)
    if counts.min() < tracks_per_genre or tracks_per_genre < 1:
        counted = [f"{genre}: {count}" + " (too few)" * (count < tracks_per_genre) for genre, count in counts.items()]
        larger = "; fma_medium has more" if name == "fma_small" else ""
        raise DatasetError(
            f"{name}: {tracks_per_genre} tracks with a valence are drawn of each genre; there are\n{listed(counted)}\n"
            f"ask for tracks_per_genre={counts.min()} or fewer, at least one{larger}"
        )
    rng = np.random.default_rng(seed)
    parts = [rng.permutation(found.index[found["genre"] == genre])[:tracks_per_genre] for genre in GENRES]
    return found.loc[np.sort(np.concatenate(parts))]


def find_clips(name: str, root: str | Path) -> dict[str, Path]:
    """Find the clips below ``root/name``, whatever the layout of the copy: a clip is known by its six digits."""
    found = audio_files(Path(root) / name, {".mp3"})
    return {path.stem: path for path in found if len(path.stem) == 6 and path.stem.isdigit()}


def load_fma(name: str, root: str | Path, *, tracks_per_genre: int = TRACKS_PER_GENRE, seed: int = 0) -> Collection:
    """Load the draw of a copy of FMA.

    Parameters
    ----------
    name : {"fma_small", "fma_medium"}
    root : str or Path
        The folder that holds ``fma_metadata/`` and ``fma_small/`` or ``fma_medium/``.
    tracks_per_genre : int > 0
        75 in the Stanford report.
    seed : int
        Of the draw.

    Returns
    -------
    Collection
        With the columns of every collection and title, valence.

    Raises
    ------
    DatasetError
        See `read_metadata` and `draw`; and drawn clips that are missing or cannot be read (all are listed).
    """
    tracks = draw(read_metadata(root), name, tracks_per_genre=tracks_per_genre, seed=seed).drop(columns="subset")
    found, folder = find_clips(name, root), Path(root) / name
    missing = [track for track in tracks.index if track not in found]
    if missing:
        raise DatasetError(
            f"{name}: {len(missing)} of {len(tracks)} drawn clips are not under {folder}:\n{listed(missing)}\n"
            f"run `python -m genrelib data --collection {name}`, or put a copy there"
        )
    tracks.insert(0, "path", [str(found[track]) for track in tracks.index])
    tracks["duration"] = durations(name, tracks["path"])
    return Collection(name=name, tracks=tracks, root=folder, licence=LICENCE, citation=CITATION)


def check_fma(name: str, root: str | Path) -> pd.DataFrame:
    """Tell which tracks may be drawn: from the metadata alone until the clips are here, then of each clip too.

    The table is as `genrelib.datasets.gtzan.check_gtzan` gives it; for errors see `read_metadata` and `draw`.
    """
    metadata = read_metadata(root)
    draw(metadata, name)
    found = find_clips(name, root)
    if not found:
        where = shown(Path(root) / name)
        print(f"no clips under {where} yet: from the metadata alone, where ok is a track with a valence")
    faulty = metadata[metadata["subset"].isin(SUBSETS[name]) & metadata.index.isin(UNUSABLE)]
    usable = candidates(metadata, name)
    states = [_state(found.get(track)) if found else "ok" for track in usable.index]
    table = pd.concat([
        usable[["genre"]].assign(state=states, known_fault=""),
        faulty[["genre"]].assign(state=f"left out: {FAULT}", known_fault=FAULT),
    ])  # fmt: skip
    return table.assign(path=[str(found.get(track, "")) for track in table.index]).sort_index()


def download_fma(
    name: str, root: str | Path, *, remotes: dict[str, Remote] | None = None, progress: bool = True
) -> Path:
    """Download the metadata and, unless that is all that is asked for, the clips; what is drawn is counted in between.

    Parameters
    ----------
    name : {"fma_metadata", "fma_small", "fma_medium"}
        342 MB, 7.2 GB, 22 GB.
    root, progress
        See `genrelib.datasets.gtzan.download_gtzan`, and there what is given and raised.
    remotes : dict of str to Remote, optional
        Other places than FMA's own.

    Raises
    ------
    DatasetError
        The metadata has too few tracks of a genre, so that no clip is fetched.
    """
    remotes, root = remotes or REMOTES, Path(root)
    with alone_in(root):
        if name == METADATA or not all(_tables(root, table) for table in HEADER_ROWS):
            tables = {"keep": lambda file: Path(file).name in HEADER_ROWS, "max_bytes": MAX_BYTES[METADATA]}
            fetch([remotes[METADATA]], root / METADATA / "tables", progress=progress, **tables)
        if name != METADATA:
            draw(read_metadata(root), name)
            clips = {"keep": lambda file: Path(file).suffix.lower() == ".mp3", "max_bytes": MAX_BYTES[name]}
            fetch([remotes[name]], root / name / "clips", progress=progress, **clips)
    return root / name


def _tables(root, name):
    folder = Path(root) / METADATA
    return [path for path in sorted(folder.rglob(name)) if not is_hidden(path.relative_to(folder))]


def _read_table(root, name):
    paths = _tables(root, name)
    if not paths:
        remedy = f"run `python -m genrelib data --collection {METADATA}` (342 MB)"
        raise DatasetError(f"{Path(root) / METADATA}: no {name} there; {remedy}")
    try:
        table = pd.read_csv(paths[0], index_col=0, header=list(range(HEADER_ROWS[name])), low_memory=False)
        table.index = [f"{int(number):06d}" for number in table.index]
    except (ValueError, OSError) as error:  # pandas' own errors are ValueErrors
        raise DatasetError(f"{paths[0]}: not FMA's {name} ({error}); fetch the metadata anew") from error
    twice = table.index[table.index.duplicated()]
    if len(twice):
        raise DatasetError(f"{paths[0]}: a track has one row; these have more: {listed(twice.unique())}")
    return table


def _state(path):
    if path is None:
        return "missing"
    try:
        duration_seconds(path)
    except AudioError as error:
        return f"unreadable: {error}"
    return "ok"
