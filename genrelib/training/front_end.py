"""A front end that gives the same for a slice each time is computed once, and training runs on what it gave."""

from __future__ import annotations

import re
from importlib.metadata import version

import keras
import numpy as np

from genrelib._base.caching import folder_when_whole, key_of
from genrelib._base.errors import GenrelibError
from genrelib._base.parallel import progress_bar
from genrelib._base.tensorflow import tf
from genrelib.audio import INT16_SCALE
from genrelib.models.frontends import MEL_LAYER
from genrelib.slices import Rows

FRONT_END_BATCH = 64


def has_frozen_front_end(model: keras.Model) -> bool:
    """Tell whether the model starts with a front end that gives the same for a slice each time.

    Neither the front end nor what stands before it may hold a variable: a weight, or the seed of an augmentation.
    The layers behind it may see nothing else of the audio.
    """
    try:
        return not split_front_end(model)[0].variables
    except GenrelibError:
        return False


def split_front_end(model: keras.Model) -> tuple[keras.Model, keras.Model]:
    """Cut a model into its front end and the rest: they share its layers, so training the rest trains the model.

    Raises
    ------
    GenrelibError
        No such layer, or the audio reaches the output on another path too.
    """
    if MEL_LAYER not in [layer.name for layer in model.layers]:
        raise GenrelibError(f"{model.name} has no layer named {MEL_LAYER!r} to cut behind")
    # a layer that is itself a functional model answers `.output` with its inside; Operation's answers with this model's
    output = keras.Operation.output.fget(model.get_layer(MEL_LAYER))
    first, last = ends_of(model)
    front_end, rest = keras.Model(first, output), keras.Model(output, last)
    # an input may stand beside the front end's output: Keras cuts such a model without a word
    if sum(isinstance(layer, keras.layers.InputLayer) for layer in rest.layers) > 1:
        raise GenrelibError(f"{model.name} sees its audio beside {MEL_LAYER!r} too: it cannot be cut there")
    return front_end, rest


def cached_front_end(front_end: keras.Model, slices: Rows) -> np.memmap:
    """Compute a front end for every slice, once: a memory map beside the slices, rebuilt when either changes.

    It is float32 [n, *output], since float16 gives other weights at the end.
    """
    shape = (len(slices), *front_end.output_shape[1:])
    config = [_without_names(front_end.get_config()), version("kapre"), version("tensorflow"), version("keras")]
    folder = slices.cache_folder.parent / f"frontend-{key_of([slices.key, config])}"
    if not folder.is_dir():
        with folder_when_whole(folder) as building:
            _build_front_end(front_end, slices, building / "output.float32")
    return np.memmap(folder / "output.float32", dtype=np.float32, mode="r", shape=shape)


def ends_of(model: keras.Model) -> tuple:
    """Give a model's input and output; a Sequential names neither until it is called."""
    if isinstance(model, keras.Sequential):
        return model.inputs[0], model.outputs[0]
    return model.input, model.output


def _without_names(config):
    """Drop what Keras numbers anew in each process: two builds of one front end are one front end."""
    if isinstance(config, (list, tuple)):
        return [_without_names(value) for value in config]
    if not isinstance(config, dict):
        return config
    kept = {key: _without_names(value) for key, value in config.items() if key not in ("name", "keras_history")}
    ends = {key: _unnumbered(kept[key]) for key in ("input_layers", "output_layers") if key in kept}
    return {**kept, **ends}


def _unnumbered(names):
    if isinstance(names, list):
        return [_unnumbered(name) for name in names]
    return re.sub(r"_\d+$", "", names) if isinstance(names, str) else names


def _build_front_end(front_end, slices, path):
    compute = tf.function(lambda audio: front_end(audio, training=False), reduce_retracing=True)
    starts = range(0, len(slices), FRONT_END_BATCH)
    with open(path, "wb") as file:
        for start in progress_bar(starts, total=len(starts), label="computing the front end"):
            audio = tf.cast(slices.samples[start : start + FRONT_END_BATCH], tf.float32) / INT16_SCALE
            file.write(compute(audio).numpy().astype(np.float32).tobytes())
