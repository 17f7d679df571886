import numpy as np
import pytest

from genrelib.reports.leakage.changes import CHANGES
from tests.making import noise

RATE = 22050


@pytest.fixture(scope="module")
def changed():
    sound = noise(2, sample_rate=RATE).astype(np.float32) / 32768
    return sound, {name: change(sound, RATE) for name, change in CHANGES.items()}


def level(sound):
    return 20 * np.log10(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))


def test_levels_change_by_what_is_said_and_tempo_changes_the_length(changed):
    sound, by_name = changed
    for name, decibels in {"6 dB louder": 6, "6 dB quieter": -6, "12 dB quieter": -12}.items():
        assert level(by_name[name]) - level(sound) == pytest.approx(decibels, abs=0.01)
    for name, times in {"6% faster": 1.06, "6% slower": 0.94}.items():
        assert len(by_name[name]) == pytest.approx(len(sound) / times, rel=0.01)
    assert all(one.dtype == np.float32 for one in by_name.values())


def test_the_low_pass_takes_what_lies_above_and_mp3_keeps_the_sound(changed):
    sound, by_name = changed
    spectrum = np.abs(np.fft.rfft(by_name["nothing above 5 kHz"]))
    above = np.fft.rfftfreq(len(sound), 1 / RATE) > 7000
    assert spectrum[above].max() < 0.01 * spectrum[~above].max()
    assert len(by_name["mp3 at 64 kb/s"]) == pytest.approx(len(sound), rel=0.1)
    assert level(by_name["mp3 at 64 kb/s"]) == pytest.approx(level(sound), abs=3)
