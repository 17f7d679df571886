"""What notebooks show of a run and its records: verdicts, tables, the chart of claims, reasons."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from genrelib._base.errors import ResultError
from genrelib.evaluation.measured import figures_of_runs
from genrelib.results.claims import OPERATORS, claimed_in_words, read_claims
from genrelib.results.records import read_records
from genrelib.results.scoreboard import FIGURE, scoreboard, verdict_in_words
from genrelib.results.verdicts import OWN_NETWORK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from IPython.display import Markdown

    from genrelib.reports.session import Session
    from genrelib.training.runs import Runs


def verdicts(session: Session, report: str) -> Markdown:
    """Show each claim of a report that has a record in this run: claimed, measured, and the verdict.

    Parameters
    ----------
    session : Session
    report : str
        As claims.csv names it.

    Examples
    --------
    >>> import genrelib as gl
    >>> session = gl.open_session("demo", folder="runs/doctest")  # doctest: +ELLIPSIS
    collection: demo (as asked)...
    >>> _ = gl.not_measured("stanford-worst-genre", "demo has no Instrumental", session)
    >>> print(gl.verdicts(session, "stanford").data)
    - `stanford-worst-genre`: claimed worst genre: Instrumental; **not measured, because demo has no Instrumental**
    """
    from IPython.display import Markdown

    board = scoreboard({session.collection.name: session.folder})
    board = board[(board["report"] == report) & board["claim_id"].isin([*read_records(session.folder)])]
    lines = []
    for row in board.itertuples():
        figure = ", ".join(filter(None, [f"{row.measured} {row.ci95}".rstrip(), row.counted_from]))
        measured = f" measured {figure}:" if row.measured else ""
        lines.append(f"- `{row.claim_id}`: claimed {row.claimed};{measured} **{verdict_in_words(row)}**")
    return Markdown("\n".join(lines) or f"No claim of {report} is recorded in this run yet.")


def table(*runs: Runs) -> pd.DataFrame:
    """Put the accuracies of several systems into one frame: a `genrelib.training.runs.Runs.table` below the other.

    Parameters
    ----------
    *runs : Runs
        Of `genrelib.run_protocols`.

    Examples
    --------
    >>> import genrelib as gl
    >>> slices = gl.cut_slices(gl.load_collection("demo"), seconds=0.5, sample_rate=8000)
    >>> runs = gl.run_protocols(gl.models.raw_cnn1d, slices, ("track",), (0,), fit={"epochs": 1})  # doctest: +ELLIPSIS
    raw_cnn1d by track, seed 0: test accuracy ...
    >>> gl.table(runs).index.to_list()
    [('raw_cnn1d', 'track')]
    """
    return pd.concat([each.table() for each in runs], keys=[each.system for each in runs], names=["system"])


def headlines(claim_ids: Sequence[str], board: pd.DataFrame) -> list[str]:
    """Put claims beside the figures of a `genrelib.scoreboard`, in Markdown, a line each; by artist where known."""
    claims, lines = read_claims(), []
    for claim_id in claim_ids:
        claim = claims.loc[claim_id]
        figures = [
            f"{row.collection} {row.measured} {row.ci95}".strip()
            + (f", by artist: {row.by_artist}" if re.match(FIGURE, row.by_artist) else "")
            for row in board[board["claim_id"] == claim_id].itertuples()
            if row.measured or re.match(FIGURE, row.by_artist)
        ]
        words = " · ".join(figures) or "no figure is committed yet"
        words = "below, since times are of the machine" if claim["task"] == "speed" else words
        lines.append(f"- **{claim['system']}**, claimed: {claimed_in_words(claim)}. Measured: {words}")
    return lines


def dumbbell_rows(folder: Path, claim_ids: Sequence[str] = ()) -> list[dict]:
    """Prepare records of a run for `genrelib.figures.dumbbell`: a row a claim that is an accuracy.

    All that are recorded, unless some are named. A row has label, claimed, operator, and measured: a list of name (the
    split's unit), mean, low, high, leak_free, part (validation or train, where the figure is not of a test part); the
    report's own split first.
    """
    records, shown = read_records(folder), []
    for claim_id in claim_ids or read_claims().index.intersection([*records]):
        record = _known(records, claim_id, folder)
        measured = [_bar(unit, part) for unit, part in _by_split(record).items() if part.get("mean") is not None]
        if record["metric"] in ("accuracy", "weighted_f1") and measured:
            shown.append((record, measured))
    others = [record for record, _ in shown]
    return [
        {"label": _label(record, others), **{name: record[name] for name in ("claimed", "operator")}, "measured": bars}
        for record, bars in shown
    ]


def _label(record, shown):
    """Name a system, and whatever tells its claims apart: what is named, which part, split, level, else the claim."""
    tasks, system = read_claims()["task"], OWN_NETWORK if record.get("own_network") else record["system"]
    ways = [
        (tasks.get(one["claim_id"], ""), one["evaluated_on"].replace("_", " "), f"by {one['split_unit']}", one["level"])
        for one in [record, *(other for other in shown if other["system"] == record["system"])]
    ]
    apart = [own for own, *others in zip(*ways, strict=True) if set(others) != {own}]
    if ways.count(ways[0]) > 2:  # it is among the others, too
        apart.append(f"claimed {OPERATORS[record['operator']]}{record['claimed']:g}")
    return system + ("\n" + ", ".join(apart) if apart else "")


def runs_row(label: str, runs: Runs, level: str = "slice") -> dict:
    """Prepare the test figures of runs as a further row of `genrelib.figures.dumbbell`, beside `dumbbell_rows`."""
    bars = []
    for unit, several in runs.items():
        figures = figures_of_runs(several, runs.collection, level, "accuracy")
        low, high = figures.ci95 or (np.nan, np.nan)
        bar = {"name": unit, "mean": np.mean(figures.values), "low": low, "high": high}
        bars.append(
            {**bar, "leak_free": several[0].fold.leak_free, "part": "validation" if several[0].tested else None}
        )
    return {"label": label, "claimed": None, "measured": bars}


def readings(by_label: Mapping[str, Runs]) -> pd.DataFrame:
    """Prepare how much hangs on what a report leaves open, for `genrelib.figures.sensitivity_bars`.

    What was read how → its runs, each looked at under its own first split, a slice at a time. A row a reading: label,
    mean, low, high.
    """
    bars = {label: runs_row(label, runs)["measured"][0] for label, runs in by_label.items()}
    return pd.DataFrame([{"label": label, **bar} for label, bar in bars.items()])[["label", "mean", "low", "high"]]


def why_not(session: Session, claim_ids: Sequence[str] = ()) -> pd.DataFrame:
    """Collect the reasons why splits were not measured.

    Parameters
    ----------
    session : Session
    claim_ids : sequence of str
        All that are recorded unless given.

    Returns
    -------
    pd.DataFrame
        claim_id, split, reason.

    Examples
    --------
    >>> import genrelib as gl
    >>> session = gl.open_session("demo", folder="runs/doctest")  # doctest: +ELLIPSIS
    collection: demo (as asked)...
    >>> _ = gl.not_measured("stanford-worst-genre", "demo has no Instrumental", session)
    >>> gl.why_not(session, ["stanford-worst-genre"])["reason"].to_list()
    ['demo has no Instrumental']
    """
    records = read_records(session.folder)
    rows = [
        (claim_id, unit, figures["not_measured"])
        for claim_id in claim_ids or records
        for unit, figures in _by_split(_known(records, claim_id, session.folder)).items()
        if "not_measured" in figures
    ]
    return pd.DataFrame(rows, columns=["claim_id", "split", "reason"])


def _by_split(record):
    return {record["split_unit"]: record, **record["other_protocols"]}


def _known(records, claim_id, folder):
    if claim_id not in records:
        raise ResultError(
            f"{folder}: {claim_id} has no record in this run; record it first: gl.record({claim_id!r}, …)"
        )
    return records[claim_id]


def _bar(unit, figures):
    low, high = figures["ci95"] or (figures["mean"], figures["mean"])
    part = figures.get("evaluated_on")  # of the claim's own split; the others are of test parts
    bar = {"name": unit, "mean": figures["mean"], "low": low, "high": high, "leak_free": figures["leak_free"]}
    return bar | {"part": part if part in ("validation", "train") else None}
