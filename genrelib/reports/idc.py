"""What notebook 01 alone needs of the IDC report's claims."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from genrelib.evaluation.measured import Measured
    from genrelib.training.runs import Run, Runs


def best_genre(*systems: Runs) -> Measured:
    """Name the genre that is recognised best, seed by seed: the highest recall a slice, its mean over the systems.

    Parameters
    ----------
    *systems : Runs
        Of one collection, under the same splits and seeds.

    Returns
    -------
    Measured
        For `genrelib.record`; of the units and seeds that all systems have.
    """

    def best(run: Run) -> str:
        same = [{other.seed: other for other in runs[run.unit]}[run.seed] for runs in systems]
        return pd.DataFrame([run.scores.slice.recall for run in same]).mean().idxmax()

    return replace(systems[0].values(best, "best_recall_genre"), system="all")
