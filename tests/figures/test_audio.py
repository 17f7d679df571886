import numpy as np
import pytest

from genrelib import figures
from tests.plots import drawn, words

RATE = 22050


def tone(seconds, hertz=440.0):
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def test_a_wave_keeps_its_loudest_sample_and_a_tone_lies_at_its_frequency():
    samples = tone(2.0, hertz=2048.0)
    samples[RATE] = -0.9
    top, bottom = drawn(figures.wave_and_mel, (samples * 32768).astype(np.int16), RATE)
    wave = top.collections[0].get_paths()[0].vertices
    assert wave[wave[:, 1].argmin()] == pytest.approx([1.0, -0.9], abs=2e-3)
    loudest = np.median(np.asarray(bottom.images[0].get_array()).argmax(axis=0))
    ticks = dict(zip([text.get_text() for text in bottom.get_yticklabels()], bottom.get_yticks(), strict=True))
    assert loudest == pytest.approx(ticks["2048"], abs=1)


def test_silence_is_drawn_too():
    drawn(figures.wave_and_mel, np.zeros(RATE, dtype=np.float32), RATE)


def test_a_grid_has_a_wave_and_a_spectrogram_a_genre():
    axes = drawn(figures.track_grid, dict.fromkeys(["blues", "disco", "rock", "waltz"], tone(1.0)), RATE, columns=3)
    assert len(axes) == 8 and sum(len(axis.images) for axis in axes) == 4


@pytest.mark.parametrize(("seconds", "n_slices", "tail"), [(9.0, 3, None), (10.25, 3, "1.250"), (2.0, 0, "2.000")])
def test_slices_are_drawn_where_they_are_cut_and_the_tail_is_said(seconds, n_slices, tail):
    (axis,) = drawn(figures.slices_of_track, tone(seconds), RATE, seconds=3.0)
    spans = [(span.get_x(), span.get_width()) for span in axis.patches if span.get_label() == "slice"]
    assert spans == [(3.0 * number, 3.0) for number in range(n_slices)]
    assert any(f"{tail} s" in text for text in words(axis)) == (tail is not None)
