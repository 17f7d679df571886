"""Intervals over several trainings: what is resampled, against plain loops."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from genrelib._base.errors import GenrelibError
from genrelib.evaluation.measured import N_RESAMPLES, resampled, sampled, seeds_share
from genrelib.evaluation.scores import score_predictions
from tests.evaluation.test_scores import table


def scores_of(hits, tracks, first=0):
    """One slice a track and hit; every slice is blues."""
    p = np.where(np.array(hits)[:, None], [0.9, 0.1], [0.1, 0.9])
    return score_predictions(table(tracks, 0, p, slice=np.arange(len(p)) + first), ["blues", "jazz"], n_resamples=0)


def naive(parts, groups, n=4000):
    """Draw groups over all parts at once; the figure is the mean over the parts of the share that was right."""
    rng, names, figures = np.random.default_rng(1), sorted(set(groups.values())), []
    for _ in range(n):
        drawn = rng.choice(names, len(names))
        shares = []
        for hits, tracks in parts:
            chosen = [hit for name in drawn for hit, track in zip(hits, tracks) if groups[track] == name]
            shares += [np.mean(chosen)] if chosen else []
        figures += [np.mean(shares)] if shares else []
    return np.percentile(figures, [2.5, 97.5])


def test_artists_of_all_folds_are_drawn_together():
    rng = np.random.default_rng(0)
    tracks = [[f"{fold}{i:02d}" for i in range(30)] for fold in "abc"]
    groups = {track: f"{track[0]}{int(track[1:]) // 3}" for part in tracks for track in part}  # three tracks an artist
    hits = [np.repeat(rng.random(10) < 0.5, 3) for _ in tracks]
    counted = [scores_of(*part, first=100 * fold) for fold, part in enumerate(zip(hits, tracks))]
    by_artist = sampled(counted, "slice", "accuracy", pd.Series(groups))
    assert by_artist["ci95"] == pytest.approx(naive(list(zip(hits, tracks)), groups), abs=0.02)
    assert (by_artist["n_tracks"], by_artist["n_artists"]) == (90, 30)
    assert "30 artists of 90 tracks" in by_artist["ci95_is"] and "folds" in by_artist["ci95_is"]
    by_track = sampled(counted, "slice", "accuracy")
    assert by_track["n_artists"] is None
    assert np.ptp(by_track["ci95"]) < 0.75 * np.ptp(by_artist["ci95"])  # what falls together is one, not three


def test_trainings_that_share_a_test_part_are_drawn_too():
    tracks = [f"t{i}" for i in range(40)]
    right, wrong = scores_of(np.ones(40, bool), tracks), scores_of(np.zeros(40, bool), tracks)
    assert sampled([right, wrong], "track", "accuracy")["ci95"] == (0.0, 1.0)
    elsewhere = scores_of(np.zeros(40, bool), [f"u{i}" for i in range(40)], first=40)
    assert sampled([right, elsewhere], "track", "accuracy")["ci95"] == (0.5, 0.5)


def test_a_difference_is_paired():
    rng = np.random.default_rng(0)
    tracks, hits = [f"t{i}" for i in range(50)], rng.random(50) < 0.5
    better = hits.copy()
    better[np.flatnonzero(~hits)[:5]] = True
    low, high = sampled([scores_of(better, tracks)], "slice", "accuracy", others=[scores_of(hits, tracks)])["ci95"]
    assert 0 < low < 0.1 < high < 0.2  # unpaired it would hold 0


def test_recalls_have_an_interval_and_what_does_not_follow_from_a_confusion_has_none():
    scores = scores_of(np.arange(20) % 2 == 0, [f"t{i}" for i in range(20)])
    assert np.array_equal(resampled([scores], "slice", "recall_blues"), resampled([scores], "slice", "accuracy"))
    assert len(resampled([scores], "slice", "accuracy")) == N_RESAMPLES
    assert sampled([scores], "slice", "top3_accuracy")["ci95"] is None
    assert sampled([scores_of([True], ["t0"])], "slice", "accuracy")["ci95"] is None


def test_the_share_of_the_seeds_is_that_of_trainings_on_one_fold():
    def run(share, fold):
        hits = np.arange(20) < round(20 * share)
        tracks = [f"{fold}{i}" for i in range(20)]
        return SimpleNamespace(scores=scores_of(hits, tracks, first=100 * fold))

    agree = [run(share, fold) for fold, share in enumerate((0.2, 0.5, 0.8)) for _ in range(3)]
    assert seeds_share(agree) == pytest.approx(0, abs=1e-9)
    differ = [run(share, fold) for fold in range(3) for share in (0.2, 0.5, 0.8)]
    assert seeds_share(differ) == 1.0
    both = [run(middle + step, fold) for fold, middle in enumerate((0.2, 0.5, 0.8)) for step in (-0.1, 0, 0.1)]
    assert seeds_share(both) == pytest.approx(0.01 / (0.01 + 0.09 - 0.01 / 3))
    with pytest.raises(GenrelibError, match="two trainings"):
        seeds_share(agree[::3])
