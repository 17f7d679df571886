"""What every network of a report holds to: its name, what it takes and gives, and that its file gives the same."""

import inspect
import re

import keras
import numpy as np
import pytest

from genrelib import models
from genrelib._base.errors import GenrelibError
from genrelib.evaluation.scores import gives_logits
from tests.making import run_python

SMALL = {"n_samples": 9728, "image_size": 32, "n_classes": 3, "n_genres": 4}  # 16 frames: the least that Turin's takes
OTHER = {"n_samples": 22050, "sample_rate": 14700, "image_size": 50, "channels": 1, "n_frames": 3, "n_mels": 40,
         "n_features": 7, "n_classes": 5, "n_moods": 2}  # fmt: skip


def build(name, sizes):
    builder = getattr(models, name)
    return builder(**{key: value for key, value in sizes.items() if key in inspect.signature(builder).parameters})


def inputs_of(model, n=2):
    draw = np.random.default_rng(0)
    return draw.uniform(-0.5, 0.5, (n, *model.input_shape[1:])).astype(np.float32)


def answers(model, inputs):
    return keras.tree.flatten(model.predict(inputs, verbose=0))


@pytest.fixture(scope="module")
def built():
    keras.utils.set_random_seed(0)
    return {name: build(name, SMALL) for name in models.__all__}


@pytest.mark.parametrize("name", models.__all__)
def test_each_row_has_probabilities_or_logits_of_its_own(built, name):
    model = built[name]
    assert model.name == name and not model.compiled
    for answer in answers(model, inputs_of(model)):
        assert answer.dtype == np.float32 and not np.array_equal(answer[0], answer[1])
        if not gives_logits(model):
            np.testing.assert_allclose(answer.sum(axis=1), 1, atol=1e-5)
            assert answer.min() >= 0


@pytest.mark.parametrize("name", models.__all__)
def test_sizes_rates_and_classes_are_chosen(name):
    taken = inspect.signature(getattr(models, name)).parameters
    model = build(name, OTHER)
    n_answers = [answer.shape[1] for answer in answers(model, inputs_of(model))]
    assert n_answers == ([6, 2] if "n_moods" in taken else [5])


@pytest.mark.parametrize("name", models.__all__)
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_one_value_throughout_gives_finite_answers(built, name, value):
    model = built[name]
    assert all(np.isfinite(answer).all() for answer in answers(model, np.full_like(inputs_of(model, 1), value)))


def test_its_file_gives_the_same_in_a_new_process(built, tmp_path):
    for name, model in built.items():
        model.save(tmp_path / f"{name}.keras")
        np.save(tmp_path / f"{name}.npy", inputs_of(model))
    run_python(f"""
import keras
import numpy as np
import genrelib as gl
for name in {list(built)!r}:
    model = gl.training.load_model(rf"{tmp_path}/{{name}}.keras")
    given = model.predict(np.load(rf"{tmp_path}/{{name}}.npy"), verbose=0)
    np.savez(rf"{tmp_path}/{{name}}.npz", *keras.tree.flatten(given))
""")
    for name, model in built.items():
        with np.load(tmp_path / f"{name}.npz") as again:
            for one, other in zip(again.values(), answers(model, inputs_of(model)), strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


HEARS_WINDOWS = [name for name in models.__all__ if "n_samples" in inspect.signature(getattr(models, name)).parameters]


@pytest.mark.parametrize("name", HEARS_WINDOWS)
def test_a_slice_shorter_than_a_window_is_refused(built, name):
    if not re.search("STFT|TrainableMel", built[name].to_json()):
        pytest.skip(f"{name} hears the wave itself, not windows")
    with pytest.raises(GenrelibError, match="one window of 2048 samples"):
        getattr(models, name)(n_samples=2000)
