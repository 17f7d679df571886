"""Rank genres: which a network knows best, which three it gives a song, with logits."""

import numpy as np
import pandas as pd

NAMED = 2  # genres that the Toronto report names as strong or weak


def song_logits(model, rows, positions):
    """Give the logits of songs, each the mean over its rows.

    Parameters
    ----------
    model : keras.Model
        From feature rows to logits.
    rows : RowSet
    positions : np.ndarray [dtype=int]
        Which rows.

    Returns
    -------
    pd.DataFrame [shape=(n_songs, n_genres)]
        Indexed by track_id, a column a genre.
    """
    given = pd.DataFrame(model.predict(rows.samples[positions], verbose=0), columns=list(rows.genres))
    return given.groupby(rows.table["track_id"].to_numpy()[positions]).mean().rename_axis("track_id")


def three_songs(logits, genres):
    """Choose a song that is sure, one that is torn, and one that is wrong.

    Parameters
    ----------
    logits : pd.DataFrame
        Of `song_logits`.
    genres : pd.Series
        track_id → true genre.

    Returns
    -------
    dict of str to str
        ``sure``: of the songs that are right, the one whose first genre is furthest above the second. ``torn``: of
        all others, the one whose first two are closest. ``wrong``: of the remaining ones that are wrong, the one
        whose true genre is furthest below the first. A kind of which there is no song is absent.
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


def top_genres(logits, n=3):
    """Name the likeliest genres of one song, such as ``"disco; pop; blues"``.

    Parameters
    ----------
    logits : pd.Series
        A row of `song_logits`.
    n : int
    """
    return "; ".join(logits.sort_values(ascending=False, kind="stable").index[:n])


def best_genres(level, n=NAMED):
    """Name the genres of highest recall, the best first; ties in alphabetical order.

    Parameters
    ----------
    level : LevelScores
    n : int

    Returns
    -------
    str
        Such as ``"jazz; metal"``.
    """
    return "; ".join(sorted(_present(level), key=lambda genre: (-level.recall[genre], genre))[:n])


def weak_genres(level, n=NAMED):
    """Name the genres of lowest recall, the weakest first; see `best_genres`."""
    return "; ".join(sorted(_present(level), key=lambda genre: (level.recall[genre], genre))[:n])


def _present(level):
    return [genre for genre, recall in level.recall.items() if not np.isnan(recall)]
