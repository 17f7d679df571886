"""musicnn (Pons and Serra, 2019), a network that learned listeners' tags, rebuilt in Keras behind a Kapre mel layer.

Its weights travel in the PyPI package ``musicnn`` (ISC licence), as TensorFlow checkpoints; none of that package's code
is imported. They learned the 50 commonest tags of a quarter of a million songs of the Million Song Dataset, where
GTZAN's artists very likely are among the heard: only what is trained on top of it can be called unheard.
"""

from __future__ import annotations

import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

import kapre
from keras import Input, Model, layers, ops

from genrelib._base.errors import GenrelibError

SAMPLE_RATE = 16000  # Hz; this and all that follows are the paper's and its authors' code's
N_SAMPLES = 48000  # a step of 3 s
N_FFT, HOP, N_MELS, FRAMES = 512, 256, 96, 187
GAIN = 10000  # log10(1 + GAIN · power mel)
TIMBRE, TIMBRE_BANDS = 204, (38, 67)  # filters over 7 frames and .4 and .7 of the bands
TEMPO, TEMPO_FRAMES = 51, (128, 64, 32)
MIDDLE, DENSE, TAGS = 64, 200, 50
EPSILON = 1e-3
OUTPUTS = ("pooled", "dense", "tags")
PACKAGE, FOLDER = "musicnn", "MSD_musicnn"
REMEDY = "pip install --no-deps musicnn==0.1.0"


def musicnn(output: str = "pooled") -> Model:
    """Build the network and give it the published weights.

    Parameters
    ----------
    output : {"pooled", "dense", "tags"}
        What it gives: maxima and means over time of all convolutions (1506 numbers), the dense layer (200), or the
        probabilities of 50 tags.

    Returns
    -------
    keras.Model
        From raw audio at 16 kHz (batch, 48000), float32 in -1..1, to (batch, numbers). Frozen.

    Raises
    ------
    GenrelibError
        No such output, or the package with the weights is not installed.

    Examples
    --------
    >>> import genrelib as gl
    >>> gl.models.musicnn().output_shape  # doctest: +SKIP
    (None, 1506)
    """
    if output not in OUTPUTS:
        raise GenrelibError(f"musicnn gives {', '.join(OUTPUTS)}; not {output!r}")
    audio = Input((N_SAMPLES,), name="audio")
    x = _log_mel(audio)  # (batch, frames, mels, 1)
    x = _normed(0)(x)
    padded = layers.ZeroPadding2D((3, 0))(x)  # in time alone
    timbre = [_block(padded, number, TIMBRE, (7, bands)) for number, bands in enumerate(TIMBRE_BANDS)]
    tempo = [_block(x, number, TEMPO, (n, 1), padding="same") for number, n in enumerate(TEMPO_FRAMES, len(timbre))]
    front = layers.Concatenate()([*timbre, *tempo])  # (batch, frames, 561)
    first = _normed(6)(layers.Conv1D(MIDDLE, 7, padding="same", activation="relu", name="conv2d_5")(front))
    second = _normed(7)(layers.Conv1D(MIDDLE, 7, padding="same", activation="relu", name="conv2d_6")(first))
    second = layers.Add()([second, first])
    third = _normed(8)(layers.Conv1D(MIDDLE, 7, padding="same", activation="relu", name="conv2d_7")(second))
    third = layers.Add()([third, second])
    middle = layers.Concatenate()([front, first, second, third])  # (batch, frames, 753)
    pooled = ops.stack([ops.max(middle, axis=1), ops.mean(middle, axis=1)], axis=-1)  # maximum and mean by turns
    pooled = layers.Flatten()(pooled)  # (batch, 1506)
    dense = _normed(10)(layers.Dense(DENSE, activation="relu", name="dense")(_normed(9)(pooled)))
    tags = layers.Dense(TAGS, activation="sigmoid", name="dense_1")(dense)
    whole = Model(audio, {"pooled": pooled, "dense": dense, "tags": tags}, name="musicnn", trainable=False)
    _read_weights(whole)
    return Model(audio, whole.output[output], name=f"musicnn_{output}", trainable=False)


def _log_mel(audio):
    """Equal librosa's power mel with its centre padding, so that frames lie where the weights learned them."""
    mel = {"sample_rate": SAMPLE_RATE, "n_freq": N_FFT // 2 + 1, "n_mels": N_MELS, "f_min": 0.0, "f_max": None}
    x = layers.ZeroPadding1D(N_FFT // 2)(layers.Reshape((N_SAMPLES, 1))(audio))
    power = ops.square(kapre.Magnitude()(kapre.STFT(n_fft=N_FFT, hop_length=HOP, pad_end=False)(x)))
    mels = kapre.ApplyFilterbank(type="mel", filterbank_kwargs={**mel, "htk": False, "norm": "slaney"})(power)
    return ops.log10(1 + GAIN * mels)[:, :FRAMES]


def _block(x, number, n_filters, size, padding="valid"):
    x = layers.Conv2D(n_filters, size, padding=padding, activation="relu", name=_numbered("conv2d", number))(x)
    x = _normed(number + 1)(x)
    return ops.max(x, axis=2)  # over what bands are left: (batch, frames, filters)


def _normed(number):
    return layers.BatchNormalization(epsilon=EPSILON, name=_numbered("batch_normalization", number))


def _numbered(name, number):
    return f"{name}_{number}" if number else name


def _checkpoint():
    spec = find_spec(PACKAGE)
    folders = [Path(place) / FOLDER for place in spec.submodule_search_locations] if spec else []
    return next((folder for folder in folders if (folder / ".index").is_file()), None)


def _read_weights(model):
    from genrelib._base.tensorflow import tf

    folder = _checkpoint()
    if folder is None:
        raise GenrelibError(f"the weights of musicnn are not installed; they come with its package: {REMEDY}")
    with tempfile.TemporaryDirectory() as copies:  # TensorFlow reads no checkpoint whose name has no stem
        for part in (".index", ".data-00000-of-00001"):
            shutil.copy(folder / part, Path(copies) / f"musicnn{part}")
        reader = tf.train.load_checkpoint(str(Path(copies) / "musicnn"))
        for layer in model.layers:
            for variable in layer.weights:
                values = reader.get_tensor(f"{layer.name}/{variable.name}")
                # kernels over all bands are 2-D there and 1-D here: (7, bands, 1, filters) to (7, bands, filters)
                variable.assign(values.reshape(variable.shape))
