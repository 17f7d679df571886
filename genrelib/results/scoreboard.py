"""Set every claim of the reports beside what was measured, and say in words how they compare.

The verdict compares a claim with our figure under the report's own split. A claim lies within, above or below OUR
interval. Figures of the demo are never evidence, and those of a reader's own network are no figure of the report's.
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from genrelib._base.errors import ResultError
from genrelib.results.claims import claimed_in_words, read_claims
from genrelib.results.records import read_records, write_when_whole
from genrelib.splits import LEAK_FREE

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = [
    "claim_id", "report", "system", "claimed", "measured", "ci95", "collection", "split", "leak_free", "verdict",
    "note",
]  # fmt: skip
HOLDS = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
DEMO = "demo: not evidence"
OWN_NETWORK = "your network"
FIGURE = rf"^(?:{'|'.join(LEAK_FREE)}) "  # "artist 0.31", where a reason is "artist: …"
MISSED = "above our|below our|does not hold|contradicts|[012] of 3 seeds|0 of 1 seeds"


def scoreboard(folders: Mapping[str, Path]) -> pd.DataFrame:
    """Compare every claim with the records of each run.

    Parameters
    ----------
    folders : dict
        Name of a collection → folder of its run; the smallest collection first.

    Returns
    -------
    pd.DataFrame
        A row a claim and collection, all cells text: claim_id, report, system, claimed (metric, operator, figure),
        measured (mean ± sd over seeds), ci95, collection, split, leak_free (the same system by artist or
        fault_filtered, or why there is no such figure), verdict, note.

    Raises
    ------
    ResultError
        A folder is missing, a record is not well formed or says another collection than its folder.
    """
    claims, rows = read_claims(), []
    for collection, folder in folders.items():
        records = read_records(folder)
        strangers = {name: one["collection"] for name, one in records.items() if one["collection"] != collection}
        if strangers:
            raise ResultError(f"{folder} is a run on {collection}; these records are of other collections: {strangers}")
        rows += [_row(claim, collection, records.get(claim.name)) for _, claim in claims.iterrows()]
    return pd.DataFrame(rows, columns=COLUMNS)


def verdict(record: dict) -> str:
    """Say in words how a claim compares with what was measured.

    Parameters
    ----------
    record : dict
        As `genrelib.results.records.read_records` gives it.

    Returns
    -------
    str
    """
    claimed, values, mean, interval = record["claimed"], record["values"], record["mean"], record["ci95"]
    if record["is_demo"]:
        return DEMO
    if record.get("own_network"):
        return f"{OWN_NETWORK}, not the report's"
    if any(isinstance(value, str) for value in values):
        return _named(str(claimed), values)
    if isinstance(claimed, str):
        return f"no figure claimed, but in words: {claimed}"
    if mean is None:
        return "not comparable: a seed has no figure"
    if record["operator"] != "=":
        return _inequality(HOLDS[record["operator"]], claimed, values, mean, interval)
    if interval is None:
        side = "equal to" if claimed == mean else "above" if claimed > mean else "below"
        return f"claim {side} our mean (no interval)"
    low, high = interval
    if low <= claimed <= high:
        return "within the interval"
    return f"claim {'above' if claimed > high else 'below'} our interval"


def missed(board: pd.DataFrame) -> list[str]:
    """List the claims that were measured and did not come out, each with the likely reason out of claims.csv.

    Parameters
    ----------
    board : pd.DataFrame
        Of `scoreboard`.

    Returns
    -------
    list of str
        A line of Markdown a claim.
    """
    reasons, lines = read_claims()["reason"], []
    for row in board[(board["measured"] != "") & board["verdict"].str.contains(MISSED)].itertuples():
        lines.append(
            f"- `{row.claim_id}`: claimed {row.claimed}, measured {row.measured} {row.ci95}: {row.verdict}. "
            f"Most likely: {reasons[row.claim_id] or 'not looked into yet'}."
        )
    return lines


def to_markdown(frame: pd.DataFrame) -> str:
    """Write a table as GitHub shows it.

    Parameters
    ----------
    frame : pd.DataFrame
        Cells are text.

    Returns
    -------
    str
    """
    rows = [list(frame.columns), ["---"] * len(frame.columns), *frame.to_numpy().tolist()]
    return "".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |\n" for row in rows)


def write_scoreboard(folder: Path, frame: pd.DataFrame) -> tuple[Path, Path]:
    """Write ``scoreboard.csv`` and ``scoreboard.md``, each in place only when whole.

    Parameters
    ----------
    folder : str or Path
    frame : pd.DataFrame
        As `scoreboard` gives it.

    Returns
    -------
    (Path, Path)
    """
    table, page = Path(folder) / "scoreboard.csv", Path(folder) / "scoreboard.md"
    write_when_whole(table, frame.to_csv(index=False, lineterminator="\n"))
    write_when_whole(page, "# Scoreboard\n\n" + to_markdown(frame))
    return table, page


def _row(claim, collection, record):
    contradiction = claim["contradiction"]
    row = dict.fromkeys(COLUMNS, "")
    row |= {"claim_id": claim.name, "report": claim["report"], "system": claim["system"], "collection": collection}
    row |= {"claimed": claimed_in_words(claim), "split": claim["split_unit"]}
    row["verdict"] = f"not measured: {_why_not_measured(claim, collection)}"
    if claim["report_collection"] != "GTZAN":
        row["note"] = f"report used other data: {claim['report_collection']}"
    if record and "not_measured" in record:
        row["verdict"], strict = f"not measured: {record['not_measured']}", _leak_free(record)
        row["leak_free"] = strict if re.match(FIGURE, strict) else ""
    elif record:
        row |= {"measured": _figure(record), "ci95": _interval(record), "leak_free": _leak_free(record)}
        row["verdict"] = verdict(record)
        row["system"] = OWN_NETWORK if record.get("own_network") else row["system"]
    if contradiction and row["verdict"] != DEMO and row["system"] != OWN_NETWORK:
        row["verdict"] = f"contradicts itself: {contradiction}"
    return row


def _why_not_measured(claim, collection):
    data = claim["report_collection"]
    # GTZAN has neither the genres of FMA nor the artists of artist20; Toronto's own songs had GTZAN's genres
    return f"no audio of {data}" if "GTZAN" not in data and collection.startswith("gtzan") else "no record yet"


def _figure(measured):
    values = measured["values"]
    if measured["mean"] is None:
        counts = Counter("none" if value is None else str(value) for value in values)
        return ", ".join(f"{value} {count}×" for value, count in counts.most_common())
    return f"{measured['mean']:.3f}" + ("" if measured["sd"] is None else f" ± {measured['sd']:.3f}")


def _interval(measured):
    return "" if measured["ci95"] is None else "({:.3f} to {:.3f})".format(*measured["ci95"])


def _leak_free(record):
    others = {record["split_unit"]: record, **record["other_protocols"]}
    figures = {unit: one for unit, one in others.items() if unit in LEAK_FREE}
    known = [f"{unit} {_figure(one)} {_interval(one)}".strip() for unit, one in figures.items() if one.get("values")]
    return "; ".join(known or [f"{unit}: {one['not_measured']}" for unit, one in figures.items()]) or "none recorded"


def _named(claimed, values):
    """Count the seeds that found what is claimed; of a list, such as "jazz; metal", those that found each of it."""
    wanted, *found = ([name.strip().lower() for name in str(one).split(";")] for one in (claimed, *values))
    counts = {name: sum(name in names for names in found) for name in wanted}
    if len(wanted) == 1:
        return f"same genre in {counts[wanted[0]]} of {len(values)} seeds"
    return ", ".join(f"{name} in {count}" for name, count in counts.items()) + f" of {len(values)} seeds"


def _inequality(holds, claimed, values, mean, interval):
    agree = sum(holds(value, claimed) == holds(mean, claimed) for value in values)
    doubts = [f"in {agree} of {len(values)} seeds"] if agree < len(values) else []
    if interval is not None and interval[0] <= claimed <= interval[1]:
        doubts.append(f"{claimed:g} is within our interval")
    return ("holds" if holds(mean, claimed) else "does not hold") + (f" ({'; '.join(doubts)})" if doubts else "")
