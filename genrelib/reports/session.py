"""What every notebook does first, and the few things that all of them show."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING

from genrelib._base.deal import refuse_seeds
from genrelib._base.errors import DatasetError
from genrelib._base.paths import RUNS, absolute, data_root, shown, table_path
from genrelib.datasets import best_collection, collection_name, download_collection, load_collection
from genrelib.datasets.collection import Collection
from genrelib.reports.settings import apply_settings

if TYPE_CHECKING:
    import numpy as np
    from IPython.display import Audio, Markdown

SHOWN = ("tensorflow", "keras", "kapre", "librosa", "numpy")


@dataclass(frozen=True)
class Session:
    """Hold what a notebook runs on."""

    collection: Collection
    folder: Path  # where everything that the notebook makes goes: runs/<collection> unless given
    seeds: tuple[int, ...]  # one training each

    @property
    def is_demo(self) -> bool:
        """True on synthesised audio: nothing measured here is evidence."""
        return self.collection.is_demo


def on_colab() -> bool:
    """Tell whether this notebook runs on Google Colab."""
    return "google.colab" in sys.modules


def start() -> None:
    """Print what this notebook runs with, and set the style of its figures; on Colab fetch musicnn's weights."""
    from genrelib._base.tensorflow import tf
    from genrelib.figures.style import set_style

    set_style()
    print(f"Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in SHOWN))
    print(shown(sys.executable))
    tf.get_logger().setLevel("ERROR")  # that a new network is traced anew is no news
    devices = gpus()
    print(f"GPU: {', '.join(devices)}" if devices else f"no GPU: {os.cpu_count()} CPU cores")
    if on_colab() and not devices:
        print("On Colab choose Runtime > Change runtime type > T4 GPU, and run again from the top")
    if on_colab() and not find_spec("musicnn"):
        pip = [sys.executable, "-m", "pip", "install", "-qq", "--no-deps", "--require-hashes", "--requirement"]
        if subprocess.run([*pip, str(table_path("musicnn.txt"))]).returncode:
            print("musicnn's weights could not be fetched: songs are classified by the embedded model alone")


def gpus() -> list[str]:
    """List the names of the GPUs that TensorFlow sees."""
    from genrelib._base.tensorflow import tf

    return [gpu.name for gpu in tf.config.list_physical_devices("GPU")]


def open_session(
    collection: str | None = None,
    data: str | Path | None = None,
    folder: str | Path | None = None,
    seeds: int | Sequence[int] | None = None,
) -> Session:
    """Load the collection that a notebook runs on, and say which and why; on the demo set the demo's smaller numbers.

    Parameters
    ----------
    collection : str, optional
        A name, or a folder of one's own; see `genrelib.load_collection`. Unless given: the best one at hand, or on
        Colab gtzan_160, picked out of the whole of GTZAN, which is fetched.
    data : str or Path, optional
        Where the collections lie; see `genrelib._base.paths.data_root`.
    folder : str or Path, optional
        Where results go; ``runs/<collection>`` unless given.
    seeds : int or sequence of int, optional
        0, 1, 2 on real audio and 0 on the demo unless given.

    Returns
    -------
    Session

    Examples
    --------
    >>> session = open_session("demo", folder="runs/doctest", seeds=0)
    collection: demo (as asked)
    DEMO: synthesised audio. Figures below show that the path works; they are evidence of nothing.
    >>> session.folder.name, session.seeds
    ('doctest', (0,))
    """
    if seeds is not None:
        seeds = (seeds,) if isinstance(seeds, Integral) else tuple(seeds)
        refuse_seeds(seeds)
    name, reason = (collection, "as asked") if collection else best_collection(data)
    if on_colab() and not collection:  # the one whose figures are committed
        name, reason = "gtzan_160", "160 tracks by known artists; Colab fetches the whole of GTZAN for them, 1.2 GB"
    print(f"collection: {name} ({reason})")
    try:
        loaded = load_collection(name, data)
    except DatasetError as missing:
        if not on_colab() or name == "demo":
            raise
        print(missing)
        download_collection(name, data_root(data))
        loaded = load_collection(name, data)
    if loaded.is_demo:
        print("DEMO: synthesised audio. Figures below show that the path works; they are evidence of nothing.")
    apply_settings(name)
    chosen = ((0,) if loaded.is_demo else (0, 1, 2)) if seeds is None else seeds
    return Session(loaded, absolute(folder or RUNS / collection_name(name)), chosen)


def player(samples: np.ndarray, sample_rate: int, session: Session) -> Audio | Markdown:
    """Give a player for samples [n] where it may embed sound: an interactive notebook, or demo sound.

    A headless run on real audio gets words in place of sound, since the audio may not be redistributed.
    """
    from IPython.display import Audio, Markdown

    if os.environ.get("GENRELIB_HEADLESS") and not session.is_demo:
        return Markdown("*A player stands here when the notebook is run interactively.*")
    return Audio(samples, rate=sample_rate, normalize=bool(samples.any()))  # silence has no peak to divide by


def headline(*claim_ids: str) -> Markdown:
    """Show claims beside the committed figures, each in a line: claimed, measured, and under a leak-free split."""
    from IPython.display import Markdown

    from genrelib.results.comparing import committed_board
    from genrelib.results.showing import headlines

    return Markdown("\n".join(headlines(claim_ids, committed_board())))
