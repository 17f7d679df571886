import numpy as np
import pytest

from genrelib._base.errors import SplitError
from genrelib.split_lists import export_split, read_split
from genrelib.splits import Fold, split_slices
from tests.tiny import tiny_slices


@pytest.fixture(scope="module")
def slices(tmp_path_factory):
    made = tiny_slices(tmp_path_factory.mktemp("slices"), n_artists=4, slices_per_track=4)
    made.table["start"] = made.table.groupby("track_id").cumcount() * 0.5
    return made


@pytest.mark.parametrize("unit", ["slice", "track", "artist"])
@pytest.mark.parametrize("seed", [0, 3])
def test_lists_read_again_are_the_same_split(slices, tmp_path, unit, seed):
    fold = split_slices(slices, unit, seed=seed)
    folder = export_split(slices, fold, tmp_path)
    assert folder.name == f"tiny-{unit}-{seed}"
    found = read_split(slices, folder)
    for part in ("train", "validation", "test"):
        np.testing.assert_array_equal(found[part], getattr(fold, part))
    lines = (folder / "test.txt").read_text().splitlines()
    assert all("\t" in line for line in lines) == (unit == "slice") and len(lines) == len(set(lines))


def test_a_reader_is_told_what_the_lists_are(slices, tmp_path):
    told = (export_split(slices, split_slices(slices, "artist"), tmp_path) / "README.txt").read_text()
    assert "no artist is in two parts" in told and "A line is a track." in told
    told = (export_split(slices, split_slices(slices, "track"), tmp_path) / "README.txt").read_text()
    assert "not leak-free" in told


def test_half_a_track_is_listed_by_its_slices(slices, tmp_path):
    fold = Fold("track", 0, np.array([0, 1]), np.array([], int), np.arange(4, 12))
    folder = export_split(slices, fold, tmp_path)
    assert (folder / "train.txt").read_text() == "blues.0.0\t0.000\nblues.0.0\t0.500\n"
    assert (folder / "validation.txt").read_text() == ""


def test_nothing_is_written_over(slices, tmp_path):
    fold = split_slices(slices, "track")
    export_split(slices, fold, tmp_path)
    with pytest.raises(SplitError, match="not written over"):
        export_split(slices, fold, tmp_path)


def test_lists_that_do_not_fit_are_refused(slices, tmp_path):
    far = Fold("slice", 0, np.array([len(slices)]), np.array([], int), np.array([0]))
    with pytest.raises(SplitError, match="beyond the"):
        export_split(slices, far, tmp_path)
    folder = export_split(slices, split_slices(slices, "track"), tmp_path)
    (folder / "test.txt").write_text("nobody.0.0\n")
    with pytest.raises(SplitError, match="1 lines name no slice of tiny"):
        read_split(slices, folder)
    (folder / "test.txt").write_text((folder / "train.txt").read_text())
    with pytest.raises(SplitError, match="a slice is in one part"):
        read_split(slices, folder)
    (folder / "train.txt").unlink()
    with pytest.raises(SplitError, match="this one is not there"):
        read_split(slices, folder)
