"""Rank genres: which a network knows best, which three it gives a song, with logits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from keras import Model

    from genrelib.evaluation.scores import LevelScores
    from genrelib.features.rows import RowSet

NAMED = 2  # genres that the Toronto report names as strong or weak


def song_logits(model: Model, rows: RowSet, positions: np.ndarray) -> pd.DataFrame:
    """Give the logits of the songs that have rows at ``positions``, each the mean over these: a column a genre."""
    logits = pd.DataFrame(model.predict(rows.samples[positions], verbose=0), columns=list(rows.genres))
    return logits.groupby(rows.table["track_id"].to_numpy()[positions]).mean().rename_axis("track_id")


def three_songs(logits: pd.DataFrame, genres: pd.Series) -> dict[str, str]:
    """Choose of `song_logits`, by track → true genre, a song that is sure, one that is torn, and one that is wrong.

    ``sure``: of the songs that are right, the one whose first genre is furthest above the second. ``torn``: of all
    others, the one whose first two are closest. ``wrong``: of the remaining ones that are wrong, the one whose true
    genre is furthest below the first. A kind of which there is no song is absent.
    """
    first, second = np.sort(logits.to_numpy(), axis=1)[:, :-3:-1].T
    true = genres.loc[logits.index]
    own = logits.to_numpy()[np.arange(len(logits)), logits.columns.get_indexer(true)]
    songs = pd.DataFrame({"lead": first - second, "miss": first - own}, index=logits.index)
    chosen = {}
    right = songs[songs["miss"] == 0]
    if len(right):
        chosen["sure"] = right["lead"].idxmax()
    rest = songs.drop(list(chosen.values()))
    if len(rest):
        chosen["torn"] = rest["lead"].idxmin()
    wrong = songs[songs["miss"] > 0].drop(list(chosen.values()), errors="ignore")
    if len(wrong):
        chosen["wrong"] = wrong["miss"].idxmax()
    return chosen


def top_genres(logits: pd.Series, n: int = 3) -> str:
    """Name the likeliest genres of one song, a row of `song_logits`, such as ``"disco; pop; blues"``."""
    return "; ".join(logits.sort_values(ascending=False, kind="stable").index[:n])


def best_genres(level: LevelScores, n: int = NAMED) -> str:
    """Name the genres of highest recall, such as ``"jazz; metal"``, the best first; ties in alphabetical order."""
    recalls = pd.Series(level.recall).dropna().sort_index()
    return "; ".join(recalls.sort_values(ascending=False, kind="stable").index[:n])


def weak_genres(level: LevelScores, n: int = NAMED) -> str:
    """Name the genres of lowest recall, the weakest first; see `best_genres`."""
    recalls = pd.Series(level.recall).dropna().sort_index()
    return "; ".join(recalls.sort_values(kind="stable").index[:n])
