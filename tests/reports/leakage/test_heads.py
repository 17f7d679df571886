from types import SimpleNamespace

import numpy as np
import pytest

from genrelib._base.errors import GenrelibError
from genrelib.evaluation.scores import score_predictions
from genrelib.reports.leakage import heads
from genrelib.reports.leakage.study import gather, read_heads
from tests.evaluation.test_neighbours import GENRES, make_rows, tracks_of


@pytest.fixture
def rows():
    """The genre shows in the first number of each row."""
    tracks = tracks_of()
    noise = np.random.default_rng(0).normal(size=(len(tracks), 4))
    return make_rows(noise + np.array([[8.0 * (track[0] == "j")] for track in tracks]), tracks)


def test_heads_are_measured_under_each_split_that_there_is(rows, tmp_path):
    values = rows.samples[:, :4]
    missing = heads.measure_heads({"embedded": values}, rows, ["artist", "slice", "fault_filtered"], (0, 1), tmp_path)
    assert list(missing) == ["embedded by fault_filtered"] and "lists" in missing["embedded by fault_filtered"]
    frame = read_heads(tmp_path)["embedded"]
    assert list(frame["protocol"].unique()) == ["slice", "artist"] and set(frame["seed"]) == {0, 1}
    for _, part in frame.groupby(["protocol", "seed"]):
        assert score_predictions(part, GENRES, n_resamples=0).slice.accuracy > 0.9
    measured, _ = gather(tmp_path, rows.collection.groups("artist"))
    own = measured[(measured["system"] == "embedded") & (measured["unit"] == "artist")]
    assert set(own["level"]) == {"slice", "track"} and own["leak_free"].all() and own["claimed"].isna().all()
    heads.measure_heads({"musicnn": values}, rows, ["slice"], (0,), tmp_path)
    assert list(read_heads(tmp_path)) == ["musicnn"]  # what is not measured now does not stay from before


def test_without_the_weights_the_reason_stands_in_their_place(rows, monkeypatch):
    def none_there():
        raise GenrelibError("pip install it")

    monkeypatch.setattr(heads, "pretrained_numbers", none_there)

    slices = SimpleNamespace(samples=np.zeros((2, 66150), np.int16), sample_rate=22050, cache_folder=None)
    numbers, missing = heads.numbers_of(slices, rows)
    assert numbers["embedded"].shape == (len(rows), 53) and missing == {"musicnn": "pip install it"}


def test_musicnn_hears_steps_of_its_own_rate():
    heard = []

    def hear(steps):
        heard.append(steps)
        return np.zeros((len(steps), 3))

    samples = (np.random.default_rng(0).normal(0, 3000, (70, 66150))).astype(np.int16)
    assert heads.musicnn_numbers(samples, 22050, hear).shape == (70, 3)
    assert [steps.shape for steps in heard] == [(64, 48000), (6, 48000)] and 0 < np.abs(heard[0]).max() < 1.5
