"""Moods of the Stanford report: valence in equal thirds, slices and folds by it, and the report's table beside ours.

The report: "The valence metrics range from 0 to 1, with 0 being sad and 1 being happy. I broke them down to three
labels", of which "only 25% are Happy": so the thirds are of the range and not of the tracks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genrelib._base.errors import DatasetError, SplitError
from genrelib.splits import Fold, folds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from genrelib.datasets.collection import Collection
    from genrelib.reports.session import Session
    from genrelib.slices import SliceSet
    from genrelib.training.runs import Run, Runs

MOODS = ("sad", "neutral", "happy")
THIRDS = (1 / 3, 2 / 3)  # a valence on an edge belongs to the happier side
REPORT_SLICES = {"train": 4074, "validation": 225, "test": 225}
REPORT_TRACKS, REPORT_SLICES_PER_TRACK = 450, 10
INSTRUMENTAL = ("stanford-worst-genre", "stanford-instrumental-recall", "stanford-instrumental-electronic")  # claims
KNOWN_FROM = "demo, fma_small and fma_medium"  # collections whose tracks have a valence


def mood_of(valence: ArrayLike) -> np.ndarray:
    """Name the mood of each valence: one of MOODS. A valence that is unknown or outside 0 to 1 is a `DatasetError`."""
    valence = np.asarray(valence, dtype=float)
    wrong = valence[~((valence >= 0) & (valence <= 1))]  # NaN too
    if wrong.size:
        raise DatasetError(f"a valence is a number from 0 to 1; {wrong.size} are not, among them {wrong.flat[0]}")
    return np.array(MOODS)[np.digitize(valence, THIRDS)]


def mood_slices(slices: SliceSet) -> SliceSet:
    """Label slices by the mood of their track, see `mood_of`, in place of its genre; samples, key and caches stay."""
    valence = _valence(slices.collection).loc[slices.table["track_id"]]
    return replace(slices, table=slices.table.assign(genre=mood_of(valence)), genres=list(MOODS))


def moods_by_genre(collection: Collection) -> pd.DataFrame:
    """Count the tracks of each genre (a row) and mood (a column)."""
    tracks = collection.tracks
    counts = pd.crosstab(tracks["genre"], pd.Series(mood_of(_valence(collection)), tracks.index, name="mood"))
    return counts.reindex(columns=list(MOODS), fill_value=0)


def balanced_folds(
    slices: SliceSet, unit: str, seeds: Sequence[int], *, test: float = 0.05, validation: float = 1 / 19
) -> list[Fold]:
    """Draw folds in which genres and moods have the same shares in every part, as far as that goes.

    A draw is stratified by genre and mood together; where a part would lack one of these pairs, by genre alone.
    Stands where `genrelib.splits.folds_of` does: ``run_protocols(…, folds=balanced_folds)``. The report tests and
    validates on 225 slices each of 4500: 1/20 of all, then 1/19 of the rest.

    Raises
    ------
    SplitError
        The collection cannot support ``unit``, or a mood would be missing in a part.
    """
    reason = slices.collection.why_not(unit)
    if reason:
        raise SplitError(reason)
    moods = mood_slices(slices)
    pairs = slices.table["genre"] + ", " + moods.table["genre"]
    both = replace(slices, table=slices.table.assign(genre=pairs), genres=sorted(set(pairs)))
    for stratified in (both, slices):
        try:
            folds = folds_of(stratified, unit, seeds, test=test, validation=validation)
        except SplitError as error:
            reason = str(error)
            continue
        lacking = [fold.seed for fold in folds if not _has_all(moods, fold)]
        if not lacking:
            return folds
        reason = f"a mood is missing in a part of the split by {unit}, seeds {lacking}"
    raise SplitError(reason)


def report_table(runs: dict[str, list[Run]]) -> pd.DataFrame:
    """Put our accuracies beneath the report's: system → runs under one split, of outputs genre and mood.

    Rows (system, whose): claimed, ours a slice, ours a song; columns (output, part), means over the seeds.
    """
    from genrelib.results.claims import read_claims

    claims = read_claims()
    table = claims[(claims["report"] == "stanford") & (claims["metric"] == "accuracy")]
    claimed = table.set_index(["system", "task", "evaluated_on"])["value"].astype(float)
    columns = [(output, part) for output in ("genre", "mood") for part in ("train", "test")]
    rows = {}
    for system, several in runs.items():
        rows[system, "claimed"] = {column: claimed[system, *column] for column in columns}
        for level, whose in (("slice", "ours, a slice"), ("track", "ours, a song")):
            rows[system, whose] = {
                (output, part): np.mean([getattr(run.outputs[part][output], level).accuracy for run in several])
                for output, part in columns
            }
    return pd.DataFrame(rows, index=pd.MultiIndex.from_tuples(columns)).T


def training_and_gap(runs: dict[str, Runs]) -> pd.DataFrame:
    """Tell over-fitting from underfitting: accuracy in training, and that less the test's, a slice, under each split.

    Rows (system, output, figure), a column a split; means over the seeds.
    """
    rows = {}
    for system, each in runs.items():
        for output in ("genre", "mood"):
            rows[system, output, "training"] = each.output(output, "train").table()["slice"]
            rows[system, output, "training less test"] = each.output(output).gaps().mean()
    return pd.DataFrame(rows).T.astype(float)


def claimed_part(runs: Runs, claim: pd.Series) -> Runs:
    """Look at the output and part that a row of claims.csv is about; under splits that are not its own at the test."""
    own = claim["split_unit"]
    tested, looked_at = (runs.output(claim["task"], part) for part in ("test", claim["evaluated_on"]))
    return replace(tested, runs={**tested.runs, **{unit: looked_at[unit] for unit in looked_at if unit == own}})


def record_instrumental(genre: Runs, session: Session) -> None:
    """Record the three claims about Instrumental by the report's network, or that the collection has no such genre."""
    from genrelib.evaluation.confusions import top_confusions
    from genrelib.results.recording import not_measured, record

    if "Instrumental" not in genre.genres:
        for claim in INSTRUMENTAL:
            not_measured(claim, f"{session.collection.name} has no Instrumental", session)
        return
    *recalled, mistaken = INSTRUMENTAL
    for claim in recalled:
        record(claim, genre, save_model=False)
    taken_for = genre.values(
        lambda run: top_confusions(run.scores.slice, 1, genre="Instrumental"), "top_confusion_of_Instrumental"
    )
    record(mistaken, taken_for)


def session_with_valence(session: Session) -> Session:
    """Give a session whose tracks have a valence: the one at hand, or else one on the demo, which is said.

    On the demo its results go to ``demo`` below the folder of the collection without valence, so that nothing
    synthesised is ever recorded as that collection's.
    """
    from genrelib.datasets import load_collection
    from genrelib.reports.session import Session

    if "valence" in session.collection.tracks.columns:
        return session
    name = session.collection.name
    print(f"{name} knows no valence, so nothing is measured or recorded for it here; {KNOWN_FROM} do.")
    print("DEMO: what follows runs on synthesised audio. Its figures are evidence of nothing.")
    return Session(load_collection("demo"), session.folder / "demo", (0,))


def _has_all(moods, fold):
    return all(set(moods.labels[part]) == set(moods.labels) for part in (fold.train, fold.test))


def _valence(collection):
    if "valence" not in collection.tracks.columns:
        raise DatasetError(f"{collection.name} knows no valence of its tracks; {KNOWN_FROM} do")
    return collection.tracks["valence"]
