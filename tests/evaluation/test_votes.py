"""The vote over the first slices of each track."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from genrelib.evaluation.scores import score_predictions
from genrelib.evaluation.votes import slices_heard
from genrelib.splits import Fold

GENRES = ["blues", "jazz"]
# track a is blues: one sure slice of three is right; track b is jazz: the first slice is wrong, the others right
P0 = {"a": [0.99, 0.4, 0.4], "b": [0.9, 0.3, 0.2]}


def run(seed=0):
    rows = [
        {"track_id": track, "slice": 3 * number + place, "true": number, "p0": p, "p1": 1 - p}
        for number, (track, values) in enumerate(P0.items())
        for place, p in enumerate(values)
    ]
    frame = pd.DataFrame(rows).assign(seed=seed, protocol="track").sample(frac=1, random_state=seed)
    none = np.array([], dtype=int)
    return SimpleNamespace(scores=score_predictions(frame, GENRES), fold=Fold("track", seed, none, none, np.arange(6)))


def test_slices_heard_takes_the_first_of_each_track():
    slices = SimpleNamespace(seconds=3.0, hop_seconds=3.0)
    table = slices_heard([run(0), run(1)], slices)
    assert table["slices"].tolist() == [1, 2, 3]
    assert table["seconds"].tolist() == [3.0, 6.0, 9.0]
    assert table["majority"].tolist() == [0.5, 0.5, 0.5]  # of one slice a; of two a and b tie: the mean decides b wrong
    assert table["mean_probability"].tolist() == [0.5, 0.5, 1.0]


def test_tracks_of_unequal_length_vote_up_to_the_shortest():
    one = run(0)
    frame = one.scores.frame[one.scores.frame["slice"] != 5]
    shorter = SimpleNamespace(scores=score_predictions(frame, GENRES), fold=one.fold)
    assert slices_heard([shorter], SimpleNamespace(seconds=3.0, hop_seconds=1.5))["seconds"].tolist() == [3.0, 4.5]
