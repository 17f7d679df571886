from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from genrelib import datasets
from genrelib._base.errors import DatasetError, SplitError
from genrelib.datasets.collection import Collection
from genrelib.reports.session import Session
from genrelib.reports.settings import settings
from genrelib.reports.stanford.moods import (
    MOODS,
    balanced_folds,
    claimed_part,
    mood_of,
    mood_slices,
    moods_by_genre,
    record_instrumental,
    report_table,
    session_with_valence,
    training_and_gap,
)
from genrelib.results.records import read_records
from genrelib.slices import SliceSet
from genrelib.splits import Fold
from genrelib.training.runs import Run, Runs
from tests.tiny import tiny_slices
from tests.tiny_moods import moody_slices


def collection_of(genres, **columns):
    """A collection of made-up tracks, two an artist."""
    tracks = pd.DataFrame({"genre": genres, "path": "", "artist": None, "album": None, "duration": 29.98})
    tracks.index = [f"t{i}" for i in range(len(tracks))]
    tracks = tracks.assign(artist_id=[f"a{i // 2}" for i in range(len(tracks))], **columns)
    return Collection("fma_small", tracks, Path())


@pytest.fixture(scope="module")
def slices(tmp_path_factory):
    return moody_slices(tmp_path_factory.mktemp("moods") / "slices", n_artists=6, tracks_per_artist=3)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
@example([0, 1 / 3, 2 / 3, 1])  # edges belong to the happier side
def test_moods_are_the_equal_thirds_of_the_range(valence):
    naive = ["sad" if 3 * value < 1 else "neutral" if 3 * value < 2 else "happy" for value in valence]
    assert list(mood_of(valence)) == naive


@pytest.mark.parametrize("wrong", [-0.01, 1.01, np.nan, np.inf])
def test_valence_outside_0_to_1_is_refused(wrong):
    with pytest.raises(DatasetError, match=f"a number from 0 to 1; 1 are not, among them {wrong}"):
        mood_of([0.5, wrong])


def test_mood_slices_differ_in_their_labels_alone(slices):
    moods = mood_slices(slices)
    assert moods.genres == list(MOODS) and moods.samples is slices.samples and moods.key == slices.key
    valence = slices.collection.tracks["valence"].loc[slices.table["track_id"]].to_numpy()
    assert [MOODS[label] for label in moods.labels] == list(mood_of(valence))
    assert list(slices.table["genre"].unique()) == slices.genres  # the slices themselves are as they were


def test_a_collection_without_valence_says_which_have_one(tmp_path):
    slices = tiny_slices(tmp_path / "slices")
    for call in (lambda: mood_slices(slices), lambda: moods_by_genre(slices.collection)):
        with pytest.raises(DatasetError, match="tiny knows no valence.*fma_small"):
            call()


def with_valence(slices, valence, **others):
    """The slices with one valence for all tracks, but for those named by their place: ``t3=0.5``."""
    values = np.full(len(slices.collection.tracks), valence)
    for place, value in others.items():
        values[int(place[1:])] = value
    tracks = slices.collection.tracks.assign(valence=values)
    return replace(slices, collection=replace(slices.collection, tracks=tracks))


def test_counts_have_a_column_a_mood_even_where_no_track_is_of_it(slices):
    assert moods_by_genre(with_valence(slices, 0.0).collection).to_numpy().tolist() == [[18, 0, 0]] * 3
    assert moods_by_genre(slices.collection).to_numpy().sum() == len(slices.collection.tracks)


@pytest.mark.parametrize("n_samples", [1321967, 1323119])  # both lengths of FMA's clips, at 44,100 Hz
def test_the_hop_gives_ten_slices_of_a_clip_of_fma(n_samples):
    clip, slice_, hop = n_samples // 2, 66150, round(settings("05", "fma_small")["hop_seconds"] * 22050)
    assert (clip - slice_) // hop + 1 == 10 and slice_ - hop < 0.0035 * 22050


def test_a_draw_by_slice_keeps_the_share_of_each_genre_and_mood(slices):
    folds = balanced_folds(slices, "slice", [0, 1], test=0.25, validation=0.2)
    assert [fold.seed for fold in folds] == [0, 1] and not np.array_equal(folds[0].test, folds[1].test)
    pairs = 3 * slices.labels + mood_slices(slices).labels
    for fold in folds:
        assert abs(len(fold.test) / len(slices) - 0.25) < 0.01
        for part in (fold.train, fold.validation, fold.test):
            assert np.ptp(np.bincount(pairs[part])) <= 1


def test_450_songs_of_ten_slices_are_drawn_as_near_to_the_report_as_they_can_be():
    rng = np.random.default_rng(0)
    songs = collection_of(np.repeat(list("abcdef"), 75), valence=rng.beta(2, 2.5, 450))
    table = songs.tracks[["genre"]].rename_axis("track_id").reset_index().loc[np.repeat(np.arange(450), 10)]
    slices = SliceSet(
        samples=np.zeros((4500, 1), np.int16), table=table.reset_index(drop=True), genres=list("abcdef"), sample_rate=1,
        seconds=1.0, hop_seconds=1.0, collection=songs, key="k",
    )  # fmt: skip
    (fold,), (by_track,), (by_artist,) = (balanced_folds(slices, unit, [0]) for unit in ("slice", "track", "artist"))
    assert (len(fold.train), len(fold.validation), len(fold.test)) == (4050, 225, 225)
    shares = [np.bincount(mood_slices(slices).labels[part]) / len(part) for part in (fold.train, fold.test)]
    np.testing.assert_allclose(*shares, atol=0.01)
    assert len(by_track.test) % 10 == 0 and by_artist.leak_free


def test_tracks_and_artists_stay_whole_and_what_is_impossible_is_said(slices):
    with pytest.raises(SplitError, match="tiny knows no albums"):
        balanced_folds(slices, "album", [0])
    for unit in ("track", "artist"):
        groups = slices.collection.groups(unit).loc[slices.table["track_id"]].to_numpy()
        (fold,) = balanced_folds(slices, unit, [0], test=1 / 3, validation=0.2)
        assert fold.unit == unit and not set(groups[fold.train]) & set(groups[fold.test])


def test_where_a_pair_is_too_rare_genres_alone_are_balanced(slices):
    rare = with_valence(slices, 0.5, t0=0.0, t1=1.0, t20=0.0)  # few slices are not neutral
    (fold,) = balanced_folds(rare, "slice", [3], test=0.3, validation=0.1)
    assert np.ptp(np.bincount(rare.labels[fold.test])) <= 1


def test_a_mood_that_no_split_can_test_is_said(slices):
    with pytest.raises(SplitError, match=r"a mood is missing in a part of the split by track, seeds \[0\]"):
        balanced_folds(with_valence(slices, 0.5, t0=0.0), "track", [0])  # one sad track: it trains or it tests


def outputs_of(a_slice, a_song):
    scores = SimpleNamespace(slice=SimpleNamespace(accuracy=a_slice), track=SimpleNamespace(accuracy=a_song))
    mood = SimpleNamespace(slice=SimpleNamespace(accuracy=0.4), track=SimpleNamespace(accuracy=0.5))
    return {"genre": scores, "mood": mood}


def test_ours_stand_beneath_what_the_report_claims():
    outputs = [
        {"train": outputs_of(0.5, 0.6), "test": outputs_of(0.3, 0.2)},
        {"train": outputs_of(0.7, 0.8), "test": outputs_of(0.1, 0.4)},
    ]
    table = report_table({"zhang": [SimpleNamespace(outputs=each) for each in outputs]})
    assert list(table.index) == [("zhang", whose) for whose in ("claimed", "ours, a slice", "ours, a song")]
    assert list(table.columns) == [(output, part) for output in ("genre", "mood") for part in ("train", "test")]
    assert table.loc[("zhang", "claimed")].tolist() == [0.476, 0.333, 0.478, 0.42]
    assert table.loc[("zhang", "ours, a slice")].tolist() == pytest.approx([0.6, 0.2, 0.4, 0.4])
    assert table.loc[("zhang", "ours, a song")].tolist() == pytest.approx([0.7, 0.3, 0.5, 0.5])


def test_training_and_gap_are_of_each_output_under_each_split():
    table = pd.DataFrame({"slice": [0.9, 0.8]}, index=["slice", "artist"])
    gaps = pd.DataFrame({"slice": [0.2, 0.4], "artist": [0.5, 0.7]})
    looked = {"train": SimpleNamespace(table=lambda: table), "test": SimpleNamespace(gaps=lambda: gaps)}
    table = training_and_gap({"choi": SimpleNamespace(output=lambda name, part="test": looked[part])})
    assert table.loc[("choi", "genre", "training")].tolist() == pytest.approx([0.9, 0.8])
    assert table.loc[("choi", "mood", "training less test")].tolist() == pytest.approx([0.3, 0.6])


def test_a_claim_on_training_has_the_test_part_under_stricter_splits():
    none = np.array([], dtype=int)
    outputs = {part: {"genre": SimpleNamespace(genres=["a"], part=part)} for part in ("train", "test")}
    runs = {
        unit: [Run("choi", unit, 0, Fold(unit, 0, none, none, none), None, None, Path("."), outputs=outputs)]
        for unit in ("slice", "artist")
    }
    every = Runs("choi", None, Path("."), ["a"], "slice", runs)
    for part in ("train", "test"):
        claim = pd.Series({"task": "genre", "evaluated_on": part, "split_unit": "slice"})
        looked_at = claimed_part(every, claim)
        assert [looked_at[unit][0].scores.part for unit in ("slice", "artist")] == [part, "test"]


def test_a_collection_without_instrumental_has_no_figure_of_it(tmp_path):
    record_instrumental(SimpleNamespace(genres=["rock"]), Session(collection_of(["rock"]), tmp_path, (0,)))
    records = read_records(tmp_path)
    assert len(records) == 3 and all("Instrumental" in record["not_measured"] for record in records.values())


def test_a_collection_without_valence_gives_way_to_the_demo_and_keeps_its_folder_clean(tmp_path, monkeypatch, capsys):
    plain, moody = collection_of(["rock"]), collection_of(["rock"], valence=0.5)
    monkeypatch.setattr(datasets, "load_collection", lambda name: moody if name == "demo" else None)
    given = session_with_valence(Session(plain, tmp_path, (0, 1, 2)))
    told = capsys.readouterr().out
    assert given.collection is moody and given.folder == tmp_path / "demo" and given.seeds == (0,)
    assert "fma_small knows no valence" in told and "DEMO" in told
    own = Session(moody, tmp_path, (4,))
    assert session_with_valence(own) is own and capsys.readouterr().out == ""
