"""Rows about the mel front end on a batch of slices: beside librosa, Keras' own layer, and itself under XLA."""

import time
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
    """Time the Kapre front end as training and songs use it, against librosa slice by slice."""
    return _against_librosa(settings, "mel front end", "mel_front_end (Kapre) in a tf.function, one batch", xla=False)


def front_end_xla(settings):
    """Time the same compiled by XLA, which rounds otherwise, so that kept trainings do without."""
    return _against_librosa(settings, "mel front end under XLA", "the same with jit_compile=True", xla=True)


def front_end_keras(settings):
    """Time it beside the layer that Keras has, whose mel spectrogram is another."""
    import keras
    import tensorflow as tf

    from genrelib.models.frontends import HOP, N_FFT, N_MELS

    audio, slices = _batch(settings)
    rate = slices.sample_rate
    layer = keras.layers.MelSpectrogram(
        fft_length=N_FFT, sequence_stride=HOP, num_mel_bins=N_MELS, sampling_rate=rate, max_freq=rate / 2
    )
    theirs, ours = partial(_compute, tf.function(layer), audio), partial(_compute, _kapre(slices), audio[..., None])
    theirs(), ours()  # tracing
    their_seconds, our_seconds = alternate(lambda: seconds_of(theirs), lambda: seconds_of(ours), settings.repeats)
    return row(
        name=f"mel front end on {BATCH} slices, Keras' layer beside it",
        plain="keras.layers.MelSpectrogram in a tf.function, one batch",
        ours="mel_front_end (Kapre) in a tf.function, one batch",
        plain_seconds=their_seconds,
        our_seconds=our_seconds,
        floor="the same FFT on both sides",
        collection=slices.collection.name,
        note=f"another spectrogram: HTK mel, centre padding; {_each(their_seconds)} a slice against "
        f"{_each(our_seconds)}",
    )


def _against_librosa(settings, name, ours, *, xla):
    audio, slices = _batch(settings)
    plain = partial(_librosa_loop, audio, slices.sample_rate)
    compute, plain_graph = (partial(_compute, _kapre(slices, xla=x), audio[..., None]) for x in (xla, False))
    plain()  # imports
    apart = np.abs(compute() - plain_graph()).max()  # tracing, too
    processor = time.process_time()
    whole = seconds_of(compute)
    busy = (time.process_time() - processor) / whole
    plain_seconds, our_seconds = alternate(lambda: seconds_of(plain), lambda: seconds_of(compute), settings.repeats)
    return row(
        name=f"{name} on {BATCH} slices",
        plain=LIBROSA,
        ours=ours,
        plain_seconds=plain_seconds,
        our_seconds=our_seconds,
        target=TARGET,
        floor=FLOOR,
        collection=slices.collection.name,
        note=f"{_each(our_seconds)} a slice, librosa {_each(plain_seconds)}; {busy:.1f} cores busy"
        + (f"; at most {apart:.1g} dB from the same without XLA, so kept spectrograms do without" if xla else ""),
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
