"""The Stanford report (2018): genre and mood from one network, on grey mel images of 3-second slices.

What the report says: mel spectrograms "in gray scale", ten slices of 3 s a song; "4 convolution layers and 1 FC layer
and 1 decision layer for each output"; kernels of 2×2, stride 1, in the fourth layer 2; "I regularize the flattened and
the FC layers and Batch normal every layer"; learning rate .001, L2 lambda .002, batches of 75; "the 15 nodes of the FC
layer". Beside it, on the same images, "Choi et al's model" and "Zhang et al's".

What it leaves open, and what is chosen here for all three: the image (128 mel bands × 126 frames, librosa's defaults,
through Kapre's weightless layer, so that it is computed once and a saved network takes raw audio; black is 80 dB below
the slice's loudest cell, as librosa draws it); ReLU; Adam; that both losses, cross-entropies, count alike.
"""

from __future__ import annotations

from typing import Any

from keras import Model, layers, ops, regularizers

from genrelib._base.errors import GenrelibError
from genrelib.models.devices import MOMENTUM, batch_normalisation
from genrelib.models.frontends import heard_by, mel_front_end

BUILDERS = ("yu_multi_output", "choi", "zhang")  # what `genrelib.models` gives
GREY_RANGE = 40.0  # of Kapre's decibels, 10·log10 of magnitude: 80 dB of power, librosa's top_db
L2 = 0.002
VECTOR = 15  # nodes of the FC layer
YU_FILTERS = (8, 16, 32, 64)
YU_POOL = 2
CHOI_FILTERS = (32, 32, 32, 32, 32)
ZHANG_FILTERS = 256
ZHANG_FRAMES = 4
ZHANG_DENSE = (300, 150)


def yu_multi_output(
    *,
    n_samples: int = 66150,
    sample_rate: int = 22050,
    n_genres: int = 6,
    n_moods: int = 3,
    filters: tuple[int, ...] = YU_FILTERS,
    vectors: str = "shared",
) -> Model:
    """Build the report's own network. Claimed on test: genre .844, mood .80.

    The report leaves open how many filters there are (8, 16, 32, 64 here), whether anything is pooled (2×2 maxima
    after the first three convolutions: without them an epoch is ten times as long, and the flattened layer has a
    quarter of a million numbers), padding ("same"), and what "regularize the flattened" means (L2 on the weights
    that read the flattened layer, and on those that read the FC layer). "1 FC layer and 1 decision layer for each
    output" has two readings: one FC layer and a decision layer an output, or both an output. "The 15 nodes of the FC
    layer" and "this vector" speak for the first.

    Parameters
    ----------
    n_samples, sample_rate
        See `genrelib.models.raw_cnn1d`.
    n_genres, n_moods : int
    filters : tuple of int
        Of the four convolutions.
    vectors : {"shared", "each"}
        ``shared``: one FC layer of 15, named ``music_vector``. ``each``: one an output, ``genre_vector`` and
        ``mood_vector``.

    Returns
    -------
    keras.Model
        Uncompiled, from (batch, n_samples) to a dict of probabilities: ``genre`` (batch, n_genres), ``mood``
        (batch, n_moods).

    Examples
    --------
    >>> sorted(yu_multi_output(n_samples=22050).output)
    ['genre', 'mood']
    """
    if vectors not in ("shared", "each"):
        raise GenrelibError(f"vectors is shared or each; given {vectors!r}")
    audio, x = _grey_mel(n_samples, sample_rate)  # (batch, frames, mels, 1)
    *first, last = filters
    for n_filters in first:
        x = _normed_relu(layers.Conv2D(n_filters, 2, padding="same", use_bias=False)(x))
        x = layers.MaxPooling2D(YU_POOL)(x)
    x = layers.Flatten()(_normed_relu(layers.Conv2D(last, 2, strides=2, padding="same", use_bias=False)(x)))
    if vectors == "shared":
        music = _vector(x, "music_vector")
        read = {"genre": music, "mood": music}
    else:
        read = {name: _vector(x, f"{name}_vector") for name in ("genre", "mood")}
    return Model(audio, _decisions(read, n_genres, n_moods, regularizers.L2(L2)), name="yu_multi_output")


def choi(
    *,
    n_samples: int = 66150,
    sample_rate: int = 22050,
    n_genres: int = 6,
    n_moods: int = 3,
    filters: tuple[int, ...] = CHOI_FILTERS,
) -> Model:
    """Build "Choi et al's model": five 3×3 convolutions of 32 filters. Claimed: .968 train, .79 test (genre).

    The report cites two papers: the tutorial (arXiv:1709.04396), which has five convolutions of 32 filters, and the
    convolutional recurrent network (arXiv:1609.04243), which has four and two GRUs. It calls its base models
    convolutional and changes "number of convolution layers, strides, kernel sizes", so the tutorial's is built. Left
    open: pooling (2×2 maxima after each), activation and normalisation (batch normalisation, ELU, as both papers
    have), and what stands between the last convolution and the decisions (nothing: the flattened layer decides).

    Parameters
    ----------
    n_samples, sample_rate, n_genres, n_moods
        See `yu_multi_output`, and there what is given.
    filters : tuple of int
        Of the convolutions.

    Examples
    --------
    >>> sorted(choi(n_samples=22050).output)
    ['genre', 'mood']
    """
    audio, x = _grey_mel(n_samples, sample_rate)
    for n_filters in filters:
        x = layers.Conv2D(n_filters, 3, padding="same", use_bias=False)(x)
        x = layers.Activation("elu")(batch_normalisation(momentum=MOMENTUM)(x))
        x = layers.MaxPooling2D(2, padding="same")(x)
    x = layers.Flatten()(x)
    return Model(audio, _decisions({"genre": x, "mood": x}, n_genres, n_moods), name="choi")


def zhang(
    *,
    n_samples: int = 66150,
    sample_rate: int = 22050,
    n_genres: int = 6,
    n_moods: int = 3,
    filters: int = ZHANG_FILTERS,
) -> Model:
    """Build "Zhang et al's": convolutions along time alone, with a shortcut. Claimed: .476 train, .333 test (genre).

    Zhang, Lei, Xu, Xing (2016): a first convolution of 4 frames × all bins with 256 filters, two more of 4 frames,
    a shortcut around those two in the better of their networks, maximum and mean over all time side by side, dense
    layers of 300 and 150. The report leaves open which of their networks it took (the one with the shortcut), and
    puts mel images in place of their 513 bins of a linear spectrogram.

    Parameters
    ----------
    n_samples, sample_rate, n_genres, n_moods
        See `yu_multi_output`, and there what is given.
    filters : int
        Of each convolution.

    Examples
    --------
    >>> sorted(zhang(n_samples=22050).output)
    ['genre', 'mood']
    """
    audio, image = _grey_mel(n_samples, sample_rate)
    x = layers.Reshape(image.shape[1:3])(image)  # all bins of a frame are what a 1-D convolution sums over
    x = layers.Conv1D(filters, ZHANG_FRAMES, activation="relu")(x)  # (batch, frames - 3, filters)
    y = layers.Conv1D(filters, ZHANG_FRAMES, padding="same", activation="relu")(x)
    y = layers.Conv1D(filters, ZHANG_FRAMES, padding="same")(y)
    x = layers.Activation("relu")(layers.Add()([x, y]))
    x = layers.Concatenate()([layers.GlobalMaxPooling1D()(x), layers.GlobalAveragePooling1D()(x)])
    for units in ZHANG_DENSE:
        x = layers.Dense(units, activation="relu")(x)
    return Model(audio, _decisions({"genre": x, "mood": x}, n_genres, n_moods), name="zhang")


def grey(mel: Any) -> Any:
    """Turn decibels of `mel_front_end` into grey: 1 at the slice's loudest cell, 0 at 80 dB below it and under."""
    return ops.maximum(1 + (mel - ops.max(mel, axis=(1, 2, 3), keepdims=True)) / GREY_RANGE, 0.0)


def _grey_mel(n_samples, sample_rate):
    audio, mel = heard_by(mel_front_end(n_samples=n_samples, sample_rate=sample_rate))
    return audio, grey(mel)


def _normed_relu(x):
    return layers.Activation("relu")(batch_normalisation(momentum=MOMENTUM)(x))


def _vector(x, name):
    x = layers.Dense(VECTOR, use_bias=False, kernel_regularizer=regularizers.L2(L2))(x)
    return layers.Activation("relu", name=name)(batch_normalisation(momentum=MOMENTUM)(x))


def _decisions(read, n_genres, n_moods, regularizer=None):
    settings = {"activation": "softmax", "kernel_regularizer": regularizer, "dtype": "float32"}
    return {
        name: layers.Dense(n_classes, **settings, name=name)(read[name])
        for name, n_classes in (("genre", n_genres), ("mood", n_moods))
    }
