"""What `make reproduce COLLECTION=demo` made: the real notebooks, executed once on synthesised audio."""

import json

import pandas as pd
import pytest

from genrelib._base.paths import NOTEBOOKS, RUNS
from genrelib.evaluation.scores import score_predictions
from genrelib.results.claims import read_claims
from genrelib.results.records import read_predictions, read_records
from genrelib.results.verdicts import DEMO

RUN = RUNS / "demo"
NAMES = [path.name for path in sorted(NOTEBOOKS.glob("*.ipynb"))]


@pytest.fixture(scope="module")
def records():
    return read_records(RUN)


@pytest.fixture(params=NAMES)
def executed(request):
    return json.loads((RUN / request.param).read_text())


def outputs(notebook):
    return [out for cell in notebook["cells"] if cell["cell_type"] == "code" for out in cell["outputs"]]


def printed(notebook):
    return "".join("".join(out.get("text", "")) for out in outputs(notebook))


def test_every_cell_ran_and_none_failed(executed):
    cells = [cell for cell in executed["cells"] if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in cells if "".join(cell["source"]).strip())
    assert not [out for out in outputs(executed) if out["output_type"] == "error"]


def test_no_warning_is_left_on_the_page(executed):
    noise = [line for line in printed(executed).splitlines() if "Warning" in line or "WARNING" in line]
    assert noise == []


def test_demo_figures_are_labelled_as_demo(executed):
    assert "DEMO" in printed(executed)


def test_no_failed_notebook_is_left():
    assert not list(RUN.glob("*.failed.ipynb")) and not list(RUN.glob(".*.running.ipynb"))


def test_figures_are_drawn(executed):
    assert any("image/png" in out.get("data", {}) for out in outputs(executed))


def test_every_claim_has_a_record(records):
    assert set(records) == set(read_claims().index)
    reasons = {claim: record["not_measured"] for claim, record in records.items() if "not_measured" in record}
    # of a genre or a track that the demo does not have
    assert {claim: reason for claim, reason in reasons.items() if " demo" not in f" {reason}"} == {}


def test_records_say_that_they_are_of_the_demo(records):
    assert all(record["is_demo"] and record["collection"] == "demo" for record in records.values())


def test_the_demo_shows_every_protocol_but_the_fault_filtered_lists(records):
    others = records["idc-mel-cnn1d"]["other_protocols"]
    assert {unit for unit, other in others.items() if "values" in other} == {"artist"}
    leakage = printed(json.loads((RUN / "90_leakage.ipynb").read_text()))
    assert all(f"mel_cnn1d by {unit}, seed 0: test accuracy" in leakage for unit in ("track", "album"))
    assert "mel_cnn1d by fault_filtered: not measured" in leakage


def test_figures_follow_from_the_kept_predictions(records):
    frame = read_predictions(RUN, "idc-mel-cnn1d")
    genres = list(records["idc-mel-cnn1d"]["scores"][0]["slice"]["recall"])
    for seed, value in zip(records["idc-mel-cnn1d"]["seeds"], records["idc-mel-cnn1d"]["values"]):
        part = frame[(frame["seed"] == seed) & (frame["protocol"] == "slice")]
        assert score_predictions(part, genres, n_resamples=0).slice.accuracy == pytest.approx(value)


def test_the_scoreboard_has_every_claim_and_calls_no_demo_figure_evidence():
    board = pd.read_csv(RUN / "scoreboard.csv", keep_default_na=False)
    assert list(board["claim_id"]) == list(read_claims().index)
    measured = board[board["measured"] != ""]
    assert len(measured) >= 9 and set(measured["verdict"]) == {DEMO}


def test_the_saved_model_takes_raw_audio_in_this_process(records):
    import numpy as np

    from genrelib.training.loop import load_model

    model = load_model(RUN / "models" / "idc-mel-cnn1d.keras")
    probabilities = model.predict(np.random.default_rng(0).normal(0, 0.1, (2, 66150)).astype("float32"), verbose=0)
    assert probabilities.shape == (2, 10) and np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
