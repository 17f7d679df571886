"""The examples in docstrings run as they stand there: on the demo, each in a folder of its own."""

import doctest

import pytest

from genrelib.classify import classifier, heads, loading, numbers
from genrelib.evaluation import calibration, intervals, maps, measured, scores
from genrelib.results import claims, comparing, recording, showing, verdicts
from genrelib.training import loop, protocols, runs

MODULES = [
    calibration, claims, classifier, comparing, heads, intervals, loading, loop, maps, measured, numbers, protocols,
    recording, runs, scores, showing, verdicts,
]  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_the_examples_of_a_module_run(module, data, tmp_path, monkeypatch):
    monkeypatch.setenv("GENRELIB_DATA", str(data))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(protocols, "RUNS", tmp_path)
    ran = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert ran.attempted and not ran.failed
