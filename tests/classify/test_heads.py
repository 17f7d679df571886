"""A linear head against scikit-learn, whose parts it holds."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PowerTransformer

from genrelib._base.errors import ResultError
from genrelib.classify.heads import NEAREST, Head, read_head
from genrelib.classify.numbers import LEVEL_FREE, embedded_numbers, level_free
from genrelib.features import FEATURES
from tests.making import noise

GENRES = ["a", "b", "c"]


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    rows = rng.gamma(2, 1, (90, 4)) * [1, -1, 100, 0.01] + labels[:, None]
    oracle = make_pipeline(PowerTransformer(), LogisticRegression()).fit(rows, labels)
    powers, linear = oracle
    head = Head(
        GENRES, powers.lambdas_, powers._scaler.mean_, powers._scaler.scale_, linear.coef_, linear.intercept_, 1.0,
        None, powers.transform(rows), (np.inf, np.inf),
    )  # fmt: skip
    return head, oracle, rows


def test_probabilities_are_those_of_scikit_learn(fitted):
    head, oracle, rows = fitted
    np.testing.assert_allclose(head.probabilities(rows), oracle.predict_proba(rows), atol=1e-9)
    hot = replace(head, temperature=3.0).probabilities(rows)
    assert (hot.max(axis=1) < head.probabilities(rows).max(axis=1)).all()


def test_distance_is_the_mean_to_the_nearest_rows(fitted):
    head, oracle, rows = fitted
    place = oracle[0].transform(rows[:1] + 0.5)[0]
    expected = np.sort(np.linalg.norm(head.rows - place, axis=1))[:NEAREST].mean()
    assert head.distance(rows[0] + 0.5) == pytest.approx(expected)


def test_beyond_the_limit_an_answer_is_flatter_the_farther_off_it_is(fitted):
    head, oracle, rows = fitted
    limit = head.distance(rows[0]) + 1
    limited = replace(head, limits=(limit, limit))
    far = rows[0] + np.array([[0], [1e3], [1e5]])
    surest = limited.probabilities(far).max(axis=1)
    assert surest[0] == pytest.approx(head.probabilities(far[:1]).max()) and (np.diff(surest[1:]) < 0).all()
    assert (surest[1:] < head.probabilities(far[1:]).max(axis=1)).all()


def test_a_single_step_may_lie_farther_off_than_a_song(fitted):
    head, _, rows = fitted
    far = rows[:1] + 1e4
    between = replace(head, limits=(head.distance(far[0]) + 1, head.distance(far[0]) - 1))
    assert not between.is_strange(far) and between.is_strange(np.repeat(far, 9, axis=0))


def test_a_head_survives_json(fitted, tmp_path):
    head, _, rows = fitted
    (tmp_path / "head.json").write_text(json.dumps({"head": json.loads(head.to_json())}))
    np.testing.assert_allclose(
        read_head(tmp_path / "head.json").probabilities(rows), head.probabilities(rows), atol=1e-5
    )
    for content in ("{", "{}", json.dumps({"head": {**json.loads(head.to_json()), "mean": [1]}})):
        (tmp_path / "bad.json").write_text(content)
        with pytest.raises(ResultError, match="bad.json"):
            read_head(tmp_path / "bad.json")


def test_level_free_numbers_do_not_change_with_the_level():
    sound = noise(3).astype(np.float32) / 32768
    loud, quiet = embedded_numbers([sound, sound / 4])
    assert loud.shape == (len(LEVEL_FREE),) == (53,)
    np.testing.assert_allclose(loud, quiet, rtol=1e-3, atol=1e-3)


def test_silence_gives_finite_numbers():
    assert np.isfinite(level_free(np.zeros((1, len(FEATURES))))).all()
