"""The address of the public home: in one place, and the same wherever it is used."""

import json
import re
import shutil

import pytest

from genrelib._base.errors import GenrelibError
from tests.making import ROOT
from tools.home import home, write_home

ADDRESS = re.compile(r"github(?:\.com)?/([\w-]+/[\w-]+)(?:/blob|\"|\n|$)")


def named_in(checkout):
    """Each file that may name the home, with the homes that it names."""
    files = [checkout / "pyproject.toml", checkout / "CITATION.cff", checkout / "README.md"]
    texts = {path.name: path.read_text(encoding="utf-8") for path in files}
    for path in (checkout / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        lines = "".join("\n".join(cell["source"]) + "\n" for cell in cells)
        texts[path.name] = "\n".join(line for line in lines.splitlines() if "SOURCE = " in line or "badge" in line)
    return {name: set(ADDRESS.findall(text)) for name, text in texts.items()}


def test_the_home_in_pyproject_is_the_one_that_all_files_name():
    known = {home().removeprefix("https://github.com/")} - {""}
    assert {frozenset(names) for names in named_in(ROOT).values()} == {frozenset(known)}


def test_a_home_is_written_everywhere_and_replaced_by_another(tmp_path):
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks", ignore=shutil.ignore_patterns(".*"))
    for name in ("pyproject.toml", "CITATION.cff", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("somebody/first", "else/second"):
        assert {path.name for path in write_home(f"https://github.com/{name}.git", tmp_path)} == {*named_in(tmp_path)}
        assert home(tmp_path) == f"https://github.com/{name}"
        assert {frozenset(names) for names in named_in(tmp_path).values()} == {frozenset({name})}
    assert write_home("https://github.com/else/second", tmp_path) == []


def test_an_address_that_colab_cannot_open_is_refused(tmp_path):
    for url in ("", "https://example.org/a/b", "https://github.com/a"):
        with pytest.raises(GenrelibError, match="OWNER/NAME"):
            write_home(url, tmp_path)
