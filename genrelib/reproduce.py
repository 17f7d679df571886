"""Run the numbered notebooks headlessly, keep what they made, and publish it."""

import json
import os
import shutil
import time
from pathlib import Path

from genrelib.caching import file_when_whole
from genrelib.errors import GenrelibError
from genrelib.places import NOTEBOOKS, RESULTS, RUNS, shown

LIMIT = 1_000_000  # bytes of a published file
PUBLISHED = ("*.ipynb", "results/*.json", "predictions/*.parquet", "scoreboard.csv", "scoreboard.md", "times.json")


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
        No such notebook; or a cell failed: the message names notebook, cell and error.
    """
    folder = Path(folder or RUNS / collection)
    folder.mkdir(parents=True, exist_ok=True)
    given = {"collection": collection, "data": str(data) if data else None, "seeds": list(seeds) if seeds else None}
    given = {name: value for name, value in given.items() if value is not None}
    if folder != RUNS / collection:
        given["folder"] = str(folder)
    done = []
    for source in _sources(notebooks):
        start = time.perf_counter()
        print(f"{source.stem}: running", flush=True)
        done.append(_execute(source, folder, given))
        seconds = time.perf_counter() - start
        _note_time(folder, source.stem, seconds)
        print(f"{source.stem}: done in {seconds:.0f} s, {shown(done[-1])}", flush=True)
    return done


def publish(collection, *, folder=None, results=RESULTS):
    """Copy what a run measured into ``results/<collection>``, without paths of this machine.

    Parameters
    ----------
    collection : str
    folder, results : str or Path, optional
        From where, ``runs/<collection>``, and below which folder to.

    Returns
    -------
    list of Path

    Raises
    ------
    GenrelibError
        No run to publish, a failed notebook in it, or a file of more than 1 MB.
    """
    folder, target = Path(folder or RUNS / collection), Path(results) / collection
    failed = sorted(folder.glob("*.failed.ipynb"))
    files = [path for pattern in PUBLISHED for path in sorted(folder.glob(pattern)) if not path.name.startswith(".")]
    if not files or failed:
        names = ", ".join(path.name for path in failed) or "there is no run"
        raise GenrelibError(f"{folder}: whole runs are published: {names}; run `make reproduce` on {collection} first")
    copies = []
    for path in files:
        copy = target / path.relative_to(folder)
        with file_when_whole(copy) as temporary:
            if path.suffix == ".ipynb":
                temporary.write_text(_without_traces(path))
            else:
                shutil.copyfile(path, temporary)
            if temporary.stat().st_size > LIMIT:
                raise GenrelibError(f"{path}: {temporary.stat().st_size / 1e6:.1f} MB; a published file is under 1 MB")
        copies.append(copy)
    return copies


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
    from papermill.exceptions import PapermillExecutionError

    os.environ.pop("JUPYTER_PATH", None)  # it may name another python3 than this one
    os.environ.update(GENRELIB_HEADLESS="1", TF_CPP_MIN_LOG_LEVEL="3", PYTHONHASHSEED="0")
    running, failed = folder / f".{source.stem}.running.ipynb", folder / f"{source.stem}.failed.ipynb"
    failed.unlink(missing_ok=True)
    try:
        papermill.execute_notebook(
            source, running, parameters=given, kernel_name="python3", cwd=str(source.parent), progress_bar=False,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],  # a kernel's advice on sockets is no news here
        )  # fmt: skip
    except PapermillExecutionError as error:
        os.replace(running, failed)
        raise GenrelibError(
            f"{source.name}, cell {error.exec_count}: {error.ename}: {error.evalue}\n"
            f"the notebook up to there is {shown(failed)}; what was trained is kept: run again to go on"
        ) from error
    os.replace(running, folder / source.name)
    return folder / source.name


def _note_time(folder, name, seconds):
    path = folder / "times.json"
    times = json.loads(path.read_text()) if path.is_file() else {}
    with file_when_whole(path) as temporary:
        temporary.write_text(json.dumps({**times, name: round(seconds, 1)}, indent=1, sort_keys=True) + "\n")


def _without_traces(path):
    """Drop what papermill notes of this machine; the cells and outputs stay as they are."""
    content = json.loads(path.read_text())
    for part in (content, *content["cells"]):
        part["metadata"].pop("papermill", None)
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
