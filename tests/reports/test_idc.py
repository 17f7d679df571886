import numpy as np
import pytest

from genrelib._base.errors import GenrelibError
from genrelib.reports.idc import filters_before_after, three_inputs
from tests.making import noise
from tests.plots import drawn

RATE = 22050


def layer(n_fft=256, n_mels=20):
    angle = 2 * np.pi * np.outer(np.arange(n_fft), np.arange(n_fft // 2 + 1)) / n_fft
    return [np.cos(angle), np.sin(angle), np.random.default_rng(0).uniform(size=(n_fft // 2 + 1, n_mels))]


def test_three_inputs_draw_the_arrays_given_in_the_middle_of_the_slice():
    draw = np.random.default_rng(0)
    mel, normalised = draw.uniform(-50, 10, (126, 128, 1)), draw.normal(size=(126, 128))
    top, middle, bottom = drawn(three_inputs, noise(3), mel, normalised, sample_rate=RATE, hop=512)
    np.testing.assert_array_equal(middle.images[0].get_array(), mel[..., 0].T)  # bands upwards, frames rightwards
    np.testing.assert_array_equal(bottom.images[0].get_array(), normalised.T)
    left, right, *_ = middle.images[0].get_extent()
    assert 0 < left < 0.05 and left == pytest.approx(3.0 - right)


def test_filters_show_which_kernel_moved_and_how_far():
    start = layer()
    trained = [start[0].copy(), start[1].copy(), start[2] + 1]
    trained[0][:, 40] += 0.5 * start[0][:, 40]
    trained[1][:, 40] += 0.5 * start[1][:, 40]
    _, _, kernel, change = drawn(filters_before_after, start, trained, sample_rate=RATE)
    np.testing.assert_allclose(change.lines[0].get_ydata(), np.where(np.arange(129) == 40, 50.0, 0.0), atol=1e-6)
    assert f"{40 * RATE / 256:.0f} Hz" in kernel.get_title(loc="left")
    with pytest.raises(GenrelibError, match="differ in size"):
        filters_before_after(layer(), layer(n_mels=10), sample_rate=RATE)
