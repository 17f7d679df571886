"""Measure how cost grows with the number of tracks.

``python -m tools.bench.growth [--tracks 100,300,1000] [--seconds 9] [--works slices,…] [--data DIR] [--out FILE]``

Each piece of work runs on one core, each size of it in a process of its own, on the first tracks of one demo.
*Linear*: a further track costs between the two larger sizes what it costs between the two smaller ones, within a fifth;
what is paid once (tracing a graph) drops out. *Flat*: the peak of anonymous memory at the largest size is that at the
smallest, within a fifth.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
from pathlib import Path
from unittest.mock import patch

from genrelib._base import provenance
from genrelib.datasets import data_root, load_collection
from tools.bench.bench import machine, write
from tools.bench.measuring import Settings, scratch, seconds_of
from tools.bench.memory import anonymous_mib, peak_of
from tools.bench.rows_audio import first
from tools.bench.rows_process import run

TRACKS = (100, 300, 1000)
SECONDS = 9.0  # a track: 1000 of them are 400 MB, made in half a minute
WITHIN = 0.2
FEW = 60  # tracks that imports are paid with: as few as an epoch can be split from
MOST_REPEATS, ENOUGH_SECONDS = 15, 20  # a piece of work is repeated until it has taken this long
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")


def slices(collection, cache):
    """Cut slices of 3 s."""
    from genrelib.slices import cut_slices

    cut_slices(collection, cache=cache, n_jobs=1, progress=False)


def table(collection, cache):
    """Work out the 57 numbers a track."""
    from genrelib.features import spectral_table

    spectral_table(collection, cache=cache, n_jobs=1, progress=False)


def windows(collection, cache):
    """Work out the mel spectrograms of windows of 100 ms."""
    from genrelib.features.windows import cut_windows

    cut_windows(collection, cache=cache, n_jobs=1, progress=False)


def epoch(collection, cache):
    """Train mel_cnn1d for one epoch, its slices cut and their front end computed first."""
    import keras

    from genrelib import models
    from genrelib.slices import cut_slices
    from genrelib.splits import split_slices
    from genrelib.training.loop import train

    keras.backend.clear_session()
    cut = cut_slices(collection, cache=cache, n_jobs=1, progress=False)
    model = models.mel_cnn1d(**cut.input_sizes, n_classes=len(cut.genres))
    train(model, cut, split_slices(cut, "slice"), epochs=1)


WORKS = {work.__name__: work for work in (slices, table, windows, epoch)}


def main(arguments=None):
    """Measure what is asked for, print and write it; 0 if all of it is linear and flat, else 1."""
    options = _options(arguments)
    if options.child:
        print(json.dumps(measure(WORKS[options.child], options.tracks[0], options)))
        return 0
    rows = [grown(name, [_in_process(name, n, options) for n in options.tracks]) for name in options.works]
    about = {"machine": machine() | {"commit": provenance.commit()}, "seconds_a_track": options.seconds}
    write(options.out, about | {"within": WITHIN, "rows": rows})
    print(f"\n{markdown(rows)}\nwritten to {options.out}")
    return int(not all(row["linear"] and row["flat"] for row in rows))


def measure(work, n_tracks, options):
    """Do a piece of work on some tracks until it has taken long enough.

    Returns
    -------
    dict
        tracks, seconds (the median of the repeats), repeats, start_mib (after the imports) and peak_mib of anonymous
        memory.
    """
    largest = load_collection("demo", options.data, **_demo(options), progress=False)
    collection, few, taken = first(largest, n_tracks), first(largest, FEW), []
    with scratch(Settings(largest, Path(options.data))) as folder:
        work(few, folder / "imports")
        start = anonymous_mib()
        with peak_of() as peak:
            while not taken or (len(taken) < MOST_REPEATS and sum(taken) < ENOUGH_SECONDS):
                taken.append(seconds_of(lambda: work(collection, folder / "cache")))
                shutil.rmtree(folder / "cache")  # gigabytes waiting for the disk would hold up the next repeat
    return {
        "tracks": len(collection.tracks), "seconds": statistics.median(taken), "repeats": len(taken),
        "start_mib": start, "peak_mib": peak[0],
    }  # fmt: skip


def grown(name, measured):
    """Judge one piece of work by what was measured at three sizes.

    Parameters
    ----------
    name : str
    measured : list of dict
        Of `measure`, from the smallest size to the largest.

    Returns
    -------
    dict
        ``growth`` is the cost of a further track between the two larger sizes over that between the two smaller ones;
        ``memory_growth`` the largest size's peak over the smallest's.
    """
    small, middle, large = measured
    slopes = [
        (more["seconds"] - less["seconds"]) / (more["tracks"] - less["tracks"])
        for less, more in ((small, middle), (middle, large))
    ]
    growth, memory = slopes[1] / slopes[0], large["peak_mib"] / small["peak_mib"]
    return {
        "work": name, "measured": measured, "seconds_a_further_track": slopes, "growth": growth,
        "linear": abs(growth - 1) <= WITHIN, "memory_growth": memory, "flat": abs(memory - 1) <= WITHIN,
    }  # fmt: skip


def markdown(rows):
    """Write the rows as a table in Markdown."""
    sizes = [one["tracks"] for one in rows[0]["measured"]]
    header = f"| work | {' | '.join(f'{n} tracks' for n in sizes)} | a further track | linear | memory | flat |\n"
    lines = [header, "|---" * (len(sizes) + 5), "|\n"]
    for row in rows:
        cells = [f"{one['seconds']:.2f} s, {one['peak_mib']} MiB" for one in row["measured"]]
        verdicts = [f"{row['growth']:.2f}", _yes(row["linear"]), f"{row['memory_growth']:.2f}", _yes(row["flat"])]
        lines.append(f"| {' | '.join([row['work'], *cells, *verdicts])} |\n")
    return "".join(lines)


def _in_process(name, n_tracks, options):
    given = ["--seconds", str(options.seconds), "--largest", str(options.largest), "--data", str(options.data)]
    with patch.dict(os.environ, ONE_CORE):
        told = run("-m", "tools.bench.growth", "--child", name, "--tracks", str(n_tracks), *given)
    one = json.loads(told.splitlines()[-1])
    print(f"{name}, {one['tracks']} tracks: {one['seconds']:.2f} s, at most {one['peak_mib']} MiB", flush=True)
    return one


def _demo(options):
    return {"tracks_per_genre": -(-options.largest // 10), "seconds": options.seconds}


def _yes(value):
    return "yes" if value else "no"


def _options(arguments):
    parser = argparse.ArgumentParser(prog="python -m tools.bench.growth", description=__doc__.splitlines()[0])
    parser.add_argument("--tracks", default=",".join(map(str, TRACKS)), help="three sizes, from the smallest")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="length of a track")
    parser.add_argument("--works", default=",".join(WORKS), help=f"some of {','.join(WORKS)}")
    parser.add_argument("--data", default=data_root(), help="the data folder; temporary files go under it too")
    parser.add_argument("--out", default="results/growth.json")
    parser.add_argument("--child", choices=WORKS, help=argparse.SUPPRESS)
    parser.add_argument("--largest", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.tracks, options.works = [int(n) for n in options.tracks.split(",")], options.works.split(",")
    options.largest = options.largest or max(options.tracks)
    unknown = sorted(set(options.works) - set(WORKS))
    if unknown or (not options.child and (len(options.tracks) != 3 or options.tracks != sorted(set(options.tracks)))):
        parser.error(f"works are some of {', '.join(WORKS)}; tracks are three sizes, from the smallest to the largest")
    return options


if __name__ == "__main__":
    sys.exit(main())
