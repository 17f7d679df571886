"""What is committed under results/: whole, small, of real audio, without sound, and shown in README and docs."""

import json
import re
from types import SimpleNamespace

import pytest

from genrelib._base.errors import ResultError
from genrelib._base.paths import RESULTS, published
from genrelib.classify.cards import read_card
from genrelib.classify.loading import WEIGHTS
from genrelib.results.claims import read_claims
from genrelib.results.comparing import committed_board, compare
from genrelib.results.records import read_records
from genrelib.results.showing import headlines
from tests.making import ROOT
from tools.readme import SECTIONS, networks_beside, replaced

FILES = [path for path in sorted(RESULTS.rglob("*")) if path.is_file()]
NOTEBOOKS = [path for path in FILES if path.suffix == ".ipynb"]


def test_files_are_small_and_name_no_path_of_a_machine():
    for path in FILES:
        assert path.stat().st_size < 1_000_000, path
        if path.suffix not in (".parquet", ".png"):
            text = re.sub(r'"image/png": "[^"]*"', "", path.read_text())
            assert re.findall(r"(?<![\w.:/])/(?:home|root|tmp|work|Users|content)/\S*", text) == [], path


def test_executed_copies_are_whole_and_carry_no_sound():
    for path in NOTEBOOKS:
        text = path.read_text()
        assert "audio/" not in re.sub(r'"image/png": "[^"]*"', "", text) and "data:audio" not in text, path
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        assert all(cell["execution_count"] for cell in cells if "".join(cell["source"]).strip()), path
        assert not [out for cell in cells for out in cell["outputs"] if out["output_type"] == "error"], path


def code_of(path):
    """The code cells of a notebook, without papermill's parameters, and wherever genrelib is installed from."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    own = [cell for cell in cells if "injected-parameters" not in cell["metadata"].get("tags", ())]
    code = ["".join(cell["source"]) for cell in own if cell["cell_type"] == "code"]
    return [re.sub(r"^SOURCE = .*", "SOURCE = …", source, flags=re.MULTILINE) for source in code]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_executed_copies_are_of_the_notebooks_and_figures_that_are_committed(path):
    assert code_of(path) == code_of(ROOT / "notebooks" / path.name), "run it again, and publish"
    board, now = committed_board(), set()
    for claim in read_claims().index:
        now.update(headlines([claim], board))
    for report in board["report"].unique():
        now.update(compare(published_session(path.parent), report).data.splitlines())
    lines = re.findall(r"- (?:\*\*[^\n]+Measured: |[^\n]+committed )[^\n]+", "\n".join(texts_of(path)))
    assert set(lines) <= now, "publish, run again, and publish"


def published_session(folder):
    return SimpleNamespace(collection=SimpleNamespace(name=folder.name), folder=folder, is_demo=False)


def texts_of(path):
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for out in cell.get("outputs", ()):
            yield "".join(out.get("data", {}).get("text/markdown", ""))


@pytest.mark.parametrize("name", published())
def test_records_are_of_real_audio_from_a_known_commit_and_leak_free_where_artists_are_apart(name):
    records = read_records(RESULTS / name)
    assert records
    for claim, record in records.items():
        assert record["collection"] == name and not record["is_demo"], claim
        assert re.fullmatch(r"[0-9a-f]{40}(, [0-9a-f]{40})*", record["commit"]), claim  # trainings' may be several
        splits = {record["split_unit"]: record, **record["other_protocols"]}
        assert {unit for unit, split in splits.items() if split.get("leak_free")} <= {"artist", "fault_filtered"}, claim


@pytest.mark.parametrize("path, name, content", SECTIONS, ids=lambda value: getattr(value, "name", str(value)))
def test_pages_show_the_committed_figures(path, name, content):
    text = path.read_text(encoding="utf-8")
    assert replaced(text, name, content()) == text, "python -m tools.readme writes it anew"


def test_cards_say_what_the_committed_figures_of_the_reports_are_beside_them():
    besides = [read_card(path)["beside"] for path in sorted(WEIGHTS.glob("*.json"))]
    assert besides == [networks_beside()] * 2, "python -m tools.readme writes them anew"


def test_a_page_without_its_markers_is_refused_and_all_else_stays():
    assert replaced("a <!-- x -->old<!-- /x --> b", "x", "new\n") == "a <!-- x -->\nnew\n<!-- /x --> b"
    for text in ("", "<!-- x -->", "<!-- /x --> <!-- x -->", "<!-- x --><!-- /x -->" * 2):
        with pytest.raises(ResultError, match="<!-- x -->"):
            replaced(text, "x", "new")
