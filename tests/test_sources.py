"""The notebooks as they lie in git: form, not outcome."""

import ast
import json
from collections import Counter

import pytest

from genrelib._base.paths import NOTEBOOKS
from genrelib.results.claims import read_claims

SOURCES = sorted(NOTEBOOKS.glob("*.ipynb"))


@pytest.fixture(params=SOURCES, ids=lambda path: path.stem)
def notebook(request):
    content = json.loads(request.param.read_text())
    content["name"] = request.param.stem
    return content


def code_of(notebook):
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_a_notebook_writes_functions_for_its_network_and_front_end_alone_no_class_no_guarded_import(notebook):
    nodes = [node for code in code_of(notebook) for node in ast.walk(ast.parse(code))]
    assert not [node for node in nodes if isinstance(node, (ast.ClassDef, ast.Try))]
    assert {node.name for node in nodes if isinstance(node, ast.FunctionDef)} <= {"network", "front_end"}


def test_no_function_stands_in_two_notebooks():
    every = [code for path in SOURCES for code in code_of(json.loads(path.read_text()))]
    functions = [node for code in every for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)]
    assert all(count == 1 for count in Counter(ast.dump(node) for node in functions).values())


def test_title_and_link_to_the_next(notebook):
    assert "".join(notebook["cells"][0]["source"]).startswith(f"# {notebook['name'][:2]} ")
    assert ".ipynb)" in "".join(notebook["cells"][-1]["source"])


def test_all_notebooks_set_up_alike():
    every = [code_of(json.loads(path.read_text())) for path in SOURCES]
    cells = Counter(next(code for code in codes if "SOURCE = " in code) for codes in every)
    assert len(cells) == 1


def test_every_claim_that_a_notebook_names_is_a_claim(notebook):
    known = set(read_claims().index)
    strings = {
        node.value
        for code in code_of(notebook)
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    reports = {claim.split("-")[0] for claim in known}
    named = {text for text in strings if text.split("-")[0] in reports and text.count("-") >= 1 and " " not in text}
    assert named <= known
