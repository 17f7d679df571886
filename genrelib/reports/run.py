"""Run the numbered notebooks headlessly, show where they are, and keep what they made."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from genrelib._base.caching import alone_in, file_when_whole, no_room
from genrelib._base.errors import GenrelibError
from genrelib._base.paths import CHECKOUT, NOTEBOOKS, RUNS, absolute, absolute_variables, data_root, shown
from genrelib._base.watching import watched
from genrelib.datasets import collection_name, own_folder
from genrelib.reports.settings import settings
from genrelib.results.records import read_records

UNSERVED = "SplitError"  # the collection lacks what a notebook needs, such as artists: no failure of the run
WIDTH = 110  # characters of the line that a terminal shows
NEXT = {"demo": "gtzan_mini", "gtzan_mini": "gtzan"}  # what tells more


def reproduce(
    collection: str,
    *,
    notebooks: Sequence[str] = (),
    seeds: Sequence[int] | None = None,
    data: str | Path | None = None,
    folder: str | Path | None = None,
) -> list[Path]:
    """Run notebooks through papermill, one after the other; one that fails does not stop those that can run.

    Parameters
    ----------
    collection : str
        A name, or the folder of one's own music; see `genrelib.load_collection`.
    notebooks : sequence of str
        Numbers such as ``"01"``; all of them unless given.
    seeds : sequence of int, optional
        The notebooks' own choice unless given.
    data, folder : str or Path, optional
        Where the collections lie; where results go, ``runs/<collection>`` unless given.

    Returns
    -------
    list of Path
        The executed notebooks. One that a collection cannot serve says why and is no failure.

    Raises
    ------
    GenrelibError
        papermill is not installed; no such notebook; the run was interrupted (Ctrl-C, SIGTERM) or the disk is full;
        or, once all the others have run, some notebooks failed: the message names notebook, cell and error. Such a
        notebook is kept as ``NN_name.failed.ipynb``, and what it had trained is kept for the next run.
    """
    if find_spec("papermill") is None:
        raise GenrelibError('running notebooks needs papermill: pip install "genrelib[notebooks]"')
    usual = RUNS / collection_name(collection)
    folder = absolute(folder or usual)
    collection = str(own_folder(collection) or collection)  # in full: notebooks run in a folder of their own
    parameters = {"collection": collection, "data": str(data_root(data)) if data or not CHECKOUT else None,
                  "seeds": list(seeds) if seeds else None,
                  "folder": None if folder == usual and CHECKOUT else str(folder)}  # fmt: skip
    parameters = {name: value for name, value in parameters.items() if value is not None}
    sources, executed, failures = named_notebooks(notebooks), [], []
    with alone_in(folder):  # another run would put a half notebook in place as a whole one
        for source in sources:
            try:
                own = settings(source.name[:2], collection)
                executed.append(_execute(source, folder, own | parameters))
            except NotebookError as error:
                print(f"{source.stem}: failed, see the end", flush=True)
                failures.append(str(error))
    executed = [path for path in executed if path]
    print("\n".join(_summary(folder, collection, len(executed))), flush=True)
    if failures:
        raise GenrelibError("\n".join(failures))
    return executed


class NotebookError(GenrelibError):
    """A notebook ended before its last cell; the others can run."""


def named_notebooks(numbers: Sequence[str] = ()) -> list[Path]:
    """Find the notebooks of these numbers, such as ``"01"``; all of them unless given."""
    every = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    known = {path.name[:2] for path in every}
    unknown = sorted(set(numbers) - known)
    if unknown or not every:
        there = ", ".join(sorted(known)) or "none"
        raise GenrelibError(f"no notebook numbered {', '.join(unknown)} in {NOTEBOOKS}; there are {there}")
    return [path for path in every if not numbers or path.name[:2] in numbers]


def _execute(source, folder, parameters):
    """Run a notebook; give its path, or None where the collection cannot serve it."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    os.environ.pop("JUPYTER_PATH", None)  # it may name another python3 than this one
    os.environ.update(absolute_variables(), GENRELIB_HEADLESS="1", PYTHONHASHSEED="0")
    running, begin = folder / f".{source.stem}.running.ipynb", time.monotonic()
    if running.is_file():
        print(f"{source.stem}: the run before was killed in cell {_cell(running)[0]}; what it trained is kept")
    _failed(running).unlink(missing_ok=True)
    print(f"{source.stem}: running", flush=True)
    try:
        with (
            _terminated_like_interrupted(),
            watched(running.with_suffix(".watch"), _shower(running, _times(folder).get(source.stem))),
        ):
            papermill.execute_notebook(
                source, running, parameters=parameters, kernel_name="python3", cwd=str(source.parent),
                progress_bar=False, extra_arguments=["--IPKernelApp.log_level=ERROR"],  # its advice is no news here
            )  # fmt: skip
    except KeyboardInterrupt as error:
        raise GenrelibError(_stopped(source, running, "interrupted")) from error
    except OSError as error:
        raise no_room(error, running) from error
    except (PapermillExecutionError, RuntimeError) as error:
        if getattr(error, "ename", "") == UNSERVED:
            running.unlink()
            return print(f"{source.stem}: not on this collection, since {error.evalue}", flush=True)
        raise NotebookError(_stopped(source, running, _reason(error))) from error
    finally:
        if sys.stderr.isatty():
            print(" " * WIDTH, end="\r", file=sys.stderr, flush=True)
    os.replace(running, folder / source.name)
    seconds = time.monotonic() - begin
    _note_time(folder, source.stem, seconds)
    print(f"{source.stem}: done in {seconds:.0f} s, {shown(folder / source.name)}", flush=True)
    return folder / source.name


def _reason(error):
    from nbclient.exceptions import DeadKernelError

    if isinstance(error, DeadKernelError):
        return "its process died; most often memory ran out"
    if isinstance(error, RuntimeError):  # Jupyter's, of a kernel that did not start or does not answer
        return f"its process did not start ({error})"
    return f"{error.ename}: {error.evalue}"


def _failed(running):
    return running.with_name(running.name.removeprefix(".").replace(".running.", ".failed."))


def _stopped(source, running, why):
    """Keep what was executed under a name that nothing takes for a finished notebook; say what happened."""
    cell, kept = _cell(running)[0], "nothing of it was executed"
    if running.is_file():
        os.replace(running, _failed(running))
        kept = f"the notebook up to there is {shown(_failed(running))}"
    return f"{source.name}, cell {cell}: {why}\n{kept}; what was trained is kept: run again to go on"


def _cell(running):
    """Give the number of the code cell that was begun last, counted as Jupyter counts them, and how many there are."""
    try:
        cells = json.loads(running.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError):  # killed before the first cell, or while this file was written
        return 1, 1
    notes = [cell["metadata"].get("papermill", {}) for cell in cells if cell["cell_type"] == "code"]
    return max(1, sum(note.get("start_time") is not None for note in notes)), len(notes)


def _shower(running, longest=None):
    """Give what shows cell, training and epoch: in a terminal one line that changes, in a log a line a training.

    Where a run before took a time [s], that is what is left at most.
    """
    begin, shown_last = time.monotonic(), ""

    def show(words):
        nonlocal shown_last
        minutes, seconds = divmod(int(time.monotonic() - begin), 60)
        training = words.partition(": epoch")[0]
        if sys.stderr.isatty():
            cell, cells = _cell(running)
            left = f", {max(0, longest / 60 - minutes):.0f} min left at most" if longest else ""
            line = f"{running.name[1:3]}, cell {cell} of {cells}, {minutes}:{seconds:02}{left}  {words}"[:WIDTH]
            print(f"{line:<{WIDTH}}", end="\r", file=sys.stderr, flush=True)
        elif training not in ("", shown_last):  # empty while it is being written
            print(f"  {minutes}:{seconds:02} training {training}", flush=True)
            shown_last = training

    return show


@contextmanager
def _terminated_like_interrupted():
    """Let SIGTERM end the block as Ctrl-C does; of the main thread alone, as Python has it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _times(folder):
    """Give the longest time that each notebook took in this folder [s]."""
    path = folder / "times.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _note_time(folder, name, seconds):
    """Keep the longest time: a run that finds its trainings done is no measure of a first one."""
    times = _times(folder)
    times[name] = max(round(seconds, 1), times.get(name, 0))
    with file_when_whole(folder / "times.json") as temporary:
        temporary.write_text(json.dumps(times, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _summary(folder, collection, n_notebooks):
    """Say in five lines what was measured, where it lies and what to do next."""
    records = read_records(folder).values()
    n_claims, n_trained = sum("not_measured" not in one for one in records), len(list(folder.glob("trained/*")))
    evidence = "; synthesised audio, evidence of nothing" if collection == "demo" else ""
    board = folder / "scoreboard.md"
    how = "make {} COLLECTION={}" if CHECKOUT else "python -m genrelib {} --collection {}"
    further = " && ".join(how.format(verb, NEXT[collection]) for verb in ("data", "reproduce") if collection in NEXT)
    return (
        f"\nmeasured on {collection}: {n_claims} of {len(records)} claims, {n_trained} networks trained{evidence}",
        f"notebooks: {n_notebooks} executed, in {shown(folder)}",
        f"scoreboard: {shown(board)}" if board.is_file() else "scoreboard: notebook 99 writes it",
        f"pages: make html COLLECTION={folder.name}",
        f"next: {further or f'look at notebook 90 in {shown(folder)}, which says why the splits differ'}",
    )  # fmt: skip
