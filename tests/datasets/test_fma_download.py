"""Downloads of FMA: the tables first, the clips only where each genre has enough of them."""

import hashlib
from zipfile import ZIP_BZIP2

import pytest

from genrelib._base.caching import LOCK
from genrelib._base.errors import DatasetError, DownloadError
from genrelib.datasets import download_collection, fma, load_collection
from genrelib.datasets._download import Remote
from genrelib.datasets.fma import draw, read_metadata
from tests.datasets.fma_copy import mp3_bytes, small_copy
from tests.datasets.packing import zip_bytes
from tests.datasets.serving import ranged


@pytest.fixture
def small(tmp_path, monkeypatch):
    return small_copy(tmp_path, monkeypatch)


def served(server, small):
    """The metadata and the clips behind a local server, each with its sha1."""
    root, *_ = small
    folder = root / "fma_metadata" / "fma_metadata"
    named = {name: f"fma_metadata/{name}" for name in fma.HEADER_ROWS}
    tables = {path: (folder / name).read_bytes() for name, path in named.items()}
    clips = {f"fma_small/{track[:3]}/{track}.mp3": mp3_bytes() for track in read_metadata(root).index}
    archives = {
        "fma_metadata": {**tables, "fma_metadata/raw_tracks.csv": b"1", "fma_metadata/README.txt": b"2"},
        "fma_small": {**clips, "fma_small/checksums": b"3", "fma_small/._x.mp3": b"4"},
    }
    remotes = {}
    for name, files in archives.items():
        data = zip_bytes(files, ZIP_BZIP2)
        url = server.route(f"/{name}", lambda handler, data=data: ranged(handler, data))
        remotes[name] = Remote((url,), f"{name}.zip", checksum=f"sha1:{hashlib.sha1(data).hexdigest()}")
    return remotes


def test_download_puts_tables_and_clips_in_place(server, small, tmp_path_factory):
    remotes, root = served(server, small), tmp_path_factory.mktemp("new")
    assert download_collection("fma_small", root, remotes=remotes, progress=False) == root / "fma_small"
    paths = [path for path in root.rglob("*") if path.is_file() and path.name != LOCK]
    files = sorted(path.relative_to(root).as_posix() for path in paths)
    assert files[:2] == ["fma_metadata/tables/fma_metadata/echonest.csv", "fma_metadata/tables/fma_metadata/tracks.csv"]
    assert len(files) == 23 and files[2] == "fma_small/clips/fma_small/001/001000.mp3"
    assert len(load_collection("fma_small", root, tracks_per_genre=2).tracks) == 12
    with pytest.raises(DownloadError, match="clips: is there already and is not overwritten"):
        download_collection("fma_small", root, remotes=remotes, progress=False)
    assert [entry["path"] for entry in server.log] == ["/fma_metadata", "/fma_small"]


def test_no_clip_is_fetched_where_the_metadata_has_too_few(server, small, tmp_path_factory, monkeypatch):
    remotes, root = served(server, small), tmp_path_factory.mktemp("new")
    monkeypatch.setattr(draw, "__kwdefaults__", {"tracks_per_genre": 75, "seed": 0})
    with pytest.raises(DatasetError, match=r"Rock: 3 \(too few\)"):
        download_collection("fma_small", root, remotes=remotes, progress=False)
    assert [entry["path"] for entry in server.log] == ["/fma_metadata"]
    assert len(read_metadata(root)) == 21
