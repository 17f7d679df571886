"""What a rehearsal changes inside a notebook's kernel: a demo of GTZAN's size, one epoch, few splits."""

import functools
import inspect
import json
import os
import time
from dataclasses import replace
from pathlib import Path

SETTINGS = "GENRELIB_REHEARSAL"  # JSON: tracks_per_genre, seconds, log
LEFT_OUT = "left out of a rehearsal"
# notebooks 02, 05 and 07 go on with what these were taught by artist
EVERY_SPLIT = ("feature_mlp", "yu_multi_output")


def install():
    """Change genrelib in this process; what was trained is noted in the log, a line of JSON each."""
    from genrelib.training import multi_output
    from genrelib.reports import session as notebook
    from genrelib.training import protocols
    from genrelib.datasets.demo import collection as demo

    settings = json.loads(os.environ[SETTINGS])
    log = Path(settings.pop("log"))
    demo.load_demo.__kwdefaults__.update(settings, progress=False)
    notebook.Session.choose = lambda self, real, demo: real  # sizes as on real audio
    protocols.run_protocols = _first_unit(protocols.run_protocols)
    multi_output.run_outputs = _first_fold(multi_output.run_outputs)
    notebook.start = _then_cap(notebook.start, log)
    _note(log, installed=True)


def _then_cap(start, log):
    """Cap trainings once a notebook has loaded TensorFlow: a kernel has a minute to answer, and that is part of it."""

    @functools.wraps(start)
    def started():
        start()
        from genrelib.training import multi_output
        from genrelib.training import loop as training

        training.train = _capped(training.train, log)
        multi_output.train_outputs = _capped(multi_output.train_outputs, log)

    return started


def _capped(train, log):
    """Train one epoch in place of those asked for, and note how many they were and how long one took."""
    default = inspect.signature(train).parameters["epochs"].default

    @functools.wraps(train)
    def one_epoch(model, rows, fold, epochs=default, *arguments, **keywords):
        with _watched_fit() as seconds:
            history = train(model, rows, fold, 1, *arguments, **keywords)
        _note(log, model=model.name, epochs=epochs, seconds_an_epoch=sum(seconds), n_train=len(fold.train))
        return history

    return one_epoch


class _watched_fit:
    """Time Keras' fit, and not what is computed once before it."""

    def __enter__(self):
        import keras

        self.seconds, self.fit = [], keras.Model.fit

        def timed(model, *arguments, **keywords):
            begin = time.perf_counter()
            told = self.fit(model, *arguments, **keywords)
            self.seconds.append(time.perf_counter() - begin)
            return told

        keras.Model.fit = timed
        return self.seconds

    def __exit__(self, *error):
        import keras

        keras.Model.fit = self.fit


def _first_unit(run_protocols):
    @functools.wraps(run_protocols)
    def first(system, slices, units, *arguments, **settings):
        done, rest = _parted(system, units)
        runs = run_protocols(system, slices, done, *arguments, **settings)
        return replace(runs, not_measured=runs.not_measured | dict.fromkeys(rest, LEFT_OUT))

    return first


def _first_fold(run_outputs):
    @functools.wraps(run_outputs)
    def first(system, labelled, folds, **settings):
        done, rest = _parted(system, folds)
        kept = {unit: folds[unit] for unit in done}
        return run_outputs(system, labelled, {**kept, **dict.fromkeys(rest, LEFT_OUT)}, **settings)

    return first


def _parted(system, units):
    first = len(units) if system in EVERY_SPLIT else 1
    return list(units)[:first], list(units)[first:]


def _note(log, **what):
    with open(log, "a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")
