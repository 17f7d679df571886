"""A server, what the writers read, and an account of what was tried."""

import http.server
import json
import os
import threading
import time
from pathlib import Path

import pytest

from genrelib._base.caching import file_when_whole
from tests.datasets.conftest import server as server  # noqa: PLC0414, a fixture
from tests.faults.helping import CASES, KILLS

NOTED = pytest.StashKey[dict]()


class Slow(http.server.BaseHTTPRequestHandler):
    """Send a file in pieces, so that a download can be caught in the middle."""

    def do_GET(self):
        data, asked = self.server.data, self.headers.get("Range")
        start = int(asked[6:-1]) if asked else 0
        if start >= len(data):
            return self.send_error(416)
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(data) - start))
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        for at in range(start, len(data), 1000):
            self.wfile.write(data[at : at + 1000])
            time.sleep(0.005)

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            pass  # whoever asked was killed

    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    """What the writers read; see `tests.faults.writers.make_source`."""
    from tests.faults.writers import make_source

    os.environ["NO_PROXY"] = "127.0.0.1"
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True).start()
    folder = tmp_path_factory.mktemp("source")
    make_source(folder, f"http://127.0.0.1:{httpd.server_port}")
    httpd.data = (folder / "a.zip").read_bytes()
    yield folder
    httpd.shutdown()


@pytest.fixture
def tried(request):
    """Note how many cases a test tried."""
    counts = request.node.stash.setdefault(NOTED, {"cases": 0})

    def note(n):
        counts["cases"] += n

    return note


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call" or report.skipped or report.failed:
        report.noted = {
            "heading": item.module.HEADING, "module": item.path.name, "test": item.originalname,
            "what": (item.function.__doc__ or item.originalname.replace("_", " ")).strip().splitlines()[0],
            "cases": item.stash.get(NOTED, {"cases": 1})["cases"], "outcome": report.outcome, "seconds": call.duration,
        }  # fmt: skip
    return report


def pytest_terminal_summary(terminalreporter):
    """Write the account where GENRELIB_FAULTS names a file: rows of the modules that ran replace those of before."""
    target = os.environ.get("GENRELIB_FAULTS")
    notes = [one.noted for group in terminalreporter.stats.values() for one in group if hasattr(one, "noted")]
    if not target or not notes:
        return
    from genrelib._base.provenance import commit, machine, versions

    target, ran = Path(target), {note["module"] for note in notes}
    kept = json.loads(target.read_text())["rows"] if target.is_file() else []
    rows = [row for row in kept if row["module"] not in ran] + _rows(notes)
    about = {"when": time.strftime("%Y-%m-%d"), "cases_each": CASES, "kills_each": KILLS, "versions": versions()}
    content = {**about, "machine": machine(), "commit": commit(), "rows": sorted(rows, key=lambda row: row["module"])}
    with file_when_whole(target) as temporary:
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _rows(notes):
    """Put the variants of one test into one row."""
    rows = {}
    for note in notes:
        key = note["module"], note["test"]
        empty = {"cases": 0, "passed": 0, "failed": 0, "skipped": 0, "seconds": 0.0}
        row = rows.setdefault(key, {name: note[name] for name in ("heading", "module", "test", "what")} | empty)
        row["cases"] += note["cases"]
        row[note["outcome"]] += 1
        row["seconds"] = round(row["seconds"] + note["seconds"], 1)
    return list(rows.values())
