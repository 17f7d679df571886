from types import SimpleNamespace

import numpy as np
import pandas as pd

from genrelib.reports.leakage import horses
from genrelib.reports.leakage.changes import CHANGES

RATE = 22050


def slices_of(n_songs=4, n_slices=3, n_samples=RATE):
    tracks = np.repeat([f"song {number}" for number in range(n_songs)], n_slices)
    sound = np.random.default_rng(0).normal(0, 3000, (len(tracks), n_samples)).astype(np.int16)
    table = pd.DataFrame({"track_id": tracks, "genre": np.where(np.arange(len(tracks)) < 6, "blues", "jazz")})
    labels = (table["genre"] == "jazz").to_numpy().astype(int)
    return SimpleNamespace(samples=sound, table=table, labels=labels, sample_rate=RATE, n_samples=n_samples)


def of_loudness(sound, features):
    """Names by the level alone: the second genre where it is low."""
    loud = np.sqrt(np.mean(np.square(sound), axis=1)) > 0.06
    return np.eye(2)[np.where(loud, 0, 1)]


def of_nothing(sound, features):
    assert features.shape == (len(sound), 57)
    return np.tile([1.0, 0.0], (len(sound), 1))


def test_a_system_that_hears_the_level_is_moved_by_it_and_one_that_does_not_is_not():
    slices = slices_of()
    table = horses.changed_answers({"loud": of_loudness, "deaf": of_nothing}, slices, ["song 0", "song 3"])
    moved = horses.shares(table, pd.Series(["A", "B"], ["song 0", "song 3"])).set_index(["system", "change"])
    assert set(table["change"]) == {horses.UNCHANGED, *CHANGES}
    assert (moved["songs"] == 2).all() and (moved["artists"] == 2).all()
    assert (moved["low"] <= moved["moved"]).all() and (moved["moved"] <= moved["high"]).all()
    assert moved.loc[("loud", "12 dB quieter"), "moved"] == 1 and moved.loc[("loud", "6 dB louder"), "moved"] == 0
    assert moved.loc[("loud", horses.UNCHANGED), "right"] == 0.5
    assert (moved.loc["deaf", "moved"] == 0).all() and (moved.loc["deaf", "right"] == 0.5).all()


def test_few_songs_are_of_many_genres():
    slices = slices_of()
    assert horses.songs_of(slices, np.arange(12), 2) == ["song 0", "song 2"]
    assert len(horses.songs_of(slices, np.arange(12), 99)) == 4
