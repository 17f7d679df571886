"""Keep a training's state after each epoch, so that an interrupted one goes on and ends with the same weights."""

from __future__ import annotations

import zipfile
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from genrelib._base.caching import file_when_whole

REMEMBERED = ("best", "best_epoch", "wait", "stopped_epoch")  # by Keras' EarlyStopping, beside the best weights


class Checkpoint(keras.callbacks.Callback):
    """Write all that decides the next epochs: weights, optimizer, draws, what early stopping remembers, the curves.

    Keras' BackupAndRestore leaves out the last three: a run that goes on from its files ends elsewhere. ``path`` is one
    ``.npz`` file, replaced whole after each epoch; the caller deletes it when the training is kept.
    """

    def __init__(self, path: str | Path, stopping: keras.callbacks.EarlyStopping) -> None:
        super().__init__()
        self.path, self.stopping = Path(path), stopping
        self.curves = pd.DataFrame()

    def resume(self, model: keras.Model) -> tuple[int, bool]:
        """Set a compiled model, its variables created, to the state of the file, if there is one.

        Returns
        -------
        (int, bool)
            Epochs that were run, 0 where there is no whole file; and whether early stopping had ended the training.
        """
        kept, variables = self._read(), _variables(model)
        shapes = [array.shape for name, array in kept.items() if name.startswith("variable")]
        if shapes != [variable.shape for variable in variables]:
            return 0, False
        for number, variable in enumerate(variables):
            variable.assign(kept[f"variable{number}"])
        self.curves = pd.DataFrame({name: kept[f"curve_{name}"] for name in kept["curves"].tolist()})
        self._remembered = {name: kept[name].item() for name in REMEMBERED}
        self._remembered["best_weights"] = [kept[f"best{i}"] for i in range(len(model.get_weights()))]
        return len(self.curves), self._remembered["stopped_epoch"] > 0

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Give back to early stopping what it remembered."""
        # early stopping forgets when a training begins; this callback stands behind it
        for name, value in getattr(self, "_remembered", {}).items():
            setattr(self.stopping, name, value)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Write the state, unless the loss has become useless."""
        if not np.isfinite(logs["loss"]):
            return
        self.curves = pd.concat([self.curves, pd.DataFrame([logs])], ignore_index=True)
        state = {f"variable{i}": np.asarray(variable) for i, variable in enumerate(_variables(self.model))}
        state |= {f"curve_{name}": self.curves[name].to_numpy() for name in self.curves}
        best = self.stopping.best_weights or self.model.get_weights()
        state |= {f"best{i}": weight for i, weight in enumerate(best)}
        state |= {name: getattr(self.stopping, name) for name in REMEMBERED}
        with file_when_whole(self.path) as temporary, open(temporary, "wb") as file:
            np.savez(file, curves=list(self.curves), **state)

    def _read(self):
        try:
            with np.load(self.path, allow_pickle=False) as file:
                return dict(file)
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            return {}  # none yet, or damaged: the training starts from its beginning


def create_variables(model: keras.Model, n_classes: int | dict[str, int]) -> None:
    """Create those of a compiled model's optimizer and metrics.

    Keras does so within the first step, and then traces its graph twice: half a second to two a training.
    """
    model.optimizer.build(model.trainable_variables)
    targets = keras.tree.map_structure(lambda n: np.eye(n, dtype=np.float32)[:1], n_classes)
    model.compute_metrics(None, targets, targets)  # fit begins by setting them to zero


def _variables(model):
    """All that an epoch changes: weights, what layers draw from, the optimizer's momenta and count."""
    return [*model.variables, *model.optimizer.variables]
