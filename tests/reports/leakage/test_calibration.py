import numpy as np
import pandas as pd
import pytest

from genrelib.reports.leakage.calibration import calibration


def votes_of(said, right):
    """Answers of two genres, a song each, said with one probability each."""
    table = pd.DataFrame({"track_id": np.arange(len(said)).astype(str), "true": np.where(right, 0, 1), "p0": said})
    return table.assign(p1=1 - table["p0"])


def test_the_error_is_the_mean_distance_of_saying_and_being_right():
    votes = votes_of([0.95] * 4 + [0.65] * 4, np.array([1, 1, 1, 0, 1, 1, 0, 0], dtype=bool))
    figures = calibration(votes)
    assert figures["error"] == pytest.approx((0.2 + 0.15) / 2) and figures["n"] == 8
    assert figures["curve"] == [{"says": 0.65, "right": 0.5, "n": 4}, {"says": 0.95, "right": 0.75, "n": 4}]


def test_several_trainings_of_a_song_are_one_song_and_its_luck_is_drawn_once():
    rng = np.random.default_rng(1)
    said = rng.uniform(0.5, 1, 160)
    once = votes_of(said, rng.random(160) < said)
    first, thrice = calibration(once), calibration(pd.concat([once] * 3, ignore_index=True))
    assert thrice["n"] == first["n"] == 160 and thrice["sure"] == first["sure"]
    for name in ("right", "error", "perfect", "perfect_95", "low", "high"):
        assert thrice[name] == pytest.approx(first[name]), name
    assert thrice["curve"] == first["curve"]


def test_artists_are_drawn_where_they_are_kept_apart():
    votes = votes_of(np.full(40, 0.9), np.arange(40) < 20)
    two = pd.Series({str(i): f"artist {i // 20}" for i in range(39)})  # the last track has none: by itself
    apart, tracks = calibration(votes, two), calibration(votes)
    assert (apart["right"], apart["error"]) == (tracks["right"], tracks["error"])
    assert apart["high"] - apart["low"] > 2 * (tracks["high"] - tracks["low"])


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
