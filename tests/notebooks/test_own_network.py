"""Notebook 01 with another network in its cell: what follows is the reader's own, and says so."""

import json
import os
import shutil

import papermill
import pytest

from genrelib._base.paths import CHECKOUT, NOTEBOOKS
from genrelib.datasets import load_collection
from genrelib.results.records import read_records
from genrelib.results.scoreboard import OWN_NETWORK, scoreboard

GENRES = ("blues", "classical", "metal")


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """Five tracks of three genres of the demo, as a folder of one's own."""
    folder = tmp_path_factory.mktemp("songs") / "few"
    tracks = load_collection("demo").tracks
    for genre, of_genre in tracks[tracks["genre"].isin(GENRES)].groupby("genre"):
        (folder / genre).mkdir(parents=True)
        for path in of_genre["path"].head(5):
            shutil.copy(path, folder / genre)
    return folder


def test_a_changed_network_stands_in_table_and_board_as_ones_own(few, tmp_path, monkeypatch):
    monkeypatch.setenv("GENRELIB_HEADLESS", "1")
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")]))
    parameters = {"collection": str(few), "data": str(tmp_path), "folder": str(tmp_path), "seeds": [0], "epochs": 1,
                  "further_epochs": 1, "units": ["slice"], "filters": [4, 8]}  # fmt: skip
    source, target = NOTEBOOKS / "01_three_cnns.ipynb", tmp_path / "01.ipynb"
    papermill.execute_notebook(source, target, parameters, kernel_name="python3", progress_bar=False)

    records = read_records(tmp_path)
    own = {claim for claim, record in records.items() if record.get("own_network")}
    by_it = {"idc-mel-cnn1d", "idc-mel-above-raw", "idc-fifteen-epochs", "idc-2d-below-1d", "idc-best-genre"}
    assert own == by_it  # what its figures go into
    (accuracy,) = records["idc-mel-cnn1d"]["values"]
    board = scoreboard({records["idc-mel-cnn1d"]["collection"]: tmp_path}).set_index("claim_id")
    assert set(board.index[board["system"] == OWN_NETWORK]) == own
    assert board.loc["idc-mel-cnn1d", "measured"].startswith(f"{accuracy:.3f}")

    outputs = [out for cell in json.loads(target.read_text())["cells"] for out in cell.get("outputs", ())]
    printed = "".join("".join(out.get("text", "")) for out in outputs)
    assert "your own network" in printed and "network by slice, seed 0" in printed
    shown = ["".join(out.get("data", {}).get("text/plain", "")) for out in outputs]
    figure = f"{accuracy:.3f}".rstrip("0")
    assert any("raw_cnn1d" in table and "network" in table and figure in table for table in shown)
