import numpy as np
import pandas as pd
import pytest

from genrelib.classify.classifier import Answer
from genrelib.classify.figures import genre_timeline, songs_compared
from genrelib.figures.style import genre_colour
from tests.making import noise

GENRES = ["blues", "jazz", "rock"]


def answer_of(*rows):
    table = pd.DataFrame(rows, columns=GENRES)
    table.insert(0, "start", 3.0 * np.arange(len(rows)))
    table.insert(1, "end", table["start"] + 3)
    mean = table[GENRES].mean().to_dict()
    return Answer("song", 3.0 * len(rows), [("blues", mean["blues"])], mean, table, [], "model", "trust")


def test_each_slice_is_a_column_that_fills_the_whole():
    figure = genre_timeline(noise(6), 22050, answer_of((0.7, 0.2, 0.1), (0.1, 0.8, 0.1)), title="song")
    figure.draw_without_rendering()
    bars = figure.axes[1].patches
    tops = {}
    for bar in bars:
        tops[bar.get_x()] = tops.get(bar.get_x(), 0) + bar.get_height()
    assert tops == {0.0: pytest.approx(1), 3.0: pytest.approx(1)}
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["jazz", "blues", "rock"]


def test_silent_slices_are_hatched():
    figure = genre_timeline(noise(6), 22050, answer_of((0.7, 0.2, 0.1), (np.nan,) * 3))
    figure.draw_without_rendering()
    assert [bar.get_x() for bar in figure.axes[1].patches if bar.get_hatch()] == [3.0]


def test_songs_stand_beside_each_other_in_the_genres_colours():
    figure = songs_compared({"one": answer_of((0.7, 0.2, 0.1)), "two": answer_of((0.05, 0.05, 0.9))})
    figure.draw_without_rendering()
    words = {text.get_text() for text in figure.axes[0].texts}
    assert words == {"blues 70%", "jazz 20%", "rock 90%"}
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["one", "two"]
    from matplotlib.colors import to_hex

    assert to_hex(figure.axes[0].patches[0].get_facecolor()) == genre_colour("blues")
