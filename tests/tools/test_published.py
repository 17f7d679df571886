"""What is committed under results/: whole, small, of real audio, without sound, and shown in README."""

import json
import re

import pandas as pd
import pytest

from tools.bench import bench, growth, rehearsal
from genrelib.reports.toronto import public_table
from genrelib.results.scoreboard import read_section, readme_is_current, scoreboard
from genrelib.evaluation.scores import score_predictions
from genrelib._base.paths import CHECKOUT, RESULTS, published
from genrelib.results.records import read_records
from tests.faults import report

FILES = [path for path in sorted(RESULTS.rglob("*")) if path.is_file()]
NOTEBOOKS = [path for path in FILES if path.suffix == ".ipynb"]


def name_of(path):
    return str(path.relative_to(RESULTS))


def test_a_real_collection_is_published():
    assert "gtzan_mini" in published()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_are_under_a_megabyte(path):
    assert path.stat().st_size < 1_000_000


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_executed_copies_carry_no_sound(path):
    text = path.read_text()
    assert "audio/" not in re.sub(r'"image/png": "[^"]*"', "", text) and "data:audio" not in text


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix not in (".parquet", ".png")], ids=name_of)
def test_no_path_of_a_machine(path):
    text = re.sub(r'"image/png": "[^"]*"', "", path.read_text())
    assert re.findall(r"(?<![\w.:/])/(?:home|root|tmp|work|Users|content)/\S*", text) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_executed_copies_are_whole(path):
    cells = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in cells if "".join(cell["source"]).strip())
    assert not [out for cell in cells for out in cell["outputs"] if out["output_type"] == "error"]


@pytest.mark.parametrize("name", published())
def test_records_are_well_formed_and_of_real_audio(name):
    records = read_records(RESULTS / name)
    assert records and all(record["collection"] == name and not record["is_demo"] for record in records.values())


@pytest.mark.parametrize("name", published())
def test_records_come_from_a_known_commit(name):
    commits = {claim: record["commit"] for claim, record in read_records(RESULTS / name).items()}
    assert not [claim for claim, commit in commits.items() if not re.fullmatch(r"[0-9a-f]{40}", commit)]


def test_leak_free_is_said_of_artist_and_fault_filtered_alone():
    for name in published():
        for record in read_records(RESULTS / name).values():
            splits = {record["split_unit"]: record, **record["other_protocols"]}
            said = {unit for unit, one in splits.items() if one.get("leak_free")}
            assert said <= {"artist", "fault_filtered"}


def test_readme_shows_the_committed_figures():
    assert readme_is_current(CHECKOUT / "README.md", scoreboard(published()))


def test_readme_shows_the_committed_benchmark():
    rows = json.loads((RESULTS / "bench.json").read_text())["rows"]
    assert read_section(CHECKOUT / "README.md", bench.SECTION) == bench.table(rows)


@pytest.mark.parametrize(("what", "written"), [(growth, growth.markdown), (rehearsal, rehearsal.table)])
def test_readme_shows_the_committed_growth_and_rehearsal(what, written):
    content = json.loads((RESULTS / f"{what.SECTION}.json").read_text())
    rows = content["rows" if what is growth else "notebooks"]
    assert read_section(CHECKOUT / "README.md", what.SECTION) == written(rows)
    assert re.fullmatch(r"[0-9a-f]{40}", content["machine"]["commit"])


def test_readme_shows_the_committed_account_of_faults():
    content = json.loads((RESULTS / report.FILE).read_text())
    rows = content["rows"]
    assert re.fullmatch(r"[0-9a-f]{40}", content["commit"]) and content["cases_each"] >= 2000
    headings = {re.search(r'^HEADING = "(.+)"', one.read_text(), re.MULTILINE)[1]
                for one in (CHECKOUT / "tests" / "faults").glob("test_*.py")}  # fmt: skip
    assert {row["heading"] for row in rows} == headings
    assert all(row["failed"] == 0 and row["passed"] + row["skipped"] > 0 for row in rows)
    assert read_section(CHECKOUT / "README.md", report.SECTION) == report.section()


def test_readme_shows_the_committed_figures_of_the_public_table():
    shown = read_section(CHECKOUT / "README.md", public_table.SECTION)
    assert shown == public_table.readme_section(public_table.read_figures())


def test_figures_of_the_public_table_are_whole_and_follow_from_their_predictions():
    content = public_table.read_figures()
    assert content["table"]["rows"] == 1000 and content["seeds"] == list(range(10))
    assert re.fullmatch(r"[0-9a-f]{40}", content["commit"])
    frame = pd.read_parquet(RESULTS / public_table.NAME / "predictions" / "table.parquet")
    genres = sorted(frame["track_id"].str.split(".").str[0].unique())
    assert len(content["figures"]) == 6
    measured = [one for one in content["figures"] if "values" in one]
    assert {one["split"] for one in measured} >= {"slice", "fault_filtered"}
    for one in measured:
        part = frame[(frame["system"] == one["system"]) & (frame["protocol"] == one["split"])]
        for seed, value in zip(content["seeds"], one["values"], strict=True):
            scores = score_predictions(part[part["seed"] == seed], genres, n_resamples=0)
            assert scores.slice.accuracy == pytest.approx(value)
