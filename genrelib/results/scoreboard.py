"""Set every claim of the reports beside what was measured, and say in words how they compare.

The verdict compares a claim with our figure under the report's own split. A claim lies within, above or below OUR
interval. Figures of the demo are never evidence.
"""

import re
from collections import Counter
from pathlib import Path

import pandas as pd

from genrelib._base.errors import ResultError
from genrelib.results.records import read_claims, read_records
from genrelib.results.recording import write_when_whole
from genrelib.splits import LEAK_FREE
from genrelib.results.verdicts import DEMO, claimed_in_words, verdict

COLUMNS = [
    "claim_id", "report", "system", "claimed", "measured", "ci95", "collection", "split", "leak_free", "verdict",
    "note",
]  # fmt: skip
# its two figures exclude each other, whatever is measured here
CONTRADICTIONS = {"toronto-mlp-new-recall": "with 100 tests a genre macro recall is accuracy, which it gives as 0.8023"}
FIGURE = rf"^(?:{'|'.join(LEAK_FREE)}) "  # "artist 0.31", where a reason is "artist: …"
SECTION = "scoreboard"  # stands in README between <!-- scoreboard --> and <!-- /scoreboard -->


def scoreboard(folders):
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


def to_markdown(frame):
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


def write_scoreboard(folder, frame):
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


def readme_section(frame):
    """Write the scoreboard for a README: a table of the claims that were measured, then a list of the others.

    Parameters
    ----------
    frame : pd.DataFrame
        As `scoreboard` gives it.

    Returns
    -------
    str
        Markdown. The leak-free column is that of the last collection that has such a figure.
    """
    done = frame[frame["measured"] != ""]
    header, leak_free = _leak_free_column(frame[(frame["measured"] != "") | frame["leak_free"].str.contains(FIGURE)])
    rows = []
    for claim_id, group in done.groupby("claim_id", sort=False):
        row = {"Claim": f"`{claim_id}`", "Reported": group["claimed"].iloc[0]}
        for name in frame["collection"].unique():
            cells = group[group["collection"] == name].itertuples()
            row[DEMO if name == "demo" else name] = "".join(f"{one.measured} {one.ci95}".strip() for one in cells)
        row[header] = leak_free.get(claim_id, "")
        rows.append({**row, "Verdict": _said_once(group)})
    table = to_markdown(pd.DataFrame(rows)) + "\n" if rows else ""
    return table + _not_measured_list(frame[~frame["claim_id"].isin(done["claim_id"])])


def update_readme(readme_path, frame):
    """Put the scoreboard between the two markers of a README.

    Parameters
    ----------
    readme_path : str or Path
    frame : pd.DataFrame
        As `scoreboard` gives it.

    Raises
    ------
    ResultError
        The markers are absent, or not one each and in order.
    """
    replace_section(readme_path, SECTION, readme_section(frame))


def readme_is_current(readme_path, frame):
    """Tell whether a README shows this scoreboard.

    Parameters
    ----------
    readme_path : str or Path
    frame : pd.DataFrame

    Returns
    -------
    bool
        The markers must be there, as for `update_readme`.
    """
    return read_section(readme_path, SECTION) == readme_section(frame)


def replace_section(readme_path, name, text):
    """Put text between the markers ``<!-- name -->`` and ``<!-- /name -->`` of a README; see `update_readme`."""
    start, end, (before, _, after) = *_markers(name), _cut(readme_path, name)
    write_when_whole(Path(readme_path), f"{before}{start}\n{text}{end}{after}")


def read_section(readme_path, name):
    """Give what stands between two markers of a README; see `replace_section`."""
    return _cut(readme_path, name)[1].removeprefix("\n")


def _markers(name):
    return f"<!-- {name} -->", f"<!-- /{name} -->"


def _cut(readme_path, name):
    text, (start, end) = Path(readme_path).read_text(encoding="utf-8"), _markers(name)
    if text.count(start) != 1 or text.count(end) != 1 or text.index(start) > text.index(end):
        raise ResultError(f"{readme_path}: the {name} goes between one {start} and one {end} after it; put them in")
    before, rest = text.split(start)
    return before, *rest.split(end)


def _row(claim, collection, record):
    contradiction = CONTRADICTIONS.get(claim.name)
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
    if contradiction and row["verdict"] != DEMO:
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


def _leak_free_column(done):
    """Give the header, and claim → cell, from the last collection that has a leak-free figure."""
    real = done[done["leak_free"].str.contains(FIGURE) & (done["verdict"] != DEMO)]
    if real.empty:
        cells = done.set_index("claim_id")["leak_free"]
        return "leak-free", cells.where(cells.str.contains(FIGURE), "not measured").to_dict()
    collection = real["collection"].iloc[-1]
    cells = done[done["collection"] == collection].set_index("claim_id")["leak_free"]
    words = {part.split()[0] for cell in cells[cells.str.contains(FIGURE)] for part in cell.split("; ")}
    units = words & set(LEAK_FREE)  # a list of genres has semicolons, too
    cells = cells.where(cells.str.contains(FIGURE), "not measured")  # why: in the scoreboard of the collection
    if len(units) > 1:
        return f"leak-free ({collection})", cells.to_dict()
    unit = units.pop()
    return f"leak-free ({collection}, {unit})", cells.str.removeprefix(f"{unit} ").to_dict()


def _said_once(group):
    if group["verdict"].nunique() == 1:
        return group["verdict"].iloc[0]
    return "; ".join(f"{one.collection}: {one.verdict}" for one in group.itertuples())


def _not_measured_list(frame):
    lines = []
    for report, group in frame.groupby("report", sort=False):
        why = group["verdict"].str.removeprefix("not measured: ").groupby(group["claim_id"], sort=False)
        reasons = why.agg(lambda said: "; ".join(dict.fromkeys(said)))
        for reason, claims in reasons.groupby(reasons, sort=False):
            names = ", ".join(f"`{name}`" for name in claims.index)
            lines.append(f"- {report} ({reason}): {names}\n")
    return "Not measured:\n\n" + "".join(lines) if lines else ""
