"""Rows about networks: epochs past the cached front end."""

import statistics
import time
from unittest.mock import patch

from genrelib.slices import cut_slices
from genrelib.splits import Fold, split_slices
from tools.bench.measuring import alternate, row, scratch, seconds_of
from tools.bench.rows_audio import first

THIN = 4  # the 2-D network is timed on every fourth slice: its whole epoch takes a third of a minute
THIN_CRNN = 16  # and the Turin report's on every sixteenth: three quarters of a minute


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


def epoch_crnn(settings):
    """Time the same of crnn."""
    timed = _epochs("crnn", settings, extra=1, thin=THIN_CRNN)
    floor = (
        "the network: four 2-D convolutions of up to 128 filters and two GRUs take 98 parts in a hundred of an epoch, "
        "so a cache of the rest cannot show"
    )
    return row(**timed, floor=floor)


def _epochs(system, settings, *, extra, thin=1):
    """Time an epoch of ``train`` both ways, validation included."""
    from genrelib.training.loop import cached_front_end, split_front_end

    with scratch(settings) as folder:
        slices = cut_slices(first(settings.collection, 100), cache=folder, progress=False)
        fold = thinned(split_slices(slices, "slice"), thin)
        one_off = seconds_of(lambda: cached_front_end(split_front_end(_build(system, slices))[0], slices))
        repeats = max(1, (settings.repeats + 1) // 2)
        straight, past = alternate(
            lambda: seconds_an_epoch(system, slices, fold, extra, cache_front_end=False),
            lambda: seconds_an_epoch(system, slices, fold, extra, cache_front_end=True),
            repeats,
        )
    return {
        "name": f"an epoch of {system} on {len(fold.train)} slices",
        "plain": "train(…, cache_front_end=False): straight through",
        "ours": "train(…): past the cached front end",
        "plain_seconds": straight,
        "our_seconds": past,
        "collection": slices.collection.name,
        "note": f"{len(fold.train)} slices trained on and {len(fold.validation)} validated; the first epoch and set-up "
        f"are left out on both sides; the front end of all {len(slices)} slices took {one_off:.1f} s, once",
    }


def thinned(fold, thin):
    """Give the fold with every ``thin``-th slice of its training and validation part."""
    return Fold(fold.unit, fold.seed, fold.train[::thin], fold.validation[::thin], fold.test)


def _build(system, slices):
    import keras

    from genrelib import models

    keras.backend.clear_session()
    sizes = {"n_samples": slices.n_samples, "sample_rate": slices.sample_rate, "n_classes": len(slices.genres)}
    return getattr(models, system)(**sizes)


def seconds_an_epoch(system, slices, fold, extra, **options):
    """Train ``1 + extra`` epochs and give the median of all but the first, which traces the graph."""
    import keras

    from genrelib.training.loop import train

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
