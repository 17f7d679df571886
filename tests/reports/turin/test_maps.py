"""The report's map: where the test slices of a training lie, and the genre that stands least apart."""

from types import SimpleNamespace

import numpy as np
import pytest
from keras import Input, Model, layers

from genrelib.reports.turin import slice_map


def test_the_genre_whose_slices_lie_among_others_is_the_noisiest(tmp_path):
    draw, labels = np.random.default_rng(0), np.repeat([0, 1, 2], 20)
    centres = np.array([[0, 0], [9, 9], [0, 0]]) + np.zeros((3, 2))
    samples = (centres[labels] + draw.normal(size=(60, 2)) * np.array([0.2, 0.2, 3.0])[labels, None]).astype("float32")
    values = Input((2,))
    model = Model(values, layers.Dense(3)(layers.Activation("linear", name="gru_last")(values)))
    model.save(tmp_path / "model.keras")
    slices = SimpleNamespace(samples=samples, labels=labels, genres=["blues", "jazz", "rock"])
    test = np.arange(5, 60)
    seen = slice_map(SimpleNamespace(model_path=tmp_path / "model.keras", fold=SimpleNamespace(test=test)), slices)
    assert seen.points.shape == (55, 2) and (seen.labels == labels[test]).all()
    assert seen.noisiest_in_layer == "rock" and seen.silhouettes["jazz"] > seen.silhouettes["rock"]
    assert seen.mean_silhouette == pytest.approx(np.mean(list(seen.silhouettes.values())))
