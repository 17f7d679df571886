"""Running notebooks headlessly and publishing what they made, on tiny notebooks of their own."""

import json

import nbformat
import pytest

from genrelib import reproduce as module
from genrelib.errors import GenrelibError
from genrelib.reproduce import publish, reproduce

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
    assert sorted(path.name for path in run.iterdir()) == ["01_prints.ipynb", "02_fails.failed.ipynb", "times.json"]
    assert "before" in printed(run / "02_fails.failed.ipynb")
    (notebooks / "mended").touch()
    reproduce("demo", notebooks=["02"])
    assert sorted(path.name for path in run.iterdir()) == ["01_prints.ipynb", "02_fails.ipynb", "times.json"]


def test_an_unknown_number_is_refused_before_anything_runs(notebooks, tmp_path):
    with pytest.raises(GenrelibError, match="no notebook numbered 07 .*there are 01, 02"):
        reproduce("demo", notebooks=["01", "07"])
    assert not list((tmp_path / "runs" / "demo").iterdir())


def run_to_publish(tmp_path):
    run = tmp_path / "run"
    (run / "results").mkdir(parents=True)
    (run / "results" / "a.json").write_text("{}")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    notebook["metadata"]["papermill"] = {"input_path": "/somewhere/private.ipynb"}
    notebook["cells"][0]["metadata"]["papermill"] = {"duration": 1}
    nbformat.write(notebook, run / "01_a.ipynb")
    return run


def test_published_copies_name_no_path_of_papermill(tmp_path):
    run = run_to_publish(tmp_path)
    copies = publish("demo", folder=run, results=tmp_path / "results")
    assert [path.name for path in copies] == ["01_a.ipynb", "a.json"]
    assert "papermill" not in copies[0].read_text() and copies[0].parent == tmp_path / "results" / "demo"


def test_a_failed_notebook_is_not_published(tmp_path):
    run = run_to_publish(tmp_path)
    (run / "02_b.failed.ipynb").write_text("{}")
    with pytest.raises(GenrelibError, match="02_b.failed.ipynb"):
        publish("demo", folder=run, results=tmp_path / "results")
    assert not (tmp_path / "results").exists()


def test_a_file_of_more_than_a_megabyte_is_not_published(tmp_path):
    run = run_to_publish(tmp_path)
    (run / "results" / "b.json").write_text('"' + "x" * 1_000_001 + '"')
    with pytest.raises(GenrelibError, match=r"b.json: 1.0 MB"):
        publish("demo", folder=run, results=tmp_path / "results")
    assert [path.name for path in (tmp_path / "results" / "demo" / "results").iterdir()] == ["a.json"]


def test_nothing_to_publish_says_what_to_run(tmp_path):
    with pytest.raises(GenrelibError, match="there is no run; run `make reproduce`"):
        publish("gtzan_mini", folder=tmp_path / "none", results=tmp_path / "results")
