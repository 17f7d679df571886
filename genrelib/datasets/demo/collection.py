"""The demo collection: tracks synthesised from a seed, so that every notebook runs with no network.

Genres hold artists, artists hold albums, albums hold tracks. A quarter of each genre's tracks is by a stray: an artist
who is filed under the genre and plays by the rules of another (``sounds_like``), in a colour of its own. On artists
never heard before no system can do better, all else being equal, than to name the genre that the sound is of, so
accuracy there is bounded by the share of test slices whose ``sounds_like`` is their genre: 0.75 on average. A system
that has heard the artist can know its colour and reach 1.0. A random slice split therefore overstates accuracy by 0.25
at the ceiling, by construction.

For that to be what a network of a few epochs shows, and nothing besides: genres differ in colour, which all their
artists share, so that two plain artists of a genre are nearer than artists of two genres; and the stray has a quarter
of the tracks, since an artist of two tracks is hardly learned by heart. ``EFFECT_BAND`` says how near is near enough.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from math import inf
from numbers import Integral, Real
from pathlib import Path

import pandas as pd

from genrelib._base.caching import folder_when_whole
from genrelib._base.errors import DatasetError
from genrelib._base.parallel import over_tracks
from genrelib.audio import write_wav
from genrelib.datasets.collection import Collection
from genrelib.datasets.demo.genres import STYLES
from genrelib.datasets.demo.sound import ALBUM_TILT, KEY_NAMES, Performance, render, rng_for

VERSION = 2  # raise it whenever the sound changes: the folder's name holds it
GENRES = tuple(sorted(STYLES))
SOUNDS_LIKE = dict(zip(GENRES, GENRES[1:] + GENRES[:1], strict=True))  # what a stray of each genre sounds like
STRAY_SHARE = 4  # one track in four is a stray's
STRAY_DRAW = "stray 8"  # this draw has its share of strays in each of three folds by artist: .78, .70 and .78 plain
EFFECT_BAND = 0.15  # a loss this near to what is built in is that effect: two standard errors on some 40 test tracks
ALBUMS_PER_ARTIST = 3
WAV_HEADER_BYTES = 44
RULES = {  # setting → kind, least, most, in words
    "tracks_per_genre": (Integral, 4, 99999, "a whole number from 4 to 99999, so that each artist has a track"),
    "artists_per_genre": (
        Integral, 4, 999, "a whole number from 4 to 999, so that each of three folds has one that is no stray",
    ),
    "seconds": (Real, 1, 600, "a number from 1 to 600"),
    "seed": (Integral, 0, inf, "a whole number, 0 or more"),
    "sample_rate": (Integral, 8000, 192000, "a whole number of hertz from 8000 to 192000"),
    "album_tilt": (Real, 0, 6, "a number from 0 to 6"),
}  # fmt: skip
LICENCE = "CC0"
CITATION = "Synthesised on the spot by genrelib from a seed: sketches of ten genres, no recording of anyone's music."


def load_demo(
    root: str | Path, *, tracks_per_genre: int = 12, artists_per_genre: int = 7, seconds: float = 9.0, seed: int = 0,
    sample_rate: int = 22050, album_tilt: float = ALBUM_TILT, n_jobs: int | None = None, progress: bool = True,
) -> Collection:  # fmt: skip
    """Load the demo collection, and synthesise it first where that was not done yet.

    Parameters
    ----------
    root : str or Path
        WAV files (16 bit, mono) go to ``root/demo/<settings>/<genre>/<track_id>.wav``.
    tracks_per_genre : int [>= 4]
        One in four is by the genre's stray; the others take turns.
    artists_per_genre : int [>= 4]
        The stray and the others, fewer where tracks do not reach round; each fills up to 3 albums in turn.
    seconds : float [s, >= 1]
        Length of a track.
    seed : int [>= 0]
        The same settings give the same bytes, whatever ``n_jobs``.
    sample_rate : int [Hz, 8000 to 192000]
    album_tilt : float [dB an octave, 0 to 6]
        How far albums differ in brightness, one standard deviation; the more, the larger the album effect.
    n_jobs, progress
        See `genrelib.slices.cut_slices`; tracks are synthesised in processes.

    Returns
    -------
    Collection
        With the columns of every collection and ``title``, ``valence`` (0 to 1) and ``sounds_like`` (the genre whose
        cues the track has).

    Raises
    ------
    DatasetError
        A setting makes no sense.
    GenrelibError
        The files cannot be written.
    """
    given = (tracks_per_genre, artists_per_genre, seconds, seed, sample_rate, album_tilt)
    for (name, (kind, least, most, rule)), value in zip(RULES.items(), given, strict=True):
        if not isinstance(value, kind) or isinstance(value, bool) or not least <= value <= most:
            raise DatasetError(f"demo: {name} must be {rule}; got {value!r}")
    if n_jobs is not None and not (isinstance(n_jobs, Integral) and n_jobs):
        raise DatasetError(f"demo: n_jobs must be a whole number other than 0; got {n_jobs!r}")
    n_samples = round(seconds * sample_rate)
    root = Path(root)
    key = f"v{VERSION}-{tracks_per_genre}x{n_samples}-{artists_per_genre}artists-{sample_rate}hz-seed{seed}"
    key += f"-tilt{album_tilt:g}" if album_tilt != ALBUM_TILT else ""
    folder = root / "demo" / key
    performances = _plan(tracks_per_genre, artists_per_genre, seed, album_tilt)
    files = {track_id: f"{played.genre}/{track_id}.wav" for track_id, played in performances.items()}
    if not _is_whole(folder, files.values(), n_samples):
        jobs = [(performances[track_id], file) for track_id, file in files.items()]
        _build(folder, jobs, n_samples, sample_rate, n_jobs, progress)
    rows = {track_id: _describe(played, folder / files[track_id]) for track_id, played in performances.items()}
    tracks = pd.DataFrame.from_dict(rows, orient="index").rename_axis("track_id")
    tracks["duration"] = n_samples / sample_rate
    return Collection("demo", tracks, root, is_demo=True, licence=LICENCE, citation=CITATION)


def artist_ceiling(tracks: pd.DataFrame, track_ids: Iterable[str] | None = None) -> float:
    """Return the best accuracy that any system can be expected to reach on unseen artists of the demo.

    Parameters
    ----------
    tracks : pd.DataFrame
        A demo collection's tracks: columns ``genre`` and ``sounds_like``, indexed by track id.
    track_ids : iterable of str, optional
        The track of each test slice; a track with three test slices counts three times. All tracks, once, by default.

    Returns
    -------
    float [0 to 1]
        The share of those slices whose ``sounds_like`` is their genre; a DatasetError where that is not known.
    """
    if "sounds_like" not in tracks.columns:
        raise DatasetError("the ceiling is known for the demo alone: these tracks have no column 'sounds_like'")
    ids = list(tracks.index if track_ids is None else track_ids)
    unknown = sorted(set(ids) - set(tracks.index))
    if unknown or not ids:
        problem = f"unknown: {unknown}" if ids else "got none"
        raise DatasetError(f"a ceiling takes one or more ids of the collection's tracks; {problem}")
    chosen = tracks.loc[ids]
    return float((chosen["sounds_like"] == chosen["genre"]).mean())


def _plan(tracks_per_genre, artists_per_genre, seed, album_tilt=ALBUM_TILT):
    """Return {track_id: Performance}: each fourth track is the stray's, the others are dealt to the others in turn."""
    n_others = min(artists_per_genre - 1, tracks_per_genre - tracks_per_genre // STRAY_SHARE)
    plan = {}
    for genre in GENRES:
        stray = int(rng_for(seed, STRAY_DRAW, genre).integers(n_others + 1))
        others = [artist for artist in range(n_others + 1) if artist != stray]
        for track in range(tracks_per_genre):
            strays_before, is_stray = track // STRAY_SHARE, track % STRAY_SHARE == STRAY_SHARE - 1
            turn, place = (strays_before, 0) if is_stray else divmod(track - strays_before, n_others)
            artist, sounds_like = (stray, SOUNDS_LIKE[genre]) if is_stray else (others[place], genre)
            album = turn % ALBUMS_PER_ARTIST
            plan[f"{genre}.{track:05d}"] = Performance(seed, genre, sounds_like, artist, album, track, album_tilt)
    return plan


def _describe(played, path):
    """Return a track's row: names that are unique over the collection, and what was asked of the sound."""
    valence, bpm, key, is_major = played.mood()
    artist = f"{played.genre.capitalize()} Sketcher {played.artist + 1}"
    return {
        "path": str(path),
        "genre": played.genre,
        "artist": artist,
        "artist_id": f"{played.genre}.artist{played.artist:03d}",
        "album": f"{artist}, album {played.album + 1}",
        "title": f"Sketch {played.track + 1} in {KEY_NAMES[key]} {'major' if is_major else 'minor'}, {bpm:.0f} BPM",
        "valence": valence,
        "sounds_like": played.sounds_like,
    }


def _is_whole(folder, files, n_samples):
    """Tell whether every file is there at its full length; a stat a file, no decoding."""
    size = WAV_HEADER_BYTES + 2 * n_samples
    paths = [folder / file for file in files]
    return all(path.is_file() and path.stat().st_size == size for path in paths)


def _build(folder, jobs, n_samples, sample_rate, n_jobs, progress):
    """Synthesise all tracks, and put them in place of a damaged copy when they are whole."""
    files = [file for _, file in jobs]
    with folder_when_whole(folder) as building:
        for genre in GENRES:
            (building / genre).mkdir()
        over_tracks(
            _write_track,
            [(played, building / file, n_samples, sample_rate) for played, file in jobs],
            name="demo",
            cannot="tracks cannot be synthesised",
            label="demo: synthesising",
            n_jobs=n_jobs,
            processes=True,
            progress=progress,
        )
        if not _is_whole(building, files, n_samples):
            raise OSError("files are shorter than written")
        if folder.exists() and not _is_whole(folder, files, n_samples):
            os.rename(folder, building.parent / "damaged")  # that folder goes in the end


def _write_track(played, path, n_samples, sample_rate):
    write_wav(path, render(played, n_samples, sample_rate), sample_rate=sample_rate)
