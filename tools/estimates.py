"""What the trainings on all of GTZAN would take, estimated from those on gtzan_160."""

from __future__ import annotations

import statistics

import pandas as pd

from genrelib._base.paths import RESULTS
from genrelib.results.claims import headline_claims
from genrelib.results.records import read_records
from genrelib.results.scoreboard import to_markdown

MEASURED, WHOLE = 160, 1000  # tracks; an epoch takes as many times longer as there are slices


def table() -> str:
    """Write a row a network: an epoch as measured and as estimated, and the hours of all trainings at most."""
    records, rows = read_records(RESULTS / "gtzan_160"), []
    for claim in headline_claims().values():
        record = records.get(claim)
        if record is None or not record["epochs_run"]:
            continue
        epoch = statistics.median(
            seconds / n for seconds, n in zip(record["seconds"], record["epochs_run"], strict=True)
        )
        others = record["other_protocols"]
        n_trainings = len(record["values"]) + sum(len(one["values"]) for one in others.values() if "values" in one)
        n_trainings += 3 if "fault_filtered" in others else 0  # seeds; gtzan_160 has no such lists
        whole, epochs = epoch * WHOLE / MEASURED, record["options"]["epochs"]
        hours = n_trainings * epochs * whole / 3600
        rows.append(
            {"network": f"`{record['system']}`", "an epoch on gtzan_160": f"{epoch:.1f} s",
             "on gtzan": f"{whole:.0f} s", "epochs at most": epochs, "trainings": n_trainings,
             "hours at most": f"{hours:.1f}"}
        )  # fmt: skip
    return to_markdown(pd.DataFrame(rows))
