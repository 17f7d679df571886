"""Public tables as they are: every flaw told, no row dropped, leak-free splits on their rows."""

import numpy as np
import pandas as pd
import pytest

from genrelib._base.errors import DatasetError
from genrelib.datasets import gtzan
from genrelib.datasets.collection import Collection
from genrelib.features import COLUMNS, FEATURES, as_slices, read_table
from genrelib.features.rows import filename_of, track_of
from genrelib.splits import split_slices


def made_up(filenames):
    """A table in the public form, its numbers drawn."""
    values = np.random.default_rng(0).random((len(filenames), len(FEATURES)))
    table = pd.DataFrame(values, columns=list(FEATURES))
    table = table.assign(filename=filenames, length=66149, label=[name.split(".")[0] for name in filenames])
    return table[list(COLUMNS)]


def slices_of(tracks, n=2):
    return [f"{track}.{number}.wav" for track in tracks for number in range(n)]


@pytest.fixture
def written(tmp_path):
    """Write a table as CSV, changed or not; give the path."""

    def write(table):
        path = tmp_path / "features.csv"
        table.to_csv(path, index=False)
        return path

    return write


@pytest.fixture
def small():
    return made_up(slices_of(["blues.00000", "blues.00001", "rock.00010"]))


# Reading


def test_a_table_comes_back_with_its_tracks(written, small, capsys):
    table = read_table(written(small))
    assert capsys.readouterr().out == ""
    assert list(table.columns) == [*COLUMNS, "track_id"]
    assert table["track_id"].tolist() == ["blues.00000"] * 2 + ["blues.00001"] * 2 + ["rock.00010"] * 2
    pd.testing.assert_frame_equal(table[list(COLUMNS)], small, check_dtype=False)


def test_the_undecodable_track_is_kept_and_named(written, capsys):
    table = read_table(written(made_up(["jazz.00053.wav", "jazz.00054.wav", "rock.00000.wav"])))
    assert table["track_id"].tolist() == ["jazz.00053", "jazz.00054", "rock.00000"]
    printed = capsys.readouterr().out
    assert "jazz.00054" in printed and "1 of 3 rows" in printed and printed.count("\n") == 1


@pytest.mark.parametrize("number", [None, 0, 12])
@pytest.mark.parametrize("track", ["blues.00000", "blues.0000", "rock/song.mp3", "a.1", "a#1", "a#1.wav", "ü\n.0.wav"])
def test_the_track_is_recovered_whatever_its_name(track, number):
    assert track_of(filename_of(track, number)) == track


def change(table, row, column, value):
    return table.astype({column: object}).assign(
        **{column: lambda frame: [value if at == row else old for at, old in enumerate(frame[column])]}
    )


@pytest.mark.parametrize(("column", "value", "words"), [
    ("rms_var", np.nan, "blues.00001.1.wav: rms_var"), ("tempo", np.inf, "blues.00001.1.wav: tempo"),
    ("tempo", "[120.]", "blues.00001.1.wav: tempo"), ("label", "polka", "blues.00001.1.wav: 'polka'"),
    ("label", None, "blues.00001.1.wav: nan"), ("label", "rock", "1 have another label:\n  blues.00001.1.wav"),
    ("filename", "blues.0001.1.wav", "1 do not parse:\n  blues.0001.1.wav"), ("filename", None, "1 do not parse"),
    ("filename", "blues.00001.1.mp3", "1 do not parse"),
    ("filename", "blues.00001.0.wav", "1 come again:\n  blues.00001.0.wav"),
])  # fmt: skip
def test_a_cell_that_is_wrong_is_told_with_file_and_row(written, small, column, value, words):
    path = written(change(small, 3, column, value))
    with pytest.raises(DatasetError) as caught:
        read_table(path)
    assert words in str(caught.value) and str(path) in str(caught.value)


@pytest.mark.parametrize(("spoil", "words"), [
    (lambda t: t.drop(columns=["tempo", "mfcc7_var"]), "lacks 2: tempo, mfcc7_var"),
    (lambda t: t.drop(columns="filename"), "lacks 1: filename"), (lambda t: t.iloc[:0], "a header and no rows"),
    (lambda t: t.iloc[:4], "all rows are blues"),
])  # fmt: skip
def test_a_table_that_lacks_something_is_refused(written, small, spoil, words):
    path = written(spoil(small))
    with pytest.raises(DatasetError) as caught:
        read_table(path)
    assert words in str(caught.value) and str(path) in str(caught.value)


def test_what_is_no_table_is_told(tmp_path):
    with pytest.raises(DatasetError, match="no such table"):
        read_table(tmp_path / "absent.csv")
    for content in (b"", b"\xff\xfe\x00\x01", b'a,b\n"1,2\n3'):
        (tmp_path / "a.csv").write_bytes(content)
        with pytest.raises(DatasetError, match=r"a\.csv"):
            read_table(tmp_path / "a.csv")


def test_genres_of_ones_own(written):
    table = made_up(["a", "b"]).assign(filename=["polka/a.mp3#.wav", "ska/b.mp3#.wav"], label=["polka", "ska"])
    with pytest.raises(DatasetError, match="genres="):
        read_table(written(table))
    assert read_table(written(table), genres=["polka", "ska"])["track_id"].tolist() == ["polka/a.mp3", "ska/b.mp3"]


# Splitting


@pytest.fixture(scope="module")
def whole():
    """The public 30 s table but for its numbers: a row for each of the 1000 tracks."""
    return made_up([f"{track}.wav" for track in gtzan.read_index().index])


@pytest.mark.parametrize("unit", ["slice", "track", "artist", "fault_filtered"])
def test_the_whole_public_table_is_split(whole, unit):
    rows = as_slices(whole)
    fold = split_slices(rows, unit, test=0.15, validation=0.15)
    assert len(fold.train) + len(fold.validation) + len(fold.test) + fold.left_out == len(rows) == 1000
    artists = rows.collection.tracks["artist_id"].loc[rows.table["track_id"]]
    apart = not set(artists.iloc[fold.train].dropna()) & set(artists.iloc[fold.test])
    assert apart == fold.leak_free == (unit in ("artist", "fault_filtered"))


def test_rows_hold_what_slices_hold(whole):
    rows = as_slices(whole.sample(frac=1, random_state=0))
    assert rows.samples.shape == (1000, 57) and rows.samples.dtype == np.float32
    np.testing.assert_array_equal(rows.samples, rows.table[list(FEATURES)].to_numpy(np.float32))
    assert [rows.genres[label] for label in rows.labels] == rows.table["label"].tolist()
    assert rows.collection.is_demo is False


def test_equal_rows_have_one_key_and_others_another(small):
    assert as_slices(small).collection.name == "gtzan_features_3s"
    key = as_slices(small).key
    assert as_slices(small.copy()).key == key
    assert as_slices(small.assign(tempo=1.0)).key != key
    assert as_slices(small.iloc[::-1]).key != key


def test_a_collection_of_ones_own(tmp_path, small):
    columns = {"genre": ["polka", "ska"], "artist": None, "artist_id": None, "album": None, "duration": 3.0}
    index = pd.Index(["polka/a.mp3", "ska/b.mp3"], name="track_id")
    mine = Collection("mine", pd.DataFrame({"path": ["a", "b"], **columns}, index=index), tmp_path)
    names = [filename_of(track, number) for track in mine.tracks.index for number in range(3)]
    table = made_up(names).assign(label=["polka"] * 3 + ["ska"] * 3)
    rows = as_slices(table, mine)
    assert rows.collection is mine and rows.labels.tolist() == [0, 0, 0, 1, 1, 1]
    with pytest.raises(DatasetError, match=r"GTZAN's index knows no track of 6 of 6 rows:\n  polka/a.mp3\n"):
        as_slices(table)
    with pytest.raises(DatasetError, match="mine knows no track of 6"):
        as_slices(small, mine)
    with pytest.raises(DatasetError, match="1 rows have another genre in mine"):
        as_slices(change(table, 1, "label", "ska"), mine)
