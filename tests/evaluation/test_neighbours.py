import numpy as np
import pandas as pd
import pytest

from genrelib._base.errors import ResultError
from genrelib.datasets.collection import Collection
from genrelib.evaluation.neighbours import _kinds, all_answers, by_kind, nearest_training, neighbours, with_answers
from genrelib.features import FEATURES, as_rows
from genrelib.splits import Fold
from tests.evaluation.test_scores import table

GENRES = ["blues", "jazz"]


def make_rows(features, tracks):
    """Rows of a table: ``features`` [n, d] fill the first columns, ``tracks`` names each row's track."""
    known = sorted(set(tracks))
    table = pd.DataFrame(0.0, index=range(len(tracks)), columns=list(FEATURES))
    table[list(FEATURES[: features.shape[1]])] = features
    table = table.assign(track_id=tracks, genre=[GENRES[track[0] == "j"] for track in tracks], filename=tracks)
    # track "b-artist-album-number"
    parts = [track.split("-") for track in known]
    described = pd.DataFrame(
        {"path": "", "genre": [GENRES[part[0] == "j"] for part in parts], "artist": None, "duration": 1.0,
         "artist_id": [None if part[1] == "?" else f"{part[0]}{part[1]}" for part in parts],
         "album": [None if part[2] == "?" else part[2] for part in parts]},
        index=known,
    )  # fmt: skip
    return as_rows(table[list(FEATURES)], table, Collection("tiny", described, None))


def tracks_of(n_artists=6, n_tracks=2, n_slices=4):
    names = [f"{g}-{a}-{t}-{t}" for g in "bj" for a in range(n_artists) for t in range(n_tracks)]
    return [name for name in names for _ in range(n_slices)]


def leaked(seed=0):
    """Each track a point of its own, far from all others: the nearest slice is one of the same recording."""
    tracks = tracks_of()
    centres = pd.Series(tracks).astype("category").cat.codes.to_numpy()[:, None]
    rng = np.random.default_rng(seed)
    where = rng.normal(0, 100, (200, 8))[centres[:, 0]]
    return make_rows(where + rng.normal(0, 0.01, where.shape), tracks)


def random(seed=0):
    tracks = tracks_of()
    return make_rows(np.random.default_rng(seed).normal(size=(len(tracks), 8)), tracks)


def predictions(rows, found, right):
    """Answers of a system: right where ``right`` is."""
    true = rows.labels[found["slice"]]
    about = {"slice": found["slice"], "seed": found["seed"], "protocol": found["unit"]}
    return table(found["track_id"], true, np.eye(2)[np.where(right, true, 1 - true)], **about)


@pytest.mark.parametrize("seed", range(3))
def test_the_neighbour_is_the_nearest_by_a_plain_loop(seed):
    rows = random(seed)
    positions = np.random.default_rng(seed).permutation(len(rows))
    fold = Fold("slice", 0, np.sort(positions[:60]), np.sort(positions[60:70]), np.sort(positions[70:]))
    found = nearest_training(rows, fold)
    features = rows.samples.astype(float)[:, :8]
    scaled = (features - features[fold.train].mean(axis=0)) / features[fold.train].std(axis=0)
    for row in found.itertuples():
        distances = np.linalg.norm(scaled[fold.train] - scaled[row.slice], axis=1)
        assert row.nearest == fold.train[distances.argmin()]
        assert row.distance == pytest.approx(distances.min(), rel=1e-6)
    assert not np.isin(found["nearest"], [*fold.validation, *fold.test]).any()


def test_a_scale_of_the_test_part_or_a_constant_column_moves_nothing():
    rows = leaked()
    fold = Fold("slice", 0, np.arange(0, 96, 2), np.array([], int), np.arange(1, 96, 2))
    before = nearest_training(rows, fold)
    rows.samples[:, 20] = 7.0
    assert nearest_training(rows, fold)["nearest"].tolist() == before["nearest"].tolist()
    assert (before["kind"] == "recording").all() and before["same_genre"].all()


def test_kinds_are_the_closest_tie_that_is_known():
    tracks = ["b-0-0-0", "b-0-0-0", "b-0-0-1", "b-0-1-0", "b-1-0-0", "b-?-0-0", "b-?-0-1", "b-1-?-0", "b-1-?-1"]
    rows = make_rows(np.zeros((9, 1)), tracks)
    pairs = {(0, 1): "recording", (0, 2): "album", (0, 3): "artist", (0, 4): "other artist", (0, 5): "unknown",
             (5, 5): "recording", (5, 6): "unknown", (7, 8): "artist",
             (0, 7): "other artist"}  # an album is unknown, both artists are not  # fmt: skip
    one, other = np.array(list(pairs)).T
    assert _kinds(rows, one, other).tolist() == list(pairs.values())


def test_fully_leaked_by_slice_and_never_by_a_stricter_split():
    found = by_kind(neighbours(leaked(), ("slice", "track", "album", "artist"), seeds=(0, 1)))
    shares = found.set_index(["unit", "kind"])["share"]
    assert shares["slice", "recording"] == 1.0
    assert "recording" not in shares["track"] and "album" not in shares["album"]
    assert list(shares["artist"].index) == ["other artist"] and shares["artist", "other artist"] == 1.0
    assert found.groupby("unit")["share"].sum().to_numpy() == pytest.approx(1)


def test_splits_that_cannot_be_are_absent():
    rows = make_rows(np.arange(16.0)[:, None], [f"{g}-?-?-{t}" for g in "bj" for t in range(8)])
    assert set(neighbours(rows, seeds=(0,))["unit"]) == {"slice", "track"}
    with pytest.raises(ResultError, match="supports none of the splits by artist"):
        neighbours(rows, ("artist",), seeds=(0,))


def test_accuracy_is_split_by_the_answer():
    rows = random()
    found = neighbours(rows, ("slice",), seeds=range(6))
    memory = found["kind"] == "recording"  # a system that knows recordings and nothing else
    table = by_kind(with_answers(found, predictions(rows, found, memory))).set_index("kind")
    assert table.loc["recording", "accuracy"] == 1 and table.loc["other artist", "accuracy"] == 0
    perfect = by_kind(with_answers(found, predictions(rows, found, np.ones(len(found), bool))))
    assert (perfect["accuracy"] == 1).all() and (perfect["low"].dropna() == 1).all()


def test_predictions_of_other_slices_are_refused_and_their_systems_passed_over():
    rows = random()
    found = neighbours(rows, ("slice",), seeds=(0,))
    same = predictions(rows, found, np.ones(len(found), bool))
    other = same.assign(slice=same["slice"] + 1)
    assert list(all_answers(found, {"same": same, "other": other})) == ["same"]
    for given, words in ((other, "the same folds"), (same.assign(protocol="artist"), "0 of 0 test slices")):
        with pytest.raises(ResultError, match=words):
            with_answers(found, given)


def test_only_splits_and_seeds_that_were_predicted_are_joined():
    rows = random()
    found = neighbours(rows, ("slice", "track"), seeds=(0, 1))
    part = found[(found["unit"] == "slice") & (found["seed"] == 1)]
    joined = with_answers(found, predictions(rows, part, np.ones(len(part), bool)))
    assert len(joined) == len(part) and set(joined["unit"]) == {"slice"} and set(joined["seed"]) == {1}
