"""Run the benchmark: print a table, and write it with the machine that it was measured on.

``python -m tools.bench.bench [--collection NAME] [--data DIR] [--only ROW,…] [--quick] [--long] [--out FILE]``
"""

import argparse
import json
import os
import sys
import traceback
from importlib.metadata import version
from pathlib import Path

from genrelib._base import provenance
from genrelib._base.caching import file_when_whole
from genrelib._base.errors import DatasetError, GenrelibError
from genrelib.datasets import data_root, load_collection
from tools.bench.measuring import Settings, not_measured
from tools.bench.rows_audio import cut_again, cut_m4a, cut_mp3, cut_wav
from tools.bench.rows_devices import feeding, mixed_precision
from tools.bench.rows_features import feature_table, thirty_numbers
from tools.bench.rows_front_end import front_end, front_end_keras, front_end_xla
from tools.bench.rows_process import import_time, memory
from tools.bench.rows_songs import classify_pretrained, classify_song, notebook_again
from tools.bench.rows_svm import pitch_shift, svm_repeats
from tools.bench.rows_training import EPOCHS
from tools.bench.rows_waits import classify_cold, classify_hundred, first_figure, make_test, reproduce_demo
from tools.bench.rows_windows import window_mels_of_a_track, window_memory

# each takes Settings and returns a row; what reads audio comes first, while TensorFlow's threads do not exist yet
ROWS = [
    cut_wav, cut_mp3, cut_m4a, cut_again, feature_table, thirty_numbers, pitch_shift, svm_repeats,
    window_mels_of_a_track, import_time,
    classify_song, classify_cold, classify_hundred, first_figure, classify_pretrained,
    front_end, front_end_xla, front_end_keras, *EPOCHS, feeding,
    mixed_precision, notebook_again, memory, window_memory, reproduce_demo, make_test,
]  # fmt: skip
# left out by --quick
SLOW = {feature_table, svm_repeats, classify_hundred, notebook_again, memory, window_memory}
LONG = {reproduce_demo, make_test}  # a quarter of an hour: where --long or --only asks for them
REPEATS, QUICK_REPEATS = 5, 2
HUNDRED = {"tracks_per_genre": 10, "seconds": 30.0}  # a demo as large as gtzan_mini


def main(arguments=None, *, rows=ROWS):
    """Measure the rows asked for, print and write them.

    Parameters
    ----------
    arguments : list of str, optional
        The command line's unless given.
    rows : list of callable
        Each takes `Settings` and returns a row, see `tools.bench.measuring.row`; None for one that needs a GPU.

    Returns
    -------
    int
        1 if a row could not be measured, else 0: a target that is missed is a result, not a failure.
    """
    options = _options(arguments, rows)
    os.environ.setdefault("GENRELIB_HEADLESS", "1")
    collection = choose_collection(options.collection, options.data)
    before = kept_rows(options.out) if options.only else []
    repeats = options.repeats or (QUICK_REPEATS if options.quick else REPEATS)
    settings = Settings(collection, Path(options.data), repeats, options.quick)
    print(f"on {collection.name}, {len(collection.tracks)} tracks; {repeats} repeats", flush=True)
    measured, commit = [], provenance.commit()
    for function in _chosen(rows, options):
        one = _measure(function, settings)
        one = one and one | {"commit": commit}
        print(line(one) if one else f"{function.__name__}: left out, since there is no GPU here", flush=True)
        measured += [one] if one else []
    write(options.out, {"machine": machine(), "rows": merged(before, measured)})
    print(f"\n{table(measured)}\nwritten to {options.out}")
    return int(any(row["ratio"] is None for row in measured))


def choose_collection(name, data):
    """Load the collection that was named; else gtzan_mini where it lies, else a demo of the same size."""
    if name == "demo":
        return load_collection("demo", data, **HUNDRED, progress=False)
    if name:
        return load_collection(name, data)
    for root in (data, data_root()):
        try:
            return load_collection("gtzan_mini", root)
        except DatasetError:
            continue
    return choose_collection("demo", data)


def kept_rows(path):
    """Give the rows of an earlier call, none where there was none; another machine's are refused."""
    if not Path(path).is_file():
        return []
    earlier, here = json.loads(Path(path).read_text(encoding="utf-8")), machine()
    for key in ("model", "cpus"):
        if earlier["machine"][key] != here[key]:
            raise GenrelibError(
                f"{path}: its rows are of a machine whose {key} is {earlier['machine'][key]}, here it is {here[key]}: "
                "rows of two machines are not mixed; name another file by --out"
            )
    return earlier["rows"]


def merged(before, measured):
    """Put rows in the place of those that have their names, and the others at the end; each keeps its commit."""
    anew = {one["name"]: one for one in measured}
    return [anew.pop(one["name"], one) for one in before] + [one for one in measured if one["name"] in anew]


def machine():
    """Describe the machine and the versions that the figures come from."""
    versions = provenance.versions() | {name: version(name) for name in ("soundfile", "soxr")}
    return provenance.machine() | {
        "model": _told("/proc/cpuinfo", "model name") or "unknown",
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
        if hasattr(os, "sysconf")
        else None,
        "versions": versions,
    }


def write(path, result):
    """Write the result as JSON, in place only when whole."""
    with file_when_whole(Path(path)) as temporary:
        temporary.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def table(rows):
    """Write rows as a table in Markdown, every one, whether it meets its target or not."""
    header = "| row | plain | ours | ratio | spread | target | met | collection | commit |\n" + "|---" * 9 + "|\n"
    return header + "".join(_cells(row) for row in rows)


def line(row):
    """Say a row in one line."""
    if row["ratio"] is None:
        return f"{row['name']}: {row['note']}"
    met = {True: "met", False: "NOT MET", None: "no target"}[row["met"]]
    low, high = row["spread"]
    return f"{row['name']}: {row['ratio']:.2f} times ({low:.2f} to {high:.2f}), {met}. {row['note']}"


def _cells(row):
    cells = [row["name"], _seconds(row["plain_seconds"]), _seconds(row["our_seconds"])]
    cells += ["", ""] if row["ratio"] is None else [f"{row['ratio']:.2f}", "{:.2f} to {:.2f}".format(*row["spread"])]
    aims = [f"{row['target']:g} times"] if row["target"] is not None else []
    aims += [f"under {row['limit_seconds']:g} s"] if row["limit_seconds"] is not None else []
    cells += [", ".join(aims), {True: "yes", False: "no", None: ""}[row["met"]], row["collection"] or ""]
    head, plus, changes = (row.get("commit") or "").partition("+")  # none: measured before rows had their own
    cells.append(head[:7] + plus + changes)
    return f"| {' | '.join(cells)} |\n"


def _seconds(value):
    return "" if value is None else f"{value:.3f} s"


def _measure(function, settings):
    try:
        return function(settings)
    except Exception as error:
        traceback.print_exc()
        return not_measured(function.__name__, f"{type(error).__name__}: {error}")


def _chosen(rows, options):
    if options.only:
        return [function for function in rows if function.__name__ in options.only.split(",")]
    left_out = (SLOW if options.quick else set()) | (set() if options.long else LONG)
    return [function for function in rows if function not in left_out]


def _told(path, key):
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), None)


def _options(arguments, rows):
    names = [function.__name__ for function in rows]
    parser = argparse.ArgumentParser(prog="python -m tools.bench.bench", description=__doc__.splitlines()[0])
    parser.add_argument("--collection", help="gtzan_mini where it lies under the data folder, else demo")
    parser.add_argument("--data", default=data_root(), help="the data folder; temporary files go under it too")
    parser.add_argument("--only", help=f"some of {','.join(names)}; put into the rows that the file holds")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, and without the rows that take minutes")
    parser.add_argument("--long", action="store_true", help="with the run of the demo, and the tests")
    parser.add_argument("--repeats", type=int, help=f"{REPEATS} unless given")
    parser.add_argument("--out", default="results/bench.json")
    options = parser.parse_args(arguments)
    unknown = sorted(set((options.only or names[0]).split(",")) - set(names))
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}; there are {', '.join(names)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
