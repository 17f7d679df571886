"""Whether a system listens to what makes the genre: what changes that leave it as it is do to the answers.

After Sturm's "horses" (2014): a system can be right for a reason that has nothing to do with the question.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genrelib.audio import INT16_SCALE
from genrelib.classify.numbers import level_free, pretrained_numbers
from genrelib.evaluation.intervals import interval_of_mean
from genrelib.evaluation.scores import gives_logits
from genrelib.reports.leakage.calibration import together
from genrelib.reports.leakage.changes import CHANGES
from genrelib.reports.leakage.heads import musicnn_numbers
from genrelib.slices import SliceSet

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

UNCHANGED = "as it is"
Hear = Callable[[np.ndarray, np.ndarray], np.ndarray]  # slices [n, m], their 57 numbers [n, 57] → probabilities [n, k]


def of_network(path: Path, *, numbers: bool) -> Hear:
    """Answer by a saved network, of raw audio or of the 57 numbers."""
    from scipy.special import softmax

    from genrelib.training.loop import load_model

    model = load_model(path)

    def hear(sound, features):
        answers = model.predict(features.astype(np.float32) if numbers else sound, verbose=0)
        return softmax(answers, axis=1) if gives_logits(model) else answers

    return hear


def of_head(model: Pipeline, system: str, sample_rate: int) -> Hear:
    """Answer by a linear model of `genrelib.reports.leakage.heads`."""
    if system == "embedded":
        return lambda sound, features: model.predict_proba(level_free(features))
    hear = pretrained_numbers()  # once: the network takes half a second to build
    return lambda sound, features: model.predict_proba(musicnn_numbers(sound, sample_rate, hear))


def songs_of(slices: SliceSet, positions: np.ndarray, n_songs: int) -> list[str]:
    """Choose songs of some slices, genre by genre in turn, so that few songs are of many genres."""
    songs = slices.table.iloc[positions].drop_duplicates("track_id")
    turn = songs.groupby("genre").cumcount()
    return songs["track_id"].iloc[np.argsort(turn.to_numpy(), kind="stable")[:n_songs]].tolist()


def changed_answers(systems: dict[str, Hear], slices: SliceSet, songs: list[str]) -> pd.DataFrame:
    """Ask every system of each song (a track) as it is, and after each change of `genrelib.reports.leakage.changes`.

    A song's slices are put together, changed as one sound, and cut anew. A row a system, change and song: system,
    change, track_id, answer, true (places in the label order), moved (the answer is another than to the song as it is).
    """
    from joblib import Parallel, delayed

    from genrelib.features.spectral import spectral_numbers

    rate, rows = slices.sample_rate, []
    for song in songs:
        positions = np.flatnonzero(slices.table["track_id"] == song)
        whole = np.concatenate(np.asarray(slices.samples[positions], dtype=np.float32)) / INT16_SCALE
        for change, make in {UNCHANGED: lambda sound, rate: sound, **CHANGES}.items():
            sound = make(whole, rate)
            n = max(1, len(sound) // slices.n_samples)
            cut = np.resize(sound, (n, slices.n_samples))
            jobs = (delayed(spectral_numbers)(each, sample_rate=rate) for each in cut)
            numbers = pd.DataFrame(Parallel(n_jobs=-1, prefer="threads")(jobs)).to_numpy()
            for system, hear in systems.items():
                answer = int(hear(cut, numbers).mean(axis=0).argmax())
                rows.append((system, change, song, answer, int(slices.labels[positions[0]])))
    table = pd.DataFrame(rows, columns=["system", "change", "track_id", "answer", "true"])
    before = table.groupby(["system", "track_id"])["answer"].transform("first")  # as it is
    return table.assign(moved=table["answer"] != before)


def shares(table: pd.DataFrame, artists: pd.Series) -> pd.DataFrame:
    """Give of each system and change the shares of songs that moved and that are right, how many, and by how many.

    The interval of what moved, low to high, draws ``artists`` (track → artist), and songs whose artist is unknown.
    """
    table = table.assign(right=table["answer"] == table["true"], artist=together(table["track_id"], artists))
    columns = {"songs": ("moved", "size"), "artists": ("artist", "nunique"), "moved": ("moved", "mean")}
    grouped = table.groupby(["system", "change"], sort=False)
    ends = [interval_of_mean(rows["moved"].astype(float), rows["artist"]) for _, rows in grouped]
    figures = grouped.agg(**columns, right=("right", "mean")).reset_index()
    return figures.assign(low=[low for low, _ in ends], high=[high for _, high in ends])
