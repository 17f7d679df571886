"""musicnn rebuilt: its front end against librosa, its weights against what its tags should say."""

import keras
import librosa
import numpy as np
import pytest

from genrelib._base.errors import GenrelibError
from genrelib.models import musicnn as module
from genrelib.models.musicnn import FRAMES, GAIN, HOP, N_FFT, N_MELS, N_SAMPLES, SAMPLE_RATE, musicnn
from tests.making import noise


def test_its_front_end_is_librosas():
    sound = noise(3, sample_rate=SAMPLE_RATE).astype(np.float32) / 32768
    audio = keras.Input((N_SAMPLES,))
    given = np.asarray(keras.Model(audio, module._log_mel(audio))(sound[None]))[0, :, :, 0]
    mel = librosa.feature.melspectrogram(y=sound, sr=SAMPLE_RATE, n_fft=N_FFT, hop_length=HOP, n_mels=N_MELS)
    np.testing.assert_allclose(given, np.log10(1 + GAIN * mel.T)[:FRAMES], atol=1e-3)


def test_without_its_package_the_remedy_is_named(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(GenrelibError, match="pip install --no-deps musicnn"):
        musicnn()
    with pytest.raises(GenrelibError, match="pooled, dense, tags"):
        musicnn("logits")


def test_its_numbers_are_frozen_and_finite():
    if module._checkpoint() is None:
        pytest.skip("the package that carries musicnn's weights is not installed")
    model = musicnn()
    given = model.predict(
        np.stack([noise(3, sample_rate=SAMPLE_RATE), noise(3, seed=1, sample_rate=SAMPLE_RATE)]) / 32768
    )
    assert given.shape == (2, 1506) and np.isfinite(given).all() and not model.trainable_weights
    # maxima and means over time stand by turns: a maximum is never below its mean
    assert (given[:, ::2] >= given[:, 1::2] - 1e-5).all()
