"""Download over several mirrors and unpack archives: resumable, checked, in place only when whole.

Unfinished bytes lie in ``<filename>.part``, unfinished folders in ``.extracting-…``. Neither is ever taken for the real
thing, so a run may be killed at any moment and run again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urljoin

from genrelib._base.caching import alone_in
from genrelib._base.errors import DiskError, DownloadError, listed
from genrelib._base.parallel import DownloadBar
from genrelib.datasets._archives import MAX_BYTES, disk_error, extract
from genrelib.datasets._files import is_hidden

CHUNK = 1 << 16  # bytes held in memory at a time
MAX_RETRY_AFTER = 30.0  # seconds; a server that asks for a longer pause is asked again sooner
PROGRESS_BYTES = 1 << 20  # an attempt that brought this much has not failed: long downloads break often


@dataclass(frozen=True)
class Remote:
    """Name a file, its mirrors in order, and, where known, its size and checksum (``"md5:…"``, ``"sha1:…"``, …)."""

    urls: tuple[str, ...]
    filename: str
    n_bytes: int | None = None
    checksum: str | None = None

    def fault(self, path: str | Path) -> str | None:
        """Say in words what is wrong with the copy at ``path``, or give None."""
        size = os.path.getsize(path)
        if self.n_bytes is not None and size != self.n_bytes:
            return f"wrong size: {size:,} bytes, expected {self.n_bytes:,}"
        algorithm, _, expected = (self.checksum or "").partition(":")
        if algorithm and (found := checksum(path, algorithm)) != expected.lower():
            return f"wrong {algorithm}: {found}, expected {expected}"
        return None


def checksum(path: str | Path, algorithm: str) -> str:
    """Compute a file's digest in hexadecimal; ``algorithm`` is one of hashlib's, such as ``"md5"``."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def download(
    remote: Remote,
    folder: str | Path,
    *,
    progress: bool = True,
    timeout: float = 30.0,
    attempts: int = 3,
    backoff: float = 1.0,
) -> Path:
    """Download a file, trying its mirrors in order and resuming what broke off.

    The file that is given is whole and checked; one that is there and passes its check is not fetched again. Without a
    checksum, a part is continued only at the mirror that began it. A server may stay silent for ``timeout`` seconds.
    A mirror may fail ``attempts`` times in a row, where one that brings a MiB starts the count anew; ``backoff``
    seconds pass before the second, and twice as many before each further one.

    Raises
    ------
    DownloadError
        No mirror gave the file whole (each is listed with its reason), or it cannot be written (disk full).
    """
    import requests

    path = Path(folder) / remote.filename
    part = path.with_name(f"{path.name}.part")
    shown, reasons = DownloadBar(remote.filename, remote.n_bytes, show=progress), []
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # two runs that append to one part would mix it, and without a checksum nothing could tell
        with alone_in(path.parent), requests.Session() as session, closing(shown):
            if path.is_file():
                if (fault := remote.fault(path)) is None:
                    _note(part).unlink(missing_ok=True)  # of a run that was killed behind its last step
                    return path
                reasons.append(f"{path} (already here): {fault}")
            get = partial(session.get, stream=True, timeout=timeout, hooks={"response": _refuse_downgrade})
            for url in remote.urls:
                try:
                    _fetch(remote, part, url, get, shown, attempts, backoff)
                except _MirrorError as error:
                    reasons.append(f"{url}: {error}")
                else:
                    os.replace(part, path)
                    _note(part).unlink(missing_ok=True)
                    return path
    except OSError as error:  # the network's errors became a _MirrorError: this is the disk's
        missing = shown.total and shown.total - (part.stat().st_size if part.exists() else 0)
        raise disk_error(error, path.parent, missing) from error
    about = f"{remote.n_bytes or 'unknown'} bytes, {remote.checksum or 'no checksum published'}"
    raise DownloadError(
        f"{remote.filename}: no mirror gave the file whole:\n{listed(reasons)}\n"
        f"Fetch it by hand ({about}), put it at {path}, and run again."
    )


def fetch(
    remotes: Sequence[Remote],
    target: Path,
    *,
    keep: Callable[[str], bool],
    check: Callable[[Path], None] | None = None,
    max_bytes: int = MAX_BYTES,
    progress: bool = True,
) -> None:
    """Download the first of some archives that is right, and put what is wanted of it in place when all of it is there.

    For ``keep`` and ``max_bytes`` see `genrelib.datasets._archives.extract`; hidden files stay out.
    ``check(folder, archive)`` raises a DownloadError where the files are not the right ones. The archive is deleted in
    the end.

    Raises
    ------
    DownloadError
        The target is there already, or no archive is right: each is listed with its reason.
    """
    unpacked, reasons = target.with_name(".unpacked"), []
    here = [_is_in_place(target.parent / remote.filename, target) for remote in remotes]  # each is looked at
    if any(here):
        return
    if os.path.lexists(target):
        raise DownloadError(f"{target}: is there already and is not overwritten; move it away, or see `make check`")
    for remote in remotes:
        shutil.rmtree(unpacked, ignore_errors=True)  # our own half-done work of a run that was killed
        try:
            archive = download(remote, target.parent, progress=progress)
            extract(archive, unpacked, keep=lambda name: keep(name) and not is_hidden(name), max_bytes=max_bytes)
            if check:
                check(unpacked, archive)
        except DiskError:
            raise
        except DownloadError as error:
            reasons.append(str(error))
            continue
        os.rename(archive, _served(archive))
        os.rename(unpacked, target)
        _served(archive).unlink()
        return
    shutil.rmtree(unpacked, ignore_errors=True)
    raise DownloadError("\n".join(reasons))


def _is_in_place(archive, target):
    """Tell whether a run was killed while it deleted the archive of a target that is whole, and delete it."""
    served = _served(archive)
    if not served.exists():
        return False
    if os.path.lexists(target):
        served.unlink()
        return True
    os.rename(served, archive)  # killed before the target was there: it is unpacked again
    return False


def _served(archive):
    return archive.with_name(f".{archive.name}.served")


class _MirrorError(Exception):
    """This mirror does not give the file; try the next."""


class _BrokenError(Exception):
    """This attempt failed; the same mirror may do better after ``wait`` seconds."""

    wait = 0.0


def _note(part):
    return part.with_name(f"{part.name}.from")  # the mirror that began the part, and its ETag


def _resume(remote, part, url):
    """Give the number of bytes of the part that this mirror may continue, and the ETag that they came with."""
    size = part.stat().st_size if part.exists() else 0
    mirror, _, etag = _note(part).read_text(encoding="utf-8").partition("\n") if _note(part).exists() else ("", "", "")
    if mirror == url:
        return size, etag
    return (size if remote.checksum else 0), ""  # a checksum alone can tell a mix of two mirrors' files


def _fetch(remote, part, url, get, shown, attempts, backoff):
    """Complete the part at one mirror, checked and on the disk, or raise _MirrorError."""
    from requests import RequestException
    from urllib3.exceptions import HTTPError

    inherited = most = _resume(remote, part, url)[0]
    failed = 0
    while True:
        start, etag = _resume(remote, part, url)
        try:
            if not start or start != remote.n_bytes:
                _receive(remote, part, url, get, start, etag, shown)
        except (_BrokenError, RequestException, HTTPError, ValueError) as error:  # ValueError: bad headers
            size = part.stat().st_size if part.exists() else 0
            failed, most = 1 if size >= most + PROGRESS_BYTES else failed + 1, max(most, size)
            if failed >= attempts:
                kind = "" if isinstance(error, _BrokenError) else f"{type(error).__name__}: "
                raise _MirrorError(f"{kind}{str(error)[:200]} (tried {failed} times)") from error
            time.sleep(max(backoff * 2 ** (failed - 1), getattr(error, "wait", 0.0)))
            continue
        with open(part, "rb+") as file:
            os.fsync(file.fileno())
        if (fault := remote.fault(part)) is None:
            return
        part.unlink()
        if not inherited:
            raise _MirrorError(fault)
        inherited = 0  # what lay here before may be at fault, not this mirror: once more from the first byte


def _receive(remote, part, url, get, start, etag, shown):
    """Add one answer to the part: from byte ``start`` on, or from the first where the server ignores the range."""
    headers = {"Accept-Encoding": "identity"}
    if start:
        headers |= {"Range": f"bytes={start}-"} | ({"If-Range": etag} if etag else {})
    with get(url, headers=headers) as response:
        status, length = response.status_code, response.headers.get("Content-Length", "")
        if status == 206:
            sent, _, length = response.headers.get("Content-Range", "").rpartition("/")
        if start and (status == 416 or (status == 206 and not sent.startswith(f"bytes {start}-"))):
            part.unlink()
            return _receive(remote, part, url, get, 0, "", shown)
        if status in (408, 429) or status >= 500:
            broken = _BrokenError(f"HTTP {status} {response.reason}")
            pause = response.headers.get("Retry-After", "")
            broken.wait = min(float(pause) if pause.isdecimal() else 0.0, MAX_RETRY_AFTER)
            raise broken
        if status != 200 and not (status == 206 and start):
            raise _MirrorError(f"HTTP {status} {response.reason}")
        shown.total = total = int(length) if length.isdecimal() else remote.n_bytes
        if remote.n_bytes and total != remote.n_bytes:
            raise _MirrorError(f"wrong size: it offers {total:,} bytes, expected {remote.n_bytes:,}")
        if total is None and not (remote.checksum or response.raw.chunked):
            raise _MirrorError("states no length, and no size or checksum is known: a cut-off file could pass")
        if status == 200:
            start, etag = 0, response.headers.get("ETag", "")
            part.write_bytes(b"")
            etag = "" if etag.startswith("W/") else etag  # If-Range takes no weak tags
            _note(part).write_text(f"{url}\n{etag}", encoding="utf-8")
        with open(part, "ab") as file:
            # As sent: some servers label a .gz as encoded, and requests would unpack it.
            while (total is None or start <= total) and (data := response.raw.read(CHUNK, decode_content=False)):
                start += file.write(data)
                shown.at(start)
    if total is not None and start < total:
        raise _BrokenError(f"broke off after {start:,} of {total:,} bytes")
    if total is not None and start > total:
        part.unlink()
        raise _MirrorError(f"wrong size: it sent more than {total:,} bytes")


def _refuse_downgrade(response, **_):
    target = urljoin(response.url, response.headers.get("Location", ""))
    if response.is_redirect and response.url.startswith("https:") and not target.lower().startswith("https:"):
        raise _MirrorError(f"redirects from https to {target}, which anyone on the way could alter")
