"""Notebook 00 on a folder of one's own, which has no list of faults and no index."""

import json
from pathlib import Path

import pytest
import soundfile as sf

from tests.making import ROOT, noise


def test_notebook_00_runs_on_a_folder_of_ones_own(tmp_path, monkeypatch):
    pytest.importorskip("IPython")
    from IPython.core.interactiveshell import InteractiveShell

    for number, genre in enumerate(("jazz", "my genre")):
        Path(tmp_path, "my music", genre).mkdir(parents=True)
        sf.write(tmp_path / "my music" / genre / "song.wav", noise(4, seed=number), 22050)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GENRELIB_CACHE", str(tmp_path / "cache"))
    shell = InteractiveShell()
    for cell in json.loads((ROOT / "notebooks/00_start_here.ipynb").read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            shell.run_cell("".join(cell["source"])).raise_error()
            if "parameters" in cell["metadata"].get("tags", []):
                shell.run_cell(f"collection, folder = {str(tmp_path / 'my music')!r}, {str(tmp_path / 'run')!r}")
    assert list(shell.user_ns["states"]["kind"]) == ["ok", "ok"]
