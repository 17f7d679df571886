"""The Stanford report's table with our figures beneath each of its own, and the claims that follow from runs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from genrelib.evaluation.measured import Measured
from genrelib.results.records import read_claims
from genrelib.training.runs import Run, Runs

SYSTEMS = {"zhang": "Zhang et al", "choi": "Choi et al", "yu_multi_output": "this project"}  # in the report's order
MOODS_KNOWN_FROM = "demo, fma_small, fma_medium"


def report_table(runs: dict[str, list[Run]]) -> pd.DataFrame:
    """Put our accuracies beneath the report's.

    Parameters
    ----------
    runs : dict of str to list of Run
        System → one a seed, under one split.

    Returns
    -------
    pd.DataFrame
        Rows (system, whose): claimed, ours a slice, ours a song; columns (output, part), means over the seeds.
    """
    claims = read_claims()
    table = claims[(claims["report"] == "stanford") & (claims["metric"] == "accuracy")]
    claimed = table.set_index(["system", "task", "evaluated_on"])["value"].astype(float)
    rows = {}
    for system, several in runs.items():
        rows[system, "claimed"] = {key[1:]: value for key, value in claimed.items() if key[0] == system}
        for level, whose in (("slice", "ours, a slice"), ("track", "ours, a song")):
            rows[system, whose] = {
                (output, part): np.mean([getattr(run.outputs[part][output], level).accuracy for run in several])
                for output in ("genre", "mood")
                for part in ("train", "test")
            }
    table = pd.DataFrame(rows).T
    table.columns = pd.MultiIndex.from_tuples(table.columns)
    return table[[(output, part) for output in ("genre", "mood") for part in ("train", "test")]]


def train_minus_test(run: Run, output: str, *, level: str = "slice") -> float:
    """Give by how much an output is better on the training part than on the test part.

    Parameters
    ----------
    run : Run
    output : str
    level : {"slice", "track"}

    Returns
    -------
    float
    """
    train, test = (getattr(run.outputs[part][output], level).accuracy for part in ("train", "test"))
    return train - test


def fits(runs: Runs, metric: str) -> Measured:
    """Give how well a system fits the genres of its own training part, for `genrelib.record`.

    Parameters
    ----------
    runs : Runs
    metric : {"train_accuracy", "train_minus_test"}

    Returns
    -------
    Measured
    """
    if metric == "train_accuracy":
        return runs.values(lambda run: run.outputs["train"]["genre"].slice.accuracy, metric)
    return runs.values(lambda run: train_minus_test(run, "genre"), metric)


def top_confusions(runs: Runs, genre: str) -> Measured:
    """Name what a genre is most often taken for, by slice, for `genrelib.record`.

    Parameters
    ----------
    runs : Runs
    genre : str

    Returns
    -------
    Measured
        A genre a seed, None where it is never mistaken; of equals, the first.
    """
    return runs.values(lambda run: _taken_for(run.outputs["test"]["genre"], genre), f"top_confusion_of_{genre}")


def session_with_valence(session):
    """Give a session whose tracks have a valence: the one at hand, or else one on the demo, which is said.

    Parameters
    ----------
    session : Session

    Returns
    -------
    Session
        On the demo its results go to ``demo`` below the folder of the collection without valence, so that nothing
        synthesised is ever recorded as that collection's.
    """
    from genrelib.datasets import load_collection
    from genrelib.reports.session import Session

    if "valence" in session.collection.tracks.columns:
        return session
    name = session.collection.name
    print(f"{name} knows no valence, so nothing is measured or recorded for it here; these do: {MOODS_KNOWN_FROM}.")
    print("DEMO: what follows runs on synthesised audio. Its figures are evidence of nothing.")
    return Session(load_collection("demo"), session.folder / "demo", (0,))


def _taken_for(scores, genre):
    place = scores.genres.index(genre)
    mistakes = np.delete(scores.slice.confusion[place], place)
    others = [one for one in scores.genres if one != genre]
    return others[int(mistakes.argmax())] if mistakes.any() else None
