"""GTZAN in three sizes: all of it, 160 tracks of at least five artists a genre, and the public 100-track archive."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pandas as pd
import soundfile as sf

from genrelib._base.caching import alone_in
from genrelib._base.errors import AudioError, DatasetError, DownloadError, listed
from genrelib._base.paths import table_path
from genrelib.audio import duration_seconds
from genrelib.datasets._download import Remote, fetch
from genrelib.datasets._files import audio_files, durations
from genrelib.datasets.collection import Collection

GENRES = ("blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock")
NAMES = ("gtzan", "gtzan_160", "gtzan_mini")  # best first
UNDECODABLE = "jazz.00054"  # in every copy in circulation
SUFFIXES = {".au", ".wav"}
TRACK_NAME = re.compile(rf"^({'|'.join(GENRES)})\.\d{{5}}$")
FILE_NAME = re.compile(rf"({'|'.join(GENRES)})\.?(\d{{5}})(?:\.au|\.wav)?", re.IGNORECASE)  # as copies have them
LICENCE = "No licence of the audio is known; genrelib never redistributes it."
CITATION = (
    "Tzanetakis and Cook, Musical genre classification of audio signals, 2002. Artists: Sturm, MIRUM 2012. "
    "Artist ids: Foleis and Tavares, 2020. Fault-filtered lists: Kereliuk, Sturm, Larsen, 2015."
)

# The whole collection. No checksum of the first archive is published: its tracks are checked one by one. The second
# is the original archive (.au files), kept by the Internet Archive since the author's server went in 2022.
WHOLE = (
    Remote(
        urls=("https://huggingface.co/datasets/marsyas/gtzan/resolve/main/data/genres.tar.gz",),
        filename="gtzan-wav.tar.gz",
        n_bytes=1_226_192_050,
    ),
    Remote(
        urls=("https://web.archive.org/web/20211207012050/http://opihi.cs.uvic.ca/sound/genres.tar.gz",),
        filename="gtzan-au.tar.gz",
        n_bytes=1_225_571_541,
        checksum="sha256:24347e0223d2ba798e0a558c4c172d9d4a19c00bb7963fe055d183dadb4ef2c6",
    ),
)
MINI = (
    Remote(
        urls=("https://github.com/TempoBeatDownbeat/gtzan_mini/archive/refs/heads/main.zip",),
        filename="gtzan_mini.zip",
        checksum="md5:44f7f23af8363d96c59663a987f29a4c",
    ),
)
REMOTES = {"gtzan": WHOLE, "gtzan_160": WHOLE, "gtzan_mini": MINI}


def read_index() -> pd.DataFrame:
    """Read what is known of GTZAN's 1000 tracks.

    Returns
    -------
    pd.DataFrame
        Indexed by ``track_id``: genre, artist, title, artist_id (the artist's name in lower case with hyphens; one id
        for all spellings), artist_fold and gtzan_160_fold ("0", "1", "2": which of three artist-disjoint folds tests
        it, of all of GTZAN and of gtzan_160; or ""), fault_filtered (train, valid, test or ""), excluded_as_fault
        ("yes" or ""), wav_md5. Where no artist is known, or two of GTZAN's sing together, artist_id is None, and the
        track is in no artist fold; a blank artist is None.
    """
    index = pd.read_csv(table_path("gtzan/index.csv"), dtype=str, keep_default_na=False, index_col="track_id")
    for column in ("artist", "artist_id"):
        index[column] = index[column].where(index[column] != "", None)
    return index


def track_list(name: str) -> list[str]:
    """List the track ids that make ``name`` complete: 999, 160 or 100 of them."""
    if name == "gtzan":
        return [track for track in read_index().index if track != UNDECODABLE]
    return table_path(f"gtzan/{name}.txt").read_text(encoding="utf-8").split()


def find_tracks(folder: str | Path) -> dict[str, Path]:
    """Find GTZAN tracks under a folder, whatever the layout of the copy: a track is known by its name.

    ``blues00000.wav`` and ``blues.00000.au.wav`` are names of ``blues.00000``, too. Hidden files and folders, among
    them the ``._*`` forks of macOS, and ``__MACOSX`` are passed over; where a copy holds a track as .wav and as .au,
    the .wav is given.
    """
    found = {}
    for path in audio_files(folder, SUFFIXES):
        if not (name := FILE_NAME.fullmatch(path.stem)):
            continue
        track = f"{name[1].lower()}.{name[2]}"
        known = found.get(track)
        if known is None or (known.suffix.lower(), path.suffix.lower()) == (".au", ".wav"):
            found[track] = path
    return found


def find_copy(name: str, root: str | Path) -> tuple[Path, dict[str, Path]]:
    """Find the tracks of ``name`` in its own folder, or in that of a larger size: where most lie, and those there."""
    wanted, copies = set(track_list(name)), []
    for place in (name, *reversed(NAMES[: NAMES.index(name)])):
        tracks = find_tracks(Path(root) / place)
        copies.append((Path(root) / place, {track: path for track, path in tracks.items() if track in wanted}))
    return max(copies, key=lambda copy: len(copy[1]))  # the first of several


def load_gtzan(name: str, root: str | Path) -> Collection:
    """Load GTZAN, or the 160 or 100 tracks of it.

    Parameters
    ----------
    name : {"gtzan", "gtzan_160", "gtzan_mini"}
    root : str or Path
        The folder that holds ``gtzan/``, ``gtzan_160/``, ``gtzan_mini/``; a larger size has the tracks of a smaller.

    Returns
    -------
    Collection
        ``gtzan`` and ``gtzan_160`` have three artist-disjoint folds, ``artist_fold``.

    Raises
    ------
    DatasetError
        No copy, a copy that lacks tracks (all are listed), or tracks that cannot be read (all are listed).
    """
    folder, found = find_copy(name, root)
    wanted = track_list(name)
    missing = [track for track in wanted if track not in found]
    if missing:
        raise DatasetError(_incomplete(name, folder, wanted, missing))
    if name == "gtzan":
        print(f"{UNDECODABLE} is left out: it cannot be decoded in any copy in circulation")
    tracks = with_folds_of(name, read_index().loc[wanted].drop(columns="wav_md5"))
    tracks.insert(0, "path", [str(found[track]) for track in wanted])
    tracks["album"] = None  # no copy of GTZAN knows albums
    tracks["duration"] = durations(name, tracks["path"])
    if name != "gtzan":
        tracks = tracks.drop(columns="fault_filtered")  # lists for the whole: a part has too few of them to test on
    return Collection(name=name, tracks=tracks, root=folder, licence=LICENCE, citation=CITATION)


def with_folds_of(name: str, tracks: pd.DataFrame) -> pd.DataFrame:
    """Keep of the index's rows the artist folds of one size as ``artist_fold``; gtzan_mini has too few artists."""
    folds = {"gtzan": tracks["artist_fold"], "gtzan_160": tracks["gtzan_160_fold"]}
    rest = tracks.drop(columns=["artist_fold", "gtzan_160_fold"])
    return rest.assign(artist_fold=folds[name]) if name in folds else rest


def check_gtzan(name: str, root: str | Path) -> pd.DataFrame:
    """Compare a copy with what is known of GTZAN, track by track.

    Returns
    -------
    pd.DataFrame
        Indexed by ``track_id``: genre, state (``ok``, ``missing``, ``differs …``, ``unreadable …``, ``left out …``),
        known_fault (``repeat or unusable`` for the 52 tracks that Foleis and Tavares exclude, or ""), path.
    """
    folder, found = find_copy(name, root)
    index = read_index()
    ids = list(index.index) if name == "gtzan" else track_list(name)
    if name == "gtzan":
        found = {**find_tracks(folder), **found}
    faults = index.loc[ids, "excluded_as_fault"].map({"yes": "repeat or unusable", "": ""})
    paths = [str(found.get(track, "")) for track in ids]
    table = {"genre": index.loc[ids, "genre"], "state": _states(ids, found), "known_fault": faults, "path": paths}
    return pd.DataFrame(table, index=pd.Index(ids, name="track_id"))


def download_gtzan(
    name: str, root: str | Path, *, remotes: Sequence[Remote] | None = None, progress: bool = True
) -> Path:
    """Download a GTZAN archive, check every track, and put it in place only when all are right.

    Parameters
    ----------
    name : {"gtzan", "gtzan_160", "gtzan_mini"}
        ``gtzan_160`` is picked out of the whole collection, so both fetch the same 1.2 GB.
    root : str or Path
    remotes : sequence of Remote, optional
        Archives to try in order; the public mirrors unless given.
    progress : bool

    Returns
    -------
    Path
        The folder that holds the tracks.

    Raises
    ------
    DownloadError
        No mirror gave the archive whole, its tracks are not the known ones, or the target is there already.
    """
    place = Path(root) / ("gtzan_mini" if name == "gtzan_mini" else "gtzan")
    with alone_in(root):
        fetch(
            remotes or REMOTES[name],
            place / "genres",
            keep=lambda file: Path(file).suffix.lower() in SUFFIXES,
            check=partial(_refuse_wrong_tracks, name),
            progress=progress,
        )
    return place


def _states(ids, found):
    known = read_index()["wav_md5"]
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda track: _state(track, found.get(track), known[track]), ids))


def _state(track, path, wav_md5):
    if track == UNDECODABLE:
        return "left out: it cannot be decoded in any copy in circulation"
    if path is None:
        return "missing"
    try:
        duration_seconds(path)
        right = hashlib.md5(path.read_bytes()).hexdigest() == wav_md5 or _md5_as_wav(path) == wav_md5
    except (AudioError, sf.LibsndfileError, OSError) as error:
        return f"unreadable: {error}"
    return "ok" if right else "differs from the known MD5"


def _md5_as_wav(path):
    """Give the MD5 of the samples rewrapped as those of the index were, so that .au copies agree too."""
    samples, rate = sf.read(path, dtype="int16")
    wav = io.BytesIO()
    sf.write(wav, samples, rate, format="WAV", subtype="PCM_16")
    return hashlib.md5(wav.getvalue()).hexdigest()


def _refuse_wrong_tracks(name, folder, archive):
    wanted = track_list("gtzan_mini" if name == "gtzan_mini" else "gtzan")
    states = _states(wanted, find_tracks(folder))
    wrong = [f"{track}: {state}" for track, state in zip(wanted, states) if state != "ok"]
    if wrong:
        raise DownloadError(
            f"{archive}: {len(wrong)} of {len(wanted)} tracks are not those of GTZAN's index:\n{listed(wrong)}\n"
            f"the archive stays for inspection; delete it to fetch it anew"
        )


def _incomplete(name, folder, wanted, missing):
    remedy = f"run `python -m genrelib data --collection {name}`, or put a copy under {folder}"
    if len(missing) == len(wanted):
        return f"{name}: no GTZAN tracks, such as blues.00000.wav, under {folder}; {remedy}"
    offer = "; gtzan_160 and gtzan_mini need fewer tracks" if name == "gtzan" else ""
    return (
        f"{name} is complete at {len(wanted)} tracks; {folder} holds {len(wanted) - len(missing)} and lacks "
        f"{len(missing)}:\n{listed(missing, limit=1000)}\n{remedy}{offer}"
    )
