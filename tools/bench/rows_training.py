"""Rows about networks: an epoch of each network of the reports, against Keras' own fit on float arrays in memory.

Both sides are without XLA and deterministic, as `genrelib.training.loop.train` is, and validate; their first epoch,
which traces the graph, is left out. The floor is the network alone: fit on what its front end gave, in memory.
"""

import statistics
import time
from unittest.mock import patch

import numpy as np

from genrelib.audio import INT16_SCALE
from genrelib.slices import cut_slices
from genrelib.splits import Fold, split_slices
from tools.bench.measuring import row, scratch, seconds_of
from tools.bench.rows_audio import first

THIN = 4  # a heavy network is timed on every fourth slice: its whole epoch takes a third of a minute
THIN_CRNN = 16  # and the Turin report's on every sixteenth: three quarters of a minute
WINDOWED_TRACKS = 20  # of 599 windows each
EXTRA = 5  # epochs timed, the median taken: one of a few batches is over in a fifth of a second


def _slices(collection, cache):
    return cut_slices(first(collection, 100), cache=cache, progress=False)


def _pictures(collection, cache):
    from genrelib.features.pictures import draw_slices

    return draw_slices(_slices(collection, cache), progress=False)


def _numbers(collection, cache):
    from genrelib.features import spectral_table
    from genrelib.features.rows import as_slices

    collection = first(collection, 50)
    return as_slices(spectral_table(collection, seconds=3.0, cache=cache, progress=False), collection)


def _windows(collection, cache):
    from genrelib.features.windows import cut_windows

    return cut_windows(first(collection, WINDOWED_TRACKS), cache=cache, progress=False)


# network: what it reads, and of how many rows one is trained on
NETWORKS = {
    "raw_cnn1d": (_slices, THIN), "mel_cnn1d": (_slices, 1), "mel_cnn2d": (_slices, THIN),
    "spectrogram_cnn": (_pictures, THIN), "spectrogram_resnet": (_pictures, THIN), "feature_mlp": (_numbers, 1),
    "crnn": (_slices, THIN_CRNN), "window_cnn1d": (_windows, 1),
    "yu_multi_output": (_slices, THIN), "choi": (_slices, THIN), "zhang": (_slices, THIN),
}  # fmt: skip
TWO_OUTPUTS = ("yu_multi_output", "choi", "zhang")  # genre and mood; the genre stands for both here


def epoch_of(system):
    """Give the function that times an epoch of a network, named after it."""

    def epoch(settings):
        return _epoch(system, settings)

    epoch.__name__ = f"epoch_{system}"
    return epoch


EPOCHS = [epoch_of(system) for system in NETWORKS]


def _epoch(system, settings):
    from genrelib.training.loop import behind_front_end

    read, thin = NETWORKS[system]
    with scratch(settings) as folder:
        rows = read(settings.collection, folder)
        fold, inputs = thinned(split_slices(rows, "slice"), thin), []
        one_off = seconds_of(lambda: inputs.append(behind_front_end(_build(system, rows), rows)[1]))
        cached = inputs[0] is not rows.samples
        given, heard = (_in_memory(system, samples, rows, fold) for samples in (rows.samples, inputs[0]))

        def alone():
            return _seconds_of_fit(behind_front_end(_build(system, rows), rows)[0], heard)

        plain, ours, floor = [], [], []
        for _ in range(1 if settings.quick else 2):
            plain.append(_seconds_of_fit(_build(system, rows), given))
            ours.append(seconds_an_epoch(system, rows, fold, EXTRA))
            floor.append(alone() if cached else plain[-1])
    least, took = statistics.median(floor), statistics.median(ours)
    how = "by fit on the front end's output in memory" if cached else "which is the plain side: no front end to spare"
    return row(
        name=f"an epoch of {system}",
        plain="Keras' compile and fit on float32 arrays in memory, the front end in the network",
        ours="train(…), past the cached front end" if cached else "train(…), batches read from the memory map",
        plain_seconds=plain,
        our_seconds=ours,
        floor=f"the network alone, forwards and backwards, {how}: {least:.3f} s; ours takes {took / least:.2f} times "
        "that",
        collection=rows.collection.name,
        note=f"{len(fold.train)} rows trained on, {len(fold.validation)} validated"
        + (f"; the front end of all {len(rows)} took {one_off:.1f} s, once" if cached else ""),
    )


def thinned(fold, thin):
    """Give the fold with every ``thin``-th slice of its training and validation part."""
    return Fold(fold.unit, fold.seed, fold.train[::thin], fold.validation[::thin], fold.test)


def _in_memory(system, samples, rows, fold):
    """Give inputs in float32 and one-hot targets, of training and of validation."""
    scale, parts = INT16_SCALE if samples.dtype == np.int16 else 1, []
    for part in (fold.train, fold.validation):
        targets = np.eye(len(rows.genres), dtype=np.float32)[rows.labels[part]]
        targets = {"genre": targets, "mood": targets} if system in TWO_OUTPUTS else targets
        parts.append((samples[part].astype(np.float32) / np.float32(scale), targets))
    return parts


def _build(system, rows):
    import keras

    from genrelib import models
    from genrelib.training.loop import set_seed

    keras.backend.clear_session()
    set_seed(0)
    classes = ("n_genres", "n_moods") if system in TWO_OUTPUTS else ("n_classes",)
    return getattr(models, system)(**rows.input_sizes, **dict.fromkeys(classes, len(rows.genres)))


def _seconds_of_fit(model, parts):
    """Fit with Keras alone; give the median seconds of all epochs but the first."""
    import keras

    from genrelib.evaluation.scores import gives_logits

    (inputs, targets), validation = parts
    loss = keras.losses.CategoricalCrossentropy(from_logits=gives_logits(model))
    two = isinstance(targets, dict)
    model.compile(
        "adam", dict.fromkeys(targets, loss) if two else loss, jit_compile=False,
        metrics=dict.fromkeys(targets, "accuracy") if two else ["accuracy"],
    )  # fmt: skip
    clock, seconds = _clock()
    settings = {"batch_size": 32, "epochs": 1 + EXTRA, "verbose": 0, "callbacks": [clock]}
    model.fit(inputs, targets, validation_data=validation, **settings)
    return statistics.median(seconds[1:])


def seconds_an_epoch(system, rows, fold, extra, **options):
    """Train ``1 + extra`` epochs and give the median of all but the first, which traces the graph."""
    import keras

    from genrelib.training.loop import train

    (clock, seconds), fit = _clock(), keras.Model.fit

    def watched(model, *arguments, callbacks, **keywords):
        return fit(model, *arguments, callbacks=[*callbacks, clock], **keywords)

    model = _build(system, rows)
    taught = {"genre": rows, "mood": rows} if system in TWO_OUTPUTS else rows
    with patch.object(keras.Model, "fit", watched):  # train itself is timed, and takes no callbacks
        train(model, taught, fold, epochs=1 + extra, patience=2 + extra, **options)  # none is cut short
    return statistics.median(seconds[1:])


def _clock():
    """Give a callback, and the list that it puts each epoch's seconds into."""
    import keras

    seconds = []
    callback = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: seconds.append(-time.perf_counter()),
        on_epoch_end=lambda epoch, logs: seconds.append(seconds.pop() + time.perf_counter()),
    )
    return callback, seconds
