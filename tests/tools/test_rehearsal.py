import json
import os
import subprocess
import sys

import pytest

from tools.bench import rehearsal
from genrelib._base.errors import GenrelibError
from tests.tiny import run_python

HOLD = "import sys, time; held = bytearray(b'x') * 50_000_000; print('held', flush=True); time.sleep(60)"
CHILD = """
import json
import os
import sys
from pathlib import Path

folder = Path(sys.argv[1])
os.environ["GENRELIB_REHEARSAL"] = json.dumps(
    {"tracks_per_genre": 4, "seconds": 3.0, "log": str(folder / "log.jsonl")}
)
from tools.bench.rehearsal_kernel import LEFT_OUT, install

install()
import genrelib as gl

gl.notebook.start()
session = gl.notebook.open_session("demo", folder, folder / "runs")
assert session.choose(15, 6) == 15
assert len(session.collection.tracks) == 40
slices = gl.cut_slices(session.collection, 0.5, progress=False)
runs = gl.run_protocols(
    "mel_cnn1d", slices, ["slice", "artist"], session.seeds, folder=session.folder, fit={"epochs": 15}
)
assert runs.not_measured["artist"] == LEFT_OUT
assert runs["slice"][0].history.epochs_run == 1
installed, trained = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
from tools.bench.rehearsal_kernel import _parted
assert _parted("feature_mlp", {"slice": 1, "artist": 2}) == (["slice", "artist"], [])
assert _parted("crnn", ["slice", "artist"]) == (["slice"], ["artist"])
assert installed == {"installed": True}
assert trained.pop("seconds_an_epoch") > 0
assert trained == {"model": "mel_cnn1d", "epochs": 15, "n_train": len(runs["slice"][0].fold.train)}
"""


def test_a_kernel_trains_one_epoch_under_the_first_split_at_real_sizes(tmp_path):
    run_python(CHILD, tmp_path)


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="RssAnon is read from /proc")
def test_memory_is_that_of_all_children():
    before = rehearsal.anonymous_bytes(os.getpid())
    child = subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True)
    try:
        child.stdout.readline()
        assert 45e6 < rehearsal.anonymous_bytes(os.getpid()) - before < 90e6
        assert rehearsal.anonymous_bytes(child.pid) < 90e6
    finally:
        child.kill()
        child.communicate()


def test_disk_is_what_files_take(tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "file").write_bytes(b"x" * 1_000_000)
    assert 1_000_000 <= rehearsal.bytes_below(tmp_path) < 1_100_000


@pytest.fixture
def rehearsed(tmp_path, monkeypatch):
    """Rehearse notebook 01 with a stand-in that leaves a log; gives the status and what was written."""

    def call(logged, error=None, **limits):
        def reproduce(collection, *, notebooks, seeds, data, folder):
            settings = json.loads(os.environ["GENRELIB_REHEARSAL"])
            assert (collection, notebooks, seeds, settings["tracks_per_genre"]) == ("demo", ["01"], [0], 4)
            assert (tmp_path / "ipython/profile_default/startup/00-rehearsal.py").is_file()
            with open(settings["log"], "w") as file:
                file.writelines(json.dumps(one) + "\n" for one in logged)
            if error:
                raise GenrelibError(error)

        monkeypatch.setattr(rehearsal, "reproduce", reproduce)
        monkeypatch.setattr(rehearsal, "LIMITS_GB", {"memory_gb": 12.0, "disk_gb": 15.0} | limits)
        out = tmp_path / "out" / "rehearsal.json"
        given = ["--tracks", "40", "--seconds", "1", "--folder", str(tmp_path), "--out", str(out)]
        status = rehearsal.main(["--notebooks", "01", *given])
        assert "GENRELIB_REHEARSAL" not in os.environ
        return status, json.loads(out.read_text(encoding="utf-8"))

    return call


def epoch_of(seconds, epochs):
    return {"model": "m", "epochs": epochs, "seconds_an_epoch": seconds, "n_train": 1}


def test_all_epochs_are_estimated_from_one(rehearsed, capsys):
    status, result = rehearsed([{"installed": True}, epoch_of(10.0, 15), epoch_of(2.0, 4)])
    (row,) = result["notebooks"]
    assert status == 0 and row["error"] is None and row["within_limits"] and row["trainings"] == 2
    assert row["seconds_estimated"] - row["seconds"] == pytest.approx(14 * 10 + 3 * 2)
    assert "at most" in result["estimate"] and "estimate for all 19 epochs: at most" in capsys.readouterr().out


def test_a_failure_and_an_excess_are_told(rehearsed, capsys):
    status, result = rehearsed([{"installed": True}], error="cell 3 failed", disk_gb=1e-6)
    (row,) = result["notebooks"]
    assert status == 1 and row["error"] == "cell 3 failed" and row["within_limits"] is False
    assert "OVER THE LIMITS; FAILED: cell 3 failed" in capsys.readouterr().out


def test_a_kernel_without_the_settings_is_a_failure(rehearsed):
    status, result = rehearsed([])
    assert status == 1 and "did not take the rehearsal's settings" in result["notebooks"][0]["error"]
