"""The same question asked of the whole of GTZAN, by its public table of features: whose track is the nearest one?

A row is a whole track, so that no recording is in two parts; its artist may be.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from genrelib._base.paths import absolute, data_root
from genrelib.evaluation.neighbours import all_answers, nearest_training
from genrelib.features.rows import as_slices, read_table
from genrelib.reports.toronto.public_table import SEEDS, SPLITS, TEST, VALIDATION, read_table_predictions
from genrelib.splits import split_slices

VARIABLE = "GENRELIB_TABLE"
NEIGHBOUR = "the neighbour's own genre"


def find_table(table: str | Path | None = None, root: str | Path | None = None) -> Path | None:
    """Find the public table: the one given, else that of GENRELIB_TABLE, else ``gtzan/features_30_sec.csv`` under data.

    None where there is none; one that was named is not looked for. ``root`` is as in `genrelib._base.paths.data_root`.
    """
    named = table or os.environ.get(VARIABLE)
    path = absolute(named) if named else data_root(root) / "gtzan" / "features_30_sec.csv"
    return path if named or path.is_file() else None


def table_neighbours(path: str | Path, *, seeds: Sequence[int] = SEEDS) -> dict[str, pd.DataFrame]:
    """Find each test track's nearest training track, under the splits of `genrelib.reports.toronto.public_table`.

    System → as `genrelib.evaluation.neighbours.with_answers` of the committed predictions; first, for `NEIGHBOUR`,
    whether the nearest track is of the genre. Splits that the table cannot support are an error.
    """
    rows = as_slices(read_table(path))
    folds = [split_slices(rows, unit, TEST, VALIDATION / (1 - TEST), seed) for unit in SPLITS for seed in seeds]
    nearest = [nearest_training(rows, fold).assign(unit=fold.unit, seed=fold.seed) for fold in folds]
    pairs = pd.concat(nearest, ignore_index=True)
    systems = dict(list(read_table_predictions().groupby("system", sort=False)))
    return {NEIGHBOUR: pairs.assign(hit=pairs["same_genre"]), **all_answers(pairs, systems)}
