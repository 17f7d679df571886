"""The systems that a public table of features is measured with: each gives its scores, and how well it validated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genrelib.classify.heads import unfitted
from genrelib.classify.numbers import level_free
from genrelib.evaluation.predictions import prediction_frame
from genrelib.evaluation.scores import Scores, evaluate, score_predictions
from genrelib.features.rows import RowSet
from genrelib.splits import Fold

if TYPE_CHECKING:
    from keras import Model

COSTS = (1.0, 3.0, 10.0, 30.0)  # of the support vector machine; chosen on the validation part


def network(rows: RowSet, fold: Fold, fit: dict) -> tuple[Scores, float]:
    """Train the Toronto report's dense network, and test it."""
    model = trained(rows, fold, fit)
    validated = evaluate(model, rows, fold.validation, seed=fold.seed, protocol=fold.unit)
    return evaluate(model, rows, fold.test, seed=fold.seed, protocol=fold.unit), validated.slice.accuracy


def trained(rows: RowSet, fold: Fold, fit: dict) -> Model:
    """Train the dense network alone; ``fit`` are keywords of `genrelib.training.loop.train`."""
    import keras

    from genrelib.models import feature_mlp
    from genrelib.training.loop import set_seed, train

    keras.backend.clear_session()
    set_seed(fold.seed)
    model = feature_mlp(n_features=rows.samples.shape[1], n_classes=len(rows.genres))
    train(model, rows, fold, seed=fold.seed, **fit)
    return model


def machine(rows: RowSet, fold: Fold, fit: dict) -> tuple[Scores, float]:
    """Fit a support vector machine; of `COSTS` the validation part chooses one."""
    from scipy.special import softmax
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    taught = rows.samples[fold.train], rows.labels[fold.train]
    machines = [make_pipeline(StandardScaler(), SVC(C=cost, break_ties=True)).fit(*taught) for cost in COSTS]
    valid = [each.score(rows.samples[fold.validation], rows.labels[fold.validation]) for each in machines]
    given = softmax(machines[int(np.argmax(valid))].decision_function(rows.samples[fold.test]), axis=1)
    return _scored(rows, fold, given), float(max(valid))


def linear(rows: RowSet, fold: Fold, fit: dict) -> tuple[Scores, float]:
    """Fit what the embedded classifier is: a logistic regression on 53 numbers that are the same at any volume."""
    numbers = level_free(rows.samples)
    model = unfitted("embedded").fit(numbers[fold.train], rows.labels[fold.train])
    validated = float(model.score(numbers[fold.validation], rows.labels[fold.validation]))
    return _scored(rows, fold, model.predict_proba(numbers[fold.test])), validated


def _scored(rows, fold, probabilities):
    """Score probabilities [n_test, n_genres] of a fold's test rows."""
    frame = prediction_frame(rows, fold.test, probabilities, seed=fold.seed, protocol=fold.unit)
    return score_predictions(frame, rows.genres)
