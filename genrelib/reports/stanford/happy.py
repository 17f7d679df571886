"""Are a quarter of the songs happy? The report's draw, made a thousand times on FMA's own valences.

The report drew 75 songs each of six genres and found that "only 25% are Happy". FMA's metadata has the Echo Nest
valence, which Spotify took over, of 8,276 tracks of those genres: the package's ``data/fma/valence.csv``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genrelib._base.errors import DatasetError
from genrelib._base.paths import table_path
from genrelib.evaluation.intervals import interval
from genrelib.evaluation.measured import Figures, Measured
from genrelib.reports.stanford.moods import MOODS, mood_of

if TYPE_CHECKING:
    from genrelib.reports.session import Session

N_DRAWS, TRACKS_PER_GENRE = 1000, 75  # 75: the report's


def valences() -> pd.DataFrame:
    """Read the valences that come with the package: genre, valence (0 sad to 1 happy), by FMA's track_id."""
    table = pd.read_csv(table_path("fma/valence.csv"), index_col="track_id")
    return table.rename(columns={"genre_top": "genre"})


def mood_shares(table: pd.DataFrame, *, n_draws: int = N_DRAWS) -> pd.DataFrame:
    """Draw songs of `valences` as the report did, many times, and give the share of each mood in each draw.

    A draw is of `TRACKS_PER_GENRE` tracks a genre, without replacement. A row a draw, a column a mood; rows sum to 1.
    A genre with fewer tracks than are drawn, or a valence outside 0 to 1, is a `DatasetError`.

    Examples
    --------
    >>> from genrelib.reports.stanford.happy import mood_shares, valences
    >>> shares = mood_shares(valences())
    >>> shares.shape, bool(shares["happy"].between(0.15, 0.4).all())
    ((1000, 3), True)
    """
    rng = np.random.default_rng(0)
    counts = np.zeros((n_draws, len(MOODS)))
    for genre, own in table.groupby("genre"):
        if len(own) < TRACKS_PER_GENRE:
            raise DatasetError(f"{genre}: {TRACKS_PER_GENRE} tracks are drawn of each genre; there are {len(own)}")
        moods = pd.Categorical(mood_of(own["valence"]), MOODS).codes
        for draw in counts:
            draw += np.bincount(rng.choice(moods, TRACKS_PER_GENRE, replace=False), minlength=len(MOODS))
    return pd.DataFrame(counts / counts.sum(axis=1, keepdims=True), columns=list(MOODS))


def answer(shares: pd.DataFrame) -> pd.DataFrame:
    """Sum up `mood_shares`, a row a mood: the mean share, and low and high, between which 95% of the draws lie."""
    rows = {mood: (shares[mood].mean(), *interval(shares[mood])) for mood in shares}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "low", "high"])


def measured(session: Session, shares: pd.DataFrame) -> Measured:
    """Give the share of happy songs as `genrelib.record` takes it, for the claim ``stanford-quarter-happy``.

    The session is of the run that keeps the record; its collection has no part in the figure.
    """
    mean, low, high = answer(shares).loc["happy"]
    words = f"where 95% of {len(shares)} draws of {TRACKS_PER_GENRE} tracks a genre lie, of FMA's own valences"
    n_tracks = TRACKS_PER_GENRE * valences()["genre"].nunique()
    figures = Figures([float(mean)], [], ci95=(float(low), float(high)), ci95_is=words, n_tracks=n_tracks)
    return Measured("all", session.collection, Path(session.folder), "share_happy", "none", {"none": figures})
