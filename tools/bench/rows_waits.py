"""Rows of what a user waits for, whole processes: songs named, the first figure, a run of the demo, the tests.

The plain way is here the floor: what the same process pays before any work of ours, or what the work itself costs, so
that the ratio says how near we are.
"""

import dataclasses
import json
import statistics
import sys
import time
from functools import cache, partial

import numpy as np

from genrelib._base.paths import NOTEBOOKS
from genrelib.audio import read_audio, write_wav
from genrelib.reports.run import reproduce
from tools.bench.measuring import Settings, alternate, row, scratch, seconds_of
from tools.bench.rows_audio import first
from tools.bench.rows_process import CHECKOUT, run

COLD_SECONDS = 3.5
FIRST_FIGURE_SECONDS, DEMO_SECONDS, TESTS_SECONDS = 20, 8 * 60, 18 * 60
N_FFT, FRAME_HOP = 2048, 512  # librosa's defaults, which the 53 numbers have
IMPORTS = "import librosa, pandas, scipy.signal, soxr, av"


def classify_cold(settings):
    """Classify one song by the command, against importing what it stands on and decoding the song."""
    with scratch(settings) as folder:
        song = folder / "song.wav"
        write_wav(song, read_audio(settings.collection.tracks["path"].iloc[0]))
        command = ("-m", "genrelib", "classify", "--json", "--model", "embedded", str(song))
        floor = ("-c", f"{IMPORTS}\nfor _ in av.open({str(song)!r}).decode(audio=0): pass")
        heavy = ("-c", "import tensorflow")
        run(*command), run(*floor), run(*heavy)  # compiled once, files into the page cache
        plain_seconds, our_seconds = alternate(
            lambda: seconds_of(partial(run, *floor)), lambda: seconds_of(partial(run, *command)), settings.repeats
        )
        tensorflow = statistics.median(seconds_of(partial(run, *heavy)) for _ in our_seconds)
    took = statistics.median(our_seconds)
    return row(
        name="classify one song, a whole process",
        plain=f"the floor: a process that does `{IMPORTS}` and decodes the song",
        ours="python -m genrelib classify --model embedded",
        plain_seconds=plain_seconds,
        our_seconds=our_seconds,
        limit_seconds=COLD_SECONDS,
        floor="starting Python, those imports, and decoding: the ratio is how near we are; a process that imports "
        f"TensorFlow alone takes {tensorflow:.2f} s, {'more' if tensorflow > took else 'NOT more'} than ours",
        collection=settings.collection.name,
        note="the model's weights read, librosa's loops compiled before",
    )


def classify_hundred(settings):
    """Classify a hundred songs by one command, against a process that decodes them and does their steps' FFTs."""
    collection = first(settings.collection, 100)
    paths = list(map(str, collection.tracks["path"]))
    command = ("-m", "genrelib", "classify", "--json", "--model", "embedded", *paths)
    floor = ("-c", f"{IMPORTS}\nfrom tools.bench.rows_waits import least\nleast({paths!r})")
    run(*command[:-1])
    repeats = max(1, (settings.repeats + 1) // 2)
    plain_seconds, our_seconds = alternate(
        lambda: seconds_of(partial(run, *floor)), lambda: seconds_of(partial(run, *command)), repeats
    )
    return row(
        name=f"classify {len(paths)} songs, a whole process",
        plain="the floor: a process that imports, decodes, and does each step's STFT, mel product and inverse STFT by "
        "SciPy and NumPy",
        ours="python -m genrelib classify --model embedded",
        plain_seconds=plain_seconds,
        our_seconds=our_seconds,
        floor="the ratio is how near we are; of our time a fifth is the running medians of the harmonic part, a "
        "fifth chroma and its tuning, then masks, magnitudes and librosa's own loops",
        collection=collection.name,
        note=f"{our_seconds[0] / len(paths):.2f} s a song; floor and ours on two threads",
    )


def least(paths):
    """Do what the 53 numbers cannot do without: decode, and for each step an STFT there and back, and a mel product."""
    import librosa
    from scipy import fft, signal

    from genrelib.classify import load_classifier
    from genrelib.classify.numbers import LEVEL_FREE

    embedded, window = load_classifier("embedded"), signal.get_window("hann", N_FFT).astype(np.float32)
    mels = librosa.filters.mel(sr=embedded.card["sample_rate"], n_fft=N_FFT)

    def hear(steps):
        for step in steps:
            padded = np.pad(step, N_FFT // 2)
            frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::FRAME_HOP] * window
            spectrum = fft.rfft(frames, workers=2)
            mels @ np.square(np.abs(spectrum)).T
            fft.irfft(spectrum, workers=2)
        return np.zeros((len(steps), len(LEVEL_FREE)))

    for path in paths:
        dataclasses.replace(embedded, hear=hear).classify(path)


def first_figure(settings):
    """Run notebook 00 on a demo that is made on the way, up to its first figure; the floor is a kernel that imports."""
    imports = "import tensorflow, pandas, matplotlib.pyplot as plt\nplt.plot([0]);"
    cells = json.loads(next(NOTEBOOKS.glob("00_*")).read_text(encoding="utf-8"))["cells"]
    codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    _until_a_figure(["%matplotlib inline", imports])
    with scratch(settings) as folder:

        def ours():
            place = folder / str(time.monotonic())
            given = f"collection, data, folder = 'demo', {str(place)!r}, {str(place / 'run')!r}"
            return _until_a_figure([f"{code}\n{given}" if code.startswith("notebook = ") else code for code in codes])

        plain_seconds, our_seconds = alternate(
            lambda: _until_a_figure(["%matplotlib inline", imports]), ours, max(1, settings.repeats // 2)
        )
    return row(
        name="first figure of notebook 00",
        plain="the floor: a kernel that imports TensorFlow, pandas and matplotlib, and plots a point",
        ours="its cells up to the first figure, on a demo that is made on the way",
        plain_seconds=plain_seconds,
        our_seconds=our_seconds,
        limit_seconds=FIRST_FIGURE_SECONDS,
        floor="the kernel's start and those imports; then 120 tracks are synthesised",
        collection="demo",
        note="after a finished install; a second time the demo lies there",
    )


def reproduce_demo(settings):
    """Run every notebook on the demo in a fresh folder; the floor is what its trainings took by their own clocks."""
    seconds, trained = _first_run(settings.data)
    return row(
        name="make reproduce on the demo",
        plain=f"the floor: its {len(trained)} kept trainings, by their own clocks",
        ours="python -m genrelib reproduce --collection demo, a first run",
        plain_seconds=[sum(trained)],
        our_seconds=[seconds],
        limit_seconds=DEMO_SECONDS,
        floor="the networks, forwards and backwards; beside them ten kernels start, and a hundred figures are drawn",
        collection="demo",
        note="measured once, only where it is named",
    )


def make_test(settings):
    """Run the tests as `make test` does; the floor is the run of the demo's notebooks that is part of it."""
    notebooks, _ = _first_run(settings.data)
    unit = seconds_of(lambda: run("-m", "pytest", "-q", "--ignore=tests/notebooks", str(CHECKOUT)))
    return row(
        name="make test",
        plain="the floor: the demo's notebooks, which it runs",
        ours="the unit tests, then the demo's notebooks, a first run",
        plain_seconds=[notebooks],
        our_seconds=[unit + notebooks],
        limit_seconds=TESTS_SECONDS,
        floor="the notebooks, and a process with TensorFlow for each test that needs one of its own",
        collection="demo",
        note="measured once, only where it is named; the tests of what the notebooks made, half a minute, left out",
    )


@cache
def _first_run(data):
    """Run every notebook on the demo in a fresh folder, once for both rows; give the seconds, and each training's."""
    with scratch(Settings(None, data)) as folder:
        seconds = seconds_of(lambda: reproduce("demo", data=folder, folder=folder / "run"))
        trained = [json.loads(path.read_text(encoding="utf-8"))["seconds"] for path in folder.rglob("run.json")]
    return seconds, trained


def _until_a_figure(codes):
    """Run cells in a kernel of this Python until one shows a picture; give the seconds from its start on."""
    import nbformat
    from nbclient import NotebookClient

    cells = [nbformat.v4.new_code_cell(code) for code in codes]
    client = NotebookClient(
        nbformat.v4.new_notebook(cells=cells), kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOKS)}},
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # its advice is no news here
    )  # fmt: skip

    def shown():
        with client.setup_kernel():
            for number, cell in enumerate(cells):
                client.execute_cell(cell, number)
                if any("image/png" in output.get("data", {}) for output in cell["outputs"]):
                    return
        raise RuntimeError(f"no figure in {len(cells)} cells of {sys.executable}")

    return seconds_of(shown)
