"""The plot of claims out of the records of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genrelib.figures import claims
from genrelib.results.records import read_records
from genrelib.results.showing import dumbbell_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from genrelib.reports.session import Session


def dumbbell(session: Session, claim_ids: Sequence[str] = (), *, title: str = "") -> Figure:
    """Draw claims beside what this run measured under each split; chance is that of guessing among the genres.

    Parameters
    ----------
    session : Session
    claim_ids : sequence of str
        All that are recorded unless given; those that are no accuracy have no row.
    title : str
        The collection's name unless given; on the demo it says so.
    """
    records = read_records(session.folder)
    scores = [score for name in claim_ids or records if name in records for score in records[name]["scores"]]
    n_genres = {len(score["slice"]["recall"]) for score in scores}
    chance = 1 / n_genres.pop() if len(n_genres) == 1 else None
    title = title or session.collection.name
    title += " (demo)" if session.is_demo and "demo" not in title else ""
    return claims.dumbbell(dumbbell_rows(session.folder, claim_ids), chance=chance, title=title)
