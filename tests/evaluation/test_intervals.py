"""One interval for all figures: the same draws as by hand, over tracks and artists."""

import numpy as np
import pandas as pd
import pytest

from genrelib._base.errors import ResultError
from genrelib.evaluation.intervals import interval_of_mean, resamples
from genrelib.evaluation.scores import paired_difference, score_predictions
from tests.evaluation.test_scores import GENRES, drawn


def test_nothing_is_resampled_from_one_group():
    assert np.isnan(interval_of_mean([1, 0], ["a", "a"])).all() and resamples(1).shape == (0, 1)
    assert np.isnan(score_predictions(drawn(1), GENRES).slice.ci95["accuracy"]).all()


def two_artists(n_tracks=8):
    """Tracks of two artists, one always named rightly and one never."""
    frame = drawn(n_tracks, n_slices=2)
    artist = np.repeat(["right", "wrong"], n_tracks)
    given = np.where(artist == "right", frame["true"], (frame["true"] + 1) % 4)
    frame = frame.assign(**{f"p{i}": (given == i).astype(np.float32) for i in range(4)})
    return frame, pd.Series(artist, frame["track_id"]).groupby(level=0).first()


def test_where_artists_are_kept_apart_they_are_what_is_resampled():
    frame, artists = two_artists()
    by_track, by_artist = score_predictions(frame, GENRES), score_predictions(frame, GENRES, groups=artists)
    assert by_artist.slice.ci95["accuracy"] == by_artist.track.ci95["accuracy"] == (0, 1)  # both, or either twice
    low, high = by_track.slice.ci95["accuracy"]
    assert 0 < low < by_artist.slice.accuracy == 0.5 < high < 1
    assert by_artist.track.confusion.tolist() == by_track.track.confusion.tolist()
    each_alone = pd.Series(artists.index, artists.index)
    assert score_predictions(frame, GENRES, groups=each_alone).slice.ci95 == by_track.slice.ci95


def test_a_difference_is_paired_by_artist():
    frame, artists = two_artists()
    right = frame.assign(**{f"p{i}": (frame["true"] == i).astype(np.float32) for i in range(4)})
    assert paired_difference(right, frame, groups=artists) == (0.5, (0, 1))
    low, high = paired_difference(right, frame)[1]
    assert 0 < low < high < 1


def test_a_track_in_no_group_is_named():
    frame, artists = two_artists()
    with pytest.raises(ResultError, match="t3"):
        score_predictions(frame, GENRES, groups=artists.drop("t3"))
