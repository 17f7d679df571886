"""The examples in docstrings run as they stand there: on the demo, each in a folder of its own."""

import doctest

import pytest

from genrelib.results import claims, recording, showing


@pytest.mark.parametrize("module", [claims, recording, showing], ids=lambda module: module.__name__)
def test_the_examples_of_a_module_run(module, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert ran.attempted and not ran.failed
