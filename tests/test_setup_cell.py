"""The cell that every notebook begins with, run as on Colab: a stand-in for google.colab and for pip."""

import json
import re
import subprocess
import sys

import pytest

from genrelib._base.paths import NOTEBOOKS
from tests.making import ROOT

CHILD = """
import sys
from types import ModuleType, SimpleNamespace
if sys.argv[2]:  # google itself is there: protobuf lies in it
    sys.modules["google.colab"] = ModuleType("google.colab")
def system(command):  # what pip would do: sys.argv[2] is the folder of the package that it puts in place
    print("$", command)
    sys.path.append(sys.argv[2])
names = {"get_ipython": lambda: SimpleNamespace(system=system)}
for _ in range(2):  # a cell may be run again
    exec(sys.argv[1], names)
print("genrelib is", names["gl"].__file__)
"""


@pytest.fixture(scope="module")
def cell():
    cells = json.loads(sorted(NOTEBOOKS.glob("*.ipynb"))[0].read_text())["cells"]
    return next("".join(cell["source"]) for cell in cells if "SOURCE = " in "".join(cell["source"]))


def source_in(cell):
    """What the cell installs from: a wheel, or the public home."""
    return re.search(r'^SOURCE = "(.*?)"', cell, re.MULTILINE)[1]


def run(cell, put_in_place, work, python_path=""):
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(work), "PYTHONPATH": python_path, "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-P", "-c", f"import sys; sys.path = [p for p in sys.path if p != {str(ROOT)!r}]\n"
               f"sys.meta_path = [f for f in sys.meta_path if 'editable' not in repr(f)]\n{CHILD}"
               if not python_path else CHILD, cell, put_in_place]  # fmt: skip
    return subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, timeout=300, check=False)


def test_colab_installs_once_and_starts(cell, tmp_path):
    done = run(cell, str(ROOT), tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"genrelib is {ROOT}" in done.stdout and "T4 GPU" in done.stdout
    ran = [line for line in done.stdout.splitlines() if line.startswith("$")]
    assert ran == [f"$ pip install -q {source_in(cell)}"]


def test_a_failed_install_ends_in_a_line_that_says_what_to_do(cell, tmp_path):
    done = run(cell, str(tmp_path), tmp_path)
    assert done.returncode == 1 and "genrelib is not installed" in done.stderr.splitlines()[-1]
    assert source_in(cell) in done.stderr.splitlines()[-1]


def test_elsewhere_nothing_is_installed(cell, tmp_path):
    done = run(cell, "", tmp_path, python_path=str(ROOT))
    assert done.returncode == 0, done.stderr
    assert f"genrelib is {ROOT}" in done.stdout and "T4 GPU" not in done.stdout and "$" not in done.stdout
