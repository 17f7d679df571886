"""Everything of genrelib that writes, each as one call: ``writer(out, source)`` writes below ``out``.

Imported once by the server that forks a process for each case: TensorFlow takes longer to load than a case takes.
"""

import dataclasses
import hashlib
import shutil
import zipfile
from functools import cache as once
from pathlib import Path

import nbformat
import pandas as pd
import tensorflow as tf

from genrelib import models, slices
from genrelib._base.errors import DownloadError
from genrelib._base.paths import published
from genrelib.datasets import _download as fetch
from genrelib.datasets import artist20, fma, folder, gtzan
from genrelib.datasets._archives import extract
from genrelib.datasets.demo import collection as demo
from genrelib.features import pictures as images
from genrelib.features import spectral_table
from genrelib.features import windows as window_mels
from genrelib.reports import run as reproduce
from genrelib.reports.toronto import new_songs
from genrelib.results import recording as results
from genrelib.results.scoreboard import scoreboard, write_scoreboard
from genrelib.training import augment, protocols
from genrelib.training import loop as training
from tests.making import GTZAN_TRACKS, write_gtzan, write_tree
from tests.tiny import rows_of, tiny_fold, tiny_slices
from tools import publish as publishing

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
SONGS = ("rock/b.wav", "blues/a.wav", "jazz/c.flac")
QUIET = {"progress": False, "n_jobs": 1}
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def make_source(source, url):
    """Lay out what the writers read: songs, archives, a run, a notebook, the address of a server."""
    write_tree(source / "songs", SONGS, seconds=0.5)
    tracks = write_gtzan(source / "genres", GTZAN_TRACKS)
    with zipfile.ZipFile(source / "a.zip", "w") as bundle:
        for track in tracks:
            bundle.write(track, track.relative_to(source))
        for name in fma.HEADER_ROWS:
            bundle.writestr(f"fma_metadata/{name}", "track_id,title\n" * 99)
    shutil.make_archive(str(source / "a"), "gztar", source, "genres")
    (source / "url").write_text(url)
    (source / "model.keras").write_bytes(bytes(range(256)) * 40)
    (source / "run" / "results").mkdir(parents=True)
    for number in range(4):
        (source / "run" / "results" / f"{number}.json").write_text(f"[{', '.join(map(str, range(number, 200)))}]")
    cells = [nbformat.v4.new_code_cell(code) for code in ("folder = seeds = None", "print('one')", "print(1 + 1)")]
    cells[0]["metadata"]["tags"] = ["parameters"]
    (source / "notebooks").mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=KERNEL), source / "notebooks" / "01_a.ipynb")
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=KERNEL), source / "run" / "01_a.ipynb")


def _songs(source):
    return folder.load_folder(source / "songs")


def cut(out, source):
    return slices.cut_slices(_songs(source), 0.1, cache=out, **{**QUIET, "n_jobs": 2})


def cut_windows(out, source):
    window_mels.cut_windows(_songs(source), 4, cache=out, **QUIET)


def draw(out, source):
    images.draw_slices(cut(out, source), image_size=16, **QUIET)


def draw_tracks(out, source):
    images.draw_tracks(_songs(source), 0.5, image_size=16, cache=out, **QUIET)


def tabulate(out, source):
    spectral_table(_songs(source), cache=out, **QUIET)


def shift(out, source):
    augment.augmented_slices(_songs(source), 0.1, cache=out, **QUIET)


def synthesise(out, source):
    demo.load_demo(out, tracks_per_genre=4, seconds=1, sample_rate=8000, **QUIET)


def excerpt(out, source):
    artist20._middles(sorted((source / "songs").rglob("*.*")), 0.3, out, 1, False)


def export(out, source):
    new_songs.export(source / "songs" / SONGS[0], out, seconds=(0.5, 0.2))


def unzip(out, source, archive="a.zip"):
    if not (out / "new").exists():  # what is whole is not overwritten
        extract(source / archive, out / "new")


def untar(out, source):
    unzip(out, source, "a.tar.gz")


def _remote(source, **known):
    return fetch.Remote(((source / "url").read_text() + "/a.zip",), "a.zip", **known)


def download(out, source):
    fetch.download(_remote(source), out, progress=False, backoff=0.01)


def download_gtzan(out, source):
    """Download, unpack, compare each track, put in place; GTZAN is twenty stand-ins."""
    tracks = {path.stem: hashlib.md5(path.read_bytes()).hexdigest() for path in (source / "genres").rglob("*.wav")}
    gtzan.read_index = lambda: pd.DataFrame({"wav_md5": tracks})
    gtzan.track_list = lambda name: list(tracks)
    unless_there(lambda: gtzan.download_gtzan("gtzan", out, remotes=[_remote(source)], progress=False))


def download_fma(out, source):
    """Download and unpack the tables of FMA; two stand-ins."""
    unless_there(lambda: fma.download_fma(fma.METADATA, out, remotes={fma.METADATA: _remote(source)}, progress=False))


def unless_there(download):
    """Call it; what is there already from a run before is not overwritten."""
    try:
        download()
    except DownloadError as error:
        if "is there already" not in str(error):
            raise


def front_end(out, source):
    """The mel spectrograms of slices, as a training past the frozen front end reads them."""
    made = cut(out, source)
    model = models.mel_cnn1d(**made.input_sizes, n_classes=3)
    training.cached_front_end(training.split_front_end(model)[0], made)


def train(out, source):
    """Two trainings with a checkpoint an epoch, kept as model, predictions, curves."""
    rows, fold = _rows(out)
    run = {"folder": out, "fit": {"epochs": 3, "patience": 5}, "folds": lambda *rows, **shares: [fold]}
    protocols.run_protocols("feature_mlp", rows, ["slice"], [0], **run)


def record(out, source):
    """A record, its predictions and its model."""
    from tests.results.test_recording import run_of, runs_of

    runs = [dataclasses.replace(run_of(out, seed), folder=source) for seed in (0, 1)]
    results.record("idc-mel-cnn1d", runs_of(out, *runs))


def write_board(out, source):
    write_scoreboard(out, scoreboard(published()))


def publish(out, source):
    publishing.publish("demo", folder=source / "run", results=out)


def execute(out, source):
    """A notebook, run in a kernel of its own."""
    reproduce.NOTEBOOKS = source / "notebooks"
    reproduce.reproduce("demo", folder=out)


@once
def _rows(out):
    made = tiny_slices(Path(f"{out}.tiny"))
    return rows_of(made), tiny_fold(made)


def classify_noise(path):
    """Read a song as the classifier does; what hears it is left out."""
    from genrelib.classify import Classifier

    card = {"genres": ["a", "b"], "sample_rate": 22050, "trained_on": "", "accuracy": None, "trust": ""}
    return len(Classifier("none", card, 2205, lambda steps: steps[:, :2]).classify(path).timeline)


CACHES = {"slices": cut, "windows": cut_windows, "images of slices": draw, "images of tracks": draw_tracks,
          "table": tabulate, "front end": front_end, "shifted and overlapping": shift, "demo": synthesise,
          "excerpts": excerpt}  # fmt: skip
FILES = {"export": export, "zip": unzip, "tar": untar, "download": download, "gtzan": download_gtzan,
         "fma": download_fma, "record and model": record, "scoreboard": write_board,
         "published copies": publish}  # fmt: skip
SLOW = {"training and checkpoint": train, "executed notebook": execute}
WRITERS = {**CACHES, **FILES, **SLOW}
BEFORE = {"training and checkpoint": _rows}  # made while the disk is not full yet
