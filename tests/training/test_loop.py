from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers

from genrelib._base.errors import GenrelibError
from genrelib.audio import INT16_SCALE
from genrelib.evaluation.scores import evaluate, gives_logits
from genrelib.models.frontends import mel_front_end
from genrelib.training.loop import load_model, set_seed, train
from tests.tiny import SAMPLE_RATE, tiny_fold, tiny_slices

N_SAMPLES = 4096


@pytest.fixture(scope="module")
def slices(tmp_path_factory):
    return tiny_slices(tmp_path_factory.mktemp("tiny") / "slices")


@pytest.fixture(scope="module")
def fold(slices):
    return tiny_fold(slices)


def mel_model(seed=0):
    """A front end, batch normalisation, dropout and a convolution: all that may differ between two ways to train."""
    set_seed(seed)
    audio = keras.Input((N_SAMPLES,), name="audio")
    front_end = mel_front_end(n_samples=N_SAMPLES, sample_rate=SAMPLE_RATE, n_mels=40)
    x = front_end(layers.Reshape((N_SAMPLES, 1))(audio))
    x = layers.BatchNormalization(momentum=0.9)(layers.Reshape(x.shape[1:3])(x))
    x = layers.Conv1D(8, 3, activation="relu")(layers.Dropout(0.2)(x))
    x = layers.Dense(3, activation="softmax")(layers.GlobalMaxPooling1D()(x))
    return keras.Model(audio, x, name="small")


def linear_model(seed=0):
    set_seed(seed)
    return keras.Sequential([keras.Input((N_SAMPLES,)), layers.Dense(3)], name="linear")


def same_weights(a, b, atol=0.0):
    a, b = a.get_weights(), b.get_weights()
    return len(a) == len(b) and all(np.allclose(x, y, rtol=0, atol=atol) for x, y in zip(a, b, strict=True))


def validation_loss(model, slices, fold):
    """Cross entropy of a softmax or a linear model, in NumPy."""
    outputs = model.predict(slices.samples[fold.validation] / np.float32(INT16_SCALE), verbose=0).astype(float)
    if gives_logits(model):
        outputs = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        outputs /= outputs.sum(axis=1, keepdims=True)
    return -np.log(outputs[np.arange(len(outputs)), slices.labels[fold.validation]]).mean()


@pytest.fixture(scope="module")
def trained(slices, fold):
    """Three epochs on the cached front end."""
    model = mel_model()
    return model, train(model, slices, fold, epochs=3, batch_size=8)


def test_the_graph_of_a_step_is_traced_once(slices, fold):
    traced = []

    class Told(layers.Layer):
        def call(self, x, training=None):
            traced.append(training)
            return x

    model = keras.Sequential([keras.Input((N_SAMPLES,)), Told(), layers.Dense(3)])
    traced.clear()
    train(model, slices, fold, epochs=2, batch_size=8)
    assert traced.count(True) == 1


def test_cached_front_end_gives_the_weights_of_training_straight_through(slices, fold, trained):
    model, history = trained
    straight = mel_model()
    fresh = straight.get_weights()
    told = train(straight, slices, fold, epochs=3, batch_size=8, cache_front_end=False)
    assert same_weights(model, straight, atol=1e-6)
    np.testing.assert_allclose(told.curves, history.curves, atol=1e-5)
    assert not any(np.array_equal(old, new) for old, new in zip(fresh, straight.get_weights(), strict=True))


def test_history_has_a_row_an_epoch(trained):
    _, history = trained
    assert list(history.curves) == ["epoch", "loss", "accuracy", "val_loss", "val_accuracy"]
    assert list(history.curves["epoch"]) == [1, 2, 3] and history.epochs_run == 3 and history.seconds > 0
    assert history.best_epoch == history.curves.set_index("epoch")["val_loss"].idxmin()
    assert history.curves["loss"].iloc[-1] < history.curves["loss"].iloc[0]


def test_trained_model_is_usable_and_keeps_its_batch_statistics(slices, fold, trained, tmp_path):
    model, history = trained
    statistics = next(layer for layer in model.layers if isinstance(layer, layers.BatchNormalization))
    assert np.abs(statistics.moving_mean).min() > 0
    assert validation_loss(model, slices, fold) == pytest.approx(history.curves["val_loss"].min(), abs=1e-5)
    model.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert same_weights(loaded, model)
    one, other = (evaluate(each, slices, fold.test).frame for each in (model, loaded))
    assert one.equals(other)


def test_another_seed_gives_other_weights(slices, fold, trained):
    order = mel_model()
    train(order, slices, fold, epochs=3, batch_size=8, seed=1)  # same start, other order and dropout
    assert not same_weights(order, trained[0], atol=1e-4)
    assert not same_weights(mel_model(seed=1), mel_model(seed=0), atol=1e-4)


@pytest.mark.parametrize("monitor, best", [("val_loss", "min"), ("val_accuracy", "max")])
def test_early_stopping_restores_the_best_weights(slices, fold, monitor, best):
    """Raw samples, a linear layer and a large step: it learns its training slices by heart and validates worse."""
    model = linear_model()
    history = train(
        model, slices, fold, epochs=30, patience=2, batch_size=8, optimizer=keras.optimizers.Adam(0.01), monitor=monitor
    )
    watched = history.curves[monitor]
    assert history.epochs_run == history.best_epoch + 2 < 30 and len(watched) == history.epochs_run
    assert watched.iloc[history.best_epoch - 1] == getattr(watched, best)()
    at_best = history.curves["val_loss"].iloc[history.best_epoch - 1]
    assert validation_loss(model, slices, fold) == pytest.approx(at_best, abs=1e-5)
    assert history.curves["val_loss"].iloc[-1] != pytest.approx(at_best, abs=1e-3)


def test_what_cannot_be_trained_is_refused(slices, fold):
    with pytest.raises(GenrelibError, match="needs a validation part"):
        train(linear_model(), slices, replace(fold, validation=fold.validation[:0]))
    with pytest.raises(GenrelibError, match="val_loss or val_accuracy; given 'loss'"):
        train(linear_model(), slices, fold, monitor="loss")
    with pytest.raises(GenrelibError, match="linear: the loss is not finite after epoch"):
        train(linear_model(), slices, fold, optimizer=keras.optimizers.SGD(1e38))


def test_optimizer_object_is_copied(slices, fold):
    optimizer = keras.optimizers.SGD(0.01, momentum=0.9)
    models = [linear_model() for _ in range(3)]
    train(models[0], slices, fold, epochs=1, optimizer=optimizer)
    train(models[1], slices, fold, epochs=1, optimizer=optimizer)
    train(models[2], slices, fold, epochs=1, optimizer=keras.optimizers.SGD(0.02, momentum=0.9))
    assert same_weights(models[0], models[1]) and not same_weights(models[0], models[2])
    assert not optimizer.built


def test_training_does_not_use_xla(slices, fold, monkeypatch):
    """On a GPU, where Keras would choose XLA, deterministic XLA has no gradient of max pooling."""
    compiled, compile_model = [], keras.Model.compile

    def noted(self, *args, **settings):
        compiled.append(settings["jit_compile"])
        return compile_model(self, *args, **settings)

    monkeypatch.setattr(keras.Model, "compile", noted)
    train(linear_model(), slices, fold, epochs=1)
    assert compiled == [False]


def test_logits_are_trained_as_logits_and_scored_as_probabilities(slices, fold):
    model = linear_model()
    history = train(model, slices, fold, epochs=2)
    assert validation_loss(model, slices, fold) == pytest.approx(history.curves["val_loss"].min(), abs=1e-5)
    frame = evaluate(model, slices, fold.test).frame
    logits = model.predict(slices.samples[fold.test] / np.float32(INT16_SCALE), verbose=0).astype(float)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(frame[["p0", "p1", "p2"]], expected, atol=1e-6)


def test_missing_model_file_is_named(tmp_path):
    for path in (tmp_path / "gone.keras", tmp_path):
        with pytest.raises(GenrelibError, match=f"{path.name}: no such model file"):
            load_model(path)


def test_a_network_of_another_size_is_refused_before_it_trains(slices, fold):
    remedy = rf"begin the network with one keras.Input\(\({N_SAMPLES},\)\)"
    networks = {
        "10 numbers a row.*3 genres: build it with n_classes=3": [keras.Input((N_SAMPLES,)), layers.Dense(10)],
        rf"shape \(100,\).*{remedy}": [keras.Input((100,)), layers.Dense(3)],
        f"none yet.*{remedy}": [layers.Dense(3)],
    }
    for words, network in networks.items():
        with pytest.raises(GenrelibError, match=words):
            train(keras.Sequential(network), slices, fold)


def test_an_input_with_a_last_axis_of_one_or_of_any_length_is_taken(slices, fold):
    for shape in ((N_SAMPLES, 1), (None,)):
        audio = keras.Input(shape)
        x = layers.Reshape((-1, 1))(audio) if len(shape) == 1 else audio
        x = layers.GlobalMaxPooling1D()(layers.Conv1D(2, 64, strides=64)(x))
        assert train(keras.Model(audio, layers.Dense(len(slices.genres))(x)), slices, fold, epochs=1).epochs_run == 1
