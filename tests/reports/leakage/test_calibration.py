import numpy as np
import pandas as pd
import pytest

from genrelib.reports.leakage.calibration import calibration, calibration_error


def votes_of(said, right, n_tracks=None):
    """Answers of two genres, said with one probability each."""
    tracks = np.arange(len(said)) if n_tracks is None else np.arange(len(said)) % n_tracks
    table = pd.DataFrame({"track_id": tracks.astype(str), "true": np.where(right, 0, 1), "p0": said})
    return table.assign(p1=1 - table["p0"])


def test_the_error_is_the_mean_distance_of_saying_and_being_right():
    p = np.array([[0.95, 0.05]] * 4 + [[0.65, 0.35]] * 4)
    error, curve = calibration_error(p, np.array([0, 0, 0, 1, 0, 0, 1, 1]))
    assert error == pytest.approx((0.2 + 0.15) / 2)
    assert curve == [{"says": 0.65, "right": 0.5, "n": 4}, {"says": 0.95, "right": 0.75, "n": 4}]


def test_a_true_model_shows_what_a_perfect_one_would():
    rng = np.random.default_rng(0)
    said = rng.uniform(0.5, 1, 4000)
    figures = calibration(votes_of(said, rng.random(4000) < said))
    assert figures["error"] < figures["perfect_95"] < 0.05 and figures["perfect"] < figures["perfect_95"]
    assert figures["right"] == pytest.approx(0.9, abs=0.03) and figures["low"] < figures["right"] < figures["high"]


def test_few_answers_show_an_error_by_luck_alone_and_overconfidence_shows_more():
    figures = calibration(votes_of(np.full(40, 0.9), np.arange(40) < 20))
    assert figures["sure"] == 40 and figures["right"] == 0.5 and figures["error"] == pytest.approx(0.4)
    assert 0.01 < figures["perfect"] < 0.1 and figures["error"] > figures["perfect_95"]


def test_without_a_sure_answer_there_is_no_share_of_right_ones():
    figures = calibration(votes_of(np.full(10, 0.6), np.arange(10) < 5))
    assert figures["sure"] == 0 and np.isnan([figures["right"], figures["low"]]).all()
