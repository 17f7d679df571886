"""Two systems that no report has, under the reports' splits: linear models of numbers that were there before.

`embedded` takes the 53 level-free numbers of each slice. `musicnn` takes what a frozen network gives of it that learned
listeners' tags on a quarter of a million songs: what is unheard under a split is unheard by its linear model alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genrelib._base.caching import cached_table, file_when_whole
from genrelib._base.errors import GenrelibError, SplitError
from genrelib.audio import INT16_SCALE
from genrelib.classify.heads import unfitted
from genrelib.classify.numbers import level_free, pretrained_numbers
from genrelib.evaluation.predictions import prediction_frame
from genrelib.features.rows import RowSet
from genrelib.reports.leakage.study import HEADS
from genrelib.slices import SliceSet
from genrelib.splits import Fold, folds_of

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

KINDS = {"embedded": "embedded", "musicnn": "pretrained"}  # system → kind of head
BATCH = 64  # slices


def numbers_of(slices: SliceSet, rows: RowSet) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Describe each slice by the numbers of each system; ``rows`` are the 57 numbers of the very same slices.

    What comes is system → numbers [n, d], and system → why it has none: musicnn's weights are not installed.
    """

    def heard():
        numbers = musicnn_numbers(slices.samples, slices.sample_rate, pretrained_numbers())
        return pd.DataFrame(numbers).rename(columns=str)

    numbers = {"embedded": level_free(rows.samples)}
    try:
        if slices.cache_folder and find_spec("musicnn"):
            table = cached_table(slices.cache_folder / f"musicnn-{version('musicnn')}.parquet", heard)
        else:
            table = heard()  # without the weights it says so
    except GenrelibError as error:
        return numbers, {"musicnn": str(error)}
    return numbers | {"musicnn": table.to_numpy()}, {}


def musicnn_numbers(samples: np.ndarray, sample_rate: int, hear: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Give what ``hear``, of `pretrained_numbers`, makes of slices [n, n_samples], int16 or float32 in -1..1."""
    import soxr

    from genrelib.models.musicnn import N_SAMPLES, SAMPLE_RATE

    heard, scale = [], INT16_SCALE if samples.dtype == np.int16 else 1
    for start in range(0, len(samples), BATCH):
        sound = np.asarray(samples[start : start + BATCH], dtype=np.float32) / scale
        steps = [np.resize(soxr.resample(each, sample_rate, SAMPLE_RATE), N_SAMPLES) for each in sound]
        heard.append(hear(np.stack(steps)))
    return np.concatenate(heard)


def measure_heads(
    numbers: dict[str, np.ndarray], rows: RowSet, units: Sequence[str], seeds: Sequence[int], folder: str | Path
) -> dict[str, str]:
    """Fit each system under each split and keep its predictions of the test parts, where `study.gather` reads them.

    The folds are those of `genrelib.run_protocols`. Predictions of systems that are not in ``numbers``, of
    `numbers_of`, are taken out of the folder of the run. What comes is "system by unit" → why there is none.
    """
    missing, target = {}, Path(folder) / "predictions"
    for system in KINDS:
        for path in target.glob(HEADS.format(system=system, unit="*")) if system not in numbers else ():
            path.unlink()
    for system, values in numbers.items():
        for unit in units:
            try:
                folds = folds_of(rows, unit, seeds)
            except SplitError as error:
                missing[f"{system} by {unit}"] = rows.collection.why_not(unit) or str(error)
                continue
            frames = []
            for fold in folds:
                given = fitted(system, values, rows, fold).predict_proba(values[fold.test])
                frames.append(prediction_frame(rows, fold.test, given, seed=fold.seed, protocol=unit))
            with file_when_whole(target / HEADS.format(system=system, unit=unit)) as temporary:
                pd.concat(frames, ignore_index=True).to_parquet(temporary, index=False, compression="zstd")
    return missing


def fitted(system: str, values: np.ndarray, rows: RowSet, fold: Fold) -> Pipeline:
    """Fit the linear model of a system on the training part of a fold."""
    return unfitted(KINDS[system]).fit(values[fold.train], rows.labels[fold.train])
