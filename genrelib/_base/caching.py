"""Caches that depend on content and settings, and come into place only when whole."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from glob import escape
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genrelib._base.errors import AudioError, GenrelibError
from genrelib._base.parallel import over_tracks

if TYPE_CHECKING:
    import pandas as pd

LIBRARIES = ("librosa", "numpy", "scipy", "soxr", "soundfile")
BLOCK = 1 << 18  # bytes read at once
LOCK = ".lock"  # stays where it is: a process that waits for it must find the same file
LEFTOVER_SECONDS = 24 * 3600  # a build takes minutes: an unfinished folder of yesterday is nobody's


def key_of(parts: Any) -> str:
    """Digest settings and content hashes, whatever JSON can hold, into a cache key of 16 hexadecimal digits."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def content_hashes(paths: Iterable[str | Path]) -> list[str]:
    """Hash the bytes of files, in parallel: a CRC-32 of each block, which notices a change.

    An AudioError lists all files that cannot be read.
    """
    return over_tracks(
        _content_hash,
        [(path,) for path in paths],
        name="what the files hold",
        cannot="files cannot be read",
        remedy="check the paths and permissions, and load the collection again",
        label="hashing",
        progress=False,
    )


@contextmanager
def folder_when_whole(target: str | Path) -> Iterator[Path]:
    """Give a temporary folder that is renamed to ``target`` if the block succeeds, and removed if it does not.

    A killed process leaves a ``.building-…`` folder, which nothing takes for a cache. Of two processes that build
    the same cache at once, the second to finish throws its own copy away. No room on the disk is a GenrelibError.
    """
    target, temporary = Path(target), None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep(target.parent, ".building-*")
        temporary = Path(tempfile.mkdtemp(prefix=".building-", dir=target.parent))
        building = temporary / "whole"  # mkdtemp's own folder shuts other users out
        building.mkdir()
        yield building
        try:
            os.rename(building, target)
        except OSError:
            if not target.is_dir():
                raise
    except OSError as error:
        raise no_room(error, target) from error
    finally:
        if temporary:
            shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def file_when_whole(target: str | Path) -> Iterator[Path]:
    """Give a temporary path that is renamed to ``target`` if the block succeeds; an earlier file stays until then."""
    target = Path(target)
    end = target.name[-40:]  # which writers choose a format by; a whole name may be as long as a name can be
    temporary = target.with_name(f".{os.getpid()}-{threading.get_ident()}-{end}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep(target.parent, f".[0-9]*-[0-9]*-{escape(end)}")
        yield temporary
        os.replace(temporary, target)
    except OSError as error:
        raise no_room(error, target) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def cached_table(target: Path, build: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Read a table from its parquet file, made by ``build`` first where it is not there; refuse a damaged one."""
    import pandas as pd

    if not target.is_file():
        table = build()
        with file_when_whole(target) as temporary:
            table.to_parquet(temporary)
    try:
        return pd.read_parquet(target)
    except (OSError, ValueError) as error:  # pyarrow's own errors are both
        reason = f"this table was damaged after it was cached ({error})"
        raise GenrelibError(f"{target}: {reason}; delete the file, run again") from error


def library_versions() -> list[str]:
    """Give the versions of what numbers worked out of audio depend on: part of every key of such numbers."""
    return [version(name) for name in LIBRARIES]


def no_room(error: OSError, target: str | Path) -> GenrelibError:
    """Turn an OSError of a write into one clear genrelib error."""
    if error.errno not in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        return GenrelibError(
            f"{target}: cannot be written ({error}); check its permissions, or name a folder "
            "that can: GENRELIB_DATA for collections, GENRELIB_CACHE for caches, --folder for runs"
        )
    free = shutil.disk_usage(next(folder for folder in Path(target).absolute().parents if folder.exists())).free
    return GenrelibError(f"{target}: disk full ({error}); {free / 1e6:.0f} MB are free there; make room and run again")


def sweep(folder: Path, pattern: str) -> None:
    """Remove what a killed run left: it may be gigabytes."""
    for leftover in folder.glob(pattern):
        with suppress(OSError):  # another process may sweep too
            if time.time() - leftover.stat().st_mtime > LEFTOVER_SECONDS:
                shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()


@contextmanager
def alone_in(folder: str | Path) -> Iterator[None]:
    """Let one process at a time into the block, the others wait; the lock goes with its process, whatever ends that."""
    from filelock import FileLock, Timeout

    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise no_room(error, folder) from error
    lock = FileLock(Path(folder) / LOCK)
    with suppress(OSError, NotImplementedError):  # some network disks know no locks
        try:
            lock.acquire(blocking=False)
        except Timeout:
            print(f"{folder}: another run is at work there; waiting for it", file=sys.stderr, flush=True)
            lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _content_hash(path):
    """Digest the CRC-32 of each block: it has to notice a change, not resist a forger, at 3 times BLAKE2b's speed."""
    sums, block = [], bytearray(BLOCK)
    try:
        with open(path, "rb", buffering=0) as file:
            while size := file.readinto(block):
                sums.append([size, zlib.crc32(memoryview(block)[:size])])
    except OSError as error:
        raise AudioError(f"{path}: {error.strerror}") from error
    return hashlib.sha256(json.dumps(sums).encode()).hexdigest()[:32]
