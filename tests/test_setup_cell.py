"""The cell that every notebook begins with, run as on Colab: a stand-in for google.colab, pip, and a local clone."""

import json
import shutil
import subprocess
import sys

import pytest

from genrelib._base.paths import NOTEBOOKS
from tests.making import ROOT

PIP = "import sys; open('pip.log', 'a').write(' '.join(sys.argv[1:]) + '\\n')"
CHILD = """
import sys
from types import ModuleType
if sys.argv[2] == "colab":  # google itself is there: protobuf lies in it
    sys.modules["google.colab"] = ModuleType("google.colab")
for _ in range(2):  # a cell may be run again: the clone is there already
    exec(sys.argv[1])
print("genrelib is", gl.__file__)
"""
REPOSITORY = "https://github.com/genrelib/genrelib"  # of the set-up cells


@pytest.fixture(scope="module")
def cell():
    cells = json.loads(sorted(NOTEBOOKS.glob("*.ipynb"))[0].read_text())["cells"]
    return next("".join(one["source"]) for one in cells if "REPOSITORY" in "".join(one["source"]))


@pytest.fixture
def colab(tmp_path):
    """A folder to work in, and an environment in which the repository's address leads to a local one."""
    origin, work, modules = tmp_path / "origin", tmp_path / "content", tmp_path / "modules"
    shutil.copytree(ROOT / "genrelib", origin / "genrelib", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", origin)
    author = ["-c", "user.name=x", "-c", "user.email=x@x"]
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-q", "-m", "x"]):
        subprocess.run(["git", *command], cwd=origin, check=True, capture_output=True)
    (modules / "pip").mkdir(parents=True)
    (modules / "pip" / "__init__.py").touch()
    (modules / "pip" / "__main__.py").write_text(PIP)
    work.mkdir()
    return work, {
        "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(modules),
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.{origin.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": REPOSITORY, "CUDA_VISIBLE_DEVICES": "",
    }  # fmt: skip


def run(cell, where, work, environment):
    command = [sys.executable, "-P", "-c", CHILD, cell, where]
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_colab_clones_installs_and_starts(cell, colab):
    work, environment = colab
    said = run(cell, "colab", work, environment)
    assert f"genrelib is {work}/genrelib-checkout/genrelib/__init__.py" in said
    assert "no GPU: " in said and "T4 GPU" in said
    assert (work / "pip.log").read_text().splitlines() == ["install --quiet -e genrelib-checkout"] * 2


def test_elsewhere_nothing_is_cloned_or_installed(cell, colab):
    work, environment = colab
    environment = environment | {"PYTHONPATH": f"{environment['PYTHONPATH']}:{ROOT}"}
    said = run(cell, "here", work, environment)
    assert f"genrelib is {ROOT}" in said and "T4 GPU" not in said
    assert list(work.iterdir()) == []


def test_nothing_outside_the_notebooks_names_an_address_that_is_nobodys():
    for path in [ROOT / "README.md", ROOT / "CITATION.cff", ROOT / "pyproject.toml", *(ROOT / "docs").glob("*.md")]:
        assert REPOSITORY.removeprefix("https://") not in path.read_text(), path.name
