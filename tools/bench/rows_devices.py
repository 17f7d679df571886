"""Rows about feeding a device: whether batches come faster than it takes them, and what mixed precision gives a GPU."""

from contextlib import contextmanager

from genrelib.slices import cut_slices
from genrelib.splits import split_slices
from tools.bench.measuring import alternate, row, scratch, seconds_of
from tools.bench.rows_audio import first
from tools.bench.rows_training import THIN, seconds_an_epoch, thinned

BATCH = 32
MOST_INPUT = "raw_cnn1d"  # of all networks it reads the most samples for its arithmetic


def feeding(settings):
    """Time reading an epoch's batches by itself, against the epoch that they feed."""
    from genrelib.training.loop import batches

    with scratch(settings) as folder:
        slices = cut_slices(first(settings.collection, 100), cache=folder, progress=False)
        fold = thinned(split_slices(slices, "slice"), THIN)

        def read():
            fed = batches(slices.samples, slices.labels, fold.train, 10, batch_size=BATCH, seed=0, raw=True)
            return seconds_of(lambda: [None for _ in fed])

        read()
        network, reading = alternate(
            lambda: seconds_an_epoch(MOST_INPUT, slices, fold, 1, batch_size=BATCH), read, _few(settings)
        )
    device = _gpu()
    return row(
        name=f"batches of an epoch of {MOST_INPUT}",
        plain="the epoch that they feed, validation included",
        ours="reading them by themselves, as int16; the device casts",
        plain_seconds=network,
        our_seconds=reading,
        target=1,
        floor="copying a batch out of the memory map, and into TensorFlow's memory",
        collection=slices.collection.name,
        note=f"{len(fold.train)} slices, {slices.n_samples * 2 * BATCH / 1e6:.1f} MB a batch of {BATCH}; over 1 the "
        f"network never waits; trained on {device or 'the CPU: there is no GPU here'}",
    )


def mixed_precision(settings):
    """Time an epoch of mel_cnn2d under mixed_float16, against float32; None where there is no GPU."""
    device = _gpu()
    if not device:
        return None
    with scratch(settings) as folder:
        slices = cut_slices(first(settings.collection, 100), cache=folder, progress=False)
        fold = split_slices(slices, "slice")

        def epoch(policy):
            with _policy(policy):
                return seconds_an_epoch("mel_cnn2d", slices, fold, 2)

        plain_seconds, our_seconds = alternate(lambda: epoch("float32"), lambda: epoch("mixed_float16"), _few(settings))
    return row(
        name="an epoch of mel_cnn2d in mixed precision",
        plain="train(…) in float32",
        ours="the same under keras.config.set_dtype_policy('mixed_float16'); the front end stays float32",
        plain_seconds=plain_seconds,
        our_seconds=our_seconds,
        floor="the network's own reading and writing of memory, halved",
        collection=slices.collection.name,
        note=f"on {device}",
    )


def _few(settings):
    return max(1, (settings.repeats + 1) // 2)


def _gpu():
    from genrelib.reports.session import gpus

    return ", ".join(gpus())


@contextmanager
def _policy(name):
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
