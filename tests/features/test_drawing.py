"""Pictures of spectrograms: what plain loops draw, and the colours of sounds whose picture is known."""

import librosa
import numpy as np
import pytest
from matplotlib import colormaps
from scipy.signal import spectrogram

from genrelib._base.errors import GenrelibError
from genrelib.features.pictures import Look
from tests.making import noise

RATE = 22050
DARK, BRIGHT = (68, 1, 84, 255), (253, 231, 36, 255)  # viridis' ends, as published
STEP = 1  # a rounding apart may fall into the next of viridis' 256 colours: 3 of 255 at most


def draw(samples, *, sample_rate=RATE, frequency="linear", image_size=128, colour_map="viridis"):
    return Look(sample_rate, frequency, image_size, colour_map).checked(samples.shape[1]).draw(samples)


def tone(pitch, n_samples=RATE, peak=32767):
    return np.round(peak * np.sin(2 * np.pi * pitch * np.arange(n_samples) / RATE)).astype(np.int16)


def naive_level(power, size):
    """Draw with plain loops: decibel, floor, area by area; give the place of each pixel on the colour map."""
    n_bins, n_frames = power.shape
    decibel = np.array([[max(10 * np.log10(v / power.max()) if v > 0 else -80, -80) for v in row] for row in power])
    lowest = decibel.min()
    level = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            total = weight = 0.0
            top, bottom, left, right = (n * k / size for n, k in
                                        ((n_bins, i), (n_bins, i + 1), (n_frames, j), (n_frames, j + 1)))  # fmt: skip
            for row in range(int(top), min(int(np.ceil(bottom)), n_bins)):
                for column in range(int(left), min(int(np.ceil(right)), n_frames)):
                    share = (min(bottom, row + 1) - max(top, row)) * (min(right, column + 1) - max(left, column))
                    total, weight = total + share * decibel[row, column], weight + share
            level[size - 1 - i, j] = (total / weight - lowest) / -lowest
    return level


@pytest.mark.parametrize("frequency", ["linear", "mel"])
@pytest.mark.parametrize("size", [128, 20])
def test_equal_to_scipy_or_librosa_and_plain_loops(frequency, size):
    sounds = np.stack([noise(1.0, seed=1), tone(900) // 2 + noise(1.0, seed=2) // 50, noise(1.0, seed=3)])
    sounds[2, 8000:] = 0  # cells without power: decibel of 0
    images = draw(sounds, frequency=frequency, image_size=size)
    assert images.shape == (3, size, size, 4) and images.dtype == np.uint8
    for sound, image in zip(sounds, images, strict=True):
        if frequency == "linear":
            power = spectrogram(sound.astype(np.float32), RATE)[2]
        else:
            power = librosa.feature.melspectrogram(y=sound.astype(np.float32) / 32768, sr=RATE)
        index = np.minimum((naive_level(power.astype(np.float64), size) * 256).astype(int), 255)
        table = colormaps["viridis"](np.arange(256), bytes=True)
        near = [(image == table[np.clip(index + step, 0, 255)]).all(axis=-1) for step in (-STEP, 0, STEP)]
        assert np.any(near, axis=0).all() and near[1].mean() > 0.99


def test_each_sound_has_its_own_scale():
    """matplotlib stretches each picture's colours by itself: a sound at a tenth of the level looks the same."""
    loud = 10 * noise(0.5, seed=1).clip(-3000, 3000)
    together = draw(np.stack([loud, loud // 10]))
    np.testing.assert_array_equal(together[0], together[1])
    np.testing.assert_array_equal(draw(loud[None])[0], together[0])


@pytest.mark.parametrize("frequency", ["linear", "mel"])
def test_silence_is_dark_throughout(frequency):
    images = draw(np.zeros((2, RATE), np.int16), frequency=frequency)
    assert (images == DARK).all()
    same = draw(np.full((1, RATE), 700, np.int16))  # the mean is taken away: scipy's detrend
    assert (same == DARK).all()


def test_colour_map_is_chosen():
    grey = draw(noise(0.5)[None], colour_map="gray")
    assert (grey[..., 0] == grey[..., 1]).all() and len(np.unique(grey[..., 0])) > 50


@pytest.mark.parametrize("n_samples, options, message", [
    (255, {}, "one window of 256 samples or more; given 255 samples"),
    (0, {}, "given 0 samples"),
    (2047, {"frequency": "mel"}, "mel picture shows one window of 2048 samples or more; given 2047"),
    (2047, {"sample_rate": 0}, "at 0 Hz"),
    (2047, {"frequency": "log"}, "frequency is linear or mel; given 'log'"),
    (2047, {"frequency": None}, "given None"),
    (2047, {"image_size": 0}, "1 at least; given 0"),
    (2047, {"image_size": 12.5}, "given 12.5"),
    (2047, {"colour_map": "viridian"}, "no colour map 'viridian'"),
])  # fmt: skip
def test_sounds_and_settings_that_make_no_picture(n_samples, options, message):
    with pytest.raises(GenrelibError, match=message):
        draw(np.zeros((2, n_samples), np.int16), **options)
