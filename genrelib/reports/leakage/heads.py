"""Two systems that no report has, under the reports' splits: linear models of numbers that were there before.

`embedded` takes the 53 level-free numbers of each slice. `musicnn` takes what a frozen network gives of it that learned
listeners' tags on a quarter of a million songs: what is unheard under a split is unheard by its linear model alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

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
from genrelib.splits import folds_of

KINDS = {"embedded": "embedded", "musicnn": "pretrained"}  # system → kind of head
BATCH = 64  # slices


def numbers_of(slices: SliceSet, rows: RowSet) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Describe each slice by the numbers of each system; see the text of this file.

    Parameters
    ----------
    slices : SliceSet
    rows : RowSet
        The 57 numbers of the very same slices.

    Returns
    -------
    numbers : dict of str to np.ndarray [shape=(n, d)]
        System → numbers.
    missing : dict of str to str
        System → why it has none: musicnn's weights are not installed.
    """
    numbers = {"embedded": level_free(rows.samples)}
    try:
        heard = _kept(slices, lambda: musicnn_numbers(slices.samples, slices.sample_rate))
    except GenrelibError as error:
        return numbers, {"musicnn": str(error)}
    return numbers | {"musicnn": heard.to_numpy()}, {}


def musicnn_numbers(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Give musicnn's 1506 pooled numbers of slices [n, n_samples]: int16, or float32 in -1..1.

    Raises
    ------
    GenrelibError
        Its weights are not installed.
    """
    import soxr

    from genrelib.models.musicnn import N_SAMPLES, SAMPLE_RATE

    hear, heard = pretrained_numbers(), []
    scale = INT16_SCALE if samples.dtype == np.int16 else 1
    for start in range(0, len(samples), BATCH):
        sound = np.asarray(samples[start : start + BATCH], dtype=np.float32) / scale
        steps = [np.resize(soxr.resample(one, sample_rate, SAMPLE_RATE), N_SAMPLES) for one in sound]
        heard.append(hear(np.stack(steps)))
    return np.concatenate(heard)


def measure_heads(
    numbers: dict[str, np.ndarray], rows: RowSet, units: Sequence[str], seeds: Sequence[int], folder: str | Path
) -> dict[str, str]:
    """Fit each system under each split and keep its predictions of the test parts, where `study.gather` reads them.

    Parameters
    ----------
    numbers : dict of str to np.ndarray
        Of `numbers_of`.
    rows : RowSet
    units, seeds : sequence
        The folds are those of `genrelib.run_protocols`.
    folder : str or Path
        Of the run; predictions of systems that are not in ``numbers`` are taken out of it.

    Returns
    -------
    dict of str to str
        "system by unit" → why there is none.
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
            frames = [predicted(fitted(system, values, rows, fold), values, rows, fold) for fold in folds]
            with file_when_whole(target / HEADS.format(system=system, unit=unit)) as temporary:
                pd.concat(frames, ignore_index=True).to_parquet(temporary, index=False, compression="zstd")
    return missing


def fitted(system: str, values: np.ndarray, rows: RowSet, fold):
    """Fit the linear model of a system on the training part of a fold."""
    return unfitted(KINDS[system]).fit(values[fold.train], rows.labels[fold.train])


def predicted(model, values, rows, fold) -> pd.DataFrame:
    """Give a model's predictions of a fold's test part, as `genrelib.evaluation.scores` has them."""
    return prediction_frame(rows, fold.test, model.predict_proba(values[fold.test]), seed=fold.seed, protocol=fold.unit)


def _kept(slices, build: Callable[[], np.ndarray]) -> pd.DataFrame:
    def table():
        return pd.DataFrame(build()).rename(columns=str)

    try:
        name = f"musicnn-{version('musicnn')}.parquet"
    except ModuleNotFoundError:  # no weights: building says so
        return table()
    return table() if slices.cache_folder is None else cached_table(slices.cache_folder / name, table)
