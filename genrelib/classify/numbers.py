"""What the two classifiers that come with genrelib hear of a stretch of sound: 53 numbers, or those of musicnn."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np

from genrelib.audio import SAMPLE_RATE
from genrelib.features.rows import FEATURES

# the mean and variance of loudness, and the two numbers that our table does not reproduce of the public one
LEFT_OUT = ("rms_mean", "mfcc1_mean", "harmony_mean", "perceptr_mean")
LEVEL_FREE = tuple(name for name in FEATURES if name not in LEFT_OUT)
QUIETEST = 1e-20  # mean square: nothing is divided by less
LEVEL = 0.1  # root mean square that a step is brought to before musicnn: about that of GTZAN's tracks


def level_free(numbers: np.ndarray) -> np.ndarray:
    """Take the level out of the 57 numbers: 53 are left, the same at any volume.

    Parameters
    ----------
    numbers : np.ndarray [shape=(n, 57)]
        In the order of `genrelib.features.FEATURES`; rows of a public table do.

    Returns
    -------
    np.ndarray [shape=(n, 53), dtype=float64]
        Variances of the harmonic and percussive part over the mean square, that of loudness over its squared mean;
        without the mean loudness, the first MFCC's mean (its level), and the means of the two parts.

    Examples
    --------
    >>> import numpy as np
    >>> level_free(np.ones((2, 57))).shape
    (2, 53)
    """
    values = dict(zip(FEATURES, np.asarray(numbers, dtype=np.float64).T, strict=True))
    mean_square = np.maximum(np.square(values["rms_mean"]) + values["rms_var"], QUIETEST)
    values["harmony_var"] = values["harmony_var"] / mean_square
    values["perceptr_var"] = values["perceptr_var"] / mean_square
    values["rms_var"] = values["rms_var"] / np.maximum(np.square(values["rms_mean"]), QUIETEST)
    return np.stack([values[name] for name in LEVEL_FREE], axis=1)


def embedded_numbers(steps: Sequence[np.ndarray], sample_rate: int = SAMPLE_RATE) -> np.ndarray:
    """Describe stretches of sound by the 53 level-free numbers, two at a time.

    Parameters
    ----------
    steps : sequence of np.ndarray [shape=(m,), dtype=float32]
        In -1..1; of any length from 2,048 samples on.
    sample_rate : int [Hz]

    Returns
    -------
    np.ndarray [shape=(n, 53), dtype=float64]
    """
    from joblib import Parallel, delayed

    from genrelib.features.spectral import spectral_numbers

    with warnings.catch_warnings():  # librosa remarks on sound without a pitch, before the answer
        warnings.filterwarnings("ignore", message="Trying to estimate tuning")
        described = Parallel(n_jobs=min(2, len(steps)), prefer="threads")(
            delayed(spectral_numbers)(step, sample_rate=sample_rate) for step in steps
        )
    return level_free(np.array([list(numbers.values()) for numbers in described]))


def pretrained_numbers(output: str = "pooled") -> Callable[[np.ndarray], np.ndarray]:
    """Give the function that describes steps of 3 s at 16 kHz by numbers of musicnn's.

    Parameters
    ----------
    output : {"pooled", "dense", "tags"}
        See `genrelib.models.musicnn`.

    Raises
    ------
    GenrelibError
        Its weights are not installed.
    """
    from genrelib._base.tensorflow import tf
    from genrelib.models.musicnn import N_SAMPLES, musicnn

    model = musicnn(output)
    compute = tf.function(
        lambda samples: model(samples, training=False), input_signature=[tf.TensorSpec((None, N_SAMPLES), tf.float32)]
    )
    return lambda steps: compute(to_level(np.stack(steps))).numpy()


def to_level(steps: np.ndarray, level: float = LEVEL) -> np.ndarray:
    """Bring each step [n, samples] to one root mean square; silence stays."""
    loudness = np.sqrt(np.mean(np.square(steps, dtype=np.float64), axis=1, keepdims=True))
    return (steps * (level / np.where(loudness > 0, loudness, level))).astype(np.float32)
