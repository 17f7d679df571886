"""The demo's numbers against the parameters cells, and in an open notebook."""

import json
import sys
from types import SimpleNamespace

import pytest
import yaml

from genrelib._base.paths import NOTEBOOKS, table_path
from genrelib.reports.settings import apply_settings, settings

DEMO, REAL = (yaml.safe_load(table_path(f"{kind}.yaml").read_text()) for kind in ("demo", "real"))
for own in REAL.values():
    own.pop("serves", None)  # collections, no parameter


def cell_of(path):
    cells = json.loads(path.read_text())["cells"]
    source = next("".join(cell["source"]) for cell in cells if "parameters" in cell["metadata"].get("tags", ()))
    names = {}
    exec(source, names)
    return names


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_the_cell_holds_the_reports_numbers_and_the_demo_sets_others_of_the_same_names(path):
    names, number = cell_of(path), path.name[:2]
    assert names["notebook"] == number
    own = REAL.get(number, {})
    assert {name: names[name] for name in own} == own
    assert set(DEMO.get(number, {})) == set(own)


def test_every_number_is_a_notebooks():
    assert set(DEMO) == set(REAL) <= {path.name[:2] for path in NOTEBOOKS.glob("*.ipynb")}


def test_what_cannot_serve_a_notebook_leaves_it_the_demo():
    assert settings("05", "gtzan_160") == DEMO["05"] and settings("05", "fma_small") == REAL["05"]
    assert settings("01", "gtzan_160") == REAL["01"] and settings("01", "demo") == DEMO["01"]


def test_an_open_notebook_gets_the_demos_numbers_but_for_those_set_by_hand(monkeypatch, capsys):
    names = {"notebook": "01", **REAL["01"], "epochs": 40}
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(user_ns=names)))
    monkeypatch.setenv("GENRELIB_HEADLESS", "1")
    apply_settings("demo")
    assert names["units"] == REAL["01"]["units"]  # papermill's stay
    monkeypatch.delenv("GENRELIB_HEADLESS")
    apply_settings("gtzan_160")
    assert names["units"] == REAL["01"]["units"]
    apply_settings("demo")
    assert names["units"] == DEMO["01"]["units"] and names["epochs"] == 40
    assert "units" in capsys.readouterr().out
