import warnings

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle

from genrelib.figures.style import set_style
from genrelib.reports import blog
from genrelib.reports.blog import EDGE, SEVEN


@pytest.fixture(autouse=True)
def strict_style():
    with warnings.catch_warnings(), plt.rc_context():
        warnings.simplefilter("error")
        set_style()
        yield
    assert plt.get_fignums() == []


def boxes(axis):
    return [patch for patch in axis.patches if isinstance(patch, Rectangle)]


def test_the_activation_map_is_the_dot_product_at_each_place():
    figure = blog.filter_over_image()
    figure.canvas.draw()
    left, middle, right, bar = figure.axes
    image = np.array([[pixel == "#" for pixel in row] for row in SEVEN], dtype=float)
    found = np.array([[np.sum(image[i : i + 3, j : j + 3] * EDGE) for j in range(8)] for i in range(10)])
    np.testing.assert_array_equal(left.images[0].get_array(), image)
    np.testing.assert_array_equal(middle.images[0].get_array(), EDGE)
    np.testing.assert_array_equal(right.images[0].get_array(), found)
    assert found.max() == 3 and found.min() == -3 and len(boxes(left)) == 3 and len(boxes(right)) == 2
    for box, place in zip([boxes(left)[0], boxes(left)[2]], boxes(right), strict=True):  # the same corner in both
        assert box.get_xy() == place.get_xy() and box.get_linestyle() == place.get_linestyle()
    assert bar.get_ylabel() == "Dot product" and "pixels" in left.get_xlabel()


def test_a_filter_over_time_gives_one_number_a_frame():
    window = np.cumsum(np.ones((5, 128)), axis=0) * 10 - 70  # 10 dB louder each frame
    figure = blog.filter_over_time(window)
    figure.canvas.draw()
    left, _, right, bar = figure.axes
    np.testing.assert_array_equal(left.images[0].get_array(), window.T)
    heights = [bar_.get_height() for bar_ in right.patches]
    np.testing.assert_allclose(heights, [10, 10, 10, 10, 20])  # behind the last frame, at -20 dB, are zeros
    assert [box.get_height() for box in boxes(left)] == [128] * 3  # as tall as the spectrogram
    assert "dB" in bar.get_ylabel() and "dB" in right.get_ylabel() and "ms" in left.get_xlabel()


def test_both_scales_of_the_same_windows():
    power = np.random.default_rng(0).exponential(size=(8, 5, 128))
    figure = blog.window_scales(power, 10 * np.log10(power))
    figure.canvas.draw()
    images = [axis.images[0].get_array() for axis in figure.axes if axis.images]
    assert [image.shape for image in images] == [(128, 25)] * 2
    np.testing.assert_array_equal(images[0][:, 7], power[1, 2])
    np.testing.assert_allclose(images[1], 10 * np.log10(images[0]))
    counted = [sum(bar.get_height() for bar in axis.patches) for axis in figure.axes if axis.get_ylabel() == "Cells"]
    assert counted == [power.size, power.size]


def test_times_on_a_log_axis():
    figure = blog.extraction_times({"the post": 120.0, "a loop": 1.2, "here": 0.03}, title="one track")
    figure.canvas.draw()
    (axis,) = figure.axes
    assert axis.get_xscale() == "log" and "(s)" in axis.get_xlabel()
    assert [bar.get_width() for bar in axis.patches] == [120.0, 1.2, 0.03]
    assert [text.get_text() for text in axis.texts] == ["120 s", "1.2 s", "0.03 s"]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["the post", "a loop", "here"]
    low, high = axis.get_xlim()
    assert low < 0.03 and high > 120


def test_accuracy_against_seconds_heard():
    def curve(*accuracy):
        return pd.DataFrame({"windows": [1, 8, 64], "seconds": [0.1, 0.45, 3.25], "accuracy": accuracy})

    curves = {"random windows": [curve(0.4, 0.8, 1.0), curve(0.6, 0.9, 1.0)], "by artist": [curve(0.1, 0.2, 0.3)]}
    figure = blog.accuracy_heard(curves, chance=0.1, leak_free=["by artist"], title="votes")
    figure.canvas.draw()
    (axis,) = figure.axes
    marked = {line.get_label(): line for line in axis.lines if not line.get_label().startswith("_")}
    assert set(marked) == {"random windows", "by artist (leak-free)", "chance"}
    np.testing.assert_allclose(marked["random windows"].get_xydata(), [[0.1, 0.5], [0.45, 0.85], [3.25, 1.0]])
    assert marked["by artist (leak-free)"].get_marker() == "D" != marked["random windows"].get_marker()
    band = axis.collections[0].get_paths()[0].vertices
    np.testing.assert_allclose([band[:, 1].min(), band[:, 1].max()], [0.4, 1.0])
    assert axis.get_xscale() == "log" and "(s)" in axis.get_xlabel() and set(marked["chance"].get_ydata()) == {0.1}
    assert axis.xaxis.get_major_formatter()(0.1, 0) == "0.1"
