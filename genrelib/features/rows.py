"""Rows of numbers: one's own, and tables of the 57 features, with what the public ones need before they can be split.

A public table names no track, only a file: ``blues.00000.wav`` in the 30 s table, ``blues.00000.0.wav`` in the 3 s one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from genrelib._base.caching import key_of
from genrelib._base.errors import DatasetError, listed
from genrelib.datasets import gtzan
from genrelib.datasets.collection import Collection
from genrelib.slices import Rows

N_MFCC = 20
_SERIES = (
    "chroma_stft", "rms", "spectral_centroid", "spectral_bandwidth", "rolloff", "zero_crossing_rate", "harmony",
    "perceptr", *(f"mfcc{i + 1}" for i in range(N_MFCC)),
)  # fmt: skip
_MOMENTS = [f"{name}_{moment}" for name in _SERIES for moment in ("mean", "var")]
# the header of the widely used GTZAN tables, features_30_sec.csv and features_3_sec.csv: the tempo before the MFCC
FEATURES = (*_MOMENTS[: -2 * N_MFCC], "tempo", *_MOMENTS[-2 * N_MFCC :])
COLUMNS = ("filename", "length", *FEATURES, "label")
GTZAN_FILE = re.compile(rf"({'|'.join(gtzan.GENRES)})\.\d{{5}}(\.\d+)?\.wav")
OTHER_FILE = re.compile(r".+#\d*\.wav", re.DOTALL)


def filename_of(track: str, number: int | None = None) -> str:
    """Name the file of a track's row, or of that of one of its slices.

    It is ``blues.00000.wav`` or ``blues.00000.0.wav``; for ids that are not GTZAN's ``rock/song.mp3#.wav`` or
    ``rock/song.mp3#0.wav``: whatever dots and digits an id ends in, `track_of` finds it again.
    """
    if gtzan.TRACK_NAME.match(track):
        return f"{track}.wav" if number is None else f"{track}.{number}.wav"
    return f"{track}#{'' if number is None else number}.wav"


def track_of(filename: str) -> str | None:
    """Recover the track from a row's file name; None for one that `filename_of` does not give."""
    if not isinstance(filename, str):
        return None
    if GTZAN_FILE.fullmatch(filename):
        return ".".join(filename.split(".")[:2])
    return filename.rpartition("#")[0] if OTHER_FILE.fullmatch(filename) else None


def read_table(path: str | Path, *, genres: Sequence[str] = gtzan.GENRES) -> pd.DataFrame:
    """Read a table of the 57 features: a public GTZAN table as it is, or one of `spectral_table` kept as CSV.

    Parameters
    ----------
    path : str or Path
        CSV. Kaggle's GTZAN dataset (andradaolteanu/gtzan-dataset-music-genre-classification) has features_30_sec.csv
        and features_3_sec.csv.
    genres : sequence of str
        The labels that may occur; GTZAN's ten unless given.

    Returns
    -------
    pd.DataFrame
        The table, its rows in order and none dropped, with a column ``track_id``.

    Raises
    ------
    DatasetError
        No such table; missing columns; values that are no finite numbers; labels outside ``genres``, or of one genre
        only; file names that do not parse, contradict the label, or come twice.
    """
    path = Path(path)
    try:
        table = pd.read_csv(path)
    except FileNotFoundError:
        public = "kaggle.com/datasets/andradaolteanu/gtzan-dataset-music-genre-classification"
        raise DatasetError(f"{path}: no such table; the public ones, features_30_sec.csv, are at {public}") from None
    except (OSError, ValueError) as error:  # pandas' own errors are ValueErrors
        raise DatasetError(f"{path}: cannot be read as a CSV table ({error}); get a whole copy") from error
    _refuse_columns(path, table)
    tracks = _tracks_of(table)
    for rule, told, bad, remedy in _flaws(table, tracks, genres):
        if len(bad):
            raise DatasetError(f"{path}: {rule}; {len(bad)} {told}:\n{listed(bad)}\n{remedy}")
    if table["label"].nunique() < 2:
        raise DatasetError(f"{path}: all rows are {table['label'].iloc[0]}; to classify takes two genres at least")
    rows = int((tracks == gtzan.UNDECODABLE).sum())
    if rows:
        print(
            f"{path.name}: {gtzan.UNDECODABLE} is kept, {rows} of {len(table)} rows: the table describes it, though no "
            "copy of its audio in circulation can be decoded"
        )
    return table.assign(track_id=tracks)


@dataclass(frozen=True, eq=False)
class RowSet(Rows):
    """Hold numbers a row: of a table, or one's own embeddings; see `genrelib.slices.Rows`.

    Attributes
    ----------
    samples : np.ndarray [shape=(n, n_features), dtype=float32]
        As they are: a network standardises them on its training part.
    """

    @property
    def input_sizes(self) -> dict[str, int]:
        return {"n_features": self.samples.shape[1]}


def as_rows(matrix: np.ndarray, table: pd.DataFrame, collection: Collection) -> RowSet:
    """Take the rows of a matrix, such as one's own embeddings, so that they can be split, trained on and scored.

    Parameters
    ----------
    matrix : array-like [shape=(n, n_features)]
        Any numbers, a row a slice or a track.
    table : pd.DataFrame
        Row for row what the matrix describes: a column ``track_id``, any others.
    collection : Collection
        Knows the genre of each track, and its artist.

    Raises
    ------
    DatasetError
        Not a finite number in each cell, not a row of the table for each of the matrix; tracks that the collection
        does not have, or has under another genre than the table.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> import genrelib as gl
    >>> from genrelib.datasets.collection import Collection
    >>> songs = pd.DataFrame({"genre": ["jazz", "rock"] * 4, "artist_id": list("abcdefgh")})
    >>> songs = songs.assign(path="", artist=None, album=None, duration=30.0).rename("song {}".format)
    >>> embeddings = np.random.default_rng(0).normal(size=(8, 200))
    >>> table = songs.rename_axis("track_id").reset_index()  # a row of embeddings a song
    >>> rows = gl.features.as_rows(embeddings, table, Collection("mine", songs, "."))
    >>> fold = gl.split_slices(rows, "artist", test=0.25, validation=0.25)
    >>> len(rows), rows.input_sizes, len(fold.test)
    (8, {'n_features': 200}, 2)
    """
    samples = np.ascontiguousarray(matrix, dtype=np.float32)
    if samples.ndim != 2 or len(samples) != len(table):
        raise DatasetError(
            f"a matrix [n, n_features] has a row for each of the table's {len(table)}; given {list(samples.shape)}"
        )
    if not np.isfinite(samples).all():
        spoiled = np.flatnonzero(~np.isfinite(samples).all(axis=1)).tolist()
        raise DatasetError(f"every number is finite; rows {spoiled[:10]} and {len(spoiled)} in all are not: mend them")
    tracks, known = table["track_id"], collection.tracks["genre"]
    _refuse_strangers(tracks, known.index, collection.name)
    genre = known.loc[tracks].to_numpy()
    wrong = tracks[(table["genre"] != genre).to_numpy()] if "genre" in table else tracks[:0]
    if len(wrong):
        raise DatasetError(
            f"{len(wrong)} rows have another genre in {collection.name} than in the table:\n{listed(wrong.unique())}\n"
            "mend either"
        )
    rows = RowSet(samples, table.assign(genre=genre).reset_index(drop=True), collection.genres, collection, key="")
    digest = hashlib.sha256(samples.tobytes()).hexdigest()
    return replace(rows, key=key_of([digest, list(tracks), rows.labels.tolist(), rows.genres]))


def as_slices(table: pd.DataFrame, collection: Collection | None = None) -> RowSet:
    """Take the rows of a table of the 57 numbers, so that they can be split, trained on and scored.

    Parameters
    ----------
    table : pd.DataFrame
        Of `spectral_table` or `read_table`.
    collection : Collection, optional
        The one that the table was made of. Unless given, GTZAN as its index describes it, which needs no audio;
        the fault-filtered lists are there if the table holds the whole of it.

    Returns
    -------
    RowSet
        57 numbers a row, in the order of `FEATURES`.

    Raises
    ------
    DatasetError
        Tracks that the collection does not have, or has under another genre.
    """
    tracks = _tracks_of(table)
    if collection is None:
        collection = _gtzan_of(tracks, sliced=tracks.duplicated().any())
    return as_rows(table[list(FEATURES)], table.assign(track_id=tracks, genre=table["label"]), collection)


def _refuse_strangers(tracks, known, whose):
    strange = tracks[~tracks.isin(known)]
    if len(strange):
        raise DatasetError(
            f"{whose} knows no track of {len(strange)} of {len(tracks)} rows:\n{listed(strange.unique())}\n"
            "give the collection that the rows were made of"
        )


def _gtzan_of(tracks, *, sliced):
    index = gtzan.read_index()
    _refuse_strangers(tracks, index.index, "GTZAN's index")
    held = gtzan.with_folds_of("gtzan", index.loc[index.index.isin(tracks)].drop(columns="wav_md5"))
    held = held.assign(path="", album=None, duration=np.nan)
    if set(gtzan.track_list("gtzan")) - set(held.index):  # lists for the whole: a part has too few of them to test on
        held = held.drop(columns="fault_filtered")
    name = f"gtzan_features_{'3' if sliced else '30'}s"
    return Collection(name=name, tracks=held, root=Path(), licence=gtzan.LICENCE, citation=gtzan.CITATION)


def _refuse_columns(path, table):
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise DatasetError(
            f"{path}: a table of features has the {len(COLUMNS)} columns of the public GTZAN tables; this one lacks "
            f"{len(missing)}: {', '.join(missing)}; get a whole copy, or make one with spectral_table"
        )
    if table.empty:
        raise DatasetError(f"{path}: a header and no rows; get a whole copy")


def _flaws(table, tracks, genres):
    """Give rules of a table's rows in turn: the rule, what those do that break it, these rows, and the remedy."""
    numbers, names = table[["length", *FEATURES]].apply(pd.to_numeric, errors="coerce"), table["filename"]
    rows, columns = np.nonzero(~np.isfinite(numbers.to_numpy(dtype=float)))
    cells = [f"{names.iloc[row]}: {numbers.columns[at]}" for row, at in zip(rows, columns, strict=True)]
    yield "every feature is a finite number", "are not", cells, "mend or drop these rows"
    labels = [f"{name}: {label!r}" for name, label in zip(names, table["label"], strict=True) if label not in genres]
    remedy = "mend them, or give the table's own genres with genres="
    yield f"labels are among {', '.join(genres)}", "are not", labels, remedy
    forms = "blues.00000.wav, blues.00000.0.wav or song.mp3#0.wav"
    yield f"the track is recovered from file names such as {forms}", "do not parse", names[tracks.isna()], "mend them"
    other = names.str.fullmatch(GTZAN_FILE) & (tracks.str.partition(".")[0] != table["label"])
    yield "GTZAN files are named by genre", "have another label", names[other], "mend either"
    yield "a file name names one row", "come again", names[names.duplicated()], "drop these rows"


def _tracks_of(table):
    return pd.Series([track_of(name) for name in table["filename"]], index=table.index)
