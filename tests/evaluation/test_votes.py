"""The vote over the first slices of each track."""

from types import SimpleNamespace

from genrelib.evaluation.votes import slices_heard
from tests.training.test_runs import run


def test_slices_heard_takes_the_first_of_each_track():
    table = slices_heard([run(0), run(1)], SimpleNamespace(seconds=3.0, hop_seconds=3.0))
    assert table["slices"].tolist() == [1, 2, 3]
    assert table["seconds"].tolist() == [3.0, 6.0, 9.0]
    assert table["majority"].tolist() == [0.5, 0.5, 0.5]  # of one slice a; of two a and b tie: the mean decides b wrong


def test_tracks_of_unequal_length_vote_up_to_the_shortest():
    shorter = run(0, {"a": [0.99, 0.4, 0.4], "b": [0.9, 0.3]})
    about = SimpleNamespace(seconds=3.0, hop_seconds=1.5)
    assert slices_heard([shorter], about)["seconds"].tolist() == [3.0, 4.5]
    assert slices_heard([run(1), shorter], about)["slices"].tolist() == [1, 2]  # no mean over other tracks at the end
