"""Seeds, callbacks and fit; a frozen front end is computed once and training runs on what it gave."""

import re
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from genrelib.audio import INT16_SCALE
from genrelib._base.caching import folder_when_whole, key_of
from genrelib.training.checkpoints import Checkpoint
from genrelib.models.devices import fed_as_stored, orders_of, shared_evenly
from genrelib._base.errors import GenrelibError
from genrelib.evaluation.scores import gives_logits
from genrelib.models.frontends import MEL_LAYER, fit_standardisation
from genrelib.models.files import UNLOADABLE, refuse_code
from genrelib._base.parallel import progress_bar
from genrelib._base.watching import tell

FRONT_END_BATCH = 64
MONITORS = {"val_loss": "min", "val_accuracy": "max"}
CURVES = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy"]


@dataclass(frozen=True)
class History:
    """Hold what one training did.

    Attributes
    ----------
    curves : pd.DataFrame
        One row an epoch: epoch (from 1), loss, accuracy, val_loss, val_accuracy.
    best_epoch : int
        The epoch whose weights the model holds: that of the lowest validation loss.
    epochs_run : int
    seconds : float
    """

    curves: pd.DataFrame
    best_epoch: int
    epochs_run: int
    seconds: float


def set_seed(seed):
    """Fix every draw of Python, NumPy and TensorFlow, and make its operations deterministic.

    Call it before a model is built: initial weights are drawn then. `train` calls it again.
    """
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def train(
    model, slices, fold, epochs=15, batch_size=32, patience=3, seed=0, *,
    optimizer="adam", cache_front_end=True, monitor="val_loss", checkpoint=None, verbose=False, xla=False,
):  # fmt: skip
    """Train a model on the fold's training part, and stop when validation no longer improves.

    Inside ``with strategy.scope():`` of `tf.distribute`, where the model was built too, each batch is shared out to
    the strategy's devices.

    Parameters
    ----------
    model : keras.Model
        It is compiled here and trained in place. Its softmax or linear (logit) output is recognised, and layers
        that standardise its input are fitted on the training part.
    slices : SliceSet, ImageSet
        Raw audio (int16) is given to the model as float32 in -1..1; any other input as float32 of the same values.
    fold : Fold
    epochs : int
        At most; the IDC report has 15.
    batch_size : int
        The IDC report has 32.
    patience : int
        Epochs without improvement before stopping; the report says "several".
    seed : int
        Fixes order, dropout and all else that is drawn.
    optimizer : str or keras.optimizers.Optimizer
        An object is copied, so that the next training does not start with this one's momenta.
    cache_front_end : bool
        Compute a frozen front end once, in float32, and train on that. The weights at the end are the same.
    monitor : {"val_loss", "val_accuracy"}
        What patience watches. The model ends with the best epoch's weights.
    checkpoint : str or Path, optional
        A file that keeps the state after each epoch, see `genrelib.training.checkpoints`. A training that finds one goes on
        from there to the same weights; delete the file when the training is over.
    verbose : bool
        Print a line an epoch.
    xla : bool
        Compile by XLA, which on a GPU refuses the gradient of max pooling: operations are deterministic here.

    Returns
    -------
    History
        ``seconds`` are those of this call alone.

    Raises
    ------
    GenrelibError
        The fold has no validation part, no such monitor, or a loss that is not finite.
    """
    if not len(fold.validation):
        raise GenrelibError("early stopping needs a validation part; the fold has none: split with validation > 0")
    if monitor not in MONITORS:
        raise GenrelibError(f"what patience watches is {' or '.join(MONITORS)}; given {monitor!r}")
    taught = shared_evenly(fold.train, batch_size)
    set_seed(seed)
    begin = time.perf_counter()
    fit_standardisation(model, slices.samples, fold.train)
    inputs, trained = slices.samples, model
    if cache_front_end and has_frozen_front_end(model):
        front_end, trained = split_front_end(model)
        inputs = cached_front_end(front_end, slices)
    trained = fed_as_stored(trained, inputs.dtype)
    loss = keras.losses.CategoricalCrossentropy(from_logits=gives_logits(model))
    trained.compile(optimizer=_own(optimizer), loss=loss, metrics=["accuracy"], jit_compile=xla)
    n_classes = model.output_shape[-1]
    stopping = keras.callbacks.EarlyStopping(
        monitor=monitor, mode=MONITORS[monitor], patience=patience, restore_best_weights=True
    )
    kept = None if checkpoint is None else Checkpoint(checkpoint, stopping)
    begun, over = kept.resume(trained) if kept else (0, False)
    earlier = kept.curves if kept else pd.DataFrame()
    fitted = trained.fit(
        batches(inputs, slices.labels, taught, n_classes, batch_size=batch_size, seed=seed, skip=begun, raw=True),
        validation_data=batches(inputs, slices.labels, fold.validation, n_classes, batch_size=batch_size, raw=True),
        initial_epoch=epochs if over else begun,
        epochs=epochs,
        callbacks=[stopping, keras.callbacks.TerminateOnNaN(), _teller(model, fold, epochs), *([kept] if kept else [])],
        verbose=2 if verbose else 0,
    )
    curves = pd.concat([earlier, pd.DataFrame(fitted.history)], ignore_index=True)
    curves = curves.assign(epoch=curves.index + 1)[CURVES]
    if not np.isfinite(curves["loss"]).all() or curves[monitor].isna().all():
        raise GenrelibError(f"{model.name}: the loss is not finite after epoch {len(curves)}; lower the learning rate")
    best = curves[monitor].idxmin() if MONITORS[monitor] == "min" else curves[monitor].idxmax()
    return History(curves, int(best) + 1, len(curves), time.perf_counter() - begin)


def _teller(model, fold, epochs):
    """Give a callback that tells who watches the run where the training is."""
    label = f"{model.name} by {fold.unit}, seed {fold.seed}"
    return keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: tell(f"{label}: epoch {epoch + 1} of {epochs}")
    )


def has_frozen_front_end(model):
    """Tell whether the model starts with a front end that gives the same for a slice each time.

    Neither the front end nor what stands before it may hold a variable: a weight, or the seed of an augmentation.
    The layers behind it may see nothing else of the audio.
    """
    if MEL_LAYER not in [layer.name for layer in model.layers]:
        return False
    front_end, rest = _cut(model)
    return not front_end.variables and not _sees_audio(rest)


def split_front_end(model):
    """Cut a model behind its front end.

    Returns
    -------
    front_end, rest : keras.Model
        They share the model's layers, so training ``rest`` trains the model.

    Raises
    ------
    GenrelibError
        No such layer, or the audio reaches the output on another path too.
    """
    if MEL_LAYER not in [layer.name for layer in model.layers]:
        raise GenrelibError(f"{model.name} has no layer named {MEL_LAYER!r} to cut behind")
    front_end, rest = _cut(model)
    if _sees_audio(rest):
        raise GenrelibError(f"{model.name} sees its audio beside {MEL_LAYER!r} too: it cannot be cut there")
    return front_end, rest


def cached_front_end(front_end, slices):
    """Compute a front end for every slice, once: a memory map beside the slices, rebuilt when either changes.

    Parameters
    ----------
    front_end : keras.Model
    slices : SliceSet

    Returns
    -------
    np.memmap [shape=(n, *output), dtype=float32]
        float32, since float16 gives other weights at the end.
    """
    shape = (len(slices), *front_end.output_shape[1:])
    config = [_without_names(front_end.get_config()), version("kapre"), version("tensorflow"), version("keras")]
    folder = slices.cache_folder.parent / f"frontend-{key_of([slices.key, config])}"
    if not folder.is_dir():
        with folder_when_whole(folder) as building:
            _build_front_end(front_end, slices, building / "output.float32")
    return np.memmap(folder / "output.float32", dtype=np.float32, mode="r", shape=shape)


def batches(inputs, labels, positions, n_classes, *, batch_size, seed=None, skip=0, raw=False):
    """Read batches from a memory map; nothing larger than a batch is held.

    Parameters
    ----------
    inputs : np.ndarray [shape=(n, ...), dtype=int16, uint8 or float32]
        int16 is audio, and is scaled to -1..1; the others keep their values.
    labels : np.ndarray [shape=(n,)]
    positions : np.ndarray
    n_classes : int
    batch_size : int
    seed : int, optional
        Shuffles anew each epoch; in order unless given.
    skip : int
        Epochs whose order is drawn and passed over.
    raw : bool
        Leave inputs as they are, for `genrelib.models.devices.fed_as_stored`.

    Returns
    -------
    tf.data.Dataset
        Of (batch, one-hot targets), float32 both unless ``raw``.
    """
    positions = np.asarray(positions)
    orders = orders_of(positions, seed, skip)

    def read():
        chosen = next(orders)
        for start in range(0, len(chosen), batch_size):
            batch = chosen[start : start + batch_size]
            yield inputs[batch], labels[batch]

    signature = (tf.TensorSpec((None, *inputs.shape[1:]), inputs.dtype), tf.TensorSpec((None,), tf.int64))
    dataset = tf.data.Dataset.from_generator(read, output_signature=signature)
    scale = INT16_SCALE if inputs.dtype == np.int16 else 1.0
    dataset = dataset.map(lambda x, y: (x if raw else tf.cast(x, tf.float32) / scale, tf.one_hot(y, n_classes)))
    n_batches = -(-len(positions) // batch_size)
    return dataset.apply(tf.data.experimental.assert_cardinality(n_batches)).prefetch(2)


def load_model(path):
    """Load a ``.keras`` file in safe mode; Kapre's layers are known by then.

    Raises
    ------
    GenrelibError
        No such file, or not a model that safe mode admits.
    """
    if not Path(path).is_file():
        raise GenrelibError(f"{path}: no such model file; `make reproduce` writes models under runs/")
    refuse_code(path)
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except UNLOADABLE as error:
        raise GenrelibError(f"{path}: not a .keras file that loads in safe mode ({error})") from error


def _own(optimizer):
    """Copy an optimizer object: Keras ties it to the variables of the first model that it trains."""
    return optimizer if isinstance(optimizer, str) else type(optimizer).from_config(optimizer.get_config())


def _cut(model):
    # a layer that is itself a functional model answers `.output` with its inside; Operation's answers with this model's
    output = keras.Operation.output.fget(model.get_layer(MEL_LAYER))
    return keras.Model(model.input, output), keras.Model(output, model.output)


def _sees_audio(rest):
    """Tell whether an input stands beside the front end's output: Keras cuts such a model without a word."""
    return sum(isinstance(layer, keras.layers.InputLayer) for layer in rest.layers) > 1


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
