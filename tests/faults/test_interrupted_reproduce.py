"""A run of notebooks that is interrupted names the notebook and the cell, keeps what was done, and goes on."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from genrelib._base.errors import GenrelibError
from genrelib.reports import run as module
from tests.faults.helping import FULL, KILLS, draws
from tests.faults.writers import KERNEL
from tests.making import ROOT, names_in
from tools.publish import publish

# kept/N: what a cell worked out is kept, as trainings are; ready: the cell that waits has begun
CELL = "import pathlib, time\nfolder = pathlib.Path('kept')\nfolder.mkdir(exist_ok=True)\n(folder / '{0}').touch()"
WAITS = "import os\npathlib.Path('ready').write_text(str(os.getpid()))\n"
WAITS += "while not pathlib.Path('go').exists(): time.sleep(.05)"
RUN = """
import signal, sys, pathlib
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in a shell's background
from genrelib.reports import run as module
from genrelib._base.errors import GenrelibError
module.NOTEBOOKS, module.RUNS = pathlib.Path(sys.argv[1]) / "notebooks", pathlib.Path(sys.argv[1]) / "runs"
try:
    module.reproduce("demo")
except GenrelibError as error:
    sys.exit(f"REFUSED {error}")
"""


@pytest.fixture
def book(tmp_path, monkeypatch):
    """Two notebooks; the second one waits in its third cell, or fails there."""
    monkeypatch.setattr(module, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(module, "RUNS", tmp_path / "runs")

    def write(last):
        (tmp_path / "notebooks").mkdir()
        for name, end in (("01_a", "print('a')"), ("02_b", last)):
            codes = ["collection = data = folder = seeds = None", CELL.format(name), end, "print('end')"]
            cells = [nbformat.v4.new_code_cell(code) for code in codes]
            cells[0]["metadata"]["tags"] = ["parameters"]
            made = nbformat.v4.new_notebook(cells=cells, metadata=KERNEL)
            nbformat.write(made, tmp_path / "notebooks" / f"{name}.ipynb")
        return tmp_path

    return write


def begin(folder):
    command = [sys.executable, "-c", RUN, str(folder)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def caught(folder):
    """Start a run and wait until its second notebook is in the cell that waits."""
    child, deadline = begin(folder), time.monotonic() + 400
    ready = folder / "notebooks" / "ready"
    while not (ready.exists() and ready.read_text()):
        assert child.poll() is None and time.monotonic() < deadline, child.communicate()
        time.sleep(0.05)
    return child


def names(folder):
    return names_in(folder / "runs" / "demo")


def goes_on(folder):
    """Run again; what is in place afterwards is whole."""
    (folder / "notebooks" / "go").touch()
    child = begin(folder)
    told = child.communicate(timeout=600)[0]
    assert child.returncode == 0, told
    assert names(folder) == ["01_a.ipynb", "02_b.ipynb", "times.json"]
    assert ended(folder / "runs" / "demo" / "02_b.ipynb")
    return told


def ended(path):
    """Tell whether an executed notebook has the output of its last cell."""
    outputs = json.loads(path.read_text())["cells"][-1]["outputs"]
    return "".join("".join(one["text"]) for one in outputs) == "end\n"


def ends(process):
    """Wait until a process is gone: a kernel looks after its parent once a second."""
    deadline = time.monotonic() + 60
    while Path(f"/proc/{process}").exists() and "zombie" not in Path(f"/proc/{process}/status").read_text():
        assert time.monotonic() < deadline, f"the kernel {process} is still there"
        time.sleep(0.1)


@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM"] if FULL else ["SIGTERM"])
def test_interrupted(book, how):
    """Ctrl-C, or SIGTERM: notebook and cell are named, the notebook is kept as failed, the next run goes on"""
    folder = book(WAITS)
    child = caught(folder)
    child.send_signal(getattr(signal, how))
    told = child.communicate(timeout=400)[0]
    assert child.returncode == 1 and "REFUSED 02_b.ipynb, cell 4: interrupted" in told, told
    assert names(folder) == ["01_a.ipynb", "02_b.failed.ipynb", "times.json"]
    assert {path.name for path in (folder / "notebooks" / "kept").iterdir()} == {"01_a", "02_b"}
    with pytest.raises(GenrelibError, match="02_b.failed.ipynb"):
        publish("demo", folder=folder / "runs" / "demo", results=folder / "results")
    goes_on(folder)


def test_killed(book):
    """SIGKILL in a cell, and at random moments: what is in place is whole, the kernel ends, the next run tells where"""
    random = draws("reproduce")
    folder = book(WAITS)
    for _ in range(max(1, KILLS // 2)):
        (folder / "notebooks" / "ready").unlink(missing_ok=True)
        child = caught(folder)
        time.sleep(random.uniform(0, 0.5))
        kernel = int((folder / "notebooks" / "ready").read_text())
        child.kill()
        child.communicate()
        ends(kernel)
        assert names(folder) == [".02_b.running.ipynb", "01_a.ipynb", "times.json"]
        with pytest.raises(GenrelibError, match="running.ipynb"):
            publish("demo", folder=folder / "runs" / "demo", results=folder / "results")
    assert "02_b: the run before was killed in cell 4" in goes_on(folder)
    for _ in range(KILLS // 2):
        child = begin(folder)
        time.sleep(random.uniform(0, 6))
        child.kill()
        child.communicate()
        assert set(names(folder)) >= {"01_a.ipynb", "02_b.ipynb", "times.json"}
        assert all(ended(folder / "runs" / "demo" / f"{name}.ipynb") for name in ("01_a", "02_b"))
    if KILLS > 1:
        goes_on(folder)


def test_kernel_that_dies(book):
    """The notebook's own process dies, as it does where memory runs out"""
    folder = book("import os, signal\npathlib.Path('go').exists() or os.kill(os.getpid(), signal.SIGKILL)")
    child = begin(folder)
    told = child.communicate(timeout=600)[0]
    assert child.returncode == 1 and "02_b.ipynb, cell 4: its process died" in told, told
    assert names(folder) == ["01_a.ipynb", "02_b.failed.ipynb", "times.json"]
    goes_on(folder)
