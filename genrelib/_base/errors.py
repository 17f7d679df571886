"""The errors that genrelib raises: each message states the rule, the offending value, the file, and the remedy."""

from __future__ import annotations

from collections.abc import Iterable


class GenrelibError(Exception):
    """Anything that genrelib itself refuses; catch this one to catch them all."""


class AudioError(GenrelibError):
    """An audio file cannot be used: missing, not audio, truncated, empty, silent, too short, or not finite."""


class DatasetError(GenrelibError):
    """A collection is absent, incomplete, or not laid out as it should be."""


class DownloadError(DatasetError):
    """No mirror gave the file whole, or an archive is unsafe to unpack."""


class DiskError(DownloadError):
    """A download or an archive cannot be written or read here: another mirror would not help."""


class SplitError(GenrelibError):
    """A protocol was asked for that the collection cannot support."""


class ResultError(GenrelibError):
    """A record, claim or prediction does not have the shape that it must have."""


def listed(lines: Iterable[object], *, limit: int = 20) -> str:
    """Join lines for an error message: every one up to ``limit``, then how many more."""
    lines = [str(line) for line in lines]
    shown = "\n".join(f"  {line}" for line in lines[:limit])
    return shown if len(lines) <= limit else f"{shown}\n  … and {len(lines) - limit} more"
