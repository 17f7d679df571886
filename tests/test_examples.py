"""The examples in docstrings run as they stand there: on the demo, each in a folder of its own."""

import doctest
from importlib import import_module

import pytest

from genrelib._base.paths import PACKAGE
from genrelib.training import protocols

MODULES = [
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted(PACKAGE.rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_run(module, data, tmp_path, monkeypatch):
    monkeypatch.setenv("GENRELIB_DATA", str(data))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(protocols, "RUNS", tmp_path)
    ran = doctest.testmod(import_module(module), optionflags=doctest.ELLIPSIS)
    assert ran.attempted and not ran.failed
