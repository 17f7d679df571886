"""Models, arrays, JSON and CSV from anywhere: no code of theirs runs; each is read, or refused by one clear error."""

import io
import json
import os
import zipfile

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genrelib import models
from genrelib._base.errors import GenrelibError
from genrelib._base.paths import published, table_path
from genrelib.classify.cards import read_card, trust_in_words
from genrelib.datasets.fma import read_metadata
from genrelib.features import read_table
from genrelib.reports.toronto.public_table import read_figures
from genrelib.results.claims import read_claims
from genrelib.results.records import read_records
from genrelib.training.checkpoints import Checkpoint
from genrelib.training.loop import load_model
from tests.faults.helping import CASES, draws

QUICKLY = {"deadline": None, "derandomize": True, "database": None,
           "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=5), one, max_size=3),
    max_leaves=8,
)


def saved(config, *, extra=()):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": keras.__version__, "date_saved": ""}))
        archive.writestr("config.json", config if isinstance(config, (bytes, str)) else json.dumps(config))
        for name, data in extra:
            archive.writestr(name, data)
    return out.getvalue()


def runs(module, function, *arguments):
    """A config as Keras writes it, in which a layer's output comes from any function of any module."""
    call = {"module": module, "class_name": "function", "config": function, "registered_name": function}
    layer = {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "x", "function": call,
             "arguments": dict(zip(("command",), arguments, strict=False))}}  # fmt: skip
    return {"module": "keras", "class_name": "Sequential", "config": {"layers": [layer]}, "build_config": {}}


def hostile(marker):
    command = f"touch {marker}"
    direct = {"module": "os", "class_name": "system", "config": {"command": command}}
    built = {"module": "subprocess", "class_name": "Popen", "config": {"args": ["touch", str(marker)]}}
    nested = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 1, "activation": direct}}
    fetch = {"module": "keras.utils", "class_name": "function", "config": "get_file", "registered_name": "get_file"}
    saved_model = {"module": "keras.layers", "class_name": "TFSMLayer", "config": {"filepath": "/tmp"}}
    return {
        "os.system": saved(runs("os", "system", command)),
        "a class of another module": saved(built),
        "an activation": saved({"module": "keras", "class_name": "Sequential", "config": {"layers": [nested]}}),
        "keras' own get_file": saved({**nested, "config": {"units": 1, "activation": fetch}}),
        "a saved model elsewhere": saved(saved_model),
        "deep brackets": saved("[" * 200_000),
        "a config of 20 MB": saved(b'["' + b"a" * 20_000_000 + b'"]'),
        "no config": saved("not JSON"),
        "a list": saved([]),
        "nothing": b"",
        "no zip": b"PK\x03\x04" + b"\0" * 100,
    }


@pytest.mark.parametrize("name", hostile("x"))
def test_models_that_bring_code(name, tmp_path):
    """``.keras`` files that name functions, other modules, other files; deep, huge or empty ones"""
    marker, path = tmp_path / "marker", tmp_path / "a.keras"
    path.write_bytes(hostile(marker)[name])
    with pytest.raises(GenrelibError, match="a.keras: "):
        load_model(path)
    assert not marker.exists()


def test_lambda_layers_and_hdf5_files(tmp_path):
    """A Lambda layer in a .keras file, and in an HDF5 file, which older versions of Keras load without safe mode"""
    marker = tmp_path / "marker"
    source = keras.Input((4,))
    touch = eval(f"lambda x: (__import__('os').system('touch {marker}'), x)[1]")
    model = keras.Model(source, keras.layers.Lambda(touch, output_shape=(4,))(source))
    for name in ("a.keras", "a.h5"):
        model.save(tmp_path / name)
        marker.unlink(missing_ok=True)
        with pytest.raises(GenrelibError, match=name):
            load_model(tmp_path / name)
        assert not marker.exists()
    (tmp_path / "b.keras").write_bytes((tmp_path / "a.h5").read_bytes())
    with pytest.raises(GenrelibError, match="b.keras: not a .keras file"):
        load_model(tmp_path / "b.keras")


def test_changed_bytes_of_a_good_model(tmp_path):
    """Changed bytes of a good model: it loads, or one clear error"""
    path, random = tmp_path / "a.keras", draws("models")
    models.feature_mlp(n_features=4, n_classes=2).save(path)
    whole = path.read_bytes()
    load_model(path)
    for number in range(max(5, CASES // 20)):
        data = bytearray(whole)
        for _ in range(random.randint(1, 4)):
            data[random.choice([random.randrange(len(data)), -random.randint(1, 400)])] = random.randrange(256)
        path.write_bytes(data[: random.choice([None, random.randrange(len(data))])])
        try:
            load_model(path)
        except GenrelibError as error:
            assert str(path) in str(error), number


class Touch:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.system, (f"touch {self.marker}",)


def test_a_pickle_in_the_place_of_a_checkpoint(tmp_path):
    """An .npz whose arrays are pickles is no checkpoint: nothing of it runs, the training starts from its beginning"""
    marker, path = tmp_path / "marker", tmp_path / "state.npz"
    np.savez(path, variable0=np.array([Touch(marker)], dtype=object), curves=np.array([Touch(marker)], dtype=object))
    assert Checkpoint(path, None)._read() == {} and not marker.exists()
    np.save(tmp_path / "one.npy", np.array([Touch(marker)], dtype=object))
    path.write_bytes((tmp_path / "one.npy").read_bytes())
    assert Checkpoint(path, None)._read() == {} and not marker.exists()


def spoilt(content, key, value):
    """Put any value in the place of any part of a JSON object."""
    names = sorted(content)
    if not names or key % 7 == 0:
        return value
    name = names[key % len(names)]
    inner = content[name]
    deeper = isinstance(inner, dict) and inner and key % 2
    return {**content, name: spoilt(inner, key // 2, value) if deeper else value}


@pytest.mark.parametrize("kind", ["record", "card", "figures"])
def test_json_of_the_wrong_shape(kind, tmp_path):
    """Records, cards and tables of figures in which any part is anything else"""
    good = json.loads((published()["gtzan_160"] / "results" / "idc-mel-cnn1d.json").read_text(encoding="utf-8"))
    place = tmp_path / "results" / "idc-mel-cnn1d.json"
    if kind == "card":
        good = {"system": "a", "genres": ["a", "b"], "sample_rate": 22050, "trained_on": "x", "seed": 0, "trust": "x",
                "versions": {}, "accuracy": {"slice": 0.5, "slice_ci95": [0.4, 0.6], "track": 0.5}}  # fmt: skip
        place = tmp_path / "a.json"
    if kind == "figures":
        good, place = {"figures": [], "seeds": []}, tmp_path / "results" / "table.json"
    place.parent.mkdir(exist_ok=True)

    def read():
        if kind == "record":
            read_records(tmp_path)
        elif kind == "card":
            trust_in_words("a", read_card(tmp_path / "a.keras"))
        else:
            read_figures(tmp_path)

    @settings(max_examples=max(20, CASES // 2), **QUICKLY)
    @given(st.integers(0, 10**6), JSON)
    def reads_or_refuses(key, value):
        place.write_text(json.dumps(spoilt(good, key, value)), encoding="utf-8")
        try:
            read()
        except GenrelibError as error:
            assert str(place) in str(error)

    reads_or_refuses()
    for raw in (b"", b"\xff\xfe", b"{", b"[" * 100_000, b"NaN", b"null", b"1" * 5000):
        place.write_bytes(raw)
        with pytest.raises(GenrelibError):
            read()


@pytest.mark.parametrize("kind", ["claims", "features", "metadata"])
def test_csv_of_the_wrong_shape(kind, tmp_path):
    """Tables of claims, features and FMA's metadata with changed, cut and foreign bytes"""
    good = table_path("claims.csv").read_bytes()
    path, random = tmp_path / "a.csv", draws("csv", kind)
    if kind == "features":
        from genrelib.features import COLUMNS, FEATURES

        rows = [f"{genre}.{i:05d}.wav,66150,{','.join(['1.5'] * len(FEATURES))},{genre}" for genre in ("rock", "pop")
                for i in range(3)]  # fmt: skip
        good = "\n".join([",".join(COLUMNS), *rows]).encode()
    if kind == "metadata":
        from tests.datasets.test_fma import tables, write_tables

        path = write_tables(tmp_path, *tables(1)) / "tracks.csv"
        good = path.read_bytes()
    read = {"claims": lambda: read_claims(path), "features": lambda: read_table(path),
            "metadata": lambda: read_metadata(tmp_path)}[kind]  # fmt: skip
    path.write_bytes(good)
    read()
    foreign = [b"", b"\0" * 100, b"\xff\xfe\x00", b'"' * 99, b"a,b\n1", b"<html>" * 99, b"PK\x03\x04" + bytes(99)]
    for number in range(max(20, CASES // 10)):
        data = bytearray(good)
        for _ in range(random.randint(1, 6)):
            data[random.randrange(len(data))] = random.choice([0, 10, 34, 44, 255, random.randrange(256)])
        path.write_bytes(foreign[number] if number < len(foreign) else data[: random.choice([None, len(data) // 2])])
        try:
            read()
        except GenrelibError as error:
            assert str(path) in str(error) or path.name in str(error), number
