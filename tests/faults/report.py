"""Put what the full form of these tests found into a README: ``python -m tests.faults.report [README.md]``."""

import json
import sys
from pathlib import Path

from genrelib.board import replace_section, to_markdown
from genrelib.places import RESULTS

FILE, SECTION = "faults.json", "faults"  # stands in README between <!-- faults --> and <!-- /faults -->
ORDER = ("Crash safety", "Network", "Hostile archives and files", "Exact repeats", "Contracts of data",
         "Minimum and newest versions", "Interrupted reproduce")  # fmt: skip


def section(path=RESULTS / FILE):
    """Write the table: a row a test, how many cases, how it ended."""
    import pandas as pd

    content = json.loads(Path(path).read_text(encoding="utf-8"))
    rows = sorted(content["rows"], key=lambda row: ORDER.index(row["heading"]))
    table = pd.DataFrame([
        {"": row["heading"], "tried": row["what"], "cases": f"{row['cases']:,}", "outcome": _outcome(row)}
        for row in rows if row["passed"] + row["failed"]
    ])  # fmt: skip
    versions = content["versions"]
    about = ", ".join(f"{name} {versions[name]}" for name in ("python", "tensorflow", "keras", "numpy"))
    return (
        f"{to_markdown(table)}\nThe full form, {content['when']}, on {about}: {content['cases_each']:,} cases of "
        f"fuzzing and {content['kills_each']} kills of each writer.\n"
    )


def _outcome(row):
    outcome = "held" if not row["failed"] else f"{row['failed']} of {row['passed'] + row['failed']} failed"
    return outcome + (f", {row['skipped']} skipped" if row["skipped"] else "")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        replace_section(sys.argv[1], SECTION, section())
    else:
        print(section())
