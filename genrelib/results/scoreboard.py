"""Set every claim of the reports beside what was measured, and say in words how they compare.

The verdict compares a claim with our figure under the report's own split; what the same system does by track and by
artist stands beside it, always on test parts. Figures of the demo are never evidence, and those of a reader's own
network are no figure of the report's.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from genrelib._base.errors import ResultError
from genrelib._base.paths import RESULTS
from genrelib.results.claims import claimed_in_words, read_claims
from genrelib.results.records import read_records, write_when_whole
from genrelib.results.verdicts import OWN_NETWORK, legend, verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = [
    "claim_id", "report", "system", "claimed", "claimed_on", "measured", "ci95", "counted_from", "collection", "split",
    "by_track", "by_artist", "all_1000_tracks", "verdict", "note",
]  # fmt: skip
FIGURE = r"^-?\d"  # a cell that begins so has a figure, where a reason begins with a word
MISSED = ("higher here", "lower here")
TABLE = RESULTS / "gtzan_features_30s" / "results" / "table.json"  # by the public table of all 1000 tracks
TABLE_SPLITS = {"slice": "random tracks", "track": "random tracks", "artist": "by artist (leak-free)",
                "fault_filtered": "fault-filtered (leak-free)"}  # fmt: skip
ABSENT, UNMEASURED = "not measured yet", "not measured: "


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
        claimed_on (tracks, where known), measured (mean ± sd), ci95, counted_from (tracks and artists), collection,
        split (the report's own), by_track, by_artist (the same system, test part, or why there is no figure),
        all_1000_tracks (the same system on the public table of the whole of GTZAN), verdict, note.

    Raises
    ------
    ResultError
        A folder is missing, a record is not well formed or says another collection than its folder.

    Examples
    --------
    >>> import genrelib as gl
    >>> session = gl.open_session("demo", folder="runs/doctest")  # doctest: +ELLIPSIS
    collection: demo ...
    >>> _ = gl.not_measured("stanford-worst-genre", "demo has no Instrumental", session)
    >>> board = gl.scoreboard({"demo": "runs/doctest"}).set_index("claim_id")
    >>> board.loc["stanford-worst-genre", "verdict"]
    'not measured, because demo has no Instrumental'
    """
    claims, rows = read_claims(), []
    for collection, folder in folders.items():
        records = read_records(folder)
        strangers = {name: one["collection"] for name, one in records.items() if one["collection"] != collection}
        if strangers:
            raise ResultError(f"{folder} is a run on {collection}; these records are of other collections: {strangers}")
        rows += [_row(claim, collection, records.get(claim.name)) for _, claim in claims.iterrows()]
    return pd.DataFrame(rows, columns=COLUMNS)


def missed(board: pd.DataFrame) -> list[str]:
    """List the claims of a `scoreboard` that came out higher or lower here, with the likely reason out of claims.csv.

    Lines of Markdown: a verdict, and a line a claim below it.
    """
    reasons, lines = read_claims()["reason"], []
    for word, group in board[board["verdict"].isin(MISSED)].groupby("verdict"):
        lines.append(f"- **{word}**")
        lines += [
            f"  - `{row.claim_id}`: claimed {row.claimed}, measured {row.measured} {row.ci95}. "
            f"Most likely: {reasons[row.claim_id] or 'not looked into yet'}."
            for row in group.itertuples()
        ]
    return lines


def to_markdown(frame: pd.DataFrame) -> str:
    """Write a table as GitHub shows it."""
    rows = [list(frame.columns), ["---"] * len(frame.columns), *frame.to_numpy().tolist()]
    return "".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |\n" for row in rows)


def _readable(board):
    """Put a scoreboard into the columns that a reader looks for, a measured claim a row, without the spread of seeds."""
    several = board["collection"].nunique() > 1
    done = board[(board["measured"] != "") | board["by_artist"].str.contains(FIGURE)]
    rows = [
        {
            "Claim": f"`{row.claim_id}`" + (f", {row.collection}" if several else ""),
            "Reported": row.claimed + (f" (on {row.claimed_on})" if row.claimed_on else ""),
            "The report's own protocol": _listed(f"{row.measured} {row.ci95}".strip(), row.counted_from),
            "By track (test)": _short(row.by_track),
            "By artist (test, leak-free)": _short(row.by_artist),
            "All 1000 tracks, 57 numbers": row.all_1000_tracks.replace("; ", "<br>") or "–",
            "Verdict": row.verdict,
        }
        for row in done.itertuples()
    ]
    return pd.DataFrame(rows).replace(r" ± [\d.]+", "", regex=True)


def _listed(*words):
    return ", ".join(filter(None, words))


def _short(cell):
    return "not measured" if cell.startswith(UNMEASURED) else cell or ABSENT  # `page` lists the reasons


def page(board: pd.DataFrame) -> str:
    """Write a `scoreboard` in Markdown: what was measured, the legend, and what was not, by reason."""
    table, missing = _readable(board), {}
    measured = set(table["Claim"].str.extract("`(.*)`")[0]) if len(table) else ()
    for row in board.itertuples():
        cells = {", by track": row.by_track, ", by artist": row.by_artist}
        reasons = {split: cell.removeprefix(UNMEASURED) for split, cell in cells.items() if cell.startswith(UNMEASURED)}
        if row.claim_id not in measured:
            reasons = {"": row.verdict.removeprefix("not measured, because ")}
        for split, why in reasons.items():
            missing.setdefault(f"- {row.report}{split} ({why}): ", {})[f"`{row.claim_id}`"] = None
    lines = "".join(f"{reason}{', '.join(claims)}\n" for reason, claims in missing.items())
    shown = f"{to_markdown(table)}\n{legend()}\n\n" if len(table) else ""
    return shown + (f"Not measured, because:\n\n{lines}" if lines else "")


def write_scoreboard(folder: Path, board: pd.DataFrame) -> tuple[Path, Path]:
    """Write ``scoreboard.csv`` and ``scoreboard.md`` into a folder, each in place only when whole."""
    table, text = Path(folder) / "scoreboard.csv", Path(folder) / "scoreboard.md"
    write_when_whole(table, board.to_csv(index=False, lineterminator="\n"))
    write_when_whole(text, f"# Scoreboard\n\n{page(board)}")
    return table, text


def _row(claim, collection, record):
    n_tested, data = claim["n_tested"], claim["report_collection"]
    notes = [] if data == "GTZAN" else [f"report used other data: {data}"]
    notes += [f"the report contradicts itself: {claim['contradiction']}"] if claim["contradiction"] else []
    row = dict.fromkeys(COLUMNS, "") | {
        "claim_id": claim.name, "report": claim["report"], "system": claim["system"], "collection": collection,
        "claimed": claimed_in_words(claim), "claimed_on": f"{n_tested} tracks" if n_tested else "",
        "split": claim["split_unit"], "all_1000_tracks": _on_all_tracks(claim), "note": "; ".join(notes),
        "verdict": f"not measured, because {_why_not_measured(data, collection)}",
    }  # fmt: skip
    if not record:
        return row
    row["verdict"] = verdict(record, int(n_tested) if n_tested else None)
    row["system"] = OWN_NETWORK if record.get("own_network") else row["system"]
    if "not_measured" not in record:
        row |= {"measured": _figure(record), "ci95": _interval(record), "counted_from": _counted_from(record)}
    return row | {f"by_{unit}": _under(record, unit) for unit in ("track", "artist")}


def _why_not_measured(data, collection):
    # GTZAN has neither the genres of FMA nor the artists of artist20; Toronto's own songs had GTZAN's genres
    return f"there is no audio of {data}" if "GTZAN" not in data and collection.startswith("gtzan") else "no record yet"


def _figure(measured):
    values = measured["values"]
    if measured["mean"] is None:
        counts = Counter("none" if value is None else str(value) for value in values)
        return ", ".join(f"{value} {count}×" for value, count in counts.most_common())
    return f"{measured['mean']:.3f}" + ("" if measured["sd"] is None else f" ± {measured['sd']:.3f}")


def _interval(measured):
    return "" if measured["ci95"] is None else "({:.3f} to {:.3f})".format(*measured["ci95"])


def _counted_from(measured):
    """Count what the figure was counted from: ``140 tracks of 96 artists``."""
    n_tracks, n_artists = measured["n_tracks_test"], measured.get("n_artists_test")
    part = "validation " if measured.get("evaluated_on") == "validation" else ""
    counted = "" if n_tracks is None else f"{n_tracks} {part}tracks"
    return counted + (f" of {n_artists} artists" if counted and n_artists else "")


def _under(record, unit):
    """Give the figure of a split, always of a test part; why there is none; or nothing where nobody asked."""
    if unit == record["split_unit"] and (record["evaluated_on"] == "validation" or "not_measured" in record):
        return ""  # it stands in the column of the report's own protocol, as does its reason
    part = {record["split_unit"]: record, **record["other_protocols"]}.get(unit)
    if part is None or record["evaluated_on"] in ("train", "both"):
        return ""
    if "not_measured" in part:
        return f"{UNMEASURED}{part['not_measured']}"
    return _listed(f"{_figure(part)} {_interval(part)}".strip(), _counted_from(part))


def _on_all_tracks(claim):
    """Give what the public table of 1000 tracks says of a system, where it can: it has no audio."""
    if claim["metric"] != "accuracy" or not TABLE.is_file():
        return ""
    figures = json.loads(TABLE.read_text(encoding="utf-8"))["figures"]
    own = [each for each in figures if each["system"] == claim["system"] and each.get("values")]
    own = [each for each in own if each.get("metric", "accuracy") == "accuracy"]
    words = [f"{TABLE_SPLITS.get(each['split'], each['split'])} {_figure(each)} {_interval(each)}" for each in own]
    checked = [each["validation"] for each in own if each["split"] == claim["split_unit"] and each.get("validation")]
    if claim["evaluated_on"] == "validation" and checked:
        words.insert(0, f"validation, random tracks {sum(checked[0]) / len(checked[0]):.3f}")
    return "; ".join(words)
