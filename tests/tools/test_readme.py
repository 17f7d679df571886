"""README's sections between their markers."""

from genrelib.results.scoreboard import DEMO, scoreboard
from tests.results.test_scoreboard import CLAIMS, frame, protocol, record_of, run_of  # noqa: F401, frame is a fixture
from tools.readme import readme_section


def test_readme_section_is_compact_and_names_every_claim(frame):  # noqa: F811
    text = readme_section(frame)
    lines = text.splitlines()
    assert lines[0] == "| Claim | Reported | gtzan_mini | gtzan_160 | leak-free (gtzan_160, artist) | Verdict |"
    assert lines[2] == (
        "| `idc-mel-cnn1d` | accuracy 0.80 | 0.890 (0.850 to 0.930) | 0.800 (0.750 to 0.850) | 0.310 (0.200 to 0.400) "
        "| gtzan_mini: claim below our interval; gtzan_160: within the interval |"
    )
    assert lines[3].endswith("| classical 2×, jazz 1× |  |  | same genre in 2 of 3 seeds |")
    assert len([line for line in lines if line.startswith("|")]) == 2 + 3
    assert all(text.count(f"`{claim_id}`") == 1 for claim_id in CLAIMS.index)
    assert len(lines) < 20


def test_a_reason_and_a_leak_free_figure_stand_where_the_claims_own_split_was_not_measured(tmp_path):
    reason = "four genres are one artist each"
    dear = {**record_of("turin-crnn", [], collection="gtzan"), "mean": None, "not_measured": "no GPU"}
    dear["other_protocols"] = {"artist": protocol([0.6], [0.5, 0.7], leak_free=True)}
    new = {**record_of("toronto-mlp-new-f1", []), "mean": None, "not_measured": reason}
    mini = run_of(tmp_path / "a", record_of("turin-crnn", [0.8], [0.7, 0.9]), new)
    text = readme_section(scoreboard({"gtzan_mini": mini, "gtzan": run_of(tmp_path / "b", dear)}))
    line = next(line for line in text.splitlines() if line.startswith("| `turin-crnn`"))
    assert line.split(" | ")[2:] == ["0.800 (0.700 to 0.900)", "", "0.600 (0.500 to 0.700)", "within the interval |"]
    assert reason in text and "`toronto-mlp-new-f1`" in text


def test_demo_figures_are_labelled(tmp_path):
    run = run_of(tmp_path, record_of("idc-mel-cnn1d", [0.8], [0.7, 0.9], collection="demo"))
    assert f"| Claim | Reported | {DEMO} | leak-free | Verdict |" in readme_section(scoreboard({"demo": run}))
