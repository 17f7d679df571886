import keras
import librosa
import numpy as np
import pytest
import tensorflow as tf

from genrelib._base.errors import GenrelibError
from genrelib.models.frontends import MEL_LAYER, TrainableMel, mel_front_end, power_mel_front_end
from tests.tiny import assert_reloads_alike

RATE = 22050
N_SAMPLES = 8192
TIME = np.arange(N_SAMPLES) / RATE


def noise(n_samples=N_SAMPLES, seed=0):
    return (0.2 * np.random.default_rng(seed).standard_normal(n_samples)).astype(np.float32)


def tone(pitch=440.0):
    """A tone in faint noise, as 16 bits have it: without, far bands hold float32's own rounding and nothing else."""
    return (0.5 * np.sin(2 * np.pi * pitch * TIME) + 1e-3 * noise(seed=2)).astype(np.float32)


def naive_mel(y, sample_rate=RATE, n_fft=2048, hop=512, n_mels=128):
    """Magnitudes on the mel scale, a frame at a time [shape=(frames, n_mels)]."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    mel = librosa.filters.mel(sr=sample_rate, n_fft=n_fft, n_mels=n_mels, htk=False, norm="slaney")
    starts = range(0, len(y) - n_fft + 1, hop)
    return np.array([mel @ np.abs(np.fft.rfft(window * y[start : start + n_fft].astype(float))) for start in starts])


def naive_decibel(mel, amin=1e-5, dynamic_range=80.0):
    decibel = np.array([[10 * np.log10(max(value, amin)) for value in frame] for frame in mel])
    return np.maximum(decibel, decibel.max() - dynamic_range)


def output(layer, *waves):
    return np.asarray(layer(np.stack(waves)[..., None]))


@pytest.fixture(scope="module")
def fixed():
    return mel_front_end(n_samples=N_SAMPLES, sample_rate=RATE)


@pytest.fixture(scope="module")
def trainable():
    return TrainableMel(sample_rate=RATE)


def test_fixed_front_end_holds_no_weights(fixed):
    assert fixed.weights == [] and fixed.trainable is False and fixed.name == MEL_LAYER


@pytest.mark.parametrize("y", [noise(), tone(), 1e-4 * noise(seed=1)], ids=["noise", "tone", "faint"])
def test_decibel_is_of_magnitude_with_floor_and_range(fixed, y):
    np.testing.assert_allclose(output(fixed, y)[0, :, :, 0], naive_decibel(naive_mel(y)), atol=0.01)


@pytest.mark.parametrize("sizes", [{}, {"n_fft": 512, "hop": 256, "n_mels": 40}])
def test_magnitudes_where_decibel_is_off(sizes):
    y = noise()
    front_end = mel_front_end(n_samples=N_SAMPLES, sample_rate=RATE, decibel=False, **sizes)
    np.testing.assert_allclose(output(front_end, y)[0, ..., 0], naive_mel(y, **sizes), rtol=1e-3, atol=1e-4)


def test_range_is_of_each_slice_by_itself(fixed, trainable):
    quiet, loud = 1e-4 * noise(seed=1), tone()
    for layer in (fixed, trainable):
        alone, together = output(layer, quiet), output(layer, quiet, loud)
        np.testing.assert_allclose(together[0], alone[0], atol=1e-4)


def test_range_clips():
    """A wave whose loudest band is over 50 dB shows the 80 dB range: the absolute floor is -50 dB."""
    y = 2000 * tone()
    front_end = mel_front_end(n_samples=N_SAMPLES, sample_rate=RATE)
    decibel = output(front_end, np.where(TIME < 0.1, 0, y).astype(np.float32))
    assert decibel.max() > 35 and decibel.min() == pytest.approx(decibel.max() - 80, abs=1e-3)


def test_silence_is_constant(fixed, trainable):
    for layer in (fixed, trainable):
        np.testing.assert_allclose(output(layer, np.zeros(N_SAMPLES, np.float32)), -50.0, atol=1e-4)


@pytest.mark.parametrize("y", [noise(), tone(), tone(5000.0)], ids=["noise", "tone", "high tone"])
def test_trainable_mel_starts_as_the_fixed_one(fixed, trainable, y):
    np.testing.assert_allclose(output(trainable, y), output(fixed, y), atol=0.01)


def test_trainable_mel_holds_dft_kernels_and_mel_matrix(trainable):
    output(trainable, noise())
    shapes = {weight.name: tuple(weight.shape) for weight in trainable.trainable_weights}
    assert shapes == {"cosine": (2048, 1025), "sine": (2048, 1025), "mel": (1025, 128)}
    assert not trainable.non_trainable_weights


@pytest.mark.parametrize("y", [np.zeros(N_SAMPLES, np.float32), noise()], ids=["silence", "noise"])
def test_gradient_is_finite(trainable, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(trainable(y[None, :, None]))
    gradients = tape.gradient(loss, trainable.trainable_variables)
    assert len(gradients) == 3 and all(np.isfinite(gradient).all() for gradient in gradients)
    assert any(np.any(gradient) for gradient in gradients) == bool(y.any())


def test_gradient_is_finite_where_a_bin_hears_nothing():
    """The root of an exact zero has no slope, and the mel band around it passes one on."""
    layer = TrainableMel(sample_rate=RATE, n_fft=512, hop=256, n_mels=20)
    output(layer, noise())
    for kernel in (layer.cosine, layer.sine):
        kernel.assign(np.where(np.arange(257) == 40, 0, np.asarray(kernel.value)))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(noise()[None, :, None]))
    assert all(np.isfinite(gradient).all() for gradient in tape.gradient(loss, layer.trainable_variables))


@pytest.mark.parametrize("kind", ["fixed", "trainable"])
def test_layers_reload_alike(tmp_path, kind):
    settings = {"n_fft": 512, "hop": 200, "n_mels": 20}
    audio = keras.Input((N_SAMPLES, 1))
    layer = TrainableMel(sample_rate=RATE, **settings)
    if kind == "fixed":
        layer = mel_front_end(n_samples=N_SAMPLES, sample_rate=RATE, **settings)
    model = keras.Model(audio, layer(audio), name=kind)
    for weight in model.weights:
        weight.assign(weight * 1.1)  # so that a start value read back would show
    assert_reloads_alike(model, noise()[None, :, None], tmp_path)


def test_too_short_a_slice_is_refused():
    with pytest.raises(GenrelibError, match="one window of 2048 samples or more; this one has 2047"):
        mel_front_end(n_samples=2047, sample_rate=RATE)
    with pytest.raises(GenrelibError, match="one window of 2048 samples or more; this one has 2047"):
        TrainableMel(sample_rate=RATE)(np.zeros((1, 2047, 1), np.float32))
    assert output(mel_front_end(n_samples=2048, sample_rate=RATE), noise(2048)).shape == (1, 1, 128, 1)


def test_power_mel_equals_librosas_power_in_decibel():
    front_end = power_mel_front_end(n_samples=N_SAMPLES, sample_rate=RATE)
    assert front_end.weights == [] and front_end.trainable is False and front_end.name == MEL_LAYER
    for wave in (noise(), tone()):
        power = librosa.feature.melspectrogram(y=wave, sr=RATE, power=2, center=False, htk=True, norm=None)
        expected = librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=80).T
        np.testing.assert_allclose(output(front_end, wave)[0, :, :, 0], expected, atol=2e-3)
