"""The 100 ms post: a small 1-D network on the mel spectrogram of a tenth of a second.

What the post says: three Conv1D layers of 256 filters of length 2 over time, Glorot uniform weights, padding "same",
ReLU after each; no pooling, since 5 frames are too few; dropout "before my last layer (…) as there I have plenty of
neurons (1024 to be exact)"; one dense layer with softmax. Adadelta, rho 0.95, epsilon 1e-8, at Keras 2's default rate
of 1.0, of which Keras 3's default is a thousandth; 10 epochs at most with early stopping on validation accuracy.

What it leaves open, and what is chosen here: the rate of the dropout, .5 ("dropping half of them" is its example); the
padding: "same" in all three layers leaves 5 × 256 = 1280 units before the last layer and not 1024, which are 4 × 256,
a frame fewer. ``last_padding="valid"`` gives the 1024. Its input is not normalised in the post, and not here.
"""

from __future__ import annotations

from keras import Input, Model, layers

from genrelib._base.errors import GenrelibError

BUILDERS = ("window_cnn1d",)  # what `genrelib.models` gives
FILTERS = 256
LENGTH = 2  # frames
LAYERS = 3
DROPOUT = 0.5
PADDINGS = ("same", "valid")


def window_cnn1d(
    *, n_frames: int = 5, n_mels: int = 128, n_classes: int = 10, last_padding: str = "same", dropout: float = DROPOUT
) -> Model:
    """Build the post's network. Claimed: .62 on validation.

    Parameters
    ----------
    n_frames, n_mels : int
        Of a window's mel spectrogram: 5 and 128 in the post, time first.
    n_classes : int
    last_padding : {"same", "valid"}
        Of the last convolution: ``same`` as in the post's code, 1280 units before the dense layer; ``valid`` for the
        1024 of its text.
    dropout : float in [0, 1)

    Returns
    -------
    keras.Model
        Uncompiled, from mels (batch, n_frames, n_mels) to probabilities (batch, n_classes).

    Raises
    ------
    GenrelibError
        No such padding, or too few frames for it.

    Examples
    --------
    >>> window_cnn1d().count_params()
    341258
    """
    if last_padding not in PADDINGS or (last_padding == "valid" and n_frames < LENGTH):
        raise GenrelibError(
            f"last_padding is same or valid, and valid takes {LENGTH} frames at least; "
            f"given {last_padding!r} with {n_frames} frames"
        )
    mels = x = Input((n_frames, n_mels), name="mels")
    for padding in ["same"] * (LAYERS - 1) + [last_padding]:
        x = layers.Conv1D(FILTERS, LENGTH, padding=padding, activation="relu", kernel_initializer="glorot_uniform")(x)
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    genre = layers.Dense(n_classes, activation="softmax", dtype="float32", name="genre")(x)
    return Model(mels, genre, name="window_cnn1d")
