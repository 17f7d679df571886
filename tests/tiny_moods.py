"""Small slices whose tracks have a valence, and a network with two outputs that learns them in a few batches."""

from dataclasses import replace

import numpy as np
from keras import Input, Model, layers

from genrelib.reports.stanford.moods import mood_slices
from tests.tiny import tiny_slices

VALENCES = (0.1, 0.5, 0.9)


def moody_slices(folder, **sizes):
    """`tests.tiny.tiny_slices` with a valence a track: sad, neutral and happy in turn."""
    slices = tiny_slices(folder, **sizes)
    tracks = slices.collection.tracks
    valence = np.resize(VALENCES, len(tracks))
    return replace(slices, collection=replace(slices.collection, tracks=tracks.assign(valence=valence)))


def labelled_slices(folder, **sizes):
    slices = moody_slices(folder, **sizes)
    return {"genre": slices, "mood": mood_slices(slices)}


def tiny_two_outputs(*, n_samples, sample_rate, n_genres=3, n_moods=3, width=8):
    """A network on a coarse spectrum: quick, and without a front end."""
    audio = Input((n_samples,), name="audio")
    x = layers.Reshape((n_samples, 1))(audio)
    x = layers.Conv1D(width, 32, strides=8, activation="relu")(x)
    x = layers.Dense(5, activation="relu", name="music_vector")(layers.GlobalMaxPooling1D()(x))
    ends = {"genre": n_genres, "mood": n_moods}
    return Model(audio, {name: layers.Dense(n, activation="softmax", name=name)(x) for name, n in ends.items()})
