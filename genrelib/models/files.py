"""Save a model for older versions of Keras too, and refuse one that brings code of its own, before Keras reads it.

Keras' safe mode refuses a Lambda layer. Until 3.9 it let a file name any function of any module (CVE-2025-1550), until
3.11 some of Keras' own that write files (CVE-2025-8747), and it passed over HDF5 files altogether (CVE-2025-9905);
versions from 3.10 on are admitted here. A network of layers needs neither functions nor other modules.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genrelib._base.errors import GenrelibError, listed

if TYPE_CHECKING:
    import keras

# what zip, JSON, HDF5 and Keras raise on files that are no models
UNLOADABLE = (ValueError, TypeError, OSError, KeyError, AttributeError, RuntimeError, EOFError, zipfile.BadZipFile)
UNLOADABLE += (zlib.error,)
MODULES = ("keras", "kapre", "genrelib")
# what holds a function, or loads another file that does
CODE = frozenset({"Lambda", "__lambda__", "function", "TorchModuleWrapper", "TFSMLayer", "JaxLayer", "FlaxLayer"})
LARGEST_CONFIG = 10_000_000  # bytes; a thousand times that of the networks here
NEWER = "quantization_config"  # Keras 3.13 writes it for each dense layer; 3.10 refuses it, even where it is null


def save_model(model: keras.Model, path: str | Path) -> None:
    """Save a model so that each version of Keras loads it that genrelib admits.

    Parameters
    ----------
    model : keras.Model
    path : str or Path
        Of a ``.keras`` file.
    """
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {info: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w") as archive:
        for info, content in members.items():
            if info.filename == "config.json":
                content = json.dumps(json.loads(content, object_hook=_without_newer)).encode()
            archive.writestr(info, content)


def _without_newer(settings):
    return {key: value for key, value in settings.items() if key != NEWER or value is not None}


def same_network(model: keras.Model, report: keras.Model) -> bool:
    """Print whether a network is a report's: the same layers in the same order, whatever they are called.

    Parameters
    ----------
    model : keras.Model
        Perhaps your own.
    report : keras.Model
        One of `genrelib.models`, built for the same rows.

    Examples
    --------
    >>> import keras
    >>> import genrelib as gl
    >>> table = [keras.Input((57,)), keras.layers.Normalization(), keras.layers.Dense(10)]
    >>> gl.same_network(keras.Sequential(table), gl.models.feature_mlp())
    your own network: 580 weights to train, where gl.models.feature_mlp, the report's, has 202,826
    False
    """
    numbers = [f"{_to_train(each):,}" for each in (model, report)]
    same = network_layers(model) == network_layers(report)
    if same:
        print(f"this is gl.models.{report.name}, as in the report: {numbers[0]} weights to train")
    else:
        print(f"your own network: {numbers[0]} weights to train, where gl.models.{report.name}, the report's, "
              f"has {numbers[1]}")  # fmt: skip
    return same


def network_layers(model: keras.Model) -> tuple[Any, int]:
    """Give what a network is but for the names of its layers, to compare: its settings, how many weights it trains."""
    config = json.loads(model.to_json())
    named = dict.fromkeys(settings["name"] for settings in _objects(config) if "name" in settings)
    return _without_names(config, {name: number for number, name in enumerate(named)}), _to_train(model)


def _to_train(model):
    return sum(weights.shape.num_elements() for weights in model.trainable_weights)


def _objects(config):
    """Give the settings of every object that a config would build, those within others too, in order."""
    waiting = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict) and "class_name" in value:
            yield value
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        waiting += reversed(inside)


def _without_names(value, names):
    """Drop names, and whether a layer trains, which is counted; a list that names a layer gives its number."""
    if isinstance(value, dict):
        return {key: _without_names(each, names) for key, each in value.items() if key not in ("name", "trainable")}
    if isinstance(value, list):
        return [names.get(each, each) if isinstance(each, str) else _without_names(each, names) for each in value]
    return value


def refuse_code(path: str | Path) -> None:
    """Refuse a file that is no whole ``.keras`` archive, or that names more than layers of Keras, Kapre and genrelib.

    Every member is read against its CRC, since Keras reads weights without: of a flipped byte only some versions tell.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    GenrelibError
    """
    path = Path(path)
    if path.suffix != ".keras":
        raise GenrelibError(f"{path}: models are kept as .keras files, which load in safe mode; save yours as one")
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("config.json").file_size > LARGEST_CONFIG:
                raise ValueError(f"config.json is over {LARGEST_CONFIG:,} bytes")
            built = list(_objects(json.loads(archive.read("config.json"))))
            damaged = archive.testzip()
            if damaged:
                raise zipfile.BadZipFile(f"its member {damaged} is not what its CRC says")
    except UNLOADABLE as error:
        raise GenrelibError(f"{path}: not a .keras file that loads in safe mode ({error}); save it anew") from error
    # without a module: of Keras, by its own table
    named = dict.fromkeys((str(settings.get("module") or "keras"), str(settings["class_name"])) for settings in built)
    strange = [f"{module}: {name}" for module, name in named if name in CODE or module.split(".")[0] not in MODULES]
    if strange:
        raise GenrelibError(
            f"{path}: a network is made of layers of {', '.join(MODULES)}, without code of its own; this file names\n"
            f"{listed(strange)}\nit is not loaded: it does not load in safe mode; build the network of layers"
        )
