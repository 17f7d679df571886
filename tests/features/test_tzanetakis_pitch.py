"""The pitch histograms and their five features: notes and chords; and what tempo and pitch share."""

import numpy as np
import pytest

from genrelib.features.tzanetakis import pitch
from genrelib.features.tzanetakis_signal import enhanced, fold, pitch_histograms, strongest_peaks
from tests.features.sounds import RATE, chord, hiss, note

PITCH_CLASSES = ["C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#", "F"]  # by fifths


def main_classes(samples, n=3):
    _, folded = pitch_histograms(samples, RATE)
    return {PITCH_CLASSES[place] for place in np.argsort(-folded)[:n]}


def test_c_major_folds_to_c_e_g():
    assert main_classes(chord(60, 64, 67)) == {"C", "E", "G"}
    _, folded = pitch_histograms(chord(60, 64, 67), RATE)
    assert folded[[0, 1, 4]].sum() > 0.9 * folded.sum()  # c' = 7c mod 12: C is 0, G is 1, E is 4


@pytest.mark.parametrize(("semitones", "fifths"), [(0, 0), (1, 7), (2, 2), (5, 11), (7, 1), (-3, 3)])
def test_transposing_turns_the_fifths(semitones, fifths):
    original = pitch(*pitch_histograms(chord(60, 60, 67), RATE))
    moved = pitch(*pitch_histograms(chord(60 + semitones, 60 + semitones, 67 + semitones), RATE))
    assert original["FP0"] == 0
    assert moved["FP0"] == fifths
    assert moved["UP0"] == original["UP0"] + semitones


def test_a_fifth_is_one_step_and_a_fourth_minus_one():
    assert pitch(*pitch_histograms(chord(60, 60, 67), RATE))["IPO1"] == 1
    assert pitch(*pitch_histograms(chord(60, 65, 65, 65), RATE))["IPO1"] == 1  # F the stronger: C is its fifth
    assert pitch(*pitch_histograms(chord(60, 60, 60, 65), RATE))["IPO1"] == -1


@pytest.mark.parametrize("midi", range(43, 85))
def test_every_note_of_the_range_is_found(midi):
    unfolded, folded = pitch_histograms(note(midi, 1.0), RATE)
    assert unfolded.argmax() == midi
    assert folded.argmax() == 7 * midi % 12


def test_a_note_80_db_below_is_not_heard():
    unfolded, _ = pitch_histograms(np.concatenate([note(57), 1e-4 * note(64)]), RATE)
    assert unfolded[57] > 0
    assert unfolded[64] == 0


def test_pitch_reads_histograms():
    unfolded = np.zeros(128)
    unfolded[[60, 72, 67, 62]] = 2.0, 2.5, 3.0, 1.0
    assert pitch(unfolded, fold(unfolded)) == {"FA0": 4.5, "UP0": 67, "FP0": 0, "IPO1": 1, "pitch_SUM": 8.5}


@pytest.mark.parametrize(("second", "steps"), [(1, 1), (6, 6), (7, -5), (11, -1)])
def test_intervals_go_the_short_way_round(second, steps):
    folded = np.zeros(12)
    folded[[0, second]] = 2.0, 1.0
    assert pitch(np.zeros(128), folded)["IPO1"] == steps


def test_a_tone_is_a_pitch_and_hiss_is_hardly_one():
    tone, noise = (pitch(*pitch_histograms(sound, RATE)) for sound in (note(57), hiss()))
    assert tone["FA0"] > 5 * noise["FA0"]
    assert (tone["UP0"], tone["FP0"]) == (57, 3)


# What both autocorrelations go through


def test_enhancing_equals_a_naive_loop():
    acf = np.random.default_rng(0).standard_normal((3, 40))
    wanted = np.maximum(acf, 0)
    for factor in (2, 3, 4, 5):
        for row in range(3):
            stretched = np.interp(np.arange(40) / factor, np.arange(40), np.maximum(acf[row], 0))
            wanted[row] = np.maximum(wanted[row] - stretched, 0)
    np.testing.assert_allclose(enhanced(acf), wanted, atol=1e-12)


def test_three_peaks_a_window_and_none_on_a_slope():
    acf = np.zeros((2, 30))
    acf[0, [4, 8, 12, 16, 25]] = 1.0, 4.0, 2.0, 3.0, 9.0  # the last lies beyond the limit
    acf[1] = np.linspace(1, 0, 30)
    lags, amplitudes = strongest_peaks(acf, shortest=3, longest=20, reach=1)
    assert sorted(zip(lags.tolist(), amplitudes.tolist(), strict=True)) == [(8, 4), (12, 2), (16, 3)]


def test_peaks_are_refined_by_a_parabola():
    lags = np.arange(40)
    found, _ = strongest_peaks(100 - (lags[None] - 20.3) ** 2, shortest=5, longest=35, reach=2)
    assert found == pytest.approx([20.3])
