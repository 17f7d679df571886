"""The Turin report: a convolutional recurrent network after Nasrullah and Zhao (2019), for genres in place of artists.

What the report says: "the architecture is the same" as the paper's; spectrograms of squared magnitude on the HTK mel
scale in decibel; 3 s slices. Of the paper: 128 mels; four convolutions of 64, 128, 128, 128 filters of 3×3, each with
ELU, batch normalisation, max pooling and dropout .1; two GRUs of 32; dropout .3; softmax: 393,674 weights for ten
genres.

What both leave open, and what is chosen here: the front end's window and hop (see `genrelib.models.frontends`);
momentum of batch normalisation (.9: Keras' .99 gives wild validation losses in the first epochs of a small set).
"""

from __future__ import annotations

from keras import Model, layers

from genrelib.models.devices import MOMENTUM, batch_normalisation
from genrelib.models.frontends import heard_by, power_mel_front_end

BUILDERS = ("crnn",)  # what `genrelib.models` gives
FILTERS = (64, 128, 128, 128)
POOLS = ((2, 2), (2, 4), (2, 4), (2, 4))  # (frames, mels); the paper writes (frequency, time)
CONVOLUTION_DROPOUT = 0.1
GRU_UNITS = 32
DROPOUT = 0.3
LAST_GRU = "gru_last"  # what the report's t-SNE shows


def crnn(*, n_samples: int = 66150, sample_rate: int = 22050, n_classes: int = 10) -> Model:
    """Build the report's convolutional recurrent network. Claimed: .82, and .86 with augmentation, by votes.

    Parameters
    ----------
    n_samples, sample_rate, n_classes
        See `genrelib.models.raw_cnn1d`; 16 frames (about .45 s) at least.

    Returns
    -------
    keras.Model
        Uncompiled, from (batch, n_samples) to probabilities (batch, n_classes). Its layer ``gru_last`` gives the 32
        numbers a slice that the report shows by t-SNE.

    Examples
    --------
    >>> crnn(n_samples=22050, n_classes=6).get_layer("gru_last").output.shape
    (None, 32)
    """
    audio, x = heard_by(power_mel_front_end(n_samples=n_samples, sample_rate=sample_rate))  # (batch, frames, mels, 1)
    for n_filters, pool in zip(FILTERS, POOLS, strict=True):
        x = layers.Conv2D(n_filters, 3, padding="same", activation="elu")(x)
        x = batch_normalisation(momentum=MOMENTUM)(x)
        x = layers.MaxPooling2D(pool)(x)
        x = layers.Dropout(CONVOLUTION_DROPOUT)(x)
    x = layers.Reshape((x.shape[1], x.shape[2] * x.shape[3]))(x)  # (batch, frames, mels · filters)
    x = layers.GRU(GRU_UNITS, return_sequences=True)(x)
    x = layers.GRU(GRU_UNITS, name=LAST_GRU)(x)
    x = layers.Dropout(DROPOUT)(x)
    return Model(audio, layers.Dense(n_classes, activation="softmax", dtype="float32", name="genre")(x), name="crnn")
