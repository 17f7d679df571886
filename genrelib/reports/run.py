"""Run the numbered notebooks headlessly, and keep what they made."""

import json
import os
import signal
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from genrelib._base.caching import alone_in, file_when_whole, no_room
from genrelib._base.errors import GenrelibError
from genrelib._base.paths import NOTEBOOKS, RUNS, shown


def reproduce(collection, *, notebooks=(), seeds=None, data=None, folder=None):
    """Run notebooks through papermill, one after the other.

    Parameters
    ----------
    collection : str
        See `genrelib.load_collection`.
    notebooks : sequence of str
        Numbers such as ``"01"``; all of them unless given.
    seeds : sequence of int, optional
        The notebooks' own choice unless given.
    data, folder : str or Path, optional
        Where the collections lie; where results go, ``runs/<collection>`` unless given.

    Returns
    -------
    list of Path
        The executed notebooks. A notebook that fails leaves ``NN_name.failed.ipynb``, and what it had trained is
        kept for the next run.

    Raises
    ------
    GenrelibError
        No such notebook; or a cell failed, its kernel died or did not start, the run was interrupted (Ctrl-C, SIGTERM)
        or the disk is full: the message names notebook, cell and error.
    """
    folder = Path(folder or RUNS / collection)
    folder.mkdir(parents=True, exist_ok=True)
    given = {"collection": collection, "data": str(data) if data else None, "seeds": list(seeds) if seeds else None}
    given = {name: value for name, value in given.items() if value is not None}
    if folder != RUNS / collection:
        given["folder"] = str(folder)
    sources = _sources(notebooks)
    with alone_in(folder):  # another run would put a half notebook in place as a whole one
        return [_timed(source, folder, given) for source in sources]


def _timed(source, folder, given):
    start = time.perf_counter()
    print(f"{source.stem}: running", flush=True)
    done = _execute(source, folder, given)
    seconds = time.perf_counter() - start
    _note_time(folder, source.stem, seconds)
    print(f"{source.stem}: done in {seconds:.0f} s, {shown(done)}", flush=True)
    return done


def _sources(numbers):
    every = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    known = {path.name[:2] for path in every}
    unknown = sorted(set(numbers) - known)
    if unknown or not every:
        there = ", ".join(sorted(known)) or "none"
        raise GenrelibError(f"no notebook numbered {', '.join(unknown)} in {NOTEBOOKS}; there are {there}")
    return [path for path in every if not numbers or path.name[:2] in numbers]


def _execute(source, folder, given):
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    os.environ.pop("JUPYTER_PATH", None)  # it may name another python3 than this one
    os.environ.update(GENRELIB_HEADLESS="1", TF_CPP_MIN_LOG_LEVEL="3", PYTHONHASHSEED="0")
    running, failed = folder / f".{source.stem}.running.ipynb", folder / f"{source.stem}.failed.ipynb"
    if running.is_file():
        print(f"{source.stem}: the run before was killed in cell {_stopped_in(running)}; what it trained is kept")
    failed.unlink(missing_ok=True)
    try:
        with _terminated_like_interrupted():
            papermill.execute_notebook(
                source, running, parameters=given, kernel_name="python3", cwd=str(source.parent), progress_bar=False,
                extra_arguments=["--IPKernelApp.log_level=ERROR"],  # a kernel's advice on sockets is no news here
            )  # fmt: skip
        os.replace(running, folder / source.name)
    except PapermillExecutionError as error:
        raise _failure(source, running, failed, f"{error.ename}: {error.evalue}") from error
    except DeadKernelError as error:
        raise _failure(source, running, failed, "its process died; most often memory ran out") from error
    except RuntimeError as error:  # Jupyter's, of a kernel that did not start or does not answer
        raise _failure(source, running, failed, f"its process did not start ({error})") from error
    except KeyboardInterrupt as error:
        raise _failure(source, running, failed, "interrupted") from error
    except OSError as error:
        raise no_room(error, running) from error
    return folder / source.name


def _failure(source, running, failed, why):
    """Keep what was executed under a name that nothing takes for a finished notebook."""
    cell, kept = _stopped_in(running), "nothing of it was executed"
    if running.is_file():
        os.replace(running, failed)
        kept = f"the notebook up to there is {shown(failed)}"
    return GenrelibError(f"{source.name}, cell {cell}: {why}\n{kept}; what was trained is kept: run again to go on")


def _stopped_in(running):
    """Give the number of the code cell that was begun last, counted as Jupyter counts them."""
    try:
        cells = json.loads(running.read_text())["cells"]
    except (OSError, ValueError):  # killed before the first cell, or while this file was written
        return 1
    noted = [cell["metadata"].get("papermill", {}) for cell in cells if cell["cell_type"] == "code"]
    return max(1, sum(one.get("start_time") is not None for one in noted))


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


def _note_time(folder, name, seconds):
    path = folder / "times.json"
    times = json.loads(path.read_text()) if path.is_file() else {}
    with file_when_whole(path) as temporary:
        temporary.write_text(json.dumps({**times, name: round(seconds, 1)}, indent=1, sort_keys=True) + "\n")
