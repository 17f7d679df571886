import numpy as np
import pandas as pd
import pytest

from genrelib.classify.classifier import Answer
from genrelib.classify.figures import genre_timeline, how_far_to_trust, songs_compared
from tests.making import noise
from tests.plots import drawn, words

GENRES = ["blues", "jazz", "rock"]


def answer_of(*rows):
    table = pd.DataFrame(rows, columns=GENRES)
    table.insert(0, "start", 3.0 * np.arange(len(rows)))
    table.insert(1, "end", table["start"] + 3)
    mean = table[GENRES].mean().to_dict()
    return Answer("song", 3.0 * len(rows), [("blues", mean["blues"])], mean, table, [], "model", "trust")


def test_each_slice_is_a_column_that_fills_the_whole_and_silence_is_hatched():
    answer = answer_of((0.7, 0.2, 0.1), (0.1, 0.8, 0.1), (np.nan,) * 3)
    _, bottom = drawn(genre_timeline, noise(9), 22050, answer, title="two $ and x^$ in a name")
    tops = {}
    for bar in bottom.patches:
        tops[bar.get_x()] = tops.get(bar.get_x(), 0) + bar.get_height() * (not bar.get_hatch())
    assert tops == {0.0: pytest.approx(1), 3.0: pytest.approx(1), 6.0: 0}
    assert [bar.get_x() for bar in bottom.patches if bar.get_hatch()] == [6.0]


def test_songs_stand_beside_each_other():
    (axis,) = drawn(songs_compared, {"one": answer_of((0.7, 0.2, 0.1)), "two": answer_of((0.05, 0.05, 0.9))})
    assert {"blues 70%", "jazz 20%", "rock 90%", "one", "two"} <= set(words(axis))


def test_what_a_card_says_is_drawn_the_best_genre_on_top():
    accuracy = {"track": 0.6, "recall": {"blues": 0.4, "jazz": 0.9, "rock": 0.5}}
    curve = [{"says": 0.3, "right": 0.25, "n": 8}, {"says": 0.8, "right": 0.75, "n": 40}]
    left, right = drawn(how_far_to_trust, {"accuracy": accuracy, "calibration": {"curve": curve}})
    assert [label.get_text() for label in left.get_yticklabels()] == ["blues", "rock", "jazz"]
    assert right.collections[0].get_offsets().tolist() == [[0.3, 0.25], [0.8, 0.75]]
