import numpy as np
import pytest
from keras import layers

from genrelib._base.errors import GenrelibError
from genrelib.models import choi, yu_multi_output, zhang
from genrelib.models.stanford import grey
from genrelib.training.front_end import has_frozen_front_end, split_front_end

BUILDERS = (yu_multi_output, choi, zhang)
SHORT = {"n_samples": 22050}


def audio(n=2, n_samples=22050, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, (n, n_samples)).astype(np.float32)


def of_kind(model, kind):
    return [layer for layer in model.layers if isinstance(layer, kind)]


@pytest.mark.parametrize("builder", BUILDERS)
def test_the_input_is_computed_once_and_is_the_same_for_all(builder):
    model = builder(**SHORT)
    assert has_frozen_front_end(model)
    mine, first = split_front_end(model)[0], split_front_end(yu_multi_output(**SHORT))[0]
    np.testing.assert_array_equal(mine.predict(audio(), verbose=0), first.predict(audio(), verbose=0))


def test_three_seconds_are_126_frames_of_128_bands():
    model = yu_multi_output()
    assert split_front_end(model)[0].output_shape == (None, 126, 128, 1) and model.input_shape == (None, 66150)


def test_yu_is_the_network_of_the_report():
    model = yu_multi_output()
    convolutions = of_kind(model, layers.Conv2D)
    assert [one.kernel_size for one in convolutions] == [(2, 2)] * 4
    assert [one.strides for one in convolutions] == [(1, 1)] * 3 + [(2, 2)]
    dense = of_kind(model, layers.Dense)
    assert sorted(one.units for one in dense) == [3, 6, 15]
    assert all(float(one.kernel_regularizer.l2) == pytest.approx(0.002) for one in dense)
    assert len(of_kind(model, layers.BatchNormalization)) == 5
    assert model.get_layer("music_vector").output.shape == (None, 15)


def test_an_fc_layer_an_output_is_the_other_reading():
    model = yu_multi_output(vectors="each")
    assert sorted(one.units for one in of_kind(model, layers.Dense)) == [3, 6, 15, 15]
    assert {"genre_vector", "mood_vector"} < {layer.name for layer in model.layers}
    with pytest.raises(GenrelibError, match="vectors is shared or each; given 'both'"):
        yu_multi_output(vectors="both")


def test_choi_is_the_tutorials_network():
    convolutions = of_kind(choi(), layers.Conv2D)
    assert [(one.filters, one.kernel_size) for one in convolutions] == [(32, (3, 3))] * 5


def test_zhang_is_the_network_with_the_shortcut():
    model = zhang()
    convolutions = of_kind(model, layers.Conv1D)
    assert [one.kernel.shape for one in convolutions] == [(4, 128, 256), (4, 256, 256), (4, 256, 256)]
    assert len(of_kind(model, layers.Add)) == 1 and len(of_kind(model, layers.BatchNormalization)) == 0
    assert [one.units for one in of_kind(model, layers.Dense)] == [300, 150, 6, 3]


def test_grey_is_1_at_the_loudest_cell_and_0_from_80_decibels_of_power_down():
    mel = np.full((2, 4, 3, 1), -70.0, dtype=np.float32)
    mel[0, 1, 2], mel[0, 0, 0], mel[1, 3, 1] = 10.0, -10.0, -60.0
    image = np.asarray(grey(mel))
    assert image[0, 1, 2, 0] == 1 and image[0, 0, 0, 0] == pytest.approx(0.5) and image[0, 2, 2, 0] == 0
    assert image[1, 3, 1, 0] == 1 and image[1, 0, 0, 0] == pytest.approx(0.75)


def test_grey_does_not_depend_on_loudness_and_silence_is_white_throughout():
    front_end, _ = split_front_end(yu_multi_output(**SHORT))
    loud, soft = (np.asarray(grey(front_end.predict(audio() * gain, verbose=0))) for gain in (1.0, 0.1))
    np.testing.assert_allclose(loud, soft, atol=1e-4)
    silent = np.asarray(grey(front_end.predict(np.zeros((1, 22050), np.float32), verbose=0)))
    assert np.isfinite(silent).all() and np.ptp(silent) == 0
