"""The examples in docstrings run as they stand there: on the demo, each in a folder of its own."""

import doctest

import pytest

from genrelib.classify import classifier, heads, loading, numbers
from genrelib.evaluation import measured
from genrelib.results import claims, recording, showing
from genrelib.training import loop, protocols, runs

MODULES = [claims, classifier, heads, loading, numbers, loop, measured, protocols, runs, recording, showing]


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
