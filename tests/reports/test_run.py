"""Running notebooks headlessly, on tiny notebooks of their own."""

import json

import nbformat
import papermill
import pytest

from genrelib.reports import run as module
from genrelib._base.errors import GenrelibError
from tests.making import names_in
from genrelib.reports.run import reproduce

FAILS_UNLESS = "import pathlib\nassert pathlib.Path('mended').exists(), 'not mended yet'"


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    """A folder of notebooks: 01 prints its parameters, 02 fails in its second cell until a file `mended` is there."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    codes_of = {"01_prints": ["print(collection, seeds)"], "02_fails": ["print('before')", FAILS_UNLESS]}
    for name, codes in codes_of.items():
        parameters = nbformat.v4.new_code_cell("collection = data = folder = seeds = None")
        parameters["metadata"]["tags"] = ["parameters"]
        cells = [parameters, *map(nbformat.v4.new_code_cell, codes)]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / f"{name}.ipynb")
    monkeypatch.setattr(module, "NOTEBOOKS", folder)
    monkeypatch.setattr(module, "RUNS", tmp_path / "runs")
    monkeypatch.setenv("GENRELIB_HEADLESS", "")
    return folder


def printed(path):
    cells = json.loads(path.read_text())["cells"]
    return "".join("".join(out.get("text", "")) for cell in cells for out in cell.get("outputs", ()))


def test_parameters_reach_the_notebook_and_its_time_is_kept(notebooks, tmp_path, capsys):
    (done,) = reproduce("demo", notebooks=["01"], seeds=[0, 2])
    assert done == tmp_path / "runs" / "demo" / "01_prints.ipynb"
    assert "demo [0, 2]" in printed(done)
    assert json.loads((done.parent / "times.json").read_text())["01_prints"] > 0
    assert "01_prints: done" in capsys.readouterr().out


def test_a_failing_cell_is_named_kept_apart_and_gone_on_from(notebooks, tmp_path):
    run = tmp_path / "runs" / "demo"
    with pytest.raises(GenrelibError, match=r"02_fails.ipynb, cell \d: AssertionError: not mended yet"):
        reproduce("demo")
    assert names_in(run) == ["01_prints.ipynb", "02_fails.failed.ipynb", "times.json"]
    assert "before" in printed(run / "02_fails.failed.ipynb")
    (notebooks / "mended").touch()
    reproduce("demo", notebooks=["02"])
    assert names_in(run) == ["01_prints.ipynb", "02_fails.ipynb", "times.json"]


def test_an_unknown_number_is_refused_before_anything_runs(notebooks, tmp_path):
    with pytest.raises(GenrelibError, match="no notebook numbered 77 .*there are 01, 02"):
        reproduce("demo", notebooks=["01", "77"])
    assert not names_in(tmp_path / "runs" / "demo")


def test_a_kernel_that_does_not_start_names_its_notebook(notebooks, tmp_path, monkeypatch):
    def no_kernel(*arguments, **settings):
        raise RuntimeError("Kernel didn't respond in 60 seconds")

    monkeypatch.setattr(papermill, "execute_notebook", no_kernel)
    with pytest.raises(GenrelibError, match="01_prints.ipynb, cell 1: its process did not start .Kernel didn't"):
        reproduce("demo", notebooks=["01"])
    assert not names_in(tmp_path / "runs" / "demo")
