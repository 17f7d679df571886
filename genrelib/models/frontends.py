"""The first layers of a network: mel spectrograms that are fixed (Kapre), or trained for the ablation; standardisation.

Importing this module imports Kapre, and with it registers the layers that a saved ``.keras`` file names.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any

import kapre
import keras
import numpy as np
from kapre.backend import filterbank_mel
from keras import ops

from genrelib._base.errors import GenrelibError

N_FFT = 2048  # librosa's default; the reports name none
HOP = 512  # librosa's default
N_MELS = 128  # librosa's default, and the Turin and blog reports' number
MEL_LAYER = "mel_front_end"
DECIBEL_AMIN = 1e-5  # Kapre's floor
DECIBEL_RANGE = 80.0  # Kapre's dynamic range
SQRT_FLOOR = 1e-14  # without it the square root's gradient at silence is NaN


def mel_front_end(
    *, n_samples: int, sample_rate: int, n_fft: int = N_FFT, hop: int = HOP, n_mels: int = N_MELS, decibel: bool = True
) -> keras.Sequential:
    """Build the fixed mel front end: Kapre's composed layer, which holds no weights and so cannot train.

    Parameters
    ----------
    n_samples : int
        Samples a slice.
    sample_rate : int [Hz]
    n_fft, hop : int [samples]
    n_mels : int
    decibel : bool
        False gives magnitudes.

    Returns
    -------
    keras.Sequential
        From (batch, n_samples, 1) to (batch, frames, n_mels, 1), in decibel of magnitude (10·log10), no centre
        padding, Slaney mel scale, 80 dB range: 3 s at 22,050 Hz give 126 frames. Float32 under any policy.

    Raises
    ------
    GenrelibError
        A slice shorter than one window.
    """
    _refuse_short(n_samples, n_fft)
    with _float32():
        layers = kapre.composed.get_melspectrogram_layer(
            n_fft=n_fft, hop_length=hop, n_mels=n_mels, sample_rate=sample_rate, return_decibel=decibel
        ).layers
        return keras.Sequential([keras.Input((n_samples, 1)), *layers], name=MEL_LAYER, trainable=False)


def power_mel_front_end(*, n_samples: int, sample_rate: int) -> keras.Model:
    """Build the Turin report's mel spectrogram: squared magnitude, HTK mel scale, 10·log10, by single Kapre layers.

    Kapre's composed layer takes the magnitude, so it cannot be that one. The report gives both formulas; it leaves
    open the window, the hop (librosa's defaults here), the reference r (1), and whether the triangles are normed by
    their width (they are not, as in torchaudio, whose default the report's mel formula is).

    Parameters
    ----------
    n_samples, sample_rate
        See `mel_front_end`, and there what is raised.

    Returns
    -------
    keras.Model
        From (batch, n_samples, 1) to (batch, frames, 128, 1), in decibel of power, without weights.
    """
    _refuse_short(n_samples, N_FFT)
    mel = {"sample_rate": sample_rate, "n_freq": N_FFT // 2 + 1, "n_mels": N_MELS, "htk": True, "norm": None}
    with _float32():
        audio = keras.Input((n_samples, 1))
        spectrum = kapre.STFT(n_fft=N_FFT, hop_length=HOP, pad_end=False)(audio)
        power = ops.square(kapre.Magnitude()(spectrum))  # a Lambda layer would not load in safe mode
        mels = kapre.ApplyFilterbank(type="mel", filterbank_kwargs={**mel, "f_min": 0.0, "f_max": None})(power)
        decibel = kapre.MagnitudeToDecibel(ref_value=1.0, amin=DECIBEL_AMIN**2, dynamic_range=DECIBEL_RANGE)(mels)
        return keras.Model(audio, decibel, name=MEL_LAYER, trainable=False)


def heard_by(front_end: keras.Model) -> tuple[Any, Any]:
    """Give the input of a network that takes audio (batch, n_samples), and what a front end makes of it."""
    n_samples = front_end.input_shape[1]
    audio = keras.Input((n_samples,), name="audio")
    return audio, front_end(keras.layers.Reshape((n_samples, 1), dtype="float32")(audio))


@keras.saving.register_keras_serializable(package="genrelib")
class TrainableMel(keras.layers.Layer):
    """The same mel spectrogram with its DFT kernels and mel matrix as weights, as Kapre had it before 0.3.

    Starts within 0.01 dB of `mel_front_end`, whose parameters it has.
    """

    def __init__(
        self, *, sample_rate: int, n_fft: int = N_FFT, hop: int = HOP, n_mels: int = N_MELS, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.sample_rate, self.n_fft, self.hop, self.n_mels = sample_rate, n_fft, hop, n_mels

    def build(self, input_shape: tuple) -> None:
        _refuse_short(input_shape[1], self.n_fft)
        n = np.arange(self.n_fft)
        window = 0.5 - 0.5 * np.cos(2 * np.pi * n / self.n_fft)  # periodic Hann, as tf.signal has it
        angle = 2 * np.pi * np.outer(n, np.arange(self.n_fft // 2 + 1)) / self.n_fft
        mel = filterbank_mel(
            sample_rate=self.sample_rate, n_freq=self.n_fft // 2 + 1, n_mels=self.n_mels, f_min=0.0, f_max=None,
            htk=False, norm="slaney",
        )  # fmt: skip
        self.cosine = self._weight("cosine", window[:, None] * np.cos(angle))
        self.sine = self._weight("sine", window[:, None] * np.sin(angle))
        self.mel = self._weight("mel", np.asarray(mel))

    def _weight(self, name, start):
        def initializer(shape, dtype):
            return ops.convert_to_tensor(start.astype(np.float32), dtype)

        return self.add_weight(name=name, shape=start.shape, initializer=initializer)

    def call(self, audio: Any) -> Any:
        frames = ops.extract_sequences(ops.squeeze(audio, -1), self.n_fft, self.hop)  # (batch, frames, n_fft)
        power = ops.square(frames @ self.cosine) + ops.square(frames @ self.sine)  # (batch, frames, bins)
        magnitude = ops.sqrt(ops.maximum(power, SQRT_FLOOR))
        decibel = 10 * ops.log10(ops.maximum(magnitude @ self.mel, DECIBEL_AMIN))  # (batch, frames, n_mels)
        floor = ops.max(decibel, axis=(1, 2), keepdims=True) - DECIBEL_RANGE
        return ops.maximum(decibel, floor)[..., None]  # (batch, frames, n_mels, 1)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (input_shape[0], 1 + (input_shape[1] - self.n_fft) // self.hop, self.n_mels, 1)

    def get_config(self) -> dict[str, Any]:
        mine = {"sample_rate": self.sample_rate, "n_fft": self.n_fft, "hop": self.hop, "n_mels": self.n_mels}
        return {**super().get_config(), **mine}


def fit_standardisation(model: keras.Model, inputs: np.ndarray, rows: np.ndarray) -> None:
    """Set the mean and variance of a model's Normalization layers from the training rows of its inputs alone.

    A model without such layers is left as it is, and nothing is read. A training row that holds NaN or infinity is a
    GenrelibError.
    """
    found = [layer for layer in model.layers if isinstance(layer, keras.layers.Normalization)]
    if not found:
        return
    seen = np.asarray(inputs[rows], dtype=np.float64)
    if not np.isfinite(seen).all():
        bad = np.asarray(rows)[~np.isfinite(seen.reshape(len(seen), -1)).all(axis=1)]
        raise GenrelibError(f"features are finite numbers; rows {bad[:5].tolist()} are not: mend or remove them")
    for layer in found:
        layer.adapt(seen)
        mean, variance, count = layer.get_weights()
        # a feature that training never saw change tells nothing; Keras would multiply its least change by 10 million
        constant = np.ptp(seen, axis=0) == 0
        layer.set_weights([mean, np.where(constant, 1, variance), count])
        layer.finalize_state()
    # what was compiled before holds the old mean and variance as constants
    model.train_function = model.test_function = model.predict_function = None


def _refuse_short(n_samples, n_fft):
    if n_samples < n_fft:
        raise GenrelibError(
            f"a slice holds one window of {n_fft} samples or more; this one has {n_samples}: cut longer ones"
        )


@contextmanager
def _float32():
    """Build layers in float32: Kapre fails under mixed_float16."""
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)
