"""A bar where somebody watches."""

import os
import sys


def progress_bar(iterable, *, total, label, show=True):
    """Wrap an iterable in a bar in a terminal or a live notebook, and in nothing in a headless run.

    Parameters
    ----------
    iterable : iterable
    total : int
    label : str
    show : bool

    Returns
    -------
    tqdm.tqdm
        Iterates as the iterable does.
    """
    from tqdm.auto import tqdm

    headless = os.environ.get("GENRELIB_HEADLESS") or not (sys.stderr.isatty() or "ipykernel" in sys.modules)
    return tqdm(iterable, total=total, desc=label, disable=not show or bool(headless))
