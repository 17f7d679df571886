"""Rows about the Turin report: the machine's thousand repeats, and shifting the pitch of a collection."""

import os
from functools import partial

import numpy as np
import pandas as pd

from genrelib.audio import SAMPLE_RATE, read_audio
from genrelib.datasets import Collection
from genrelib.datasets.gtzan import GENRES
from genrelib.features.tzanetakis import NAMES
from genrelib.reports.turin.svm import N_FOLDS, repeated_svm
from tools.bench.measuring import row, scratch, seconds_of
from tools.bench.rows_audio import first

CORES = 2
TRACKS_PER_GENRE = 100
REPEATS = 1000
PLAIN_REPEATS = 50  # of the plain way, whose time is multiplied: all of them would take a quarter of an hour
SHIFTED = 10  # tracks
LIMIT = 300  # seconds


def svm_repeats(settings):
    """Cross-validate the machine a thousand times on a thousand tracks, against scikit-learn in a loop."""
    collection, table = thousand()
    repeats = 2 * PLAIN_REPEATS if settings.quick else REPEATS
    kept = {}

    def ours():
        kept["ours"] = repeated_svm(table, collection, n_repeats=repeats, n_jobs=CORES, progress=False)

    repeated_svm(table, collection, n_repeats=CORES, n_jobs=CORES, progress=False)  # the workers' start
    our_seconds = [seconds_of(ours)]
    plain_seconds = [seconds_of(partial(_plain_repeats, table, kept)) * repeats / PLAIN_REPEATS]
    return row(
        name=f"{repeats} repeats of {N_FOLDS}-fold cross-validation of an SVM, {len(table)} tracks",
        plain=f"cross_val_score in a loop: {PLAIN_REPEATS} repeats, times {repeats / PLAIN_REPEATS:g}",
        ours=f"repeated_svm(…, n_jobs={CORES})",
        plain_seconds=plain_seconds,
        our_seconds=our_seconds,
        limit_seconds=LIMIT,
        floor="libsvm itself, 45 machines a fit; with the kernel computed once for all of them it was a fifth faster",
        collection="drawn from a seed",
        note=f"thirty numbers as hard to tell apart as the real ones: accuracy {kept['ours'].accuracy:.3f}; "
        f"measured once; plain {kept['plain']:.3f}",
    )


def thousand(*, seed=0):
    """Draw a table of a thousand tracks whose ten genres overlap about as much as the real ones do.

    Returns
    -------
    (Collection, pd.DataFrame)
    """
    draw = np.random.default_rng(seed)
    genre = np.repeat(GENRES, TRACKS_PER_GENRE)
    ids = pd.Index([f"{one}.{number % TRACKS_PER_GENRE:05d}" for number, one in enumerate(genre)], name="track_id")
    centres = pd.DataFrame(0.4 * draw.standard_normal((len(GENRES), len(NAMES))), index=GENRES)
    values = centres.loc[genre].to_numpy() + draw.standard_normal((len(ids), len(NAMES)))
    tracks = pd.DataFrame({"genre": genre}, index=ids)
    tracks[["path", "artist", "artist_id", "album", "duration"]] = ["", None, None, None, 30.0]
    return Collection("thousand", tracks, root="."), pd.DataFrame(values, ids, NAMES).assign(label=genre)


def pitch_shift(settings):
    """Shift tracks by a semitone on two cores, against librosa in a loop; and once more, from the cache."""
    import librosa

    from genrelib.training.augment import pitch_shifted  # loads TensorFlow, which rows without it come before

    collection = first(settings.collection, SHIFTED)
    paths = list(collection.tracks["path"])

    def plain():
        for path in paths:
            librosa.effects.pitch_shift(read_audio(path), sr=SAMPLE_RATE, n_steps=1)

    with scratch(settings) as folder:
        pairs, again = [], []
        repeats = max(1, (settings.repeats + 1) // 2)
        for number in range(-1, repeats):  # the first is a warm-up: imports, and the workers' start
            ours = partial(pitch_shifted, collection, cache=folder / str(number), n_jobs=CORES, progress=False)
            pairs.append((seconds_of(plain), seconds_of(ours)))
            again.append(seconds_of(ours))
    plain_seconds, our_seconds = zip(*pairs[1:], strict=True)
    return row(
        name=f"{len(paths)} tracks a semitone up",
        plain="read_audio and librosa.effects.pitch_shift in a loop",
        ours=f"pitch_shifted(…, n_jobs={CORES}) into a fresh cache folder, WAV files written",
        plain_seconds=list(plain_seconds),
        our_seconds=list(our_seconds),
        target=1.5,
        floor=f"the phase vocoder itself: {CORES} processes cannot be more than {CORES} times as fast",
        collection=collection.name,
        note=f"a second call takes {np.median(again):.3f} s; {os.cpu_count()} cores in the machine",
    )


def _plain_repeats(table, kept):
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler
    from sklearn.svm import SVC

    rows, labels = table[NAMES].to_numpy(), table["label"].to_numpy()
    machine = make_pipeline(MinMaxScaler(), SVC(**kept["ours"].settings))
    accuracies = [
        cross_val_score(machine, rows, labels, cv=StratifiedKFold(N_FOLDS, shuffle=True, random_state=repeat)).mean()
        for repeat in range(PLAIN_REPEATS)
    ]
    kept["plain"] = float(np.mean(accuracies))
