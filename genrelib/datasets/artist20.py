"""artist20 (LabROSA, Columbia University): 1413 songs of 20 artists, 6 albums each, to tell artists apart.

The audio comes on request alone. The distributed files are whole songs (mp3, 32 kbit/s, 16 kHz, mono); the Turin
report gives a track length of 30 s and not which 30 s: here the middle of each song is taken, and a shorter song whole.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from genrelib._base.caching import content_hashes, folder_when_whole, key_of
from genrelib._base.errors import DatasetError, listed
from genrelib._base.parallel import over_tracks
from genrelib.audio import read_int16, write_wav
from genrelib.datasets._files import audio_files, durations
from genrelib.datasets.collection import Collection

NAME = "artist20"
N_TRACKS, N_ARTISTS, N_ALBUMS = 1413, 20, 6  # albums are an artist's
SECONDS = 30.0  # "Track length 30s", the Turin report's Table 1
SAMPLE_RATE = 16000  # its Table 1, and the distributed files
SUFFIXES = {".mp3", ".wav", ".flac", ".ogg"}
HOME = "https://labrosa.ee.columbia.edu/projects/artistid/"
LICENCE = "Given out by LabROSA on request, for research; genrelib never redistributes it."
CITATION = "Ellis, Classifying music audio with timbral and chroma features, ISMIR 2007."
CUTTER = 1  # raise when the same song would give another excerpt


def load_artist20(
    root: str | Path, *, seconds: float = SECONDS, n_jobs: int | None = None, progress: bool = True
) -> Collection:
    """Load a copy of artist20: its artists stand in the column ``genre``, since they are what is to be told apart.

    Parameters
    ----------
    root : str or Path
        The folder that holds ``artist20/``, and in it, at any depth, ``artist/album/track.mp3``.
    seconds : float > 0
        How much of the middle of each song is taken; it is kept as WAV under ``root/cache``.
    n_jobs, progress
        See `genrelib.slices.cut_slices`.

    Returns
    -------
    Collection
        With the columns of every collection and ``song``, the path of the whole song. A split by album takes
        ``test=1/6`` and ``validation=1/5``: one album of each artist to test on and one to validate on.

    Raises
    ------
    DatasetError
        No copy, or not the whole of it: the message counts, and says where the audio is to be had.
    AudioError
        Songs that cannot be decoded: all of them are listed.
    """
    folder = Path(root) / NAME
    songs = audio_files(folder, SUFFIXES)
    _refuse_incomplete(folder, songs)
    excerpts = _middles(songs, seconds, Path(root) / "cache", n_jobs, progress)
    rows = [(str(excerpt), *song.parts[-3:-1], str(song)) for song, excerpt in zip(songs, excerpts, strict=True)]
    names = pd.Index([song.with_suffix("").relative_to(song.parents[2]).as_posix() for song in songs], name="track_id")
    tracks = pd.DataFrame(rows, index=names, columns=["path", "artist", "album", "song"])
    tracks = tracks.assign(genre=tracks["artist"], artist_id=tracks["artist"], duration=durations(NAME, excerpts))
    return Collection(NAME, tracks, folder, licence=LICENCE, citation=CITATION)


def artists_as_classes(collection: Collection, n_artists: int | None = None) -> Collection:
    """Give a collection whose classes are its artists, or the first so many: they stand in the column ``genre``.

    Tracks of unknown artist or album are left out; fewer than two artists are a DatasetError. It can be split by track
    and, where each artist has several albums, by album; by artist nothing is left to learn.
    """
    known = collection.tracks.dropna(subset=["artist", "artist_id", "album"])
    if known["artist_id"].nunique() < 2:
        raise DatasetError(
            f"{collection.name}: artists are told apart where two at least are known with their albums; there are "
            f"{known['artist_id'].nunique()}; take the demo, or artist20"
        )
    kept = known["artist_id"].isin(known["artist_id"].unique()[:n_artists])
    return replace(collection, tracks=known[kept].assign(genre=known["artist"][kept]))


def _refuse_incomplete(folder, songs):
    where = (
        f"the audio comes from LabROSA on request: {HOME}\nlay it out as {folder}/artist/album/track.mp3, with "
        f"{N_ARTISTS} artists of {N_ALBUMS} albums"
    )
    if not songs:
        raise DatasetError(f"no artist20 under {folder}: {where}")
    shallow = [song for song in songs if len(song.relative_to(folder).parts) < 3]
    if shallow:
        raise DatasetError(f"{len(shallow)} songs lie in no artist/album:\n{listed(shallow)}\n{where}")
    albums = pd.DataFrame([song.parts[-3:-1] for song in songs], columns=["artist", "album"]).groupby("artist")
    counts = albums["album"].nunique()
    wrong = [f"{artist}: {count} albums" for artist, count in counts.items() if count != N_ALBUMS]
    if wrong or len(counts) != N_ARTISTS or len(songs) != N_TRACKS:
        raise DatasetError(
            f"artist20 has {N_TRACKS} songs of {N_ARTISTS} artists, {N_ALBUMS} albums each; {folder} holds "
            f"{len(songs)} of {len(counts)}" + (f":\n{listed(wrong)}" if wrong else "") + f"\n{where}"
        )


def _middles(songs, seconds, cache, n_jobs, progress):
    """Give the path of each song's excerpt; all are cut where they are not cached."""
    versions = [version("soxr"), version("soundfile")]
    key = key_of([CUTTER, seconds, [str(song.name) for song in songs], content_hashes(songs), versions])
    folder = cache / f"middles-{key}"
    if not folder.is_dir():
        with folder_when_whole(folder) as building:
            targets = [building / f"{number}.wav" for number in range(len(songs))]
            over_tracks(
                _cut_middle,
                [(song, target, seconds) for song, target in zip(songs, targets, strict=True)],
                name=NAME,
                cannot="songs cannot be cut",
                remedy="get a whole copy of these",
                label="cutting songs",
                n_jobs=n_jobs,
                progress=progress,
            )
    return [folder / f"{number}.wav" for number in range(len(songs))]


def _cut_middle(song, target, seconds):
    samples = read_int16(song, sample_rate=SAMPLE_RATE)
    length = min(len(samples), round(seconds * SAMPLE_RATE))
    start = (len(samples) - length) // 2
    write_wav(target, samples[start : start + length], sample_rate=SAMPLE_RATE)
