"""The same question asked of the whole of GTZAN, by its public table of features: whose track is the nearest one?

A row is a whole track, so that no recording is in two parts; its artist may be.
"""

from __future__ import annotations

import os
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

    Parameters
    ----------
    table : str or Path, optional
    root : str or Path, optional
        See `genrelib._base.paths.data_root`.

    Returns
    -------
    Path or None
        None where there is none; one that was named is not looked for.
    """
    named = table or os.environ.get(VARIABLE)
    path = absolute(named) if named else data_root(root) / "gtzan" / "features_30_sec.csv"
    return path if named or path.is_file() else None


def table_neighbours(
    path: str | Path, *, seeds=SEEDS, predictions: pd.DataFrame | None = None
) -> dict[str, pd.DataFrame]:
    """Find each test track's nearest training track, under the splits of `genrelib.reports.toronto.public_table`.

    Parameters
    ----------
    path : str or Path
        features_30_sec.csv.
    seeds : sequence of int
    predictions : pd.DataFrame, optional
        Of `genrelib.reports.toronto.public_table.measure`, with a column ``system``; the committed ones unless given.

    Returns
    -------
    dict of str to pd.DataFrame
        System → as `genrelib.evaluation.neighbours.with_answers`; first, for `NEIGHBOUR`, whether the nearest track is
        of the genre.
        Splits that the table cannot support are an error of `genrelib.split_slices`.
    """
    rows = as_slices(read_table(path))
    folds = [split_slices(rows, unit, TEST, VALIDATION / (1 - TEST), seed) for unit in SPLITS for seed in seeds]
    pairs = pd.concat(
        [nearest_training(rows, fold).assign(unit=fold.unit, seed=fold.seed) for fold in folds], ignore_index=True
    )
    predictions = read_table_predictions() if predictions is None else predictions
    systems = dict(list(predictions.groupby("system", sort=False)))
    return {NEIGHBOUR: pairs.assign(hit=pairs["same_genre"]), **all_answers(pairs, systems)}
