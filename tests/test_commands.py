"""The commands behind the Makefile."""

import re
import subprocess
import sys

import pytest

from genrelib.__main__ import main
from genrelib._base import paths as places
from genrelib._base.paths import CHECKOUT
from tools.publish import main as publish


def test_a_refusal_is_one_clear_message_and_exit_code_1(tmp_path, capsys):
    assert main(["check", "--collection", "gtzan_mini", "--data", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert "100 missing" in told.out and told.err == ""
    assert main(["data", "--collection", "demo", "--data", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("DatasetError: ")


def test_who_reads_has_enough_and_no_traceback_is_written(tmp_path):
    """As `genrelib check | head -1` does"""
    code = "import sys\nfrom genrelib.__main__ import exit_code\n"
    code += "sys.exit(exit_code(lambda: [print('x' * 1000) for _ in range(1000)] and None))"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdout.read(10)
    child.stdout.close()
    assert child.stderr.read() == b"" and child.wait(timeout=60) == 1
    child.stderr.close()


def test_reproduce_says_first_which_collection_and_why(tmp_path, monkeypatch, capsys):
    asked = {}
    monkeypatch.setattr("genrelib.datasets.load_collection", lambda name, data: None)
    monkeypatch.setattr("genrelib.reports.run.reproduce", lambda name, **given: asked.update(name=name, **given))
    assert main(["reproduce", "--data", str(tmp_path), "--notebooks", "01 04", "--seeds", "0,1", "--folder", "x"]) == 0
    assert capsys.readouterr().out.startswith("collection: demo (no complete GTZAN")
    assert asked == {"name": "demo", "notebooks": ["01", "04"], "seeds": [0, 1], "data": str(tmp_path), "folder": "x"}


def test_reproduce_refuses_an_incomplete_copy_before_anything_runs(tmp_path, capsys):
    assert main(["reproduce", "--collection", "gtzan_mini", "--data", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("DatasetError: gtzan_mini: ")
    assert not list(tmp_path.iterdir())


def test_publish_wants_to_be_told_what(capsys):
    with pytest.raises(SystemExit):
        publish([])
    assert "collection" in capsys.readouterr().err


def test_every_make_target_that_a_page_names_exists():
    phony = set(re.search(r"\.PHONY: (.*)", (CHECKOUT / "Makefile").read_text()).group(1).split())
    pages = [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *(CHECKOUT / "docs").glob("*.md")]
    named = {name for page in pages for name in re.findall(r"(?:^    |`)make ([a-z][\w-]*)", page.read_text(), re.M)}
    assert {"reproduce", "test"} <= named <= phony


def test_published_lists_collections_of_real_audio_smallest_first(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "RESULTS", tmp_path)
    for name in ("gtzan", "gtzan_mini", "demo"):
        (tmp_path / name / "results").mkdir(parents=True)
    assert list(places.published()) == ["gtzan_mini", "gtzan"]
