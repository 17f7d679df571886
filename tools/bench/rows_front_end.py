"""Rows about the mel front end on a batch of slices: its floor, Keras' own layer, and itself under XLA by librosa."""

from functools import partial

import numpy as np

from genrelib.audio import INT16_SCALE
from genrelib.slices import cut_slices
from tools.bench.measuring import alternate, row, scratch, seconds_of
from tools.bench.rows_audio import first

BATCH = 64  # slices
TARGET = 3
LIBROSA = "for slice in batch: librosa.feature.melspectrogram, librosa.amplitude_to_db"
# one core's share of a slice's 1.5 ms, measured step by step; the same under any size of batch, and in the same bits
FLOOR = (
    "TensorFlow's kernels on one core: framing a fifth, FFT three tenths, magnitude of complex numbers two fifths, "
    "mel product a fifth, decibel and copies the rest (under a twentieth each)"
)


def front_end(settings):
    """Time the Kapre front end as training and songs use it, against the Fourier transforms that it stands on."""
    import tensorflow as tf

    from genrelib.models.frontends import HOP, N_FFT

    transforms = partial(tf.signal.stft, frame_length=N_FFT, frame_step=HOP)
    plain, floor = "the floor: tf.signal.stft of the batch", f"the ratio is how near we are. {FLOOR}"
    return _beside(settings, lambda slices: transforms, name="", plain=plain, floor=floor)


def front_end_xla(settings):
    """Time the same compiled by XLA, which rounds otherwise, so that kept trainings do without, against librosa."""
    audio, slices = _batch(settings)
    plain = partial(_librosa_loop, audio, slices.sample_rate)
    compute, plain_graph = (partial(_compute, _kapre(slices, xla=x), audio[..., None]) for x in (True, False))
    plain()  # imports
    apart = np.abs(compute() - plain_graph()).max()  # tracing, too
    plain_seconds, our_seconds = alternate(lambda: seconds_of(plain), lambda: seconds_of(compute), settings.repeats)
    return row(
        name=f"mel front end under XLA on {BATCH} slices",
        plain=LIBROSA,
        ours="mel_front_end (Kapre) in a tf.function with jit_compile=True, one batch",
        plain_seconds=plain_seconds,
        our_seconds=our_seconds,
        target=TARGET,
        floor=FLOOR,
        collection=slices.collection.name,
        note=f"{_each(our_seconds)} a slice, librosa {_each(plain_seconds)}; at most {apart:.1g} dB from the same "
        "without XLA, so kept spectrograms do without",
    )


def front_end_keras(settings):
    """Time it beside the layer that Keras has, whose mel spectrogram is another."""
    import keras

    from genrelib.models.frontends import HOP, N_FFT, N_MELS

    def layer(slices):
        sizes = {"fft_length": N_FFT, "sequence_stride": HOP, "num_mel_bins": N_MELS}
        rate = slices.sample_rate
        return keras.layers.MelSpectrogram(**sizes, sampling_rate=rate, max_freq=rate / 2)

    return _beside(
        settings,
        layer,
        name=", Keras' layer beside it",
        plain="keras.layers.MelSpectrogram in a tf.function, one batch",
        floor="the same FFT on both sides; another spectrogram: HTK mel, centre padding",
    )


def _beside(settings, build, *, name, plain, floor):
    """Time another function of a batch, built for the slices, beside the Kapre front end."""
    import tensorflow as tf

    audio, slices = _batch(settings)
    theirs = partial(_compute, tf.function(build(slices)), audio)
    ours = partial(_compute, _kapre(slices), audio[..., None])
    theirs(), ours()  # tracing
    their_seconds, our_seconds = alternate(lambda: seconds_of(theirs), lambda: seconds_of(ours), settings.repeats)
    return row(
        name=f"mel front end on {BATCH} slices{name}",
        plain=plain,
        ours="mel_front_end (Kapre) in a tf.function, one batch",
        plain_seconds=their_seconds,
        our_seconds=our_seconds,
        floor=floor,
        collection=slices.collection.name,
        note=f"{_each(our_seconds)} a slice, the other {_each(their_seconds)}",
    )


def _batch(settings):
    """Give slices from all over the collection as float32 [BATCH, n_samples], and the set that they are of."""
    with scratch(settings) as folder:
        slices = cut_slices(first(settings.collection, 100), cache=folder, progress=False)
        chosen = np.linspace(0, len(slices) - 1, BATCH).astype(int)
        return slices.samples[chosen].astype(np.float32) / INT16_SCALE, slices


def _kapre(slices, *, xla=False):
    import tensorflow as tf

    from genrelib.models.frontends import mel_front_end

    layer = mel_front_end(n_samples=slices.n_samples, sample_rate=slices.sample_rate)
    return tf.function(layer, jit_compile=xla)


def _compute(function, audio):
    import tensorflow as tf

    return function(tf.constant(audio)).numpy()


def _librosa_loop(audio, sample_rate):
    import librosa

    from genrelib.models.frontends import HOP, N_FFT, N_MELS

    sizes = {"n_fft": N_FFT, "hop_length": HOP, "n_mels": N_MELS}
    for one in audio:
        mel = librosa.feature.melspectrogram(y=one, sr=sample_rate, power=1, center=False, **sizes)
        librosa.amplitude_to_db(mel, ref=np.max)


def _each(seconds):
    return f"{1000 * np.median(seconds) / BATCH:.2f} ms"
