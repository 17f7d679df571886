"""Where a run is: a notebook's own process tells it, in a file; who runs the notebook shows it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "GENRELIB_WATCH"  # names the file
LOOK = 0.5  # seconds between two looks


def tell(words: str) -> None:
    """Say what is being done now, in one line; of no effect where nobody watches."""
    if path := os.environ.get(VARIABLE):
        Path(path).write_text(words, encoding="utf-8")


@contextmanager
def watched(path: Path, show: Callable[[str], None]) -> Iterator[None]:
    """Call ``show`` twice a second with what processes that start inside the block last told, or with no words.

    The file at ``path``, through which they tell it, goes away at the end.
    """
    done = threading.Event()

    def watch():
        while not done.wait(LOOK):
            show(path.read_text(encoding="utf-8") if path.is_file() else "")

    path.unlink(missing_ok=True)  # of a run that was killed
    os.environ[VARIABLE] = str(path.absolute())
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        os.environ.pop(VARIABLE)
        path.unlink(missing_ok=True)
