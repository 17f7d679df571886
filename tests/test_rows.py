"""What slices, images and windows have in common."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from genrelib.features.pictures import ImageSet
from genrelib.slices import Rows
from genrelib.slices import SliceSet
from genrelib.features.windows import WindowSet


@dataclass(frozen=True, eq=False)
class Few(Rows):
    samples: np.ndarray
    table: pd.DataFrame
    genres: list


def few(tmp_path, genres=("blues", "jazz")):
    samples = np.memmap(tmp_path / "few", dtype=np.int16, mode="w+", shape=(3, 2))
    return Few(samples, pd.DataFrame({"genre": ["jazz", "blues", "jazz"]}), list(genres))


def test_labels_are_places_in_the_list_of_genres(tmp_path):
    rows = few(tmp_path)
    assert rows.labels.tolist() == [1, 0, 1] and rows.labels.dtype == np.int64 and len(rows) == 3
    assert few(tmp_path, ("rock", "jazz", "blues")).labels.tolist() == [1, 2, 1]


def test_caches_lie_beside_the_samples(tmp_path):
    assert few(tmp_path).cache_folder == tmp_path


def test_a_set_of_rows_is_frozen_and_equal_to_itself_alone(tmp_path):
    rows = few(tmp_path)
    assert rows == rows and rows != few(tmp_path)  # noqa: PLR0124
    with pytest.raises(AttributeError):
        rows.labels = None


def test_slices_images_and_windows_are_such_sets():
    assert all(issubclass(one, Rows) for one in (SliceSet, ImageSet, WindowSet))
