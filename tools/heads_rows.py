"""What the linear heads learn from: steps of songs as they are heard, and rows of GTZAN's public table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from genrelib import audio
from genrelib._base.caching import file_when_whole
from genrelib.classify import numbers
from genrelib.classify.classifier import step_starts
from genrelib.datasets.gtzan import GENRES, read_index
from genrelib.features import FEATURES, read_table

RATES = {"embedded": 22050, "pretrained": 16000}
STEP_SECONDS, HOP_SECONDS = 3.0, 1.5  # without overlap more first answers turn when a song begins elsewhere


@dataclass(frozen=True)
class Rows:
    """Numbers of stretches of sound, a row each: what is heard → [n, d]; the track of each row, and what it weighs."""

    numbers: dict
    tracks: np.ndarray
    weights: np.ndarray

    @property
    def labels(self):
        """Genre of each row, by its place among the ten."""
        return np.array([GENRES.index(genre) for genre in read_index()["genre"].reindex(self.tracks)])

    @property
    def artists(self):
        """Artist of each row; None where nobody knows."""
        return read_index()["artist_id"].reindex(self.tracks).to_numpy(dtype=object)

    def where(self, chosen) -> Rows:
        """Give some of the rows."""
        numbers = {name: rows[chosen] for name, rows in self.numbers.items()}
        return Rows(numbers, self.tracks[chosen], self.weights[chosen])

    def firsts(self) -> Rows:
        """Give the first row of each track."""
        return self.where(~pd.Series(self.tracks).duplicated().to_numpy())

    def without(self, artists) -> Rows:
        """Give the rows by known artists other than these."""
        own = self.artists
        return self.where(pd.notna(own) & ~np.isin(own.astype(str), np.unique(artists.astype(str))))


def heard(kind: str, names, collection, work: Path) -> Rows:
    """Give the numbers, by their names, of all steps of 3 s of a collection; what was heard once is kept."""
    path = work / f"{kind}-heard.npz"
    if not path.is_file():
        step, hop, steps, tracks = samples(STEP_SECONDS, kind), samples(HOP_SECONDS, kind), [], []
        for track, place in collection.tracks["path"].items():
            sound = audio.read_audio(place, sample_rate=RATES[kind])
            starts = step_starts(len(sound), step, hop, RATES[kind])  # as a song is heard
            steps.append(np.lib.stride_tricks.sliding_window_view(sound, step)[starts])
            tracks += [track] * len(steps[-1])
        arrays = {}
        for name in names:
            hear = listener(kind, name)
            arrays[name] = np.concatenate([hear(song) for song in steps])
        work.mkdir(parents=True, exist_ok=True)
        with file_when_whole(path) as building, open(building, "wb") as file:
            np.savez(file, tracks=np.array(tracks), **arrays)
    with np.load(path) as kept:
        return Rows({name: kept[name] for name in names}, kept["tracks"], np.ones(len(kept["tracks"])))


def samples(seconds: float, kind: str) -> int:
    """Give a length at the rate that a kind hears."""
    return round(seconds * RATES[kind])


def listener(kind: str, name: str):
    """Give the function from steps to the numbers of that name."""
    return numbers.embedded_numbers if kind == "embedded" else numbers.pretrained_numbers(name)


def table_rows(path: str) -> Rows:
    """Give the level-free numbers of the public table's rows."""
    public = read_table(path).set_index("track_id")
    free = numbers.level_free(public[list(FEATURES)].to_numpy())
    return Rows({"level-free": free}, public.index.to_numpy(dtype=str), np.ones(len(free)))


def together(table: Rows, songs: Rows) -> Rows:
    """Give the table's rows and steps of songs: 3 s vary less than 30 s do. The steps of a song weigh as a row does."""
    numbers = {name: np.concatenate([table.numbers[name], songs.numbers[name]]) for name in table.numbers}
    steps = 1 / pd.Series(songs.tracks).groupby(songs.tracks).transform("size")
    return Rows(numbers, np.concatenate([table.tracks, songs.tracks]), np.concatenate([table.weights, steps]))
