import warnings

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pytest
from matplotlib import pyplot as plt

from genrelib import figures
from genrelib._base.errors import GenrelibError

RATE = 22050


@pytest.fixture(autouse=True)
def strict_style():
    with warnings.catch_warnings(), plt.rc_context():
        warnings.simplefilter("error")
        figures.set_style()
        yield
    assert plt.get_fignums() == []


def tone(seconds, hertz=440.0, loudness=0.5):
    return (loudness * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def drawn_wave(axis):
    return axis.collections[0].get_paths()[0].vertices


def test_wave_and_mel_share_time_in_seconds_and_say_their_units():
    samples = tone(2.0)
    samples[RATE] = -0.9
    figure = figures.wave_and_mel((samples * 32768).astype(np.int16), RATE, title="a tone")
    figure.canvas.draw()
    top, bottom, bar = figure.axes
    wave = drawn_wave(top)
    np.testing.assert_allclose([wave[:, 1].min(), wave[:, 1].max()], [-0.9, 0.5], atol=1e-3)
    assert abs(wave[wave[:, 1].argmin(), 0] - 1.0) < 2e-3  # the one loud sample is drawn where it is
    assert bottom.get_xlim() == top.get_xlim() == (0, 2.0)
    assert (top.get_ylabel(), bottom.get_ylabel(), bottom.get_xlabel()) == ("Amplitude", "Frequency (Hz)", "Time (s)")
    assert "dB" in bar.get_ylabel() and top.get_title(loc="left") == "a tone"


def test_a_tone_lies_at_its_frequency():
    figure = figures.wave_and_mel(tone(1.0, hertz=2048.0), RATE)
    figure.canvas.draw()
    mel = figure.axes[1]
    ticks = {label.get_text(): place for label, place in zip(mel.get_yticklabels(), mel.get_yticks(), strict=True)}
    image = mel.images[0].get_array()
    assert abs(image.mean(axis=1).argmax() - ticks["2048"]) <= 1
    assert image.max() == pytest.approx(0, abs=1e-4) and image.min() >= -80  # NumPy 1.26 rounds otherwise


def test_a_grid_has_a_wave_and_a_spectrogram_a_genre_and_no_empty_boxes():
    genres = ["blues", "disco", "jazz", "rock"]
    figure = figures.track_grid(dict.fromkeys(genres, tone(1.0)), RATE, columns=3, title="four")
    figure.canvas.draw()
    seen = [axis for axis in figure.axes if axis.get_visible()]
    assert [axis.get_title(loc="left") for axis in seen if axis.get_title(loc="left")] == genres
    assert sum(len(axis.images) for axis in seen) == 4 and figure.get_suptitle() == "four"


@pytest.mark.parametrize(("seconds", "n_slices", "tail"), [(9.0, 3, None), (10.25, 3, "1.250"), (2.0, 0, "2.000")])
def test_slices_are_drawn_where_they_are_cut_and_the_tail_is_hatched(seconds, n_slices, tail):
    figure = figures.slices_of_track(tone(seconds), RATE, seconds=3.0)
    figure.canvas.draw()
    (axis,) = figure.axes
    plain = [span for span in axis.patches if not span.get_hatch()]
    assert [(span.get_x(), span.get_width()) for span in plain] == [(3.0 * i, 3.0) for i in range(n_slices)]
    assert [text.get_text() for text in axis.texts[:n_slices]] == [str(i + 1) for i in range(n_slices)]
    hatched = [(span.get_x(), span.get_x() + span.get_width()) for span in axis.patches if span.get_hatch()]
    assert hatched == ([] if tail is None else [(3.0 * n_slices, pytest.approx(seconds, abs=1 / RATE))])
    assert any(f"{tail} s" in text.get_text() for text in axis.texts) == (tail is not None)
    assert axis.get_xlabel() == "Time (s)" and axis.get_xlim() == (0, pytest.approx(seconds, abs=1 / RATE))


def test_three_inputs_draw_the_arrays_given():
    wave, draw = tone(3.0), np.random.default_rng(0)
    mel, normalised = draw.uniform(-50, 10, (126, 128, 1)), draw.normal(size=(126, 128))
    figure = figures.three_inputs(wave, mel, normalised, sample_rate=RATE, hop=512)
    figure.canvas.draw()
    top, middle, bottom, *bars = figure.axes
    np.testing.assert_array_equal(middle.images[0].get_array(), mel[..., 0].T)  # bands upwards, frames rightwards
    np.testing.assert_array_equal(bottom.images[0].get_array(), normalised.T)
    low, high = bottom.images[0].get_clim()
    assert low == -high  # white is the mean
    left, right, *_ = middle.images[0].get_extent()
    assert 0 < left < 0.05 and left == pytest.approx(3.0 - right)
    assert top.get_xlim() == bottom.get_xlim() == (0, 3.0) and bottom.get_xlabel() == "Time (s)"
    assert "dB" in bars[0].get_ylabel() and "Deviations" in bars[1].get_ylabel()


def layer(n_fft=256, n_mels=20):
    angle = 2 * np.pi * np.outer(np.arange(n_fft), np.arange(n_fft // 2 + 1)) / n_fft
    return [np.cos(angle), np.sin(angle), np.random.default_rng(0).uniform(size=(n_fft // 2 + 1, n_mels))]


def test_filters_show_which_kernel_moved_and_how_far():
    start = layer()
    trained = [start[0].copy(), start[1].copy(), start[2] + 1]
    trained[0][:, 40] += 0.5 * start[0][:, 40]
    trained[1][:, 40] += 0.5 * start[1][:, 40]
    figure = figures.filters_before_after(start, trained, sample_rate=RATE, n_bands=4)
    figure.canvas.draw()
    left, right, kernel, change = figure.axes
    wanted = np.where(np.arange(129) == 40, 50.0, 0.0)  # percent
    np.testing.assert_allclose(change.lines[0].get_ydata(), wanted, atol=1e-6)
    np.testing.assert_allclose(right.lines[0].get_ydata() - left.lines[0].get_ydata(), 1)
    assert len(left.lines) == 4 and f"{40 * RATE / 256:.0f} Hz" in kernel.get_title(loc="left")
    np.testing.assert_allclose(kernel.lines[1].get_ydata(), 1.5 * kernel.lines[0].get_ydata())
    assert all("(" in axis.get_xlabel() for axis in figure.axes) and change.get_ylabel() == "Change (% of its norm)"


def test_filters_of_unlike_layers_are_refused():
    with pytest.raises(GenrelibError, match="differ in size"):
        figures.filters_before_after(layer(), layer(n_mels=10), sample_rate=RATE)
