"""Seeds, callbacks and fit: one loop for networks with one output or several; the front end is computed once.

*Several outputs* are a dict, name of an output → the same rows with that output's labels, such as ``{"genre": slices,
"mood": mood_slices(slices)}``. The network gives a dict of probabilities under the same names; its loss is the sum of a
cross-entropy an output, and whatever the network adds for its weights.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from genrelib._base.errors import GenrelibError
from genrelib._base.tensorflow import tf
from genrelib._base.watching import tell
from genrelib.audio import INT16_SCALE
from genrelib.evaluation.scores import gives_logits
from genrelib.models.devices import fed_as_stored, orders_of, shared_evenly
from genrelib.models.files import UNLOADABLE, refuse_code
from genrelib.models.frontends import fit_standardisation
from genrelib.slices import Rows
from genrelib.splits import Fold
from genrelib.training.checkpoints import Checkpoint, create_variables
from genrelib.training.front_end import cached_front_end, ends_of, has_frozen_front_end, split_front_end


@dataclass(frozen=True)
class History:
    """Hold what one training did.

    ``curves`` has a row an epoch: epoch (from 1), loss, accuracy, val_loss, val_accuracy; of several outputs the summed
    losses and an accuracy an output, such as genre_accuracy and val_genre_accuracy.
    """

    curves: pd.DataFrame
    best_epoch: int  # whose weights the model holds: the best by what patience watched
    epochs_run: int
    seconds: float


def set_seed(seed: int) -> None:
    """Fix every draw of Python, NumPy and TensorFlow, and make its operations deterministic.

    Call it before a model is built: initial weights are drawn then. `train` calls it again.

    Examples
    --------
    >>> import genrelib as gl
    >>> gl.set_seed(0)
    >>> model = gl.models.feature_mlp(n_classes=3)
    """
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def train(
    model: keras.Model, slices: Rows | dict[str, Rows], fold: Fold, epochs: int = 15, batch_size: int = 32,
    patience: int = 3, seed: int = 0, *, optimizer: str | keras.optimizers.Optimizer = "adam",
    cache_front_end: bool = True, monitor: str = "val_loss", checkpoint: str | Path | None = None,
) -> History:  # fmt: skip
    """Train a model on the fold's training part, and stop when validation no longer improves.

    Inside ``with strategy.scope():`` of `tf.distribute`, where the model was built too, each batch is shared out to
    the strategy's devices. No XLA, which on a GPU refuses the gradient of max pooling: operations are deterministic.

    Parameters
    ----------
    model : keras.Model
        It is compiled here and trained in place. Its softmax or linear (logit) output is recognised, and layers
        that standardise its input are fitted on the training part.
    slices : Rows, or dict of str to Rows
        Raw audio (int16) is given to the model as float32 in -1..1; any other input as float32 of the same values.
        A dict for a network with several outputs.
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
    monitor : str
        What patience watches: "val_loss", "val_accuracy"; of several outputs the accuracy of one, such as
        "val_genre_accuracy". The model ends with the best epoch's weights.
    checkpoint : str or Path, optional
        A file that keeps the state after each epoch, see `genrelib.training.checkpoints`. A training that finds one
        goes on from there to the same weights; delete the file when the training is over.

    Returns
    -------
    History
        ``seconds`` are those of this call alone.

    Raises
    ------
    GenrelibError
        A network that takes other rows, or gives other outputs than the labels have; a fold without a validation
        part; no such monitor; a loss that is not finite.

    Examples
    --------
    >>> import genrelib as gl
    >>> slices = gl.cut_slices(gl.load_collection("demo"), seconds=0.5, sample_rate=8000)
    >>> fold = gl.split_slices(slices, unit="artist", validation=0.1)
    >>> model = gl.models.raw_cnn1d(n_samples=slices.n_samples, n_classes=len(slices.genres))
    >>> history = gl.train(model, slices, fold, epochs=1)
    >>> history.epochs_run
    1
    """
    rows = next(iter(slices.values())) if isinstance(slices, dict) else slices
    _refuse_misfit(model, slices)
    labels, sizes, loss, metrics, monitors = _targets(model, slices)
    if not len(fold.validation):
        raise GenrelibError("early stopping needs a validation part; the fold has none: split with validation > 0")
    if monitor not in monitors:
        raise GenrelibError(f"what patience watches is {' or '.join(monitors)}; given {monitor!r}")
    taught = shared_evenly(fold.train, batch_size)
    set_seed(seed)
    begin = time.perf_counter()
    fit_standardisation(model, rows.samples, fold.train)
    trained, inputs = behind_front_end(model, rows) if cache_front_end else (model, rows.samples)
    trained = fed_as_stored(trained, inputs.dtype)
    trained.compile(optimizer=_own(optimizer), loss=loss, metrics=metrics, jit_compile=False)
    create_variables(trained, sizes)
    mode = "min" if monitor == "val_loss" else "max"
    stopping = keras.callbacks.EarlyStopping(monitor=monitor, mode=mode, patience=patience, restore_best_weights=True)
    kept = None if checkpoint is None else Checkpoint(checkpoint, stopping)
    begun, over = kept.resume(trained) if kept else (0, False)
    earlier = kept.curves if kept else pd.DataFrame()
    callbacks = [stopping, keras.callbacks.TerminateOnNaN(), _teller(model, fold, epochs), *([kept] if kept else [])]
    how = {"batch_size": batch_size, "raw": True}
    fitted = trained.fit(
        batches(inputs, labels, taught, sizes, seed=seed, skip=begun, **how),
        validation_data=batches(inputs, labels, fold.validation, sizes, **how),
        initial_epoch=epochs if over else begun, epochs=epochs, callbacks=callbacks, verbose=0,
    )  # fmt: skip
    curves = pd.concat([earlier, pd.DataFrame(fitted.history)], ignore_index=True)
    columns = [name.removeprefix("val_") for name in monitors]
    curves = curves.assign(epoch=curves.index + 1)[["epoch", *columns, *monitors]]
    if not np.isfinite(curves["loss"]).all() or curves[monitor].isna().all():
        raise GenrelibError(f"{model.name}: the loss is not finite after epoch {len(curves)}; lower the learning rate")
    best = curves[monitor].idxmin() if mode == "min" else curves[monitor].idxmax()
    return History(curves, int(best) + 1, len(curves), time.perf_counter() - begin)


def _refuse_misfit(model, slices):
    """Refuse a network that takes other rows, or gives other outputs than the labels have."""
    labelled = slices if isinstance(slices, dict) else {"": slices}
    rows = next(iter(labelled.values()))
    shape = tuple(rows.samples.shape[1:])
    inputs = [tuple(each.shape[1:]) for each in getattr(model, "inputs", None) or []]
    if len(inputs) != 1 or not _takes(inputs[0], shape):
        raise GenrelibError(
            f"{model.name} takes inputs of shape {', '.join(map(str, inputs)) or 'none yet'}; rows of "
            f"{type(rows).__name__} have {shape}: begin the network with one keras.Input({shape})"
        )
    _, output = ends_of(model)
    outputs = output if isinstance(output, dict) else {"": output}
    if set(outputs) != set(labelled):
        raise GenrelibError(
            f"{model.name} gives {', '.join(filter(None, outputs)) or 'one output without a name'}; labels are of "
            f"{', '.join(filter(None, labelled)) or 'one output without a name'}: name them alike"
        )
    for name, output in outputs.items():
        n_classes = len(labelled[name].genres)
        if output.shape[-1] != n_classes or len(output.shape) != 2:
            sized = f"n_{name}s" if name else "n_classes"
            raise GenrelibError(
                f"{model.name} gives {output.shape[-1]} numbers a row, shape {tuple(output.shape)}; the rows have "
                f"{n_classes} {name or 'genre'}s: build it with {sized}={n_classes}"
            )


def behind_front_end(model: keras.Model, rows: Rows) -> tuple[keras.Model, np.ndarray]:
    """Give the part of a network that trains, and its input for every row: a frozen front end is computed once."""
    if not has_frozen_front_end(model):
        return model, rows.samples
    front_end, rest = split_front_end(model)
    return rest, cached_front_end(front_end, rows)


def batches(
    inputs: np.ndarray, labels: np.ndarray | dict[str, np.ndarray], positions: np.ndarray,
    n_classes: int | dict[str, int], *, batch_size: int, seed: int | None = None, skip: int = 0, raw: bool = False,
) -> tf.data.Dataset:  # fmt: skip
    """Read batches from a memory map; nothing larger than a batch is held.

    Parameters
    ----------
    inputs : np.ndarray [shape=(n, ...), dtype=int16, uint8 or float32]
        int16 is audio, and is scaled to -1..1; the others keep their values.
    labels : np.ndarray [shape=(n,)], or dict of them
        A dict for several outputs; so are ``n_classes`` and the targets then.
    positions : np.ndarray
    n_classes : int, or dict of int
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

    Examples
    --------
    >>> import genrelib as gl
    >>> slices = gl.cut_slices(gl.load_collection("demo"), seconds=0.5, sample_rate=8000)
    >>> about = {"n_classes": len(slices.genres), "batch_size": 32}
    >>> inputs, targets = next(iter(gl.batches(slices.samples, slices.labels, range(100), **about)))
    >>> inputs.shape.as_list(), targets.shape.as_list()
    ([32, 4000], [32, 10])
    """
    positions = np.asarray(positions)
    orders = orders_of(positions, seed, skip)

    def read():
        chosen = next(orders)
        for start in range(0, len(chosen), batch_size):
            batch = chosen[start : start + batch_size]
            yield inputs[batch], keras.tree.map_structure(itemgetter(batch), labels)

    spec = keras.tree.map_structure(lambda _: tf.TensorSpec((None,), tf.int64), labels)
    signature = (tf.TensorSpec((None, *inputs.shape[1:]), inputs.dtype), spec)
    dataset = tf.data.Dataset.from_generator(read, output_signature=signature)
    scale = INT16_SCALE if inputs.dtype == np.int16 else 1.0

    def prepare(x, y):
        return x if raw else tf.cast(x, tf.float32) / scale, keras.tree.map_structure(tf.one_hot, y, n_classes)

    n_batches = -(-len(positions) // batch_size)
    return dataset.map(prepare).apply(tf.data.experimental.assert_cardinality(n_batches)).prefetch(2)


def load_model(path: str | Path) -> keras.Model:
    """Load a ``.keras`` file in safe mode; Kapre's layers are known by then.

    Raises
    ------
    GenrelibError
        No such file, or not a model that safe mode admits.

    Examples
    --------
    >>> import genrelib as gl
    >>> gl.models.mel_cnn1d(n_samples=11025, n_classes=3).save("mine.keras")
    >>> gl.training.load_model("mine.keras").output_shape
    (None, 3)
    """
    if not Path(path).is_file():
        raise GenrelibError(f"{path}: no such model file; `python -m genrelib reproduce` writes models under runs/")
    refuse_code(path)
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except UNLOADABLE as error:
        raise GenrelibError(f"{path}: not a .keras file that loads in safe mode ({error})") from error


def _targets(model, slices):
    """Give labels, numbers of classes, losses, metrics and monitors; all but these a dict for several outputs."""
    if not isinstance(slices, dict):
        loss = keras.losses.CategoricalCrossentropy(from_logits=gives_logits(model))
        return slices.labels, len(slices.genres), loss, ["accuracy"], ["val_loss", "val_accuracy"]
    labels = {name: rows.labels for name, rows in slices.items()}
    sizes = {name: len(rows.genres) for name, rows in slices.items()}
    losses, metrics = (dict.fromkeys(slices, kind) for kind in ("categorical_crossentropy", ["accuracy"]))
    accuracies = [f"val_{name}_accuracy" for name in slices] if len(slices) > 1 else ["val_accuracy"]  # Keras' names
    return labels, sizes, losses, metrics, ["val_loss", *accuracies]


def _teller(model, fold, epochs):
    """Give a callback that tells who watches the run where the training is."""
    label = f"{model.name} by {fold.unit}, seed {fold.seed}: epoch"
    return keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, _: tell(f"{label} {epoch + 1} of {epochs}"))


def _takes(shape, rows):
    """Tell whether an input of this shape takes such rows; Keras adds a last axis of one."""
    fits = (shape, shape[:-1]) if shape[-1:] == (1,) else (shape,)
    return any(len(own) == len(rows) and all(a in (None, b) for a, b in zip(own, rows, strict=True)) for own in fits)


def _own(optimizer):
    """Copy an optimizer object: Keras ties it to the variables of the first model that it trains."""
    return optimizer if isinstance(optimizer, str) else type(optimizer).from_config(optimizer.get_config())
