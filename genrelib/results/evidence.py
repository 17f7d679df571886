"""The files behind a record, from which its figures can be recomputed: predictions, curves of each training, maps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from genrelib._base.errors import ResultError
from genrelib.results.records import LIMIT

if TYPE_CHECKING:
    import pandas as pd

    from genrelib.evaluation.measured import Measured
    from genrelib.training.runs import Runs

ROW_BYTES = 24  # of a prediction beside its probabilities, at most: track, slice, true


def predictions_behind(
    claim: pd.Series, measured: Measured, source: Runs | Measured | None
) -> list[tuple[str, pd.DataFrame]]:
    """Give (file name, predictions): of the part that the claim is about, of the test beside, of the other side."""
    frames = []
    for unit, figures in measured.by_unit.items():
        runs = source[unit] if source is not None and unit in source else []
        checked = {run.seed: run.scores for run in runs if run.tested is not None}
        for place, (scores, fold) in enumerate(zip(figures.scores, figures.folds, strict=False)):
            name = f"{claim.name}-{unit}-{fold.seed}"
            if figures.others:  # of one part, on both sides
                frames += _parts(name, scores, unit, fold)
                frames += _parts(f"{name}-other", figures.others[place], unit, fold)
                continue
            own = checked.get(fold.seed) if unit == claim["split_unit"] else None
            frames += _parts(f"{name}-test" if fold.seed in checked else name, scores, unit, fold)
            frames += _parts(name, own, unit, fold) if own else []
    names = [name for name, _ in frames]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ResultError(f"a seed is measured once a split; there twice: {', '.join(twice)}; drop one of each")
    return frames


def tables_behind(claim: pd.Series, measured: Measured) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give (file name, table): the curves of each training and the points of each map."""
    for unit, figures in measured.by_unit.items():
        curves = [getattr(history, "curves", None) for history in figures.histories]
        points = [table.round(4) for table in figures.points]
        for kind, tables in {"curves": curves, "points": points}.items():
            for table, fold in zip(tables, figures.folds, strict=False):
                if table is not None:
                    yield f"{kind}/{claim.name}-{unit}-{fold.seed}.csv", table


def _parts(name, scores, unit, fold):
    """Give predictions as one file; of more rows than its limit allows, such as windows, the named label alone."""
    columns = [f"p{i}" for i in range(len(scores.genres))]
    frame = scores.frame.assign(seed=fold.seed, protocol=unit)
    if len(frame) > LIMIT // (4 * len(columns) + ROW_BYTES):
        named = frame[columns].to_numpy().argmax(axis=1).astype("int8")
        frame = frame.assign(named=named)
        return [(f"{name}.parquet", frame[["track_id", "slice", "true", "named", "seed", "protocol"]])]
    frame = frame[["track_id", "slice", "true", *columns, "seed", "protocol"]]
    return [(f"{name}.parquet", frame.astype(dict.fromkeys(columns, "float32")))]
