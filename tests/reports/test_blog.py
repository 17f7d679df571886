"""Plots of the 100 ms post: each draws without a warning, and shows the numbers that it is given."""

import numpy as np
import pandas as pd

from genrelib.reports import blog
from genrelib.reports.blog import EDGE, SEVEN
from tests.plots import bars, drawn, marks, words


def test_the_activation_map_is_the_dot_product_at_each_place():
    image = np.array([[pixel == "#" for pixel in row] for row in SEVEN], dtype=float)
    wanted = [[np.sum(image[i : i + 3, j : j + 3] * EDGE) for j in range(8)] for i in range(10)]
    *_, right = drawn(blog.filter_over_image)
    np.testing.assert_array_equal(right.images[0].get_array(), wanted)


def test_a_filter_over_time_gives_one_number_a_frame():
    window = np.cumsum(np.ones((5, 128)), axis=0) * 10 - 70  # 10 dB louder each frame
    *_, right = drawn(blog.filter_over_time, window)
    np.testing.assert_allclose(bars(right), [10, 10, 10, 10, 20])  # behind the last frame, at -20 dB, are zeros


def test_both_scales_of_the_same_windows():
    power = np.random.default_rng(0).exponential(size=(8, 5, 128))
    axes = drawn(blog.window_scales, power, 10 * np.log10(power))
    images = [axis.images[0].get_array() for axis in axes if axis.images]
    np.testing.assert_array_equal(images[0][:, 7], power[1, 2])
    np.testing.assert_allclose(images[1], 10 * np.log10(images[0]))
    assert [sum(bars(axis)) for axis in axes if axis.get_ylabel() == "Cells"] == [power.size] * 2


def test_times_on_a_log_axis():
    (axis,) = drawn(blog.extraction_times, {"the post": 120.0, "a loop": 1.2, "here": 0.03}, title="one track")
    assert bars(axis, "width") == [120.0, 1.2, 0.03] and {"120 s", "0.03 s", "the post"} <= set(words(axis))


def test_accuracy_against_seconds_heard_is_the_mean_over_seeds():
    def curve(*accuracy):
        return pd.DataFrame({"windows": [1, 8, 64], "seconds": [0.1, 0.45, 3.25], "accuracy": accuracy})

    curves = {"random windows": [curve(0.4, 0.8, 1.0), curve(0.6, 0.9, 1.0)], "by artist": [curve(0.1, 0.2, 0.3)]}
    (axis,) = drawn(blog.accuracy_heard, curves, chance=0.1, leak_free=["by artist"], title="votes")
    np.testing.assert_allclose(marks(axis, "random windows"), [[0.1, 0.5], [0.45, 0.85], [3.25, 1.0]])
    np.testing.assert_allclose(marks(axis, "by artist (leak-free)")[:, 1], [0.1, 0.2, 0.3])
