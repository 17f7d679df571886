"""Collections: what they must hold, which protocols they can support, and how they are chosen by name."""

from pathlib import Path

import pandas as pd
import pytest

from genrelib._base.errors import DatasetError
from genrelib.datasets import best_collection, check_collection, download_collection, gtzan, load_collection
from genrelib.datasets.collection import COLUMNS, Collection
from genrelib.slices import cut_slices
from tests.making import write_tree


def collection(rows, **columns):
    """A collection of rows (genre, artist_id, album), a track each."""
    tracks = pd.DataFrame(rows, columns=["genre", "artist_id", "album"], dtype=object)
    tracks.index = pd.Index([f"t{i}" for i in range(len(rows))], name="track_id")
    return Collection("tiny", tracks.assign(path="", artist=None, duration=1.0, **columns), Path("there"))


ROWS = [(genre, f"{genre}{i}", "Greatest Hits") for genre in ("rock", "blues") for i in range(2)]


def test_what_is_no_collection_is_refused():
    whole = collection(ROWS).tracks
    for column in COLUMNS:
        with pytest.raises(DatasetError, match=f"tiny: a collection has the columns .*missing: .*{column}"):
            Collection("tiny", whole.drop(columns=column), Path())
    with pytest.raises(DatasetError, match="tiny: no tracks under there"):
        Collection("tiny", whole.iloc[:0], Path("there"))
    with pytest.raises(DatasetError, match="names one track; named twice: .'t1'"):
        Collection("tiny", whole.iloc[[0, 1, 1]], Path())


def test_collection_equals_itself_alone():
    one, two = collection(ROWS), collection(ROWS)
    assert one == one and one != two


@pytest.mark.parametrize(("unit", "rows", "reason"), [
    ("slice", ROWS, None), ("track", ROWS, None), ("artist", ROWS, None),
    ("album", ROWS, None),  # of one name, by two artists in each genre
    ("artist", [*ROWS, ("pop", "p", None), ("pop", "p", None)], "pop in tiny: fewer than two artists"),
    ("artist", [*ROWS, ("pop", "p", None), ("pop", None, None)], "pop in tiny: fewer than two artists"),
    ("artist", [*ROWS, ("pop", None, None), ("ska", "s", None)], "pop, ska in tiny: fewer than two artists"),
    ("artist", [("rock", None, "a")], "tiny knows no artists"),
    ("album", [("rock", "a", None), ("rock", "b", None)], "tiny knows no albums"),
    ("album", [("rock", None, "a"), ("rock", None, "b")], "tiny knows no albums"),
    ("album", [("rock", "a", "x"), ("rock", "a", "x")], "rock in tiny: fewer than two albums"),
    ("fault_filtered", ROWS, "tiny has no fault-filtered lists"),
    ("song", ROWS, "no such split unit: 'song'; it is one of slice, track, album, artist, fault_filtered"),
])  # fmt: skip
def test_why_not(unit, rows, reason):
    said = collection(rows).why_not(unit)
    assert said is None if reason is None else said.startswith(reason)


def test_fault_filtered_needs_all_three_lists():
    assert collection(ROWS, fault_filtered=["train", "valid", "test", ""]).why_not("fault_filtered") is None
    said = collection(ROWS, fault_filtered=["train", "train", "test", ""]).why_not("fault_filtered")
    assert said == "tiny: the fault-filtered lists lack ['valid']"


# By name


@pytest.mark.parametrize("call", [load_collection, download_collection, check_collection])
def test_unknown_name_lists_the_known_ones(call, tmp_path):
    known = "demo, gtzan_mini, gtzan_160, gtzan, fma"
    with pytest.raises(DatasetError, match=f"no such collection: 'gztan'; there are {known}.*by their path: load_coll"):
        call("gztan", tmp_path)


def test_settings_that_a_collection_does_not_take_are_named(tmp_path):
    for name, takes in (("gtzan", "no settings"), ("demo", "tracks_per_genre"), (tmp_path, "no settings")):
        with pytest.raises(DatasetError, match=f"does not take sede; it takes {takes}"):
            load_collection(name, tmp_path, sede=1)


@pytest.mark.parametrize("name", ["demo", "artist20", "./mine"])
def test_what_is_not_downloaded(name, tmp_path):
    with pytest.raises(DatasetError, match=f"{name} is not downloaded"):
        download_collection(name, tmp_path)


def test_a_folder_of_ones_own_is_loaded_by_its_path(tmp_path, monkeypatch):
    write_tree(tmp_path / "my music", ["rock/a.wav", "blues/b.wav"])
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in ("my music", "my music/", "./my music", "~/my music", tmp_path / "my music", Path("my music")):
        mine = load_collection(name, tmp_path / "data")
        assert list(mine.tracks.index) == ["blues/b.wav", "rock/a.wav"] and mine.name == "my music"
        assert mine.root == tmp_path / "my music", "in full: a notebook runs in a folder of its own"
    table = check_collection("my music/")
    assert list(table["state"]) == ["ok", "ok"] and list(table["genre"]) == ["blues", "rock"]


def test_a_known_name_is_never_taken_for_a_folder_nor_a_folder_for_it(tmp_path, monkeypatch):
    write_tree(tmp_path, ["gtzan/rock/a.wav", "gtzan/blues/b.wav"])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetError, match="python -m genrelib data --collection gtzan"):
        load_collection("gtzan", tmp_path / "data")
    assert load_collection("./gtzan").name == "gtzan-folder"


def test_caches_lie_beside_the_data_that_a_collection_was_loaded_from(tmp_path, monkeypatch):
    write_tree(tmp_path / "mine", ["rock/a.wav", "blues/b.wav"])
    monkeypatch.setenv("GENRELIB_DATA", str(tmp_path / "elsewhere"))
    mine = load_collection(tmp_path / "mine", tmp_path / "data")
    assert mine.cache == tmp_path / "data" / "cache"
    assert cut_slices(mine, 0.1, progress=False).cache_folder.parent == mine.cache
    assert load_collection(tmp_path / "mine").cache == tmp_path / "elsewhere" / "cache"


def test_best_collection_is_the_largest_complete_one(tmp_path, monkeypatch):
    lists = {"gtzan": ["rock.00000", "rock.00001", "rock.00002"], "gtzan_160": ["rock.00000", "rock.00001"]}
    lists["gtzan_mini"] = ["rock.00000"]
    monkeypatch.setattr(gtzan, "track_list", lists.__getitem__)
    name, reason = best_collection(tmp_path / "absent")
    assert name == "demo" and "no complete GTZAN lies under" in reason and "data --collection gtzan_mini`" in reason
    for n_tracks, best in [(1, "gtzan_mini"), (2, "gtzan_160"), (3, "gtzan")]:
        write_tree(tmp_path, [f"gtzan/genres/rock/{track}.wav" for track in lists["gtzan"][:n_tracks]])
        name, reason = best_collection(tmp_path)
        assert name == best and f"holds all of its {n_tracks} tracks" in reason and "gtzan" in reason
