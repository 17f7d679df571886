import json

from tools.lint_notebooks import LINES, WIDTH, broken_rules, main

PARAMETERS = "notebook = collection = data = folder = seeds = None"


def notebook(path, *sources, parameters=PARAMETERS, outputs=(), count=None):
    tagged = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": [parameters], "outputs": [],
              "execution_count": None}  # fmt: skip
    cells = [{"cell_type": "code", "metadata": {}, "source": [source], "outputs": list(outputs),
              "execution_count": count} for source in sources]  # fmt: skip
    path.write_text(json.dumps({"cells": [tagged, *cells], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def test_the_notebooks_in_git_keep_every_rule(capsys):
    assert main([]) == 0, capsys.readouterr().out


def test_each_rule_is_found_where_it_is_broken(tmp_path):
    path = tmp_path / "01_x.ipynb"
    assert broken_rules(notebook(path, "1", "x" * WIDTH, "1\n" * LINES)) == []
    assert broken_rules(notebook(path, "1", "x\n" + "x" * 101)) == [("width", "cell 3, line 2: 101 characters")]
    assert broken_rules(notebook(path, "1\n" * 16)) == [("lines", "cell 2: 16 lines")]
    assert broken_rules(notebook(path, "1", outputs=[{}], count=1)) == [
        ("outputs", "cell 2"), ("execution count", "cell 2"),
    ]  # fmt: skip
    assert broken_rules(notebook(path, parameters="notebook = collection = data = folder = None")) == [
        ("parameters", "seeds is missing")
    ]


def test_what_is_broken_is_named_and_fails(tmp_path, capsys):
    path = str(notebook(tmp_path / "01_x.ipynb", "x" * 101))
    assert main([path]) == 1 and "01_x.ipynb, cell 2, line 1: 101 characters: width" in capsys.readouterr().out
