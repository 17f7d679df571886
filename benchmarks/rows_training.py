"""Rows about networks: epochs past the cached front end, and the front end itself."""

import statistics
import time
from unittest.mock import patch

import numpy as np

from benchmarks.measuring import alternate, row, scratch, seconds_of
from benchmarks.rows_audio import first
from genrelib.audio import INT16_SCALE
from genrelib.slices import cut_slices
from genrelib.splits import Fold, split_slices

BATCH = 64  # slices in the front end's row
THIN = 4  # the 2-D network is timed on every fourth slice: its whole epoch takes a third of a minute


def epoch_1d(settings):
    """Time an epoch of mel_cnn1d past the cached front end, against straight through."""
    timed = _epochs("mel_cnn1d", settings, extra=2 if settings.quick else 4)
    return row(
        **timed,
        target=2,
        floor="the network itself: reading float32 mels, and the convolutions forwards and backwards",
    )


def epoch_2d(settings):
    """Time the same of mel_cnn2d."""
    timed = _epochs("mel_cnn2d", settings, extra=1 if settings.quick else 2, thin=THIN)
    floor = "the network: its 2-D convolutions forwards and backwards; the cache saves the front end's share alone"
    return row(**timed, floor=floor)


def front_end(settings):
    """Time the Kapre front end on a batch, against librosa slice by slice."""
    import keras
    import librosa
    import tensorflow as tf

    from genrelib.frontends import HOP, N_FFT, N_MELS, mel_front_end

    with scratch(settings) as folder:
        slices = cut_slices(first(settings.collection, 100), cache=folder, progress=False)
        chosen = np.linspace(0, len(slices) - 1, BATCH).astype(int)
        audio = slices.samples[chosen].astype(np.float32) / INT16_SCALE  # (batch, n_samples)
    sample_rate, n_samples = slices.sample_rate, slices.n_samples
    sizes = {"n_fft": N_FFT, "hop_length": HOP, "n_mels": N_MELS}
    kapre = tf.function(mel_front_end(n_samples=n_samples, sample_rate=sample_rate))
    theirs = keras.layers.MelSpectrogram(
        fft_length=N_FFT, sequence_stride=HOP, num_mel_bins=N_MELS, sampling_rate=sample_rate, max_freq=sample_rate / 2
    )
    theirs = tf.function(theirs)

    def librosa_loop():
        for one in audio:
            mel = librosa.feature.melspectrogram(y=one, sr=sample_rate, power=1, center=False, **sizes)
            librosa.amplitude_to_db(mel, ref=np.max)

    def ours():
        return seconds_of(lambda: kapre(tf.constant(audio[..., None])).numpy())

    def keras_layer():
        return seconds_of(lambda: theirs(tf.constant(audio)).numpy())

    librosa_loop(), ours(), keras_layer()  # imports and tracing
    plain_seconds, our_seconds = alternate(lambda: seconds_of(librosa_loop), ours, settings.repeats)
    keras_seconds = np.median([keras_layer() for _ in range(settings.repeats)])
    return row(
        name=f"mel front end on {BATCH} slices",
        plain="for slice in batch: librosa.feature.melspectrogram, librosa.amplitude_to_db",
        ours="mel_front_end (Kapre) in a tf.function, one batch",
        plain_seconds=plain_seconds,
        our_seconds=our_seconds,
        target=3,
        floor="TensorFlow's FFT and the mel matrix product, on all cores",
        collection=slices.collection.name,
        note=f"{1000 * np.median(our_seconds) / BATCH:.2f} ms a slice; keras.layers.MelSpectrogram, which differs "
        f"(HTK mel, centre padding), took {1000 * keras_seconds / BATCH:.2f} ms",
    )


def _epochs(system, settings, *, extra, thin=1):
    """Time an epoch of ``train`` both ways, validation included."""
    from genrelib.training import cached_front_end, split_front_end

    with scratch(settings) as folder:
        slices = cut_slices(first(settings.collection, 100), cache=folder, progress=False)
        fold = _thinned(split_slices(slices, "slice"), thin)
        one_off = seconds_of(lambda: cached_front_end(split_front_end(_build(system, slices))[0], slices))
        repeats = max(1, (settings.repeats + 1) // 2)
        straight, past = alternate(
            lambda: _seconds_an_epoch(system, slices, fold, extra, cache_front_end=False),
            lambda: _seconds_an_epoch(system, slices, fold, extra, cache_front_end=True),
            repeats,
        )
    return {
        "name": f"an epoch of {system}",
        "plain": "train(…, cache_front_end=False): straight through",
        "ours": "train(…): past the cached front end",
        "plain_seconds": straight,
        "our_seconds": past,
        "collection": slices.collection.name,
        "note": f"{len(fold.train)} slices trained on and {len(fold.validation)} validated; the first epoch and set-up "
        f"are left out on both sides; the front end of all {len(slices)} slices took {one_off:.1f} s, once",
    }


def _thinned(fold, thin):
    return Fold(fold.unit, fold.seed, fold.train[::thin], fold.validation[::thin], fold.test)


def _build(system, slices):
    import keras

    from genrelib import models

    keras.backend.clear_session()
    sizes = {"n_samples": slices.n_samples, "sample_rate": slices.sample_rate, "n_classes": len(slices.genres)}
    return getattr(models, system)(**sizes)


def _seconds_an_epoch(system, slices, fold, extra, **options):
    """Train ``1 + extra`` epochs and give the median of all but the first, which traces the graph."""
    import keras

    from genrelib.training import train

    seconds, fit = [], keras.Model.fit
    clock = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: seconds.append(-time.perf_counter()),
        on_epoch_end=lambda epoch, logs: seconds.append(seconds.pop() + time.perf_counter()),
    )

    def watched(model, *arguments, callbacks, **keywords):
        return fit(model, *arguments, callbacks=[*callbacks, clock], **keywords)

    model = _build(system, slices)
    with patch.object(keras.Model, "fit", watched):  # train itself is timed, and takes no callbacks
        train(model, slices, fold, epochs=1 + extra, patience=2 + extra, **options)  # none is cut short
    return statistics.median(seconds[1:])
