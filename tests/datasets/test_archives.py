"""Archives that are unpacked, and those that must be refused."""

import gzip
import os
import stat
import tarfile

import pytest

from genrelib._base.errors import DownloadError
from genrelib.datasets import _archives as archives
from genrelib.datasets._archives import extract
from tests.datasets.packing import tar_bytes, zip_bytes

HEADER_AT = 5632  # of the second member in a plain tar whose first one holds 5000 bytes


def zipped(folder, files, **attributes):
    (folder / "a.zip").write_bytes(zip_bytes(files, **attributes))
    return folder / "a.zip"


def tarred(folder, files, mode="w:gz", **options):
    path = folder / ("a.tar.gz" if mode == "w:gz" else "a.tar")
    path.write_bytes(tar_bytes(files, mode, **options))
    return path


def refused(archive, words, **options):
    before = sorted(os.listdir(archive.parent))
    with pytest.raises(DownloadError, match=words) as caught:
        extract(archive, archive.parent / "out", **options)
    assert str(archive) in str(caught.value)
    assert sorted(os.listdir(archive.parent)) == before


@pytest.mark.parametrize("pack", [zipped, tarred, lambda folder, files: tarred(folder, files, "w:")])
def test_unpacks_the_files_that_are_kept(tmp_path, pack):
    wanted = {"g/blues/a.wav": os.urandom(200_000), "g/b c.wav": b"", "é✓.wav": "é".encode()}
    archive, out = pack(tmp_path, wanted | {"g/._a.wav": b"fork", "__MACOSX/x": b"x"}), tmp_path / "new" / "out"
    paths = extract(archive, out, keep=lambda name: "._" not in name and "MACOSX" not in name)
    assert [path.relative_to(out).as_posix() for path in paths] == list(wanted)
    assert [path.read_bytes() for path in paths] == list(wanted.values())
    assert os.listdir(out.parent) == ["out"] and out.stat().st_mode == out.parent.stat().st_mode


def test_names_in_other_encodings_are_unpacked(tmp_path):
    paths = extract(
        tarred(tmp_path, {"caf\xe9.wav": b"1"}, encoding="latin-1", format=tarfile.GNU_FORMAT), tmp_path / "tar"
    )
    assert os.fsencode(paths[0].name) == b"caf\xe9.wav" and paths[0].read_bytes() == b"1"
    archive = zipped(tmp_path, {"cafX.wav": b"2"})
    archive.write_bytes(archive.read_bytes().replace(b"cafX", b"caf\x82"))  # 0x82 is é in cp437, zip's own
    assert [path.name for path in extract(archive, tmp_path / "zip")] == ["café.wav"]


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize("name", ["../x", "g/../../x", "..", "/etc/x", "\\x", "..\\x", "C:\\x", "c:x"])
def test_names_that_lead_out_are_refused(tmp_path, pack, name):
    refused(pack(tmp_path, {"fine": b"1", name: b"2"}), "member .*" + name[-1])


@pytest.mark.parametrize("kind", [
    tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE,
])  # fmt: skip
def test_links_and_devices_in_a_tar_are_refused(tmp_path, kind):
    refused(tarred(tmp_path, {"g/odd": b""}, kind=kind), "member 'g/odd'.*no link, device")


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_in_a_zip_are_refused(tmp_path, mode):
    refused(
        zipped(tmp_path, {"g/odd": b"target"}, external_attr=(mode | 0o777) << 16), "member 'g/odd'.*no link, device"
    )


@pytest.mark.parametrize(
    "names", [("g/A.wav", "g/a.wav"), ("\u00e9", "e\u0301"), ("a", "a/b"), ("a/b", "a"), ("x", "./x")]
)
def test_names_that_clash_are_refused(tmp_path, names):
    refused(tarred(tmp_path, dict.fromkeys(names, b"1")), "clashes")
    refused(zipped(tmp_path, dict.fromkeys(names, b"1")), "clashes")


def test_bombs_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "RATIO_FROM", 1 << 20)
    zeros = {"fine": b"1", "zeros": bytes(4 << 20)}
    for archive in (zipped(tmp_path, zeros), tarred(tmp_path, zeros)):
        refused(archive, "member 'zeros'.*bomb")
        refused(archive, "member 'zeros'.*at most 1,000,000 bytes", max_bytes=1_000_000)
    monkeypatch.setattr(archives, "RATIO_FROM", 1 << 26)
    assert len(extract(archive, tmp_path / "out")) == 2


def test_bombs_in_headers_and_after_the_end_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "RATIO_FROM", 1 << 20)
    padded = tarred(tmp_path, {"a": b"1"})
    padded.write_bytes(gzip.compress(gzip.decompress(padded.read_bytes()) + bytes(4 << 20)))
    refused(padded, "bomb")
    with tarfile.open(padded, "w:gz", format=tarfile.PAX_FORMAT) as bundle:
        info = tarfile.TarInfo("a")
        info.pax_headers = {"comment": "x" * (2 << 20)}
        bundle.addfile(info)
    refused(padded, "header of 2,?0")


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_too_many_members_are_refused(tmp_path, pack, monkeypatch):
    monkeypatch.setattr(archives, "MAX_MEMBERS", 10)
    refused(pack(tmp_path, {f"{i}.wav": b"1" for i in range(11)}), "member '10.wav'.*at most 10 members")


def test_broken_archives_are_refused(tmp_path):
    files = {f"g/{i}": os.urandom(5000) for i in range(4)}
    for archive in (zipped(tmp_path, files), tarred(tmp_path, files), tarred(tmp_path, files, "w:")):
        whole = archive.read_bytes()
        end = len(whole.rstrip(b"\0"))
        for size in [0, 1, 3, 100, 512, 600, end // 2, end - 1, HEADER_AT if archive.suffix == ".tar" else end - 5]:
            archive.write_bytes(whole[:size])
            refused(archive, "not a whole zip, tar or tar.gz")
        archive.write_bytes(whole[:HEADER_AT] + bytes([whole[HEADER_AT] ^ 255]) + whole[HEADER_AT + 1 :])
        refused(archive, "not a whole zip, tar or tar.gz")
    archive.write_text("<html>Not found</html>" * 99)
    refused(archive, "not a whole zip, tar or tar.gz")


def test_negative_size_in_a_tar_does_not_go_round_in_circles(tmp_path):
    archive = tarred(tmp_path, {"a": b"", "b": b""}, "w:")
    raw = bytearray(archive.read_bytes())
    raw[512 + 124 : 512 + 136] = (-512).to_bytes(12, "big", signed=True)  # the size of b: back to its own header
    raw[512 + 148 : 512 + 156] = b" " * 8
    raw[512 + 148 : 512 + 156] = b"%06o\0 " % sum(raw[512:1024])
    archive.write_bytes(raw)
    refused(archive, "points backwards", keep=lambda name: False)


def test_existing_target_is_left_alone(tmp_path):
    archive = zipped(tmp_path, {"a": b"new"})
    (tmp_path / "out").mkdir()
    with pytest.raises(DownloadError, match="out: exists already.*move it away"):
        extract(archive, tmp_path / "out")
    assert os.listdir(tmp_path / "out") == []


def test_archive_without_a_wanted_file_or_absent_is_refused(tmp_path):
    refused(zipped(tmp_path, {"a": b"1"}), "no wanted file", keep=lambda name: False)
    refused(zipped(tmp_path, {}), "no wanted file")
    refused(tmp_path / "absent.zip", "absent.zip")
