"""The systems that a public table of features is measured with: each gives scores of the test and validation part."""

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


def network(rows: RowSet, fold: Fold, fit: dict) -> tuple[Scores, Scores]:
    """Train the Toronto report's dense network."""
    model, about = trained(rows, fold, fit), {"seed": fold.seed, "protocol": fold.unit}
    return evaluate(model, rows, fold.test, **about), evaluate(model, rows, fold.validation, **about)


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


def machine(rows: RowSet, fold: Fold, fit: dict) -> tuple[Scores, Scores]:
    """Fit a support vector machine; of `COSTS` the validation part chooses one."""
    from scipy.special import softmax
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    taught = rows.samples[fold.train], rows.labels[fold.train]
    machines = [make_pipeline(StandardScaler(), SVC(C=cost, break_ties=True)).fit(*taught) for cost in COSTS]
    valid = [each.score(rows.samples[fold.validation], rows.labels[fold.validation]) for each in machines]
    decide = machines[int(np.argmax(valid))].decision_function
    return _scored(rows, fold, lambda positions: softmax(decide(rows.samples[positions]), axis=1))


def linear(rows: RowSet, fold: Fold, fit: dict) -> tuple[Scores, Scores]:
    """Fit what the embedded classifier is: a logistic regression on 53 numbers that are the same at any volume."""
    numbers = level_free(rows.samples)
    model = unfitted("embedded").fit(numbers[fold.train], rows.labels[fold.train])
    return _scored(rows, fold, lambda positions: model.predict_proba(numbers[positions]))


def _scored(rows, fold, probabilities_of):
    """Score a fold's test and validation rows by a function from positions to probabilities [n, n_genres]."""
    about = {"seed": fold.seed, "protocol": fold.unit}
    parts = (fold.test, fold.validation)
    frames = [prediction_frame(rows, part, probabilities_of(part), **about) for part in parts]
    return tuple(score_predictions(frame, rows.genres) for frame in frames)
