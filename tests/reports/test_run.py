"""Running notebooks headlessly, on tiny notebooks of their own."""

import json

import nbformat
import papermill
import pytest

from genrelib._base.errors import GenrelibError
from genrelib.reports import run as module
from genrelib.reports.run import reproduce
from genrelib.reports.settings import settings
from tests.making import names_in

FAILS_UNLESS = "import pathlib\nassert pathlib.Path('mended').exists(), 'not mended yet'"
TELLS = "import time\nfrom genrelib._base.watching import tell\n"
TELLS += "tell('mel_cnn1d by slice, seed 0: epoch 1 of 2')\ntime.sleep(2)"
UNSERVED = "from genrelib._base.errors import SplitError\nraise SplitError('no artist is known')"


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    """A folder of notebooks: 01 prints its parameters, 02 fails in its second cell until a file `mended` is there."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    monkeypatch.setattr(module, "NOTEBOOKS", folder)
    monkeypatch.setattr(module, "RUNS", tmp_path / "runs")
    monkeypatch.setenv("GENRELIB_HEADLESS", "")
    write(folder, "01_prints", "print(collection, seeds, epochs)")
    write(folder, "02_fails", "print('before')", FAILS_UNLESS)
    return folder


def write(folder, name, *codes):
    parameters = nbformat.v4.new_code_cell("collection = data = folder = seeds = None")
    parameters["metadata"]["tags"] = ["parameters"]
    cells = [parameters, *map(nbformat.v4.new_code_cell, codes)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / f"{name}.ipynb")


def printed(path):
    cells = json.loads(path.read_text())["cells"]
    return "".join("".join(out.get("text", "")) for cell in cells for out in cell.get("outputs", ()))


def test_parameters_reach_the_notebook_and_the_end_says_what_is_where(notebooks, tmp_path, capsys):
    (done,) = reproduce("demo", notebooks=["01"], seeds=[0, 2])
    assert done == tmp_path / "runs" / "demo" / "01_prints.ipynb"
    assert f"demo [0, 2] {settings('01', 'demo')['epochs']}" in printed(done)
    end = capsys.readouterr().out.splitlines()[-5:]
    assert [line.partition(":")[0] for line in end[1:]] == ["notebooks", "scoreboard", "pages", "next"]
    assert "demo" in end[0] and "evidence of nothing" in end[0] and "make data COLLECTION=gtzan_mini" in end[4]


def test_no_seeds_leave_the_notebook_its_own_and_a_rerun_the_first_time(notebooks, tmp_path):
    """A rerun finds its trainings, so that the time it takes is no measure"""
    times = tmp_path / "runs" / "demo" / "times.json"
    times.parent.mkdir(parents=True)
    times.write_text('{"01_prints": 2820.0}')
    (done,) = reproduce("demo", notebooks=["01"], seeds=[])
    assert "demo None" in printed(done) and json.loads(times.read_text()) == {"01_prints": 2820.0}


def test_a_failing_notebook_is_kept_apart_stops_no_other_and_is_gone_on_from(notebooks, tmp_path):
    write(notebooks, "03_after", "print('after')")
    run = tmp_path / "runs" / "demo"
    with pytest.raises(GenrelibError, match=r"02_fails.ipynb, cell \d: AssertionError: not mended yet"):
        reproduce("demo")
    assert names_in(run) == ["01_prints.ipynb", "02_fails.failed.ipynb", "03_after.ipynb", "times.json"]
    assert "before" in printed(run / "02_fails.failed.ipynb")
    (notebooks / "mended").touch()
    reproduce("demo", notebooks=["02"])
    assert names_in(run) == ["01_prints.ipynb", "02_fails.ipynb", "03_after.ipynb", "times.json"]


def test_a_notebook_that_the_collection_cannot_serve_says_so_and_is_no_failure(notebooks, tmp_path, capsys):
    write(notebooks, "04_needs_artists", UNSERVED)
    assert reproduce("demo", notebooks=["04"]) == []
    assert "04_needs_artists: not on this collection, since no artist is known" in capsys.readouterr().out
    assert names_in(tmp_path / "runs" / "demo") == []


def test_a_log_has_a_line_a_training(notebooks, capsys):
    write(notebooks, "05_trains", TELLS)
    reproduce("demo", notebooks=["05"])
    said = [line for line in capsys.readouterr().out.splitlines() if "training" in line]
    assert len(said) == 1 and "mel_cnn1d by slice, seed 0" in said[0] and "epoch" not in said[0]


def test_a_log_says_nothing_while_a_training_writes_where_it_is(capsys, tmp_path):
    show = module._shower(tmp_path / ".01_a.running.ipynb")
    for words in ("mel_cnn1d by slice, seed 0: epoch 1 of 2", "", "mel_cnn1d by slice, seed 0: epoch 2 of 2"):
        show(words)
    assert capsys.readouterr().out.splitlines() == ["  0:00 training mel_cnn1d by slice, seed 0"]


def test_a_terminal_shows_notebook_cell_training_and_epoch(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    module._shower(tmp_path / ".01_a.running.ipynb", 150)("mel_cnn1d by slice, seed 0: epoch 1 of 2")
    line = capsys.readouterr().err
    parts = ("01, cell 1 of 1", "0:00", "2 min left at most", "mel_cnn1d by slice, seed 0: epoch 1 of 2")
    assert all(part in line for part in parts)


def test_a_folder_of_ones_own_has_a_run_of_its_name(notebooks, tmp_path, monkeypatch):
    (tmp_path / "my music").mkdir()
    monkeypatch.chdir(tmp_path)  # a notebook runs in the folder of notebooks: the path that it is given leads there
    (done,) = reproduce("my music/", notebooks=["01"])
    assert done == tmp_path / "runs" / "my music" / "01_prints.ipynb"
    assert f"{tmp_path / 'my music'} None {settings('01', 'real')['epochs']}" in printed(done)


def test_an_unknown_number_is_refused_before_anything_runs(notebooks, tmp_path):
    with pytest.raises(GenrelibError, match=r"no notebook numbered 77 .*there are 01, 02"):
        reproduce("demo", notebooks=["01", "77"])
    assert not (tmp_path / "runs").exists()


def test_a_kernel_that_does_not_start_names_its_notebook(notebooks, tmp_path, monkeypatch):
    def no_kernel(*arguments, **settings):
        raise RuntimeError("Kernel didn't respond in 60 seconds")

    monkeypatch.setattr(papermill, "execute_notebook", no_kernel)
    with pytest.raises(GenrelibError, match=r"01_prints.ipynb, cell 1: .*Kernel didn't"):
        reproduce("demo", notebooks=["01"])
    assert names_in(tmp_path / "runs" / "demo") == []


def test_without_papermill_the_remedy_is_named(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(GenrelibError, match=r"genrelib\[notebooks\]"):
        reproduce("demo")
