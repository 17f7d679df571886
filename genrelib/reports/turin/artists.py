"""Which artists the Turin report's second network tells apart: artist20's, or those of the demo in their place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genrelib.datasets.artist20 import HOME, NAME, SAMPLE_RATE, artists_as_classes
from genrelib.datasets.demo.collection import load_demo

if TYPE_CHECKING:
    from genrelib.datasets.collection import Collection
    from genrelib.evaluation.measured import Measured
    from genrelib.training.runs import Runs

# three tracks an album; records twice as unlike as real ones (1.2 dB an octave), so that a few epochs on 48 songs hear
# it under every version of TensorFlow; the demo's usual .3 dB cannot be heard out
DEMO_SETTINGS = {
    "tracks_per_genre": 36, "artists_per_genre": 4, "seconds": 6.0, "sample_rate": SAMPLE_RATE, "album_tilt": 2.4,
}  # fmt: skip
DEMO_ARTISTS = 8  # four of each of two genres
# Nasrullah and Zhao (2019), Music artist classification with convolutional recurrent neural networks: 3 s slices
PAPER = {"album, slice": 0.513, "album, track": 0.651, "song, slice": 0.765, "song, track": 0.937}


def artists_at_hand(collection: Collection) -> Collection:
    """Give what artists can be told apart on: artist20 where it is the collection, else artists of the demo.

    These are eight, as classes, at artist20's rate, three albums each and three tracks of 6 s an album: GTZAN knows no
    albums.
    """
    if collection.name == NAME:
        return collection
    print(
        f"DEMO: no audio of {NAME} here, which comes on request ({HOME}).\nArtists of the demo stand in: figures below "
        "show that the path works, and an album effect that was built in; they are evidence of nothing."
    )
    data = collection.cache.parent
    return artists_as_classes(replace(load_demo(data, **DEMO_SETTINGS), data=data), DEMO_ARTISTS)


def four_figures(runs: Runs) -> pd.DataFrame:
    """Put the four figures of the report's appendix beside the paper's and ours: weighted F1 by album and by song.

    Rows "album, slice", "album, track", "song, slice", "song, track", where a track is the most frequent artist among
    its slices; columns "Nasrullah and Zhao", "the report", ours (means over the seeds), and ``low`` and ``high``, the
    95% interval of ours.
    """
    from genrelib.results.claims import read_claims

    claimed, ours = read_claims()["value"], "here, synthesised" if runs.collection.is_demo else "here"
    rows = {}
    for row, paper in PAPER.items():
        split, level = row.split(", ")
        unit, level = "track" if split == "song" else split, "track_majority" if level == "track" else level
        scores = [getattr(run.scores, level) for run in runs[unit]]
        low, high = np.mean([each.ci95["weighted_f1"] for each in scores], axis=0)
        report = float(claimed[f"turin-artist20-{row.replace(', ', '-')}"])
        mean = np.mean([each.weighted_f1 for each in scores])
        rows[row] = {"Nasrullah and Zhao": paper, "the report": report, ours: mean, "low": low, "high": high}
    return pd.DataFrame(rows).T


def gain_by_song(runs: Runs) -> Measured:
    """Give by how much the weighted F1 of songs is higher where their albums are known: by song less by album."""
    by_album = {run.seed: run.scores.track_majority.weighted_f1 for run in runs["album"]}
    by_song = replace(runs, main="track", runs={"track": runs["track"]})
    return by_song.values(
        lambda run: run.scores.track_majority.weighted_f1 - by_album[run.seed],
        "weighted_f1_difference_of_song_to_album",
    )


def gain_by_vote(runs: Runs) -> Measured:
    """Give by how much the weighted F1 of songs, by the most frequent artist, is above that of slices."""
    return runs.values(
        lambda run: run.scores.track_majority.weighted_f1 - run.scores.slice.weighted_f1,
        "weighted_f1_difference_of_audio_to_frame",
    )
