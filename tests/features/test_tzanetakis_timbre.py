"""The nineteen timbral features: a naive loop, librosa's MFCC, tones and noise in order."""

from itertools import pairwise

import numpy as np
import pytest

from genrelib.features.tzanetakis import timbre
from tests.features.sounds import RATE, hiss, note, sine


def naive_timbre(samples):
    """Measure window by window with plain loops; means and variances of each texture window, averaged."""
    taper = np.hamming(513)[:-1]  # periodic
    rows, before = [], None
    for start in range(0, len(samples) - 511, 512):
        window = samples[start : start + 512]
        magnitude = np.abs(np.fft.fft(window * taper))[:257]
        hertz = np.arange(257) * RATE / 512
        total, running, at = magnitude.sum(), 0.0, 0
        for at in range(257):
            running += magnitude[at]
            if running >= 0.85 * total:
                break
        shape = magnitude / total
        moved = 0.0 if before is None else sum((shape - before) ** 2)
        before = shape
        signs = samples[max(start - 1, 0) : start + 512] < 0
        crossed = sum(a != b for a, b in pairwise(signs))
        rms = np.sqrt(np.mean(window**2))
        rows.append([(hertz * magnitude).sum() / total, hertz[at], moved, crossed, rms])
    textures = [np.array(rows[end - 43 : end]) for end in range(43, len(rows) + 1)]
    found = {}
    for column, name in enumerate(["centroid", "rolloff", "flux", "zero_crossings"]):
        found[f"{name}_mean"] = np.mean([texture[:, column].mean() for texture in textures])
        found[f"{name}_variance"] = np.mean([texture[:, column].var() for texture in textures])
    found["low_energy"] = np.mean([np.mean(texture[:, 4] < texture[:, 4].mean()) for texture in textures])
    return found


def test_timbre_equals_a_naive_loop():
    samples = hiss(1.3) * np.linspace(0.1, 1, round(1.3 * RATE)) + sine(700, 1.3)
    found, wanted = timbre(samples, RATE), naive_timbre(samples)
    assert {name: found[name] for name in wanted} == pytest.approx(wanted, rel=1e-4)


def test_mfcc_are_those_of_librosa():
    import librosa

    samples = (hiss(1.3) + 3 * note(60, 1.3)).astype(np.float32)
    spectra = np.abs(librosa.stft(samples, n_fft=512, hop_length=512, window="hamming", center=False))
    mels = librosa.feature.melspectrogram(S=spectra, sr=RATE, n_fft=512, n_mels=40)
    wanted = librosa.feature.mfcc(S=np.log10(mels), n_mfcc=6)[1:]
    textures = np.lib.stride_tricks.sliding_window_view(wanted, 43, axis=1)
    found = timbre(samples, RATE)
    for number in range(5):
        assert found[f"mfcc{number + 1}_mean"] == pytest.approx(textures[number].mean(), abs=1e-4)
        assert found[f"mfcc{number + 1}_variance"] == pytest.approx(textures[number].var(axis=1).mean(), rel=1e-3)


def test_flux_of_a_steady_tone_is_nearly_none():
    whole_periods = sine(20 * RATE / 512)  # each window is like the one before
    assert timbre(whole_periods, RATE)["flux_mean"] < 1e-9 < 1e-4 < timbre(hiss(), RATE)["flux_mean"]


def test_hiss_far_below_a_tone_is_not_heard():
    tone = sine(20 * RATE / 512)  # no other band has anything
    clean, hissing = timbre(tone, RATE), timbre(tone + 1e-7 * hiss(), RATE)
    assert {name: hissing[name] for name in clean if "mfcc" in name} == pytest.approx(
        {name: clean[name] for name in clean if "mfcc" in name}, abs=1e-3
    )


def test_windows_of_equal_energy_are_not_low():
    for seed in range(8):
        assert timbre(np.tile(hiss(512 / RATE, seed), 100), RATE)["low_energy"] == 0


def test_low_energy_of_a_gated_and_of_a_steady_tone():
    steady = sine(20 * RATE / 512, 8.0)
    gate = np.arange(len(steady)) // 512 % 43 < 10  # on for 10 of 43 windows
    assert timbre(steady, RATE)["low_energy"] == 0
    assert timbre(steady * gate, RATE)["low_energy"] == pytest.approx(33 / 43)
