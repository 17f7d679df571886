"""Copies for the repository: small, and without traces of the machine."""

import json
from base64 import b64decode, b64encode
from io import BytesIO

import nbformat
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from genrelib._base.errors import GenrelibError
from tools.publish import publish


def run_to_publish(tmp_path):
    run = tmp_path / "run"
    (run / "results").mkdir(parents=True)
    (run / "results" / "a.json").write_text("{}")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    notebook["metadata"]["papermill"] = {"input_path": "/somewhere/private.ipynb"}
    notebook["cells"][0]["metadata"]["papermill"] = {"duration": 1}
    given = nbformat.v4.new_code_cell('data = "/somewhere/private"\nepochs = 3')
    given["metadata"]["tags"] = ["injected-parameters"]
    notebook["cells"].append(given)
    nbformat.write(notebook, run / "01_a.ipynb")
    return run


def test_published_copies_name_no_path_of_papermill(tmp_path):
    run = run_to_publish(tmp_path)
    copies = publish("demo", folder=run, results=tmp_path / "results")
    assert [path.name for path in copies] == ["01_a.ipynb", "a.json"]
    assert "papermill" not in copies[0].read_text() and "private" not in copies[0].read_text()
    assert "epochs = 3" in copies[0].read_text() and copies[0].parent == tmp_path / "results" / "demo"


def test_a_failed_notebook_is_not_published(tmp_path):
    run = run_to_publish(tmp_path)
    (run / "02_b.failed.ipynb").write_text("{}")
    with pytest.raises(GenrelibError, match="02_b.failed.ipynb"):
        publish("demo", folder=run, results=tmp_path / "results")
    assert not (tmp_path / "results").exists()


def test_a_file_of_more_than_a_megabyte_is_not_published(tmp_path):
    run = run_to_publish(tmp_path)
    (run / "results" / "b.json").write_text('"' + "x" * 1_000_001 + '"')
    with pytest.raises(GenrelibError, match=r"b.json: 1.0 MB"):
        publish("demo", folder=run, results=tmp_path / "results")
    assert [path.name for path in (tmp_path / "results" / "demo" / "results").iterdir()] == ["a.json"]


def test_nothing_to_publish_says_what_to_run(tmp_path):
    with pytest.raises(GenrelibError, match="there is no run; run `make reproduce`"):
        publish("gtzan_mini", folder=tmp_path / "none", results=tmp_path / "results")


def test_published_pictures_have_256_colours_and_look_the_same(tmp_path):
    rng, drawn = np.random.default_rng(0), BytesIO()
    ramp = np.linspace(0, 255, 300)[None, :, None] + rng.normal(0, 3, (200, 300, 3))
    Image.fromarray(np.clip(ramp, 0, 255).astype(np.uint8)).save(drawn, format="PNG")
    output = nbformat.v4.new_output("display_data", {"image/png": b64encode(drawn.getvalue()).decode()})
    cell = nbformat.v4.new_code_cell("draw()", outputs=[output])
    (tmp_path / "run").mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "run" / "00_x.ipynb")
    (copy,) = publish("demo", folder=tmp_path / "run", results=tmp_path / "results")
    png = b64decode(json.loads(copy.read_text())["cells"][0]["outputs"][0]["data"]["image/png"])
    shown = Image.open(BytesIO(png))
    assert shown.mode == "P" and shown.size == (300, 200) and len(png) < 0.6 * len(drawn.getvalue())
    assert np.abs(np.asarray(shown.convert("RGB"), float) - ramp).mean() < 6


def test_a_record_of_ones_own_network_is_not_published(tmp_path):
    run = run_to_publish(tmp_path)
    (run / "results" / "b.json").write_text('{"own_network": true}')
    with pytest.raises(GenrelibError, match="b.json.*your own network.*genrelib.models"):
        publish("demo", folder=run, results=tmp_path / "results")
    assert not (tmp_path / "results").exists()


def test_predictions_are_copied_to_the_byte(tmp_path):
    (tmp_path / "run" / "predictions").mkdir(parents=True)
    path = tmp_path / "run" / "predictions" / "a-slice-0.parquet"
    pd.DataFrame({"p0": [0.5]}).to_parquet(path, index=False)
    (copy,) = publish("demo", folder=tmp_path / "run", results=tmp_path / "results")
    assert copy.read_bytes() == path.read_bytes()
