"""A small SliceSet of synthetic sound: three genres that a network tells apart after a few batches."""

import re

import numpy as np
import pandas as pd

from genrelib.datasets.collection import Collection
from genrelib.features.rows import as_rows
from genrelib.slices import SliceSet
from genrelib.splits import Fold

GENRES = ["blues", "jazz", "metal"]
PITCHES = (300.0, 1200.0, 4000.0)  # Hz
SAMPLE_RATE = 22050


def tiny_slices(folder, *, n_samples=4096, n_artists=3, tracks_per_artist=2, slices_per_track=3, seed=0, key=None):
    """Write slices of a tone in noise, a pitch a genre, and give them as a SliceSet."""
    rng = np.random.default_rng(seed)
    rows = [
        {"genre": genre, "artist_id": f"{genre}.{artist}", "track_id": f"{genre}.{artist}.{track}"}
        for genre in GENRES
        for artist in range(n_artists)
        for track in range(tracks_per_artist)
    ]
    tracks = pd.DataFrame(rows).assign(artist=None, album=None, path="", duration=1.0).set_index("track_id")
    table = tracks[["genre"]].reset_index().loc[np.repeat(np.arange(len(tracks)), slices_per_track)]
    table = table.reset_index(drop=True).assign(start=0.0)
    time = np.arange(n_samples) / SAMPLE_RATE
    pitch = table["genre"].map(dict(zip(GENRES, PITCHES, strict=True))).to_numpy()
    sound = np.sin(2 * np.pi * (pitch[:, None] * time + rng.random((len(table), 1))))
    sound = 0.3 * sound + 0.1 * rng.standard_normal(sound.shape)
    folder.mkdir(parents=True, exist_ok=True)
    samples = np.memmap(folder / "samples.int16", dtype=np.int16, mode="w+", shape=sound.shape)
    samples[:] = np.clip(sound * 32768, -32768, 32767)
    samples.flush()
    return SliceSet(
        samples=np.memmap(folder / "samples.int16", dtype=np.int16, mode="r", shape=sound.shape),
        table=table,
        genres=GENRES,
        sample_rate=SAMPLE_RATE,
        seconds=n_samples / SAMPLE_RATE,
        hop_seconds=n_samples / SAMPLE_RATE,
        collection=Collection("tiny", tracks, folder),
        key=key or f"tiny-{n_samples}-{n_artists}-{tracks_per_artist}-{slices_per_track}-{seed}",
    )


def tiny_fold(slices, *, seed=0):
    """Every third slice tests, every third of the others validates."""
    order = np.arange(len(slices))
    rest = order[order % 3 != 0]
    return Fold("slice", seed, rest[rest % 4 != 1], rest[rest % 4 == 1], order[order % 3 == 0])


def features(n=60, n_features=57, seed=0):
    """Columns as far apart as the real ones: from 1e-5 to 1e6."""
    rng = np.random.default_rng(seed)
    scale = 10.0 ** np.linspace(-5, 6, n_features)
    return (scale * (3 * rng.standard_normal(n_features) + rng.standard_normal((n, n_features)))).astype(np.float32)


def rows_of(slices, seed=0):
    """A row of features a slice; the genre shows in every third."""
    samples = features(len(slices), seed=seed)
    samples[:, ::3] += 2 * samples[:, ::3].std(axis=0) * slices.labels[:, None]
    return as_rows(samples, slices.table, slices.collection)


def assert_reloads_alike(model, batch, folder):
    """Save a model, load it again in safe mode, and compare what both give for a batch."""
    import keras

    from genrelib.training.loop import load_model

    path = folder / f"{model.name}.keras"
    model.save(path)
    loaded = load_model(path)
    # Keras loses a Sequential's `trainable`; that of a front end without weights decides nothing
    texts = [each.to_json().replace('"trainable": false', '"trainable": true') for each in (loaded, model)]
    texts = [re.sub(r'"max_\d+"', '"max"', text) for text in texts]  # Keras 3.10 numbers an operation anew
    assert texts[0] == texts[1]
    one, other = (keras.tree.flatten(each.predict(batch, verbose=0)) for each in (loaded, model))
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)
