"""Repeated cross-validation of a support vector machine on one row a track."""

import json
from itertools import product

import numpy as np
import pandas as pd
import pytest
from sklearn.svm import SVC

from genrelib._base.deal import deal
from genrelib._base.errors import GenrelibError, SplitError
from genrelib.datasets.collection import Collection
from genrelib.evaluation.scores import score_predictions
from genrelib.reports.turin import above_svm, svm
from genrelib.results import read_predictions, record
from genrelib.splits import Fold
from genrelib.training.runs import Run, Runs
from tests.making import assert_alike

GENRES = ["blues", "jazz", "metal"]


def collection_of(n_artists=4, tracks_per_artist=3):
    places = list(product(GENRES, range(n_artists), range(tracks_per_artist)))
    tracks = pd.DataFrame({"genre": [genre for genre, _, _ in places]}, index=[f"{g}.{a}.{t}" for g, a, t in places])
    tracks = tracks.assign(artist_id=[f"{genre}.{artist}" for genre, artist, _ in places], path="", artist=None)
    return Collection("tiny", tracks.assign(album=None, duration=30.0).rename_axis("track_id"), root=".")


def features_of(collection, *, by="genre", strength=2.0, n=6, seed=0):
    """Noise, in which the genre or the artist shows; on scales as far apart as the real ones."""
    draw, tracks = np.random.default_rng(seed), collection.tracks
    centres = {name: draw.standard_normal(n) for name in tracks[by].unique()}
    values = strength * np.array([centres[name] for name in tracks[by]]) + draw.standard_normal((len(tracks), n))
    return pd.DataFrame(values * 10.0 ** np.arange(-3, n - 3), index=tracks.index).assign(label=tracks["genre"])


def run(features, collection, unit="track", **settings):
    return svm.repeated_svm(features, collection, unit, n_jobs=1, progress=False, **{"n_repeats": 4, **settings})


@pytest.fixture(scope="module")
def found():
    collection = collection_of()
    features = features_of(collection)
    return collection, features, run(features, collection)


def test_each_repeat_is_a_plain_cross_validation_rescaled_on_the_training_folds(found):
    collection, features, result = found
    rows = features.drop(columns="label").to_numpy()
    labels = pd.Categorical(features["label"]).codes
    assert result.settings == {"C": 1.0, "gamma": "scale"}  # whatever the tracks: none that is tested has a say in them
    for repeat, accuracy in enumerate(result.accuracies):
        hits = 0
        dealt = deal(labels, features.index.to_numpy(dtype=str), [0.1] * 10, repeat)
        for fold in range(10):
            train, test = dealt != fold, dealt == fold
            low, high = rows[train].min(axis=0), rows[train].max(axis=0)
            machine = SVC(**result.settings).fit((rows[train] - low) / (high - low), labels[train])
            hits += (machine.predict((rows[test] - low) / (high - low)) == labels[test]).sum()
        assert accuracy == pytest.approx(hits / len(labels))


def test_confusion_and_shares_are_means_over_the_repeats(found):
    _, _, result = found
    assert result.confusion.sum(axis=1) == pytest.approx([12, 12, 12])
    assert np.trace(result.confusion) / 36 == pytest.approx(result.accuracy)
    shares = result.frame[["p0", "p1", "p2"]].to_numpy()
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(shares * 4, np.rint(shares * 4))
    assert shares[np.arange(36), result.frame["true"]].mean() == pytest.approx(result.accuracy)


def test_the_same_in_parallel_and_again(found):
    collection, features, result = found
    again = svm.repeated_svm(features, collection, n_repeats=4, n_jobs=2, progress=False)
    assert_alike(again.frame, result.frame)  # tracks this far apart are named alike whatever the last bits
    np.testing.assert_allclose(again.accuracies, result.accuracies, atol=1e-6)


def test_by_artist_no_artist_is_known_from_training():
    collection = collection_of()
    features = features_of(collection, by="artist_id", strength=6.0)
    by_track, by_artist = run(features, collection), run(features, collection, "artist")
    assert by_artist.n_folds == 4  # as many as a genre has artists
    assert by_track.accuracy > by_artist.accuracy + 0.3
    groups = collection.tracks["artist_id"].to_numpy()
    for train, test in svm._folds(by_artist.frame["true"].to_numpy(), groups, 4, 3):
        assert not set(groups[train]) & set(groups[test])


def test_the_genre_with_fewest_decides_how_many_folds_and_tracks_of_unknown_artist_are_left_out():
    tracks = collection_of(n_artists=3).tracks.drop(["jazz.0.0", "jazz.0.1", "jazz.0.2"])
    tracks.loc["blues.0.0", "artist_id"] = None
    smaller = Collection("tiny", tracks, root=".")
    assert run(features_of(smaller), smaller).n_folds == 6
    by_artist = run(features_of(smaller), smaller, "artist")
    assert by_artist.n_folds == 2 and set(tracks.index) - set(by_artist.frame["track_id"]) == {"blues.0.0"}


def test_a_split_that_the_collection_cannot_support_is_told_in_words(capsys):
    alone = collection_of(n_artists=1, tracks_per_artist=6)
    found = svm.repeated_svms(features_of(alone), alone, n_repeats=2, n_jobs=1, progress=False)
    assert found["track"].accuracy > 0.5
    assert "fewer than two artists" in found.not_measured["artist"] and "artist" not in found
    with pytest.raises(SplitError, match="by artist: not measured, since .*fewer than two artists"):
        found["artist"]
    told = capsys.readouterr().out
    assert "by track: accuracy" in told and "by artist: not measured" in told
    with pytest.raises(SplitError, match="fewer than two artists"):
        run(features_of(alone), alone, "artist")
    with pytest.raises(SplitError, match="split by track, album, artist"):
        run(features_of(alone), alone, "slice")


def test_what_is_no_table_of_tracks_is_refused():
    collection = collection_of()
    features = features_of(collection)
    holes = features.copy()
    holes.iloc[3, 0] = np.nan
    for table, words in (
        (holes, "finite number.*\n.*blues.1.0"),
        (pd.concat([features, features.iloc[:1]]), "one row a track"),
        (features.rename(index={"blues.0.0": "unknown"}), "no such tracks:\n.*unknown"),
    ):
        with pytest.raises(GenrelibError, match=words):
            run(table, collection)
    with pytest.raises(GenrelibError, match="n_repeats=0"):
        run(features, collection, n_repeats=0)


def test_a_result_can_be_recorded(found, tmp_path):
    collection, features, result = found
    both = {"track": result, "artist": run(features, collection, "artist", n_repeats=2)}
    path = record("turin-svm", svm.RepeatedSvms(collection, both).measured(tmp_path))
    content = json.loads(path.read_text())
    assert content["mean"] == pytest.approx(result.accuracy) and content["options"]["repeats"] == 4
    assert content["ci95"][0] <= content["mean"] <= content["ci95"][1]
    assert content["other_protocols"]["artist"]["leak_free"] and not content["leak_free"]
    assert content["n_tracks_test"] == 36
    assert set(read_predictions(tmp_path, "turin-svm")["protocol"]) == {"track", "artist"}


def test_a_network_is_held_against_the_machine_on_the_same_test_tracks(found, tmp_path):
    collection, _, result = found
    tested = result.frame.iloc[[0, 5, 20]]
    tracks, true = tested["track_id"].to_numpy(), tested["true"].to_numpy()
    votes = np.eye(3)[[true[0], true[1], (true[2] + 1) % 3]]  # two of three tracks are right
    frame = pd.DataFrame({"track_id": tracks, "slice": [0, 1, 2], "true": true, "seed": 0, "protocol": "track"})
    scores = score_predictions(frame.assign(**{f"p{i}": votes[:, i] for i in range(3)}), GENRES, n_resamples=0)
    none = np.array([], dtype=int)
    runs = {
        unit: [Run("crnn", unit, 0, Fold(unit, 0, none, none, none), scores, None, tmp_path)]
        for unit in ("track", "artist")
    }
    machines = svm.RepeatedSvms(collection, {"track": result}, {"artist": "too few artists"})
    above = above_svm(Runs("crnn", collection, tmp_path, GENRES, "track", runs), machines)
    right = tested[["p0", "p1", "p2"]].to_numpy()[range(3), true]
    figures = above.by_unit["track"]
    assert figures.values == pytest.approx([2 / 3 - np.mean(right)])
    low, high = figures.ci95
    assert min(np.array([1, 1, 0]) - right) - 1e-9 <= low <= figures.values[0] <= high
    assert (figures.n_tracks, figures.n_artists) == (3, None)
    assert above.not_measured == {"artist": "too few artists"}
    assert above.metric == "accuracy_difference_to_tzanetakis_svm"
