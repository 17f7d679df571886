"""What notebook 90 shows as tables and sentences, out of what `study` gathers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from genrelib.evaluation.calibration import calibration
from genrelib.reports.leakage.pairs import paired_splits, paired_systems, track_votes
from genrelib.splits import UNITS


def accuracies(measured: pd.DataFrame) -> pd.DataFrame:
    """Give every accuracy of `study.gather` with its interval in words: a row a system and level, a column a split."""
    cells = [f"{row.mean:.3f} ({row.low:.2f} to {row.high:.2f})" for row in measured.itertuples(index=False)]
    table = measured.assign(accuracy=cells).pivot(index=["system", "level"], columns="unit", values="accuracy")
    return table.reindex(columns=[unit for unit in UNITS if unit in table]).fillna("")


def all_paired_systems(predictions: dict[str, pd.DataFrame], units: list[str], artists: pd.Series) -> pd.DataFrame:
    """Compare every two systems under each split that both were tested under; see `pairs.paired_systems`.

    A row a split and pair has a verdict: whether the interval of the difference leaves 0 out.
    """
    tables = [paired_systems(predictions, unit, artists).assign(split=unit) for unit in units]
    table = pd.concat([part for part in tables if len(part)] or tables[:1])  # an empty one makes words of the figures
    apart = (table["low"] > 0) | (table["high"] < 0)
    table["verdict"] = np.where(apart, "differ", "0 is within the interval")
    return table.set_index(["split", "a", "b"])


def all_paired_splits(predictions: dict[str, pd.DataFrame], artists: pd.Series) -> pd.DataFrame:
    """Compare each system under its first split with itself under every other; see `pairs.paired_splits`."""
    rows = []
    for system, frame in predictions.items():
        own, *others = frame["protocol"].unique()
        rows += [{"system": system, "split": own, "against": unit, **paired_splits(frame, own, unit, artists)}
                 for unit in others]  # fmt: skip
    return pd.DataFrame(rows)


def believed(predictions: dict[str, pd.DataFrame], units: list[str]) -> pd.DataFrame:
    """Say how far the probabilities of `study.kept_predictions` can be believed, a vote a song and training.

    A row a system and split has what `genrelib.evaluation.calibration.calibration` gives.
    """
    rows = []
    for system, frame in predictions.items():
        for unit in [unit for unit in units if (frame["protocol"] == unit).any()]:
            votes = track_votes(frame[frame["protocol"] == unit])
            rows.append({"system": system, "split": unit, **calibration(votes)})
    return pd.DataFrame(rows)


def lost_in_words(rows: list[dict]) -> str:
    """Say of each row of `study.three_figures` that has both what the report's split gives and what is left of it."""
    known = [row for row in rows if row["reproduced"] and row["leak_free"]]
    return "; ".join(
        f"{row['system']} {row['reproduced']['mean']:.2f} → {row['leak_free']['mean']:.2f}" for row in known
    )
