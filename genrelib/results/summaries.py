"""Say in a line, or prepare for a chart, what records hold: claimed, measured, and what a stricter split leaves."""

import re

import pandas as pd

from genrelib.results.scoreboard import FIGURE, scoreboard
from genrelib.results.records import read_claims, read_records
from genrelib.results.verdicts import claimed_in_words


def headlines(claim_ids, folders):
    """Put claims beside the figures of several runs, in Markdown, a line each; leak-free where there is such a figure.

    Parameters
    ----------
    claim_ids : sequence of str
    folders : dict of str to Path
        As `genrelib.results.scoreboard.scoreboard` takes them.

    Returns
    -------
    list of str
    """
    table = scoreboard(folders) if folders else pd.DataFrame(columns=["claim_id", "measured"])
    claims, lines = read_claims(), []
    for claim_id in claim_ids:
        claim = claims.loc[claim_id]
        found = [
            f"{row.collection} {row.measured} {row.ci95}".strip()
            + (f", leak-free: {row.leak_free}" if re.match(FIGURE, row.leak_free) else "")
            for row in table[table["claim_id"] == claim_id].itertuples()
            if row.measured or re.match(FIGURE, row.leak_free)
        ]
        words = " · ".join(found) or "no figure is committed yet"
        lines.append(f"- **{claim['system']}**, claimed: {claimed_in_words(claim)}. Measured: {words}")
    return lines


def dumbbell_rows(folder, claim_ids=None):
    """Prepare records for `genrelib.figures.curves.dumbbell`: a row a claim that is an accuracy.

    Parameters
    ----------
    folder : str or Path
        Of the run.
    claim_ids : sequence of str, optional
        All that are recorded, unless given.

    Returns
    -------
    list of dict
        label, claimed, operator, and measured: a list of name (the split's unit), mean, low, high, leak_free; the
        report's own split first.
    """
    records, rows = read_records(folder), []
    for claim_id in claim_ids or records:
        record = records[claim_id]
        splits = {record["split_unit"]: record, **record["other_protocols"]}
        measured = [_bar(unit, one) for unit, one in splits.items() if one.get("mean") is not None]
        if record["metric"] not in ("accuracy", "weighted_f1") or not measured:
            continue
        claim = {"claimed": record["claimed"], "operator": record["operator"]}
        new = ",\nnew songs" if record["evaluated_on"] == "new_songs" else ""
        rows.append({"label": record["system"] + new, **claim, "measured": measured})
    return rows


def why_not(folder, claim_ids=None):
    """Collect the reasons why splits were not measured.

    Returns
    -------
    pd.DataFrame
        claim_id, split, reason.
    """
    records = read_records(folder)
    splits = {
        claim_id: {records[claim_id]["split_unit"]: records[claim_id], **records[claim_id]["other_protocols"]}
        for claim_id in claim_ids or records
    }
    found = [
        (claim_id, unit, one["not_measured"])
        for claim_id, by_unit in splits.items()
        for unit, one in by_unit.items()
        if "not_measured" in one
    ]
    return pd.DataFrame(found, columns=["claim_id", "split", "reason"])


def _bar(unit, one):
    low, high = one["ci95"] or (one["mean"], one["mean"])
    return {"name": unit, "mean": one["mean"], "low": low, "high": high, "leak_free": one["leak_free"]}
