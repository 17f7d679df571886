"""The loop over tracks: as many at once as there are cores, a bar where somebody watches, bad files in one error."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from genrelib._base.errors import AudioError, GenrelibError, listed

BATCH = 8  # short tasks at once: joblib's own bookkeeping cost as much as reading a WAV
RESTARTED = "A worker stopped while some jobs were given"  # joblib starts another, and nothing is lost
MEND = "mend, replace or remove these files"


def over_tracks(
    work: Callable[..., Any],
    tasks: Sequence[tuple],
    *,
    name: str,
    cannot: str,
    label: str,
    remedy: str = MEND,
    error: type[GenrelibError] = AudioError,
    n_jobs: int | None = None,
    processes: bool = False,
    progress: bool = True,
) -> list:
    """Do the same work for every track, several at once, and refuse all that cannot be used in one error.

    ``work(*task)`` gives what is returned, in the order of the tasks; an `AudioError` that it raises names the file.
    The ``error`` in the end begins with ``name``, whose tracks they are, says what ``cannot`` be done (such as "tracks
    cannot be cut into slices of 3 s"), lists the files, and ends with the ``remedy``. ``label`` stands before the bar.
    ``n_jobs`` are tasks at once, as joblib counts them, all cores unless given: threads, between which nothing is
    copied, or ``processes`` for work that holds the interpreter's lock. Any joblib backend does.
    """
    from joblib import Parallel, delayed, effective_n_jobs

    if not tasks:
        return []
    n_jobs = n_jobs or -1
    batch = "auto" if processes else max(1, min(BATCH, len(tasks) // (4 * effective_n_jobs(n_jobs))))
    parallel = Parallel(n_jobs, prefer=None if processes else "threads", return_as="generator", batch_size=batch)
    done = progress_bar(parallel(delayed(_tried)(work, task) for task in tasks), len(tasks), label, show=progress)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", RESTARTED)
        results, errors = zip(*done)
    bad = [words for words in errors if words]
    if bad:
        raise error(f"{name}: {len(bad)} of {len(tasks)} {cannot}:\n{listed(bad, limit=1000)}\n{remedy}")
    return list(results)


def progress_bar(iterable: Iterable, total: int, label: str, *, show: bool = True) -> Iterable:
    """Wrap an iterable in a bar in a terminal or a live notebook, and in nothing in a headless run."""
    from tqdm.auto import tqdm

    headless = os.environ.get("GENRELIB_HEADLESS") or not (sys.stderr.isatty() or "ipykernel" in sys.modules)
    return tqdm(iterable, total=total, desc=label, disable=not show or bool(headless))


class DownloadBar:
    """A bar in a terminal or notebook; elsewhere at most a line each tenth, which keeps logs short."""

    def __init__(self, label: str, total: int | None, *, show: bool) -> None:
        ipython = sys.modules.get("IPython")
        self.live = sys.stderr.isatty() or bool(ipython and ipython.get_ipython())
        self.label, self.total, self.show, self.bar, self.shown = label, total, show, None, 0

    def at(self, n_bytes: int) -> None:
        if self.show and self.live:
            if self.bar is None:
                from tqdm.auto import tqdm

                self.bar = tqdm(desc=self.label, total=self.total, initial=n_bytes, unit="B", unit_scale=True)
            self.bar.update(n_bytes - self.bar.n)
        elif self.show and self.total and (tenth := 10 * n_bytes // self.total) > self.shown:
            self.shown = tenth
            print(f"{self.label}: {tenth}0% of {self.total / 1e6:,.1f} MB", file=sys.stderr, flush=True)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()


def _tried(work, task):
    """Give what the work gives, and an error in words."""
    try:
        return work(*task), None
    except AudioError as error:
        return None, str(error)
