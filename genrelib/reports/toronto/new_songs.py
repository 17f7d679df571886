"""Try a network of feature rows on songs by artists that its training never saw, as the Toronto report does.

What the report says (section 8): 100 new songs, 10 a genre, "different artists from those present in the training and
validation datasets"; "for each song in our test set, we extracted 10 random 3-second samples and ran them through our
model"; accuracy, precision, recall, F1, a confusion matrix in counts, a song's first three genres with their logits.

What it leaves open, and what is chosen here: new songs are drawn from the test part of a split, all of them where a
genre has fewer than ten there; samples may overlap; averages are macro; a song's logits are the mean over its samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import pandas as pd

from genrelib._base.caching import cached_table, content_hashes, file_when_whole, key_of, library_versions
from genrelib._base.errors import GenrelibError
from genrelib._base.parallel import over_tracks
from genrelib.audio import INT16_SCALE, SAMPLE_RATE, read_int16, trim_or_pad, write_wav
from genrelib.evaluation.scores import evaluate
from genrelib.features.rows import RowSet, as_rows, as_slices, filename_of
from genrelib.features.spectral import REVISION, spectral_numbers
from genrelib.training.runs import Run, Runs

if TYPE_CHECKING:
    from genrelib.datasets.collection import Collection

PER_GENRE = 10  # new songs of each genre, in the report
PER_SONG = 10  # samples of each song
SECONDS = 3.0
SEED = 0  # of the samples' places
TAKER = 1  # raise when the same songs and settings would give other samples


def random_samples(
    collection: Collection, *, n: int = PER_SONG, seconds: float = SECONDS, cache: str | Path | None = None,
    n_jobs: int | None = None, progress: bool = True,
) -> RowSet:  # fmt: skip
    """Take ``n`` samples of each track at random places, and describe each by the 57 numbers; kept in a cache.

    They may overlap, and their places do not depend on the other tracks; a shorter track is padded with silence. What
    comes has ``n`` rows a track, in the order of the tracks; its table has a column ``start`` [s].

    Raises
    ------
    AudioError
        Tracks that cannot be decoded: all of them are listed.
    GenrelibError
        No samples, or no room on the disk.
    """
    if n < 1 or not seconds > 0:
        raise GenrelibError(f"a song is tried on one sample at least, longer than nothing; given n={n}, {seconds} s")
    tracks = collection.tracks

    def build():
        tasks = [(*track, n, seconds) for track in tracks[["path", "genre"]].itertuples(name=None)]
        words = {"name": collection.name, "label": "random samples", "cannot": "tracks cannot be sampled"}
        rows = over_tracks(_rows_of, tasks, **words, n_jobs=n_jobs, processes=True, progress=progress)
        return pd.DataFrame([row for track in rows for row in track])

    settings = [TAKER, REVISION, n, float(seconds), SEED, SAMPLE_RATE, library_versions()]
    key = key_of([settings, list(tracks.index), list(tracks["genre"]), content_hashes(list(tracks["path"]))])
    return as_slices(cached_table(Path(cache or collection.cache) / f"samples-{key}.parquet", build), collection)


def new_songs(run: Run, rows: RowSet, samples: RowSet, *, per_genre: int = PER_GENRE) -> Run:
    """Try a network that was trained on feature rows on the `random_samples` of songs of its test part.

    ``per_genre`` songs a genre are drawn by the seed of the run, all of them where there are fewer. The scores are over
    the samples, each one slice; the fold's test part holds positions among them. By slice no song is new: an error.
    """
    from genrelib.training.loop import load_model

    if run.unit == "slice":
        raise GenrelibError("by slice no song is new: its other slices were trained on; take runs by track or artist")
    tested = rows.table["track_id"].iloc[run.fold.test].unique()
    songs = samples.collection.tracks.loc[sorted(tested)]
    drawn = songs.iloc[np.random.default_rng(run.seed).permutation(len(songs))].groupby("genre").head(per_genre)
    positions = np.flatnonzero(samples.table["track_id"].isin(drawn.index))
    scores = evaluate(load_model(run.model_path), samples, positions, seed=run.seed, protocol=run.unit)
    return replace(run, scores=scores, fold=replace(run.fold, test=positions))


def new_songs_by(runs: Runs, rows: RowSet, samples: RowSet) -> Runs:
    """Try networks trained under several splits on new songs, see `new_songs`, and print a line each.

    By slice no song is new: there the runs themselves, scored on their test slices, for comparison.
    """
    tried = {}
    for unit, several in runs.items():
        by_slice = unit == "slice"
        tried[unit] = several if by_slice else [new_songs(run, rows, samples) for run in several]
        right = np.mean([run.scores.slice.accuracy for run in tried[unit]])
        n_songs, n = (min(getattr(run.scores, level).n for run in tried[unit]) for level in ("track", "slice"))
        words = "test slices of the same songs" if by_slice else f"samples of {n_songs} songs"
        print(f"new songs by {unit}: accuracy {right:.3f} on {n} {words}, mean of {len(several)} seeds")
    for unit, reason in runs.not_measured.items():
        print(f"new songs by {unit}: none, since {reason}")
    return replace(runs, runs=tried)


def songs_tried(run: Run) -> pd.Series:
    """Count the songs of each genre that a run of `new_songs` was tried on."""
    labels = run.scores.frame.drop_duplicates("track_id")["true"]
    return pd.Series(np.bincount(labels, minlength=len(run.scores.genres)), run.scores.genres)


def without_artist_of(rows: RowSet, track_id: str) -> tuple[RowSet, np.ndarray]:
    """Leave out all rows of a track's artist, so that a network can be trained that never heard either.

    What comes are the other rows, and the positions in ``rows`` of those of the track. Where the artist is unknown,
    the other rows are those of other tracks. A track that has no row is a `GenrelibError`.
    """
    tracks = rows.table["track_id"]
    own = np.flatnonzero(tracks == track_id)
    if not len(own):
        raise GenrelibError(f"{track_id} has no row here; {rows.collection.name} has {tracks.nunique()} other tracks")
    artists = rows.collection.tracks["artist_id"]
    of_artist = tracks.isin(artists.index[artists == artists[track_id]]) | (tracks == track_id)
    return as_rows(rows.samples[~of_artist], rows.table[~of_artist], rows.collection), own


def export(path: str | Path, folder: str | Path, *, seconds: Sequence[float] = (30.0, 3.0)) -> list[Path]:
    """Write versions of a song of equal length as WAV at 22,050 Hz: the Toronto report's "trim and pad".

    They go to ``<name>_30sec.wav`` and ``<name>_3sec.wav`` in the folder, where earlier ones are replaced. Each starts
    where the song starts, and ends in silence where the song is shorter. A song that cannot be read, and a version of
    less than one sample, is an `AudioError`; a file that cannot be written a `GenrelibError`.
    """
    samples = read_int16(path)
    versions = {Path(folder) / f"{Path(path).stem}_{each:g}sec.wav": each for each in seconds}
    for target, length in versions.items():
        with file_when_whole(target) as temporary:
            write_wav(temporary, trim_or_pad(samples, length))
    return list(versions)


def _rows_of(track, path, genre, n, seconds):
    """Give the rows of a track's samples."""
    whole = read_int16(path).astype(np.float32) / INT16_SCALE
    latest = max(0, len(whole) - round(seconds * SAMPLE_RATE))
    starts = np.random.default_rng([SEED, crc32(track.encode())]).integers(0, latest + 1, n)
    rows = []
    for number, start in enumerate(starts):
        sample, name = trim_or_pad(whole[start:], seconds), filename_of(track, number)
        where = {"label": genre, "start": start / SAMPLE_RATE}
        rows.append({"filename": name, "length": len(sample), **spectral_numbers(sample), **where})
    return rows
