"""What standardises features is fitted on the training rows alone, is saved with the model, and is never stale."""

import keras
import numpy as np
import pytest

from genrelib._base.errors import GenrelibError
from genrelib.models import feature_mlp, spectrogram_cnn
from genrelib.models.frontends import fit_standardisation
from genrelib.training.loop import load_model, train
from tests.tiny import assert_reloads_alike, features, rows_of, tiny_fold, tiny_slices


@pytest.fixture(scope="module")
def slices(tmp_path_factory):
    return tiny_slices(tmp_path_factory.mktemp("tiny") / "slices")


def standardised(model, inputs):
    return keras.Model(model.input, model.get_layer("standardised").output).predict(inputs, verbose=0)


def test_features_are_standardised_by_the_training_rows_alone():
    inputs, rows = features(), np.arange(10, 40)
    inputs[:10] *= 1e3  # whoever looked at the other parts would see it
    inputs[40:] = np.nan
    model = feature_mlp()
    np.testing.assert_allclose(standardised(model, inputs[rows]), inputs[rows], rtol=1e-6)  # nothing fitted yet
    fit_standardisation(model, inputs, rows)
    seen = inputs[rows].astype(np.float64)
    expected = (inputs[:10] - seen.mean(axis=0)) / seen.std(axis=0)
    np.testing.assert_allclose(standardised(model, inputs[:10]), expected, rtol=1e-3, atol=1e-3)
    inside = standardised(model, inputs[rows])
    np.testing.assert_allclose(inside.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(inside.std(axis=0), 1, atol=1e-3)


def test_training_never_sees_the_other_parts(slices):
    """Whatever stands in the validation and test rows, the same mean and variance come out, and from training alone."""
    fold, fitted = tiny_fold(slices), []
    for factor in (1, 1e4):
        rows = rows_of(slices)
        rows.samples[fold.test] *= factor
        rows.samples[fold.validation] *= factor
        model = feature_mlp(n_classes=3)
        train(model, rows, fold, epochs=1, batch_size=8)
        fitted.append(model.get_layer("standardised").get_weights())
    for one, other in zip(*fitted, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(fitted[0][0], rows_of(slices).samples[fold.train].mean(axis=0), rtol=1e-3, atol=1e-4)


def test_fitting_anew_forgets_what_was_fitted_and_predicted_before():
    model, inputs = feature_mlp(), features()
    first = model.predict(inputs, verbose=0)
    fit_standardisation(model, inputs, np.arange(30))
    second = model.predict(inputs, verbose=0)
    fit_standardisation(model, inputs * 2 + 1, np.arange(30))
    third = model.predict(inputs * 2 + 1, verbose=0)
    assert np.abs(first - second).max() > 0.1
    np.testing.assert_allclose(second, third, rtol=1e-3, atol=1e-3)


def test_what_was_fitted_is_saved(tmp_path):
    model, inputs = feature_mlp(), features()
    fit_standardisation(model, inputs, np.arange(30))
    assert_reloads_alike(model, inputs, tmp_path)
    again = load_model(tmp_path / "feature_mlp.keras")
    np.testing.assert_array_equal(standardised(again, inputs), standardised(model, inputs))


def test_a_feature_that_training_never_saw_change_keeps_its_scale():
    inputs = features()
    inputs[:30, 8] = 120.1  # the tempo of every training song
    model = feature_mlp()
    fit_standardisation(model, inputs, np.arange(30))
    np.testing.assert_allclose(standardised(model, inputs)[:, 8], inputs[:, 8] - np.float32(120.1), atol=1e-4)


def test_models_without_such_a_layer_read_nothing():
    model = spectrogram_cnn(image_size=16)
    before = model.get_weights()
    fit_standardisation(model, None, np.arange(3))
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_training_rows_that_are_not_finite_are_named(value):
    inputs = features()
    inputs[[7, 12], 3] = value
    with pytest.raises(GenrelibError, match=r"rows \[7, 12\] are not"):
        fit_standardisation(feature_mlp(), inputs, np.arange(5, 20))
