"""Models are saved so that older versions of Keras load them; tests/faults/test_hostile_models has what is refused."""

import json
import zipfile

import keras
import numpy as np
import pytest

from genrelib._base.errors import GenrelibError
from genrelib.models.files import NEWER, same_network, save_model
from genrelib.models.idc import trainable_mel_cnn1d
from genrelib.training.loop import load_model


def config_of(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return archive.read("config.json").decode()


@pytest.fixture
def model():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(2)])


def test_a_saved_model_holds_no_setting_that_older_versions_refuse(model, tmp_path):
    save_model(model, tmp_path / "a.keras")
    assert NEWER not in config_of(tmp_path / "a.keras")
    batch = np.eye(4, dtype=np.float32)
    loaded = load_model(tmp_path / "a.keras")
    np.testing.assert_array_equal(loaded.predict(batch, verbose=0), model.predict(batch, verbose=0))


def test_a_setting_that_is_not_null_stays(model, tmp_path, monkeypatch):
    model.save(tmp_path / "whole.keras")
    config = json.loads(config_of(tmp_path / "whole.keras"))
    config["config"]["layers"][1]["config"][NEWER] = {"mode": "int8"}

    def save(path):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", json.dumps(config))

    monkeypatch.setattr(model, "save", save)
    save_model(model, tmp_path / "b.keras")
    assert json.loads(config_of(tmp_path / "b.keras"))["config"]["layers"][1]["config"][NEWER] == {"mode": "int8"}


@pytest.mark.parametrize("member", ["config.json", "metadata.json", "model.weights.h5"])
def test_a_flipped_byte_in_any_member_is_named_with_its_remedy(model, tmp_path, member):
    path = tmp_path / "flipped.keras"
    save_model(model, path)
    with zipfile.ZipFile(path) as archive:
        info, content = archive.getinfo(member), archive.read(member)
        begin = path.read_bytes().index(content, info.header_offset)  # stored as it is, not deflated
    damaged = bytearray(path.read_bytes())
    damaged[begin + len(content) // 2] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(GenrelibError, match="flipped.keras") as caught:
        load_model(path)
    assert "save it anew" in str(caught.value)


def test_a_file_from_before_the_layers_moved_still_loads(tmp_path):
    """Files of earlier versions say that the trainable mel layer is of the module genrelib.frontends."""
    path = tmp_path / "old.keras"
    trainable = trainable_mel_cnn1d(n_samples=4096, n_classes=3)
    trainable.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = members["config.json"].replace(b'"module": "genrelib.models.frontends"', b'"module": "genrelib.frontends"')
    assert b"genrelib.frontends" in config
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**members, "config.json": config}.items():
            archive.writestr(name, content)
    batch = np.random.default_rng(0).standard_normal((2, 4096)).astype(np.float32)
    np.testing.assert_array_equal(load_model(path).predict(batch, verbose=0), trainable.predict(batch, verbose=0))


def network(last=2, frozen=False, swapped=False):
    first = keras.Input((4,))
    branches = [keras.layers.Dense(3, activation=kind)(first) for kind in ("relu", "tanh")]
    model = keras.Model(first, keras.layers.Dense(last)(keras.layers.Concatenate()(branches[:: -1 if swapped else 1])))
    model.layers[1].trainable = not frozen
    return model


def test_the_names_of_layers_do_not_make_another_network(capsys):
    report = network()
    assert same_network(network(), report) and "as in the report: 44 weights" in capsys.readouterr().out
    for own in (network(last=3), network(frozen=True), network(swapped=True)):
        assert not same_network(own, report) and "your own network" in capsys.readouterr().out
