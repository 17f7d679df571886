"""docs/adding-a-report.md does what it says: its blocks, put where it tells, make a report on the scoreboard."""

import os
import re
import shutil
import subprocess
import sys

import pandas as pd

from tests.making import ROOT, write_notebook, write_tree

SETUP = "import genrelib as gl\nfrom IPython.display import display\n"
SETUP += "session = gl.open_session(collection, data, folder, seeds)"
PARAMETERS = "collection = data = folder = seeds = None\nepochs = 1"
BOARD = """
import sys
from genrelib.results import scoreboard, write_scoreboard
write_scoreboard(sys.argv[1], scoreboard({"music": sys.argv[1]}))
"""


def test_the_worked_example_is_found_on_the_scoreboard(tmp_path):
    checkout, music = tmp_path / "checkout", tmp_path / "music"
    shutil.copytree(ROOT / "genrelib", checkout / "genrelib", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", checkout)
    page = (ROOT / "docs/adding-a-report.md").read_text(encoding="utf-8")
    builder, *cells = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (row,) = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)
    (checkout / "genrelib/models/example.py").write_text(builder, encoding="utf-8")
    with open(checkout / "genrelib/data/claims.csv", "a", encoding="utf-8") as claims:
        claims.write(row)
    write_notebook(checkout / "notebooks/07_example.ipynb", PARAMETERS, SETUP, *cells)
    write_tree(music, [f"{genre}/{number}.wav" for genre in ("blues", "rock") for number in range(6)], seconds=6.0)

    run = checkout / "runs/music"
    _python(checkout, "-m", "genrelib", "reproduce", "--collection", str(music), "--notebooks", "07", "--seeds", "0")
    _python(checkout, "-c", BOARD, str(run))
    board = pd.read_csv(run / "scoreboard.csv", keep_default_na=False).set_index("claim_id")
    shown = board.loc["example-tiny-cnn"]
    assert (shown["report"], shown["system"], shown["claimed"]) == ("example", "tiny_cnn", "accuracy 0.75")
    assert 0 <= float(shown["measured"]) <= 1 and shown["ci95"]
    assert "artist" in shown["by_artist"]  # why there is no such figure: the folder names no artists
    assert (run / "models/example-tiny-cnn.keras").is_file()


def _python(checkout, *arguments):
    environment = os.environ | {"PYTHONPATH": str(checkout), "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment["GENRELIB_DATA"] = str(checkout / "data")
    command = [sys.executable, *arguments]
    ended = subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
