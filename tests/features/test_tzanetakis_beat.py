"""The beat histogram and its six features: clicks of known tempo, and sound without a beat."""

import numpy as np
import pytest

from genrelib.features.tzanetakis import rhythm
from genrelib.features.tzanetakis_signal import beat_histogram, octave_bands
from tests.features.sounds import RATE, clicks, hiss, sine

# scaling filter of db4: Daubechies 1988, table 1, N = 4
DB4 = [
    0.230377813308896, 0.714846570552915, 0.630880767929859, -0.027983769416859,
    -0.187034811719093, 0.030841381835561, 0.032883011666885, -0.010597401785069,
]  # fmt: skip


@pytest.mark.parametrize("bpm", [40, 60, 90, 120, 150, 200])
def test_clicks_peak_at_their_tempo(bpm):
    bins, histogram = beat_histogram(clicks(bpm), RATE)
    assert bins[histogram.argmax()] == bpm
    features = rhythm(histogram)
    assert features["P1"] == bpm
    assert features["A0"] > 0.9  # multiples of the period are gone


def test_two_tempos_one_after_the_other():
    track = np.concatenate([clicks(90, 15.0), clicks(130, 9.0)])
    features = rhythm(beat_histogram(track, RATE)[1])
    assert (features["P1"], features["P2"]) == (90, 130)
    assert features["A0"] > features["A1"] > 0


def test_a_strong_beat_has_a_larger_sum():
    strong, weak = clicks(120), clicks(120) + 0.8 * hiss(12.0)
    sums = [rhythm(beat_histogram(track, RATE)[1])["beat_SUM"] for track in (strong, weak)]
    assert sums[0] > 1.5 * sums[1] > 0


def test_windows_overlap_by_half():
    late = np.concatenate([np.zeros(65536), clicks(200, 32768 / RATE)])  # the first window hears nothing
    assert rhythm(beat_histogram(late, RATE)[1])["P1"] == 200


def test_a_beat_80_db_below_is_not_heard():
    track = np.concatenate([clicks(90, 12.0), 1e-4 * clicks(130, 12.0)])
    features = rhythm(beat_histogram(track, RATE)[1])
    assert (features["P1"], features["P2"]) == (90, 0)


def test_a_beat_of_low_notes_is_counted_once():
    bass = sine(60, 12.0) * (np.arange(12 * RATE) / RATE % 0.6 < 0.15)  # its waves are peaks beside the beat's
    features = rhythm(beat_histogram(bass, RATE)[1])
    assert (features["P1"], features["P2"]) == (100, 0)
    assert features["beat_SUM"] <= 1


def test_rhythm_reads_a_histogram():
    histogram = np.zeros(161)
    histogram[[20, 21, 24, 80]] = 4.0, 1.0, 3.5, 2.0  # 60 BPM, its flank, a peak too near, 120 BPM
    features = rhythm(histogram)
    assert features == pytest.approx({"A0": 4 / 10.5, "A1": 2 / 10.5, "RA": 0.5, "P1": 60, "P2": 120, "beat_SUM": 10.5})


def test_rhythm_sees_peaks_at_either_end():
    histogram = np.zeros(161)
    histogram[[0, 160]] = 2.0, 1.0
    assert (rhythm(histogram)["P1"], rhythm(histogram)["P2"]) == (40, 200)


def test_one_peak_leaves_zeros_for_the_second():
    histogram = np.zeros(161)
    histogram[50] = 0.3
    assert rhythm(histogram) == {"A0": 1.0, "A1": 0.0, "RA": 0.0, "P1": 90.0, "P2": 0.0, "beat_SUM": 0.3}


@pytest.mark.parametrize("sound", [sine(440, 8.0), sine(345, 8.0), sine(50, 8.0), hiss(8.0), np.ones(8 * RATE)])
def test_a_steady_sound_has_no_beat(sound):
    assert set(rhythm(beat_histogram(sound, RATE)[1]).values()) == {0.0}


def test_octave_bands_have_the_response_of_db4():
    impulse = np.zeros(4096, dtype=np.float32)
    impulse[2048] = 1
    highest = next(octave_bands(impulse, 1))
    wanted = 1 - np.abs(np.fft.rfft(DB4, 4096)) ** 2 / 2
    np.testing.assert_allclose(np.abs(np.fft.rfft(highest)), wanted, atol=1e-5)
