"""The IDC report (2019): three CNNs on 3-second slices, on raw audio and on a mel spectrogram.

What the report says: 1-D convolution on raw samples; the same network behind a frozen Melspectrogram layer,
"followed by a normalization layer and shaping of the output to 1-dimension"; a 2-D network on the same input, "using
filters of about the same size as the 1-dimensional filter's width". ReLU is the only activation, max pooling the only
pooling; the output is as long as the one-hot target.

What it leaves open, and what is chosen here: the number of layers, filters and their width (4 layers of 16, 32, 64 and
128 filters, width 5, pooling by 4); what is pooled before the output (global max pooling, then a dense layer of 128);
sizes are such that the raw network trains in minutes on two cores;
which normalisation (batch normalisation a mel band; `normalisation="slice"` gives old Kapre's reading); mel size
(2048, 512, 128: librosa's defaults, in decibel).
"""

from __future__ import annotations

from keras import Input, Model, layers

from genrelib._base.errors import GenrelibError
from genrelib.models.devices import MOMENTUM, batch_normalisation
from genrelib.models.frontends import HOP, N_FFT, TrainableMel, heard_by, mel_front_end

BUILDERS = ("raw_cnn1d", "mel_cnn1d", "mel_cnn2d", "trainable_mel_cnn1d")  # what `genrelib.models` gives
FILTERS = (16, 32, 64, 128)
WIDTH = 5
POOL = 4
DENSE = 128


def raw_cnn1d(*, n_samples: int = 66150, sample_rate: int = 22050, n_classes: int = 10) -> Model:
    """Build the report's first network: 1-D convolution over raw samples. Claimed: .42.

    Parameters
    ----------
    n_samples : int
        Samples a slice: 3 s at 22,050 Hz.
    sample_rate : int [Hz]
        Not used: raw samples have no scale. It is here so that all builders are called alike.
    n_classes : int

    Returns
    -------
    keras.Model
        Uncompiled, from (batch, n_samples) to probabilities (batch, n_classes).

    Examples
    --------
    >>> raw_cnn1d(n_samples=22050, n_classes=6).output_shape
    (None, 6)
    """
    audio = Input((n_samples,), name="audio")
    x = layers.Reshape((n_samples, 1))(audio)
    return Model(audio, _classes(_convolutions_1d(x), n_classes), name="raw_cnn1d")


def mel_cnn1d(
    *,
    n_samples: int = 66150,
    sample_rate: int = 22050,
    n_classes: int = 10,
    normalisation: str = "batch",
    filters: tuple[int, ...] = FILTERS,
    n_fft: int = N_FFT,
    hop: int = HOP,
    decibel: bool = True,
) -> Model:
    """Build the second network: the first one's convolutions behind the frozen mel layer. Claimed: .80.

    Parameters
    ----------
    n_samples, sample_rate, n_classes
        See `raw_cnn1d`, and there what is given.
    normalisation : {"batch", "slice", "none"}
        ``batch``: batch normalisation a mel band. ``slice``: each slice by its own mean and deviation a mel band,
        what the Normalization2D layer of old Kapre did. ``none``: decibels as they are.
    filters : tuple of int
        Filters of each convolution.
    n_fft, hop, decibel
        Of the mel layer, see `genrelib.models.frontends.mel_front_end`.

    Examples
    --------
    >>> mel_cnn1d(n_samples=22050, n_classes=6).output_shape
    (None, 6)
    """
    mel = mel_front_end(n_samples=n_samples, sample_rate=sample_rate, n_fft=n_fft, hop=hop, decibel=decibel)
    audio, x = heard_by(mel)
    x = _normalised(x, normalisation)  # (batch, frames, mels)
    return Model(audio, _classes(_convolutions_1d(x, filters), n_classes), name="mel_cnn1d")


def trainable_mel_cnn1d(
    *, n_samples: int = 66150, sample_rate: int = 22050, n_classes: int = 10, normalisation: str = "batch"
) -> Model:
    """Build the ablation: `mel_cnn1d` with the mel layer's DFT kernels and mel matrix trained. Claimed: below .60.

    Parameters
    ----------
    n_samples, sample_rate, n_classes, normalisation
        See `mel_cnn1d`, and there what is given.

    Examples
    --------
    >>> trainable_mel_cnn1d(n_samples=22050, n_classes=6).output_shape
    (None, 6)
    """
    audio = Input((n_samples,), name="audio")
    waves = layers.Reshape((n_samples, 1), dtype="float32")(audio)
    mel = TrainableMel(sample_rate=sample_rate, name="trainable_mel", dtype="float32")(waves)
    x = _normalised(mel, normalisation)
    return Model(audio, _classes(_convolutions_1d(x), n_classes), name="trainable_mel_cnn1d")


def mel_cnn2d(
    *,
    n_samples: int = 66150,
    sample_rate: int = 22050,
    n_classes: int = 10,
    normalisation: str = "batch",
    filters: tuple[int, ...] = FILTERS,
) -> Model:
    """Build the third network: 2-D convolution over the frozen mel layer's image. Claimed: .73.

    Parameters
    ----------
    n_samples, sample_rate, n_classes, normalisation, filters
        See `mel_cnn1d`, and there what is given.

    Examples
    --------
    >>> mel_cnn2d(n_samples=22050, n_classes=6).output_shape
    (None, 6)
    """
    audio, x = heard_by(mel_front_end(n_samples=n_samples, sample_rate=sample_rate))
    x = _normalised(x, normalisation)
    x = layers.Reshape((*x.shape[1:], 1))(x)  # (batch, frames, mels, 1)
    for n_filters in filters:
        x = layers.Conv2D(n_filters, WIDTH, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(POOL, padding="same")(x)
    return Model(audio, _classes(layers.GlobalMaxPooling2D()(x), n_classes), name="mel_cnn2d")


def _normalised(mel, normalisation):
    x = layers.Reshape(mel.shape[1:3], name="to_1d")(mel)  # (batch, frames, mels)
    if normalisation == "batch":
        return batch_normalisation(momentum=MOMENTUM, name="normalised_mel")(x)
    if normalisation == "slice":
        return layers.LayerNormalization(axis=1, center=False, scale=False, name="normalised_mel")(x)
    if normalisation == "none":
        return x
    raise GenrelibError(f"normalisation is batch, slice or none; given {normalisation!r}")


def _convolutions_1d(x, filters=FILTERS):
    """The stack that raw_cnn1d and mel_cnn1d share: only the data before it differs."""
    for n_filters in filters:
        x = layers.Conv1D(n_filters, WIDTH, padding="same", activation="relu")(x)
        x = layers.MaxPooling1D(POOL, padding="same")(x)
    return layers.GlobalMaxPooling1D()(x)


def _classes(x, n_classes):
    x = layers.Dense(DENSE, activation="relu")(x)
    return layers.Dense(n_classes, activation="softmax", dtype="float32", name="genre")(x)
