"""The package as its users meet it: a quick import, names that resolve, a wheel that carries the small tables alone."""

import importlib.util
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

import genrelib
from tests.making import ROOT, run_child

HEAVY = ("tensorflow", "keras", "kapre", "sklearn", "pandas", "librosa", "matplotlib", "numpy", "soundfile")


def test_import_is_quick_and_loads_nothing_heavy():
    code = "start = time.perf_counter(); import genrelib; print(time.perf_counter() - start)\n"
    code += "print(*sys.modules, sep='\\n')"
    seconds = []
    for _ in range(3):  # the best of three: other work on the machine is not the package's
        spent, *loaded = run_child(code).communicate(timeout=60)[0].splitlines()
        seconds.append(float(spent))
        assert not set(loaded) & set(HEAVY)
    assert min(seconds) < 1.0


def test_data_side_needs_no_tensorflow_and_no_scikit_learn():
    code = "import genrelib as gl; gl.load_collection, gl.cut_slices, gl.split_slices, gl.audio, gl.GenrelibError"
    loaded = run_child(f"{code}\nprint(*sys.modules, sep='\\n')").communicate(timeout=60)[0].splitlines()
    assert "genrelib.splits" in loaded
    assert not set(loaded) & {"tensorflow", "keras", "kapre", "sklearn", "librosa", "matplotlib.pyplot"}


@pytest.mark.parametrize("name", genrelib.__all__)
def test_every_name_resolves(name):
    assert getattr(genrelib, name) is not None
    assert name in dir(genrelib)


def test_names_that_notebooks_rely_on_are_there():
    promised = "load_collection cut_slices split_slices train evaluate record models scoreboard GenrelibError audio"
    assert set(promised.split()) <= set(genrelib.__all__) and len(set(genrelib.__all__)) == len(genrelib.__all__)
    assert re.fullmatch(r"\d+\.\d+\.\d+", genrelib.__version__)


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="cut_slice"):
        _ = genrelib.cut_slice


def test_wheel_holds_the_small_tables_and_no_audio(tmp_path):
    for needed in ("pip", "setuptools", "wheel"):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"building a wheel without a network needs {needed}, which this environment lacks")
    source = tmp_path / "source"
    shutil.copytree(ROOT / "genrelib", source / "genrelib", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.txt", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-q"]
    built = subprocess.run([*command, "-w", tmp_path, source], capture_output=True, text=True, check=False, timeout=120)
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = [name for name in wheel.namelist() if ".dist-info/" not in name]
        metadata = wheel.read(next(name for name in wheel.namelist() if name.endswith("METADATA"))).decode()
    files = [path for path in (ROOT / "genrelib").rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    data = {path.relative_to(ROOT).as_posix() for path in files}
    assert {"genrelib/data/claims.csv", "genrelib/data/gtzan/index.csv", "genrelib/__init__.pyi"} <= data
    assert {name for name in names if not name.endswith(".py")} == data
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "genrelib").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == modules
    assert f"Version: {genrelib.__version__}" in metadata and "kapre" in metadata
