"""Which genres are best, weak, confused; a song's logits."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from genrelib.reports.toronto.ranking import best_genres, song_logits, three_songs, top_genres, weak_genres

GENRES = ["blues", "jazz", "metal", "rock"]


def level(confusion):
    with np.errstate(invalid="ignore"):
        recall = np.diagonal(confusion) / np.sum(confusion, axis=1)
    return SimpleNamespace(recall=dict(zip(GENRES, recall, strict=True)))


def test_genres_by_recall_with_ties_in_alphabetical_order_and_none_that_is_absent():
    every = level([[6, 3, 0, 1], [2, 8, 0, 0], [0, 0, 8, 2], [1, 0, 4, 5]])
    assert best_genres(every) == "jazz; metal" and weak_genres(every) == "rock; blues"
    absent = level([[1, 1, 0, 0], [0, 2, 0, 0], [0, 0, 0, 0], [0, 0, 0, 3]])
    assert best_genres(absent, 9) == "jazz; rock; blues" and weak_genres(absent, 9) == "blues; jazz; rock"


def logits_of(values, songs):
    return pd.DataFrame(values, index=pd.Index(songs, name="track_id"), columns=GENRES)


def test_a_songs_logits_are_the_mean_over_its_rows():
    samples = np.arange(20, dtype=np.float32).reshape(5, 4)
    rows = SimpleNamespace(samples=samples, genres=GENRES, table=pd.DataFrame({"track_id": ["b", "a", "a", "c", "b"]}))
    model = SimpleNamespace(predict=lambda batch, verbose: 2 * batch)
    found = song_logits(model, rows, np.array([0, 2, 1, 4]))
    assert found.index.tolist() == ["a", "b"] and list(found.columns) == GENRES
    np.testing.assert_allclose(found.loc["a"], 2 * samples[[1, 2]].mean(axis=0))
    np.testing.assert_allclose(found.loc["b"], 2 * samples[[0, 4]].mean(axis=0))


def test_first_genres_of_a_song():
    logits = pd.Series([0.5, 2.0, -1.0, 2.0], index=GENRES)
    assert top_genres(logits) == "jazz; rock; blues" and top_genres(logits, 1) == "jazz"


def test_three_songs_are_what_they_are_called():
    logits = logits_of([[5, 0, 0, 0], [9, 1, 0, 0], [3, 2.9, 0, 0], [0, 0, 0, 7], [0, 0, 2, 1]], list("abcde"))
    genres = pd.Series({"a": "blues", "b": "blues", "c": "blues", "d": "jazz", "e": "rock"})
    assert three_songs(logits, genres) == {"sure": "b", "torn": "c", "wrong": "d"}


@pytest.mark.parametrize(
    ("true", "kinds"),
    [
        (["blues", "blues"], {"sure", "torn"}),
        (["jazz", "jazz"], {"torn", "wrong"}),
        (["blues"], {"sure"}),
        (["jazz"], {"torn"}),
    ],
)
def test_a_kind_of_which_there_is_none_is_absent(true, kinds):
    songs = list("ab")[: len(true)]
    logits = logits_of([[5, 0, 0, 0], [4, 3, 0, 0]][: len(true)], songs)
    chosen = three_songs(logits, pd.Series(dict(zip(songs, true, strict=True))))
    assert set(chosen) == kinds and len(set(chosen.values())) == len(kinds)
