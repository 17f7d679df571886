"""Downloads of GTZAN, from archive to collection: whole and in place, or absent and told."""

import io

import pytest
import soundfile as sf

from genrelib._base.errors import DiskError, DownloadError
from genrelib.datasets import _download, check_collection, download_collection, load_collection
from genrelib.datasets._download import Remote
from genrelib.datasets.gtzan import find_tracks
from tests.datasets.packing import tar_bytes, zip_bytes
from tests.datasets.serving import ranged, status
from tests.making import GTZAN_TRACKS as TRACKS
from tests.making import names_in

DEAD = "http://127.0.0.1:9/dead"


def packed(wavs, suffix=".wav", top="genres", extra=()):
    """An archive of tracks as bytes, with what macOS and Marsyas leave beside them; a zip for ``top`` of gtzan_mini."""
    files = {f"{top}/.DS_Store": b"\0Bud1", f"{top}/blues.mf": b"blues.00000.au\tblues\n", "._genres": b"fork"}
    for track, wav in wavs.items():
        genre = track.split(".")[0]
        files[f"{top}/{genre}/._{track}{suffix}"] = b"\0\5\26\7fork"
        if suffix == ".au":
            samples, rate = sf.read(io.BytesIO(wav), dtype="int16")
            sf.write(au := io.BytesIO(), samples, rate, format="AU", subtype="PCM_16")
            wav = au.getvalue()
        files[f"{top}/{genre}/{track}{suffix}"] = wav
    files.update(extra)
    return (tar_bytes if top == "genres" else zip_bytes)(files)


def remote(data, *urls, filename="a.tar.gz", **known):
    return Remote(urls, filename, **({"n_bytes": len(data)} | known))


def fetched(root, *remotes, name="gtzan"):
    return download_collection(name, root, remotes=remotes, progress=False)


def serve(server, data, path="/a"):
    return server.route(path, lambda handler: ranged(handler, data))


@pytest.mark.parametrize(("name", "suffix", "top"), [
    ("gtzan", ".wav", "genres"), ("gtzan", ".au", "genres"), ("gtzan_160", ".wav", "genres"),
    ("gtzan_mini", ".wav", "gtzan_mini-main/data"),
])  # fmt: skip
def test_download_puts_the_tracks_and_nothing_else_in_place(server, tiny_gtzan, tmp_path, name, suffix, top):
    data, root = packed(tiny_gtzan, suffix, top), tmp_path / "data"
    place = fetched(root, remote(data, DEAD, serve(server, data)), name=name)
    assert place == root / ("gtzan_mini" if name == "gtzan_mini" else "gtzan") and names_in(place) == ["genres"]
    files = [path for path in (place / "genres").rglob("*") if path.is_file()]
    assert sorted(path.name for path in files) == sorted(f"{track}{suffix}" for track in TRACKS)
    assert list(load_collection(name, root).tracks.index) == TRACKS
    assert set(check_collection(name, root)["state"]) == {"ok"}
    before = sorted(path.stat().st_mtime_ns for path in files)
    with pytest.raises(DownloadError, match="genres: is there already and is not overwritten; move it away"):
        fetched(root, remote(data, serve(server, data)), name=name)
    assert sorted(path.stat().st_mtime_ns for path in files) == before


def bad_archives(wavs):
    """What a first mirror may give: the words that tell it, the bytes, and what is known of them."""
    wrong = {**wavs, "jazz.00000": wavs["jazz.00001"], "pop.00001": wavs["pop.00001"][:-9]}
    lacking = {track: wav for track, wav in wavs.items() if track != "metal.00000"}
    whole = packed(wavs)
    return {
        "jazz.00000: differs from the known MD5": (packed(wrong), {}),
        "pop.00001: unreadable: .* truncated": (packed(wrong), {}),
        "1 of 20 tracks are not those of GTZAN's index:\n  metal.00000: missing": (packed(lacking), {}),
        "member '../evil.wav': a name stays inside": (packed(wavs, extra={"../evil.wav": b"1"}.items()), {}),
        "wrong sha256": (whole, {"checksum": f"sha256:{'0' * 64}"}),
        "wrong size": (whole, {"n_bytes": 12345}),
        "not a whole zip, tar or tar.gz": (whole[:-3000], {}),
    }


@pytest.mark.parametrize("words", list(bad_archives(dict.fromkeys(TRACKS, b"0" * 99))))
def test_bad_archive_is_told_and_the_next_mirror_tried(server, tiny_gtzan, tmp_path, words):
    data, known = bad_archives(tiny_gtzan)[words]
    bad, root = remote(data, serve(server, data), filename="bad.tar.gz", **known), tmp_path / "data"
    with pytest.raises(DownloadError, match=words) as caught:
        fetched(root, bad)
    assert "bad.tar.gz" in str(caught.value)
    assert not (root / "gtzan" / "genres").exists() and not (root / "gtzan" / ".unpacked").exists()
    assert not list(tmp_path.rglob("evil*")) and find_tracks(root / "gtzan") == {}
    good = packed(tiny_gtzan, ".au")
    fetched(root, bad, remote(good, serve(server, good, "/b"), filename="good.tar.gz"))
    assert len(find_tracks(root / "gtzan")) == 20


def test_no_mirror_at_all_lists_each_with_its_reason(server, tiny_gtzan, tmp_path):
    gone = server.route("/gone", status(404))
    with pytest.raises(DownloadError) as caught:
        fetched(tmp_path / "data", remote(b"x", DEAD, filename="a.zip"), remote(b"x", gone, filename="b.zip"))
    message = str(caught.value)
    assert f"{DEAD}: ConnectionError" in message and f"{gone}: HTTP 404" in message and "Fetch it by hand" in message


def test_killed_while_the_archive_was_deleted_is_whole_and_the_next_run_deletes_it(server, tiny_gtzan, tmp_path):
    data, root = packed(tiny_gtzan), tmp_path / "data"
    archive, url = root / "gtzan" / "a.tar.gz", serve(server, data)
    fetched(root, remote(data, url))
    served = archive.with_name(".a.tar.gz.served")
    served.write_bytes(data)
    fetched(root, remote(data, url))
    assert names_in(root / "gtzan") == ["genres"] and len(server.log) == 1
    archive.write_bytes(data)  # somebody's own, beside tracks that are there
    with pytest.raises(DownloadError, match="genres: is there already"):
        fetched(root, remote(data, url))
    assert archive.read_bytes() == data


def test_a_full_disk_is_no_fault_of_the_mirror(tiny_gtzan, tmp_path, monkeypatch):
    asked = []

    def full(remote, folder, **settings):
        asked.append(remote.filename)
        raise DiskError(f"{folder}: disk full")

    monkeypatch.setattr(_download, "download", full)
    with pytest.raises(DiskError, match="^.*gtzan: disk full$"):
        fetched(tmp_path, remote(b"x", DEAD, filename="a.zip"), remote(b"x", DEAD, filename="b.zip"))
    assert asked == ["a.zip"]
