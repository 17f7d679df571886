"""Run every notebook on a demo of GTZAN's size, one seed, the report's own split, one epoch a training.

``python -m tools.bench.rehearsal [--notebooks "00 01"] [--tracks 1000] [--seconds 30] [--folder DIR] [--out FILE]``

Sizes and settings are those of real audio, so that what a notebook takes of memory and disk is what it takes on GTZAN.
Both are watched against the limits of a free Colab. From the one epoch it estimates what all epochs would take: at
most that, since early stopping may end a training before, and for one seed under the report's own split, but for two
networks whose other splits a notebook goes on with (`tools.bench.rehearsal_kernel.EVERY_SPLIT`).
"""

import argparse
import json
import os
import shutil
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from tools.bench.bench import machine, write
from tools.bench.measuring import seconds_of
from tools.bench.rehearsal_kernel import SETTINGS
from tools.bench.rows_process import CHECKOUT
from genrelib.results.scoreboard import read_section, replace_section
from genrelib.datasets import load_collection
from genrelib._base.paths import NOTEBOOKS, RUNS
from genrelib.reports.run import reproduce

LIMITS_GB = {"memory_gb": 12.0, "disk_gb": 15.0}  # of a free Colab
SECTION = "rehearsal"  # of README
SEED = 0
ESTIMATE = "seconds_estimated: at most, by one epoch of each training; one seed, few splits"
INTERVAL = 0.5  # seconds between two looks
STARTUP = f"""import sys
sys.path.insert(0, {str(CHECKOUT)!r})
from tools.bench.rehearsal_kernel import install
install()
"""


def main(arguments=None):
    """Rehearse the notebooks asked for; 0 if all ran within the limits, else 1."""
    options = _options(arguments)
    if options.readme:
        read_section(options.readme, SECTION)  # a README without its markers is refused before hours are spent
    folder = Path(options.folder).absolute()
    for kept in (folder / "runs", folder / "data" / "cache"):  # what is kept would be read, and not timed
        shutil.rmtree(kept, ignore_errors=True)
    demo = {"tracks_per_genre": options.tracks // 10, "seconds": options.seconds}
    made = seconds_of(lambda: load_collection("demo", folder / "data", **demo, progress=False))
    print(f"demo of {options.tracks} tracks of {options.seconds:g} s: made in {made:.0f} s", flush=True)
    rows = []
    for number in options.notebooks.split() or [path.name[:2] for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))]:
        rows.append(rehearse(number, folder, demo))
        print(line(rows[-1]), flush=True)
        result = {"machine": machine(), "demo": demo, "limits": LIMITS_GB, "estimate": ESTIMATE, "notebooks": rows}
        write(options.out, result)
    print(f"written to {options.out}")
    if options.readme:
        replace_section(options.readme, SECTION, table(rows))
    return int(not all(row["error"] is None and row["within_limits"] for row in rows))


def rehearse(number, folder, demo):
    """Run a notebook and watch it.

    Parameters
    ----------
    number : str
    folder : Path
        Holds everything that it reads and writes.
    demo : dict
        Of `genrelib.datasets.demo.collection.load_demo`.

    Returns
    -------
    dict
        notebook, seconds, seconds_estimated (for all epochs), trainings, epochs_asked, memory_gb (the peak of anonymous
        memory, of the kernel and all its children), disk_gb (all of ``folder`` at the end), within_limits, error.
    """
    log, error = folder / f"trained-{number}.jsonl", None
    log.unlink(missing_ok=True)
    with _kernels(folder, {**demo, "log": str(log)}), _watched() as peak:
        begin = time.perf_counter()
        try:
            reproduce("demo", notebooks=[number], seeds=[SEED], data=folder / "data", folder=folder / "runs")
        except Exception as failed:  # noqa: BLE001, one notebook that fails must not lose the others
            error = str(failed)
        seconds = time.perf_counter() - begin
    trained = [json.loads(each) for each in log.read_text().splitlines()] if log.is_file() else []
    if not trained:
        error = f"the kernel did not take the rehearsal's settings ({log} is empty); {error or 'it ran without them'}"
    trained = trained[1:]  # the first line says that the settings were taken
    further = sum((one["epochs"] - 1) * one["seconds_an_epoch"] for one in trained)
    used = {"memory_gb": peak[0] / 1e9, "disk_gb": bytes_below(folder) / 1e9}
    return {
        "notebook": number, "seconds": seconds, "seconds_estimated": seconds + further, "trainings": len(trained),
        "epochs_asked": sum(one["epochs"] for one in trained), **used,
        "within_limits": all(used[name] <= limit for name, limit in LIMITS_GB.items()), "error": error,
    }  # fmt: skip


def line(row):
    """Say a row in one line."""
    verdict = "within the limits" if row["within_limits"] else "OVER THE LIMITS"
    return (
        f"{row['notebook']}: {row['seconds']:.0f} s with {row['trainings']} trainings of one epoch; "
        f"estimate for all {row['epochs_asked']} epochs: at most {row['seconds_estimated'] / 60:.0f} min; "
        f"memory {row['memory_gb']:.1f} GB, disk {row['disk_gb']:.1f} GB so far, {verdict}"
        + (f"; FAILED: {row['error']}" if row["error"] else "")
    )


def table(rows):
    """Write the rows as a table in Markdown."""
    header = "| notebook | time | trainings, an epoch each | estimate of all epochs | memory | disk so far | fits |\n"
    return header + "|---" * 7 + "|\n" + "".join(
        f"| {row['notebook']} | {row['seconds'] / 60:.1f} min | {row['trainings']} | "
        f"{row['seconds_estimated'] / 60:.0f} min for {row['epochs_asked']} epochs | {row['memory_gb']:.1f} GB | "
        f"{row['disk_gb']:.1f} GB | {_verdict(row)} |\n"
        for row in rows
    )  # fmt: skip


def _verdict(row):
    return "failed" if row["error"] else ("yes" if row["within_limits"] else "no")


def anonymous_bytes(root):
    """Sum the anonymous memory (RssAnon) of a process and all its children.

    Parameters
    ----------
    root : int
        Its id.

    Returns
    -------
    int
    """
    parents, held = {}, {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            told = dict(each.split(":", 1) for each in status.read_text().splitlines() if ":" in each)
        except OSError:  # it ended meanwhile
            continue
        number = int(told["Pid"])
        parents[number], held[number] = int(told["PPid"]), 1024 * int(told.get("RssAnon", "0 kB").split()[0])
    family = {root}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(held.get(number, 0) for number in family)


def bytes_below(folder):
    """Sum what the files below a folder take on the disk."""
    total = 0
    for path in Path(folder).rglob("*"):
        try:
            total += path.lstat().st_blocks * 512
        except OSError:  # a temporary file that went away
            continue
    return total


@contextmanager
def _watched():
    """Watch memory during the block; the list that is given holds the peak at its end."""
    peak, done = [0], threading.Event()

    def watch():
        while not done.wait(INTERVAL):
            peak[0] = max(peak[0], anonymous_bytes(os.getpid()))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


@contextmanager
def _kernels(folder, settings):
    """Let every kernel that starts during the block begin with the rehearsal's settings."""
    startup = folder / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True, exist_ok=True)
    (startup / "00-rehearsal.py").write_text(STARTUP)
    before = dict(os.environ)
    os.environ.update({"IPYTHONDIR": str(folder / "ipython"), SETTINGS: json.dumps(settings)})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _options(arguments):
    parser = argparse.ArgumentParser(prog="python -m tools.bench.rehearsal", description=__doc__.splitlines()[0])
    parser.add_argument("--notebooks", default="", help='such as "00 01"; all of them unless given')
    parser.add_argument("--tracks", type=int, default=1000, help="a multiple of 10, 40 at least")
    parser.add_argument("--seconds", type=float, default=30.0, help="length of a track")
    parser.add_argument("--folder", default=RUNS / "rehearsal", help="holds all that it makes, emptied first")
    parser.add_argument("--out", default="results/rehearsal.json")
    parser.add_argument("--readme", help="a README that shows the table, too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
