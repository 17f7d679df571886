"""Unpack archives safely into a new folder that appears only when whole.

Unfinished folders lie in ``.extracting-…`` and are never taken for the real thing: a run may be killed at any moment.
"""

from __future__ import annotations

import errno
import gzip
import lzma
import os
import shutil
import stat
import struct
import tarfile
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from functools import partial
from itertools import accumulate
from pathlib import Path

from genrelib._base.caching import sweep
from genrelib._base.errors import DiskError, DownloadError

CHUNK = 1 << 16  # bytes held in memory at a time
MAX_MEMBERS, MAX_BYTES = 100_000, 20_000_000_000
MAX_RATIO, RATIO_FROM = 200, 1 << 26  # unpacked over packed; audio gives 1 to 2, tables 30, zeros 1000. Small ones pass
MAX_HEADER = 1 << 20  # bytes; tarfile would read a header of any length into memory
FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
OF_ARCHIVE = (None, errno.EINVAL, errno.ENAMETOOLONG)  # gzip's own complaints, offsets before the file, endless names
CORRUPT = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error)
CORRUPT += (EOFError, ValueError, IndexError, OverflowError, RuntimeError)  # what the parsers let through


def extract(
    archive: str | Path, folder: str | Path, *, keep: Callable[[str], bool] | None = None, max_bytes: int = MAX_BYTES
) -> list[Path]:
    """Unpack a zip, tar or tar.gz (told by content) into a new folder that appears only when whole.

    ``keep(name)`` chooses files by their names in the archive, ``/`` between the parts, and ``max_bytes`` is the most
    that it may unpack to. The files are given in the archive's order; folders without files are not made.

    Raises
    ------
    DownloadError
        The folder exists; the archive is truncated, corrupt, unsafe, or without a wanted file; the disk is full.
    """
    archive, folder, temporary = Path(archive), Path(folder), None
    try:
        _refuse_existing(folder)
        with open(archive, "rb") as file:
            magic = file.read(4)
        read = _zip_members if magic in (b"PK\x03\x04", b"PK\x05\x06") else _tar_members
        folder.parent.mkdir(parents=True, exist_ok=True)
        sweep(folder.parent, ".extracting-*")
        temporary = Path(tempfile.mkdtemp(prefix=".extracting-", dir=folder.parent))
        with closing(read(archive, partial(_refuse_bomb, archive, max_bytes))) as members:
            names = _unpack(archive, members, temporary / "whole", keep)  # mkdtemp's own folder shuts others out
        if not names:
            raise DownloadError(f"{archive}: no wanted file is in the archive; check what it is, fetch it again")
        _refuse_existing(folder)
        os.rename(temporary / "whole", folder)
    except OSError as error:
        if error.errno in OF_ARCHIVE:
            raise _corrupt(archive, error) from error
        raise disk_error(error, folder.parent, archive.exists() and archive.stat().st_size) from error
    except CORRUPT as error:
        raise _corrupt(archive, error) from error
    finally:
        if temporary:
            shutil.rmtree(temporary, ignore_errors=True)
    return [folder / name for name in names]


class _Forward:
    """Let tarfile read forwards only, so that the place in the stream is what has been unpacked."""

    def __init__(self, stream, check):
        self.stream, self.check, self.tell, self.member, self.last = stream, check, stream.tell, "", b""

    def seek(self, position):
        if position < self.tell():  # a negative size; some versions of tarfile would go round in circles
            raise tarfile.ReadError("a header points backwards")
        self.check(position, self.member)
        self.stream.seek(position)

    def read(self, n_bytes):
        if not 0 <= n_bytes <= MAX_HEADER:
            raise tarfile.ReadError(f"a header of {n_bytes} bytes")
        self.last = self.stream.read(n_bytes)
        self.check(self.tell(), self.member)
        return self.last


def _zip_members(archive, check):
    """Yield of each member: name, is it a folder, is it neither folder nor plain file, size, opener."""
    with zipfile.ZipFile(archive) as bundle:
        infos = bundle.infolist()
        for n_bytes, info in zip(accumulate(info.file_size for info in infos), infos, strict=True):
            check(n_bytes, info.filename)
        for info in infos:
            odd = stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR) or info.flag_bits & 1
            yield info.filename, info.is_dir(), odd, info.file_size, partial(bundle.open, info)


def _tar_members(archive, check):
    with open(archive, "rb") as file:
        opener = gzip.open if file.read(2) == b"\x1f\x8b" else open
    with opener(archive, "rb") as stream:
        source = _Forward(stream, check)
        with tarfile.open(fileobj=source, mode="r:") as bundle:
            for info in bundle:
                source.member = info.name
                check(info.offset_data + info.size, info.name)
                odd = info.type not in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE) or info.issparse()
                yield info.name, info.isdir(), odd, info.size, partial(bundle.extractfile, info)
        if source.last != bytes(tarfile.BLOCKSIZE):  # tarfile takes a missing or broken header for the end
            raise tarfile.ReadError("no end-of-archive block where its members end")
        while source.read(CHUNK):  # gzip compares its checksum at the very end
            pass


def _unpack(archive, members, into, keep):
    """Write the wanted files under ``into`` and give their names; the first unsafe member ends it."""
    files, folders, names = set(), set(), []
    for count, (raw, is_folder, odd, size, opener) in enumerate(members, start=1):
        parts = [part for part in raw.replace("\\", "/").split("/") if part not in ("", ".")]
        if count > MAX_MEMBERS:
            raise _refused(archive, raw, f"an archive holds at most {MAX_MEMBERS:,} members")
        if odd:
            raise _refused(archive, raw, "files and folders are unpacked, no link, device, sparse or encrypted file")
        if raw.startswith(("/", "\\")) or raw[1:2] == ":":
            raise _refused(archive, raw, "a name is relative; this one is absolute")
        if ".." in parts or "\0" in raw or not (parts or is_folder):
            raise _refused(archive, raw, "a name stays inside the folder; this one does not")
        name = "/".join(parts)
        if is_folder or (keep and not keep(name)):
            continue
        # Some file systems hold A and a, or é and e with an accent, for one name.
        keys = ["/".join(parts[: i + 1]) for i in range(len(parts))]
        keys = [unicodedata.normalize("NFC", key).casefold() for key in keys]
        if keys[-1] in folders or not files.isdisjoint(keys):
            raise _refused(archive, raw, "its name clashes with another member's")
        files.add(keys[-1])
        folders.update(keys[:-1])
        path = into.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        with opener() as source, open(path, "xb") as target:
            while data := source.read(CHUNK):
                target.write(data)
            if target.tell() != size:
                raise EOFError(f"{raw!r} holds {target.tell():,} bytes, its header says {size:,}")
        names.append(name)
    return names


def _refuse_bomb(archive, max_bytes, n_bytes, member):
    packed = archive.stat().st_size
    if n_bytes > max_bytes:
        raise _refused(archive, member, f"an archive unpacks to at most {max_bytes:,} bytes, this one to more")
    if n_bytes > max(RATIO_FROM, MAX_RATIO * packed):
        raise _refused(archive, member, f"{n_bytes:,} bytes out of {packed:,} is a compression bomb")


def _refused(archive, member, rule):
    return DownloadError(f"{archive}: member {member!r}: {rule}; nothing was unpacked; get the archive elsewhere")


def _refuse_existing(folder):
    if os.path.lexists(folder):
        raise DownloadError(f"{folder}: exists already, and is never overwritten; move it away, and run again")


def _corrupt(archive, error):
    return DownloadError(f"{archive}: not a whole zip, tar or tar.gz ({error}); delete it and fetch it again")


def disk_error(error: OSError, folder: str | Path, needed: str) -> DiskError:
    if error.errno not in FULL:
        return DiskError(f"{folder}: cannot read or write ({error}); check the path and its permissions, run again")
    free = f"{shutil.disk_usage(folder).free:,}" if folder.exists() else "unknown"
    wanted = f"at least {needed:,}" if needed else "an unknown number of"
    return DiskError(
        f"{folder}: disk full ({error.strerror}): {wanted} bytes more are needed, {free} are free; make room, run again"
    )
