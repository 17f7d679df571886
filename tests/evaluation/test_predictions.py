import numpy as np
import pandas as pd
import pytest

from genrelib._base.errors import ResultError
from genrelib.evaluation.predictions import hits_of, validate_predictions
from genrelib.evaluation.scores import score_predictions
from tests.evaluation.test_scores import GENRES, GOOD


@pytest.mark.parametrize(("frame", "words"), [
    (GOOD.drop(columns="p2"), "lack the column.*p2"),
    (GOOD.drop(columns=["seed", "track_id"]), "track_id, seed"),
    (GOOD.assign(p4=0.0), "hold p4"),
    (GOOD.iloc[:0], "no row"),
    (GOOD.assign(p0=[np.nan, 0, 0]), "finite.*1 of 3"),
    (GOOD.assign(p0=[np.inf, 0, 0]), "finite"),
    (GOOD.assign(p0=[2, 0, 0], p1=[-1, 1, 1]), "not negative"),
    (GOOD.assign(p2=0.01), "sum to 1"),
    (GOOD.assign(true=[0, 0, 4]), "true lies in 0..3"),
    (GOOD.assign(true=[0, 0, -1]), "true lies in 0..3"),
    (GOOD.assign(true=[0.0, 0.0, 1.0]), "whole numbers"),
    (GOOD.assign(true=[0, 1, 1]), "one true label"),
    (GOOD.assign(slice=[0, 0, 1]), "occurs once"),
    (GOOD.assign(track_id=["a", "a", None]), "no track_id"),
])  # fmt: skip
def test_malformed_predictions_are_refused(frame, words):
    with pytest.raises(ResultError, match="(?s)" + words):
        score_predictions(frame, GENRES)


def test_probabilities_that_sum_to_1_within_tolerance_are_taken():
    validate_predictions(GOOD.assign(p2=0.0005), GENRES)


def test_the_hit_is_the_first_of_the_most_probable():
    frame = pd.DataFrame({"p0": [0.5, 0.2, 0.4], "p1": [0.5, 0.8, 0.6], "true": [0, 1, 0]})
    assert hits_of(frame).tolist() == [True, True, False]
