"""The loop over tracks: order, all errors at once, threads and processes alike."""

import joblib
import pytest

from genrelib._base.errors import AudioError, DatasetError
from genrelib._base.parallel import over_tracks

WORDS = {"name": "mine", "cannot": "tracks cannot be halved", "label": "halving", "progress": False}


def halved(path, number):
    if number % 2:
        raise AudioError(f"{path}: {number} is odd")
    return number // 2


@pytest.mark.parametrize("processes", [False, True])
@pytest.mark.parametrize("n_jobs", [None, 1, 2])
def test_results_come_in_the_order_of_the_tasks(processes, n_jobs):
    tasks = [(f"{n}.wav", 2 * n) for n in range(50)]
    assert over_tracks(halved, tasks, n_jobs=n_jobs, processes=processes, **WORDS) == list(range(50))


@pytest.mark.parametrize("backend", ["threading", "sequential"])
def test_a_joblib_backend_that_was_chosen_outside_is_taken(backend):
    with joblib.parallel_config(backend=backend):
        assert over_tracks(lambda path, number: halved(path, number), [("a.wav", 4)], processes=True, **WORDS) == [2]


@pytest.mark.parametrize("processes", [False, True])
def test_every_bad_track_is_listed_in_one_error_with_what_to_do(processes):
    tasks = [(f"{n}.wav", n) for n in range(6)]
    with pytest.raises(DatasetError) as caught:
        over_tracks(halved, tasks, processes=processes, error=DatasetError, remedy="take even ones", **WORDS)
    first, *bad, remedy = str(caught.value).splitlines()
    assert first == "mine: 3 of 6 tracks cannot be halved:" and remedy == "take even ones"
    assert [line.split(":")[0].strip() for line in bad] == ["1.wav", "3.wav", "5.wav"]


def test_no_tracks_give_nothing():
    assert over_tracks(halved, [], **WORDS) == []


def test_what_is_no_audio_error_is_not_taken_for_a_bad_track():
    with pytest.raises(TypeError):
        over_tracks(halved, [("a.wav", None)], **WORDS)
