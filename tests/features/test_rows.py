"""The contract of all rows: slices, pictures, windows and numbers are cached, split, trained on and scored alike."""

import os
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genrelib import slices as slices_module
from genrelib._base.errors import DatasetError, GenrelibError
from genrelib.evaluation.scores import evaluate
from genrelib.features import as_rows, pictures, windows
from genrelib.slices import Rows, cut_slices
from genrelib.splits import split_slices
from tests.making import write_songs

NAMES = ("rock/b.wav", "rock/e.wav", "blues/a.wav", "blues/deep/c.wav", "jazz/d.flac", "jazz/f.wav")
RATE = 22050


def own_rows(collection, cache):
    return as_rows(np.arange(30.0).reshape(6, 5), collection.tracks.reset_index(), collection)


# how each kind is made, and the module whose read_int16 decodes for it; a kind that is not here fails below
QUIET = {"n_jobs": 2, "progress": False}
MAKERS = {
    "SliceSet": (lambda songs, cache: cut_slices(songs, 0.3, cache=cache, **QUIET), slices_module),
    "ImageSet": (lambda songs, cache: pictures.draw_tracks(songs, 0.5, image_size=128, cache=cache, **QUIET), pictures),
    "WindowSet": (lambda songs, cache: windows.cut_windows(songs, cache=cache, **QUIET), windows),
    "RowSet": (own_rows, None),
}
CACHED = [kind for kind, (_, module) in MAKERS.items() if module]


@pytest.fixture
def songs(tmp_path):
    """Six tracks of 1 s and a little, in three genres."""
    return write_songs(tmp_path / "songs", NAMES)


@pytest.fixture(params=MAKERS)
def kind(request):
    return request.param


@pytest.fixture
def make(songs, tmp_path):
    def made(kind, collection=songs, cache=tmp_path / "cache"):
        return MAKERS[kind][0](collection, cache)

    return made


def test_every_kind_of_rows_is_held_to_the_contract():
    kinds = {each.__name__ for each in Rows.__subclasses__() if each.__module__.startswith("genrelib")}
    assert kinds == set(MAKERS)


def test_a_row_of_the_table_and_a_label_for_each_sample(kind, make, songs):
    made = make(kind)
    assert len(made) == len(made.samples) == len(made.table) == len(made.labels) > 0
    assert made.genres == songs.genres == ["blues", "jazz", "rock"] and made.labels.dtype == np.int64
    assert [made.genres[label] for label in made.labels] == list(made.table["genre"])
    assert list(made.table["genre"]) == list(songs.tracks["genre"].loc[made.table["track_id"]])
    assert list(made.table["track_id"].unique()) == list(songs.tracks.index)
    assert made.table.index.tolist() == list(range(len(made)))
    assert made.collection is songs and made.input_sizes


def test_rows_are_frozen_and_equal_to_themselves_alone(kind, make):
    one, two = make(kind), make(kind)
    assert one == one and one != two and one.key == two.key
    np.testing.assert_array_equal(one.samples, two.samples)
    pd.testing.assert_frame_equal(one.table, two.table)
    with pytest.raises(FrozenInstanceError):
        one.labels = None


def test_the_key_follows_the_order_of_tracks(kind, make, songs):
    turned = replace(songs, tracks=songs.tracks.iloc[::-1])
    assert make(kind).key != make(kind, turned).key


def test_rows_are_split_by_track_and_scored(kind, make):
    made = make(kind)
    fold = split_slices(made, "track", test=0.5, validation=0)
    tracks = made.table["track_id"].to_numpy()
    assert not set(tracks[fold.train]) & set(tracks[fold.test])
    model = Chance()
    scores = evaluate(model, made, fold.test)
    assert len(scores.frame) == len(fold.test)
    if kind != "SliceSet":  # its int16 becomes -1 to 1
        np.testing.assert_array_equal(np.concatenate(model.inputs), made.samples[fold.test])


class Chance:
    """A model that notes what it is shown."""

    def __init__(self):
        self.inputs = []

    def predict(self, inputs, **_):
        self.inputs.append(np.array(inputs))
        return np.full((len(inputs), 3), 1 / 3)


# The cache


@pytest.fixture
def reads(monkeypatch):
    """Count the tracks that are decoded."""
    seen = []
    for _, module in MAKERS.values():
        if module:

            def reading(path, read=module.read_int16, **options):
                seen.append(path)
                return read(path, **options)

            monkeypatch.setattr(module, "read_int16", reading)
    return seen


@pytest.mark.parametrize("kind", CACHED)
def test_samples_are_a_read_only_memory_map_in_a_folder_that_the_key_names(kind, make, tmp_path):
    made = make(kind)
    assert isinstance(made.samples, np.memmap) and made.cache_folder.parent == tmp_path / "cache"
    assert made.cache_folder.name.endswith(f"-{made.key}") and len(os.listdir(tmp_path / "cache")) == 1
    with pytest.raises(ValueError, match="read-only"):
        made.samples[0] = 1


@pytest.mark.parametrize("kind", CACHED)
def test_a_second_call_decodes_nothing_and_takes_the_collections_genres(kind, make, songs, reads):
    make(kind)
    assert len(reads) == len(NAMES)
    renamed = replace(songs, tracks=songs.tracks.assign(genre=songs.tracks["genre"].replace("jazz", "swing")))
    again = make(kind, renamed)
    assert len(reads) == len(NAMES) and again.genres == ["blues", "rock", "swing"]
    assert [again.genres[label] for label in again.labels] == list(again.table["genre"])
    assert set(again.table["genre"]) == {"blues", "rock", "swing"}


@pytest.mark.parametrize("kind", CACHED)
def test_a_damaged_cache_is_told_and_not_used(kind, make):
    made = make(kind)
    file = Path(made.samples.filename)
    for damage in (lambda: os.truncate(file, 1000), file.unlink):
        damage()
        with pytest.raises(GenrelibError, match=f"{made.cache_folder}: .* damaged.*delete the folder"):
            make(kind)


@pytest.mark.parametrize("kind", CACHED)
def test_the_cache_lies_under_the_data_folder_unless_told(kind, make, tmp_path, monkeypatch):
    monkeypatch.setenv("GENRELIB_DATA", str(tmp_path / "data"))
    assert make(kind, cache=None).cache_folder.parent == tmp_path / "data" / "cache"


# One's own numbers


def test_a_matrix_stays_as_it_is_and_lies_in_memory(songs):
    matrix = np.random.default_rng(0).normal(size=(6, 300))
    made = as_rows(matrix, songs.tracks.reset_index(), songs)
    np.testing.assert_allclose(made.samples, matrix, rtol=1e-6)
    assert made.samples.dtype == np.float32 and made.input_sizes == {"n_features": 300} and made.cache_folder is None


@pytest.mark.parametrize(("spoil", "words"), [
    (lambda m, t: (m[:5], t), r"each of the table's 6; given \[5, 4\]"),
    (lambda m, t: (m[:, 0], t), r"given \[6\]"),
    (lambda m, t: (np.where(m == 0, np.nan, m), t), r"rows \[0\] and 1 in all"),
    (lambda m, t: (m, t.assign(track_id=t["track_id"] + "?")), "knows no track of 6 of 6 rows"),
    (lambda m, t: (m, t.assign(genre="jazz")), "4 rows have another genre"),
])  # fmt: skip
def test_what_does_not_fit_the_collection_is_refused(songs, spoil, words):
    with pytest.raises(DatasetError, match=words):
        as_rows(*spoil(np.arange(24.0).reshape(6, 4), songs.tracks.reset_index()), songs)
