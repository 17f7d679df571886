from types import SimpleNamespace

import numpy as np

from genrelib.evaluation.confusions import top_confusions

GENRES = ["blues", "jazz", "metal", "rock"]


def level(confusion):
    return SimpleNamespace(confusion=np.array(confusion), recall=dict.fromkeys(GENRES, 0.5))


def test_pairs_are_counted_both_ways_and_a_genre_is_never_taken_for_itself():
    mixed, never = level([[6, 3, 0, 1], [2, 8, 0, 0], [0, 0, 8, 2], [1, 0, 4, 5]]), level(np.diag([3, 3, 3, 3]))
    assert top_confusions(mixed) == "metal/rock; blues/jazz"
    assert top_confusions(mixed, 9) == "metal/rock; blues/jazz; blues/rock"
    assert top_confusions(mixed, 1, genre="rock") == "metal" and top_confusions(mixed, genre="blues") == "jazz; rock"
    assert top_confusions(never) == top_confusions(never, genre="rock") == "none"
    assert top_confusions(level([[0, 2, 2, 0], *np.zeros((3, 4), int)]), 1, genre="blues") == "jazz"
