"""Put what the full form of these tests found into a README: ``python -m tests.faults.report [README.md]``."""

import json
import sys
from pathlib import Path

from genrelib.results.scoreboard import replace_section, to_markdown
from genrelib._base.paths import RESULTS

FILE, SECTION = "faults.json", "faults"  # stands in README between <!-- faults --> and <!-- /faults -->
OTHERS = {"tests_oldest.json": "test-oldest", "tests_colab.json": "test-colab"}
PACKAGES = ("python", "tensorflow", "keras", "numpy", "librosa", "scikit-learn")
ORDER = ("Crash safety", "Network", "Hostile archives and files", "Exact repeats", "Contracts of data",
         "Minimum and newest versions", "Interrupted reproduce")  # fmt: skip


def section(path=RESULTS / FILE):
    """Write the table: a row a test, how many cases, how it ended; beneath, the tests on other versions."""
    import pandas as pd

    content = json.loads(Path(path).read_text(encoding="utf-8"))
    rows = sorted(content["rows"], key=lambda row: ORDER.index(row["heading"]))
    table = pd.DataFrame([
        {"": row["heading"], "tried": row["what"], "cases": f"{row['cases']:,}", "outcome": _outcome(row)}
        for row in rows if row["passed"] + row["failed"]
    ])  # fmt: skip
    full = (
        f"The full form, {content['when']}, on {_on(content)}: {content['cases_each']:,} cases of fuzzing and "
        f"{content['kills_each']} kills of each writer."
    )
    told = [_told(path.parent / name, target) for name, target in OTHERS.items() if (path.parent / name).is_file()]
    return to_markdown(table) + "".join(f"\n{line}\n" for line in (full, *told))


def _told(path, target):
    one = json.loads(path.read_text(encoding="utf-8"))
    passed, failed, errors, skipped = (
        sum(counts[kind] for counts in one["files"].values()) for kind in ("passed", "failed", "error", "skipped")
    )
    counts = f"{passed:,} tests passed, {failed + errors} failed, {skipped} skipped"
    return f"`make {target}`, {one['when']}, on {_on(one)}: {counts}."


def _on(content):
    return ", ".join(f"{name} {content['versions'][name]}" for name in PACKAGES)


def _outcome(row):
    outcome = "held" if not row["failed"] else f"{row['failed']} of {row['passed'] + row['failed']} failed"
    return outcome + (f", {row['skipped']} skipped" if row["skipped"] else "")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        replace_section(sys.argv[1], SECTION, section())
    else:
        print(section())
