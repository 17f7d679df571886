"""The collections: what tracks exist, fetched on request and checked, found wherever a copy lies."""

from genrelib.datasets import artist20, fma, gtzan
from genrelib.datasets.collection import Collection
from genrelib.datasets.demo.collection import load_demo
from genrelib.datasets.folder import load_folder
from genrelib._base.errors import DatasetError
from genrelib._base.paths import data_root, shown

__all__ = [
    "NAMES",
    "Collection",
    "best_collection",
    "check_collection",
    "data_root",
    "download_collection",
    "load_collection",
]
NAMES = ("demo", *reversed(gtzan.NAMES), "folder", *fma.NAMES, artist20.NAME)


def load_collection(name, root=None, **settings):
    """Load a collection that lies on this machine; nothing is downloaded.

    Parameters
    ----------
    name : {"demo", "gtzan_mini", "gtzan_160", "gtzan", "folder", "fma_small", "fma_medium", "artist20"}
        The demo is synthesised on the first call. For ``folder``, ``root`` is the ``genre/file.*`` tree itself.
    root : str or Path, optional
        See `data_root`.
    **settings
        For the demo and FMA: see `genrelib.datasets.demo.collection.load_demo`, `genrelib.datasets.fma.load_fma`.

    Returns
    -------
    Collection

    Raises
    ------
    DatasetError
        Unknown name; missing, incomplete or unreadable tracks, all of them listed, with the remedy.
    """
    _refuse_unknown(name)
    if name == "demo":
        return load_demo(data_root(root), **settings)
    if name in fma.NAMES:
        return fma.load_fma(name, data_root(root), **settings)
    if name == artist20.NAME:
        return artist20.load_artist20(data_root(root), **settings)
    if settings:
        raise DatasetError(f"only the demo takes settings; {name} was given {sorted(settings)}")
    return load_folder(data_root(root)) if name == "folder" else gtzan.load_gtzan(name, data_root(root))


def download_collection(name, root=None, **options):
    """Fetch a collection from its public mirrors; see `genrelib.datasets.gtzan.download_gtzan`.

    ``fma_metadata`` is fetched too: the tables of FMA, which say what the clips hold before those are fetched.
    """
    if name in fma.DOWNLOADS:
        return fma.download_fma(name, data_root(root), **options)
    _refuse_unknown(name)
    if name in ("demo", "folder"):
        raise DatasetError(f"{name} is not downloaded: the demo is synthesised, a folder is your own")
    if name == artist20.NAME:
        raise DatasetError(f"{name} is not downloaded: its audio comes from LabROSA on request, {artist20.HOME}")
    return gtzan.download_gtzan(name, data_root(root), **options)


def check_collection(name, root=None):
    """Tell the state of each track of a copy; see `genrelib.datasets.gtzan.check_gtzan`.

    A ``demo`` or ``folder`` has no list to compare with: its tracks are those that can be read.
    """
    _refuse_unknown(name)
    if name in fma.NAMES:
        return fma.check_fma(name, data_root(root))
    if name in gtzan.NAMES:
        return gtzan.check_gtzan(name, data_root(root))
    return load_collection(name, root).tracks[["genre", "path"]].assign(state="ok", known_fault="")


def best_collection(root=None):
    """Choose what to run on: the largest complete GTZAN under ``root``, else the demo.

    Returns
    -------
    name : str
    reason : str
        Why that one, in words.
    """
    root = data_root(root)
    for name in gtzan.NAMES:
        folder, found = gtzan.find_copy(name, root)
        if len(found) == len(gtzan.track_list(name)):
            return name, f"{shown(folder)} holds all of its {len(found)} tracks"
    return "demo", f"no complete GTZAN lies under {shown(root)}; fetch one with `make data COLLECTION=gtzan_mini`"


def _refuse_unknown(name):
    if name not in NAMES:
        raise DatasetError(f"no such collection: {name!r}; there are {', '.join(NAMES)}")
