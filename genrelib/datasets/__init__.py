"""The collections: what tracks exist, fetched on request and checked, found wherever a copy lies."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any

import pandas as pd

from genrelib._base.errors import DatasetError
from genrelib._base.paths import absolute, data_root, shown
from genrelib.datasets import artist20, fma, gtzan
from genrelib.datasets.collection import Collection
from genrelib.datasets.demo.collection import load_demo
from genrelib.datasets.folder import load_folder

_LOADERS = {
    "demo": load_demo,
    **{name: partial(gtzan.load_gtzan, name) for name in reversed(gtzan.NAMES)},
    **{name: partial(fma.load_fma, name) for name in fma.NAMES},
    artist20.NAME: artist20.load_artist20,
}
_DOWNLOADERS = {
    **{name: partial(gtzan.download_gtzan, name) for name in gtzan.NAMES},
    **{name: partial(fma.download_fma, name) for name in fma.DOWNLOADS},
}
_CHECKERS = {
    **{name: partial(gtzan.check_gtzan, name) for name in gtzan.NAMES},
    **{name: partial(fma.check_fma, name) for name in fma.NAMES},
}
NAMES = tuple(_LOADERS)


def load_collection(name: str | Path, root: str | Path | None = None, **settings: Any) -> Collection:
    """Load a collection that lies on this machine; nothing is downloaded.

    Parameters
    ----------
    name : str or Path
        ``demo``, which is synthesised on the first call; ``gtzan_mini``, ``gtzan_160``, ``gtzan``, ``fma_small``,
        ``fma_medium`` or ``artist20``; or the path of a folder of one's own songs, ``genre/song.*``, with an optional
        ``metadata.csv``: see `genrelib.datasets.folder.load_folder`.
    root : str or Path, optional
        Where the collections of these names, and all caches, lie; see `genrelib._base.paths.data_root`.
    **settings
        For the demo, FMA and artist20: see `genrelib.datasets.demo.load_demo`, `genrelib.datasets.fma.load_fma`,
        `genrelib.datasets.artist20.load_artist20`.

    Raises
    ------
    DatasetError
        Unknown name; missing, incomplete or unreadable tracks, all of them listed, with the remedy.

    Examples
    --------
    A folder of one's own, here of four songs of the demo, and who plays them:

    >>> from pathlib import Path
    >>> from shutil import copy
    >>> from tempfile import mkdtemp
    >>> import genrelib as gl
    >>> data, music = mkdtemp(), Path(mkdtemp(), "my music")
    >>> demo = gl.load_collection("demo", data, tracks_per_genre=4, seconds=3.0, progress=False)
    >>> for genre in ("blues", "jazz"):
    ...     (music / genre).mkdir(parents=True)
    ...     for number in range(2):
    ...         _ = copy(demo.tracks["path"][f"{genre}.{number:05d}"], music / genre / f"{number}.wav")
    >>> rows = ["file,artist", "blues/0.wav,Bessie", "blues/1.wav,Muddy", "jazz/0.wav,Ella", "jazz/1.wav,Duke"]
    >>> _ = (music / "metadata.csv").write_text("\\n".join(rows), encoding="utf-8")
    >>> mine = gl.load_collection(music, data)
    >>> mine.name, mine.genres
    ('my music', ['blues', 'jazz'])
    >>> slices = gl.cut_slices(mine, seconds=1.0, progress=False)
    >>> fold = gl.split_slices(slices, unit="artist", test=0.5, validation=0)
    >>> sorted(slices.table["genre"].iloc[fold.test].unique())
    ['blues', 'jazz']
    """
    own = own_folder(name)
    loader, place = (load_folder, own) if own else (_LOADERS[name], data_root(root))
    takes = [each for each in signature(loader).parameters if each not in ("root", "name")]
    unknown = sorted(set(settings) - set(takes))
    if unknown:
        raise DatasetError(f"{name} does not take {', '.join(unknown)}; it takes {', '.join(takes) or 'no settings'}")
    return replace(loader(place, **settings), name=collection_name(name), data=data_root(root))


def download_collection(name: str, root: str | Path | None = None, **options: Any) -> Path:
    """Fetch a collection from its public mirrors; see `genrelib.datasets.gtzan.download_gtzan`.

    ``fma_metadata`` is fetched too: the tables of FMA, which say what the clips hold before those are fetched.

    Examples
    --------
    >>> import genrelib as gl
    >>> folder = gl.download_collection("gtzan_mini")  # doctest: +SKIP
    >>> gl.download_collection("demo")
    Traceback (most recent call last):
    genrelib._base.errors.DatasetError: demo is not downloaded: the demo is synthesised; there are ...
    """
    if name not in _DOWNLOADERS:
        own = own_folder(name)
        reason = "a folder is your own" if own else "the demo is synthesised"
        if name == artist20.NAME:
            reason = f"its audio comes from LabROSA on request, {artist20.HOME}"
        raise DatasetError(f"{name} is not downloaded: {reason}; there are {', '.join(_DOWNLOADERS)}")
    return _DOWNLOADERS[name](data_root(root), **options)


def check_collection(name: str | Path, root: str | Path | None = None) -> pd.DataFrame:
    """Tell the state of each track of a copy; see `genrelib.datasets.gtzan.check_gtzan`.

    The demo and a folder of one's own have no list to compare with: their tracks are those that can be read.

    Examples
    --------
    >>> import genrelib as gl
    >>> gl.check_collection("demo")["state"].value_counts().to_dict()
    {'ok': 120}
    """
    if name in _CHECKERS:
        return _CHECKERS[name](data_root(root))
    return load_collection(name, root).tracks[["genre", "path"]].assign(state="ok", known_fault="")


def best_collection(root: str | Path | None = None) -> tuple[str, str]:
    """Choose what to run on: the largest complete GTZAN under ``root``, else the demo.

    Returns
    -------
    name : str
    reason : str
        Why that one, in words.

    Examples
    --------
    >>> import genrelib as gl
    >>> name, reason = gl.best_collection()
    >>> name, reason[:32]
    ('demo', 'no complete GTZAN lies under ...')
    """
    root = data_root(root)
    for name in gtzan.NAMES:
        folder, tracks = gtzan.find_copy(name, root)
        if len(tracks) == len(gtzan.track_list(name)):
            return name, f"{shown(folder)} holds all of its {len(tracks)} tracks"
    fetch = "python -m genrelib data --collection gtzan_mini"
    return "demo", f"no complete GTZAN lies under {shown(root)}; fetch one with `{fetch}`"


def own_folder(name: str | Path) -> Path | None:
    """Give the path in full of a folder of one's own, or None for the name of a known collection.

    A path has a separator or begins with ``~``, or is that of a folder here; what is neither is a DatasetError.
    """
    if name in NAMES:
        return None
    if not str(name).strip():
        raise DatasetError('name a collection, or a folder by its path, load_collection("my music/"); this is empty')
    path = absolute(name)
    if isinstance(name, Path) or name.startswith("~") or {"/", os.sep} & set(name) or os.path.isdir(path):
        return path
    raise DatasetError(
        f"no such collection: {name!r}; there are {', '.join(NAMES)}, and folders of your own, by their path: "
        'load_collection("my music/")'
    )


def collection_name(name: str | Path) -> str:
    """Give the word that records and the folder of a run carry: a known name, or that of a folder of one's own."""
    own = own_folder(name)
    base = own.name or "folder" if own else name
    return f"{base}-folder" if own and base in NAMES else base
