"""What is taken for what, read off a confusion matrix."""

from __future__ import annotations

from itertools import combinations

from genrelib.evaluation.scores import LevelScores

NAMED = 2  # pairs of genres, as the Toronto report names


def top_confusions(level: LevelScores, n: int = NAMED, *, genre: str | None = None) -> str:
    """Name the ``n`` pairs of genres most often taken for each other, both ways added; or what ``genre`` is taken for.

    Returns
    -------
    str
        Such as ``"metal/rock; blues/jazz"``, or ``"jazz; rock"`` for a genre, the most confused first; fewer where
        fewer are confused, and ``"none"`` where none is. Of equals the first in the alphabet.
    """
    genres, counts = list(level.recall), level.confusion
    if genre is not None:
        row = counts[genres.index(genre)]
        mistaken = {name: row[place] for place, name in enumerate(genres) if name != genre and row[place]}
    else:
        both, pairs = counts + counts.T, combinations(range(len(genres)), 2)
        mistaken = {f"{genres[i]}/{genres[j]}": both[i, j] for i, j in pairs if both[i, j]}
    return "; ".join(sorted(mistaken, key=lambda name: (-mistaken[name], name))[:n]) or "none"
