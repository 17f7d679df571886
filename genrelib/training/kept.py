"""Trainings on disk: the key that each is kept under, what is written, and how it comes back as a Run."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from genrelib._base.caching import key_of
from genrelib._base.provenance import versions
from genrelib.evaluation.scores import score_predictions
from genrelib.models.files import save_model
from genrelib.slices import Rows
from genrelib.splits import Fold
from genrelib.training.front_end import ends_of
from genrelib.training.runs import Run

TRAINER = 2  # raise when training or predicting changes, so that nothing older is taken for it
KEYED = ("tensorflow", "keras", "kapre", "numpy")  # other versions of these may train other weights
PARTS = ("train", "test")  # what several outputs are scored on


def decisions_key(model: Any, slices: Rows | dict[str, Rows], fold: Fold, fit: dict[str, Any]) -> str:
    """Digest all that decides a training but the versions: rows, labels, fold, network, described settings."""
    labelled = slices if isinstance(slices, dict) else {"": slices}
    labels = {name: [list(rows.genres), _digest(rows.labels)] for name, rows in labelled.items()}
    parts = _digest(fold.train, fold.validation, fold.test)
    keys = [rows.key for rows in labelled.values()]
    return key_of([TRAINER, keys, labels, parts, fold.seed, model.to_json(), fit])


def training_key(decided_by: str) -> str:
    """Give the key of a training with the versions that are installed."""
    return key_of([decided_by, [version(package) for package in KEYED]])


def changed_versions(kept: Path, decided_by: str) -> str:
    """Name the versions by which a training that is to come differs from a kept one, and by nothing else.

    Such as ``"numpy 2.4.5 → 2.4.6"``; empty where there is no such training.
    """
    now = versions()
    for path in sorted(kept.parent.glob(f"{kept.name.rpartition('-')[0]}-*/run.json")):
        earlier = json.loads(path.read_text(encoding="utf-8"))
        if earlier.get("decided_by") == decided_by:
            then = earlier["versions"]
            return ", ".join(f"{name} {then.get(name)} → {now[name]}" for name in KEYED if then.get(name) != now[name])
    return ""


def write_training(folder: Path, model: Any, history: Any, options: dict, decided_by: str, commit: str) -> None:
    """Write a training's model, curves and settings into a folder; see `read_training`."""
    import keras

    # a model of the same layers, never compiled: the file is without the optimizer's state, a third of the size
    save_model(keras.Model(*ends_of(model), name=model.name), folder / "model.keras")
    history.curves.to_csv(folder / "curves.csv", index=False)
    run = {
        "seconds": history.seconds, "best_epoch": history.best_epoch, "options": options, "commit": commit,
        "versions": versions(), "decided_by": decided_by,
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(run, default=str), encoding="utf-8")


def read_training(folder: Path, system: str, slices: Rows | dict[str, Rows], fold: Fold, options: dict) -> Run:
    """Read a training that was kept as a Run: its scores are counted from the predictions beside the model."""
    from genrelib.training.loop import History

    curves, run = pd.read_csv(folder / "curves.csv"), json.loads((folder / "run.json").read_text(encoding="utf-8"))
    history = History(curves, run["best_epoch"], len(curves), run["seconds"])

    def scores(file, genres):
        return score_predictions(pd.read_parquet(folder / file), genres)

    about = {"options": options, "commit": run["commit"], "versions": run["versions"]}
    fixed = (system, fold.unit, fold.seed, fold)
    if not isinstance(slices, dict):
        return Run(*fixed, scores("predictions.parquet", slices.genres), history, folder, **about)
    outputs = {
        part: {name: scores(f"{part}-{name}.parquet", rows.genres) for name, rows in slices.items()} for part in PARTS
    }
    first = next(iter(slices))
    return Run(*fixed, outputs["test"][first], history, folder, **about, outputs=outputs, output=first)


def _digest(*arrays):
    return hashlib.sha256(b"".join(array.astype("int64").tobytes() + b"/" for array in arrays)).hexdigest()
