"""Time the plain way and ours in turn, and put the two into a row.

Conventions: a ratio is plain over ours, so that more is better. Both are measured in the same run, alternately, after
a warm-up of both; ``ratio`` is median over median and ``spread`` the least and the greatest ratio of one repeat. A row
reports what was measured, whether or not it reaches its target.
"""

import shutil
import statistics
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from genrelib.datasets import Collection

KEYS = (
    "name", "plain", "ours", "plain_seconds", "our_seconds", "ratio", "spread", "target", "limit_seconds", "met",
    "floor", "collection", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """What each row is given: the collection to measure on, where files may go, and how often to measure."""

    collection: Collection
    data: Path
    repeats: int = 5
    quick: bool = False


def row(*, name, plain, ours, plain_seconds, our_seconds, floor, collection, target=None, limit_seconds=None, note=""):
    """Make a row of two lists of timings.

    Parameters
    ----------
    name, plain, ours : str
        What is measured, and the two ways in words.
    plain_seconds, our_seconds : list of float [s]
        One a repeat, in the same order.
    floor : str
        What no implementation gets below, or what limits ours.
    collection : str
    target : float, optional
        The least ratio wanted.
    limit_seconds : float, optional
        The most that ours may take.
    note : str

    Returns
    -------
    dict
        Of `KEYS`. ``met`` is None where nothing was aimed at.
    """
    ratios = [a / b for a, b in zip(plain_seconds, our_seconds, strict=True)]
    plain_median, our_median = statistics.median(plain_seconds), statistics.median(our_seconds)
    ratio = plain_median / our_median
    aims = ([ratio >= target] if target is not None else []) + (
        [our_median < limit_seconds] if limit_seconds is not None else []
    )
    return {
        "name": name, "plain": plain, "ours": ours, "plain_seconds": plain_median, "our_seconds": our_median,
        "ratio": ratio, "spread": [min(ratios), max(ratios)], "target": target, "limit_seconds": limit_seconds,
        "met": all(aims) if aims else None, "floor": floor, "collection": collection, "note": note,
    }  # fmt: skip


def not_measured(name, reason):
    """Make the row of what could not be measured: its figures are None, and it does not meet its target."""
    return dict.fromkeys(KEYS) | {"name": name, "met": False, "note": f"not measured: {reason}"}


def alternate(plain, ours, repeats):
    """Run two functions in turn.

    Parameters
    ----------
    plain, ours : callable
        Each takes nothing and returns the seconds that count.
    repeats : int > 0

    Returns
    -------
    (list of float, list of float)
    """
    pairs = [(plain(), ours()) for _ in range(repeats)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def seconds_of(work):
    """Call a function and give the seconds that it took."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


@contextmanager
def scratch(settings):
    """Give a folder under the data folder (the caches' own disk), removed at the end."""
    settings.data.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".bench-", dir=settings.data))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
