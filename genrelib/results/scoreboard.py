"""Set every claim of the reports beside what was measured, and say in words how they compare.

The verdict compares a claim with our figure under the report's own split; what the same system does by track and by
artist stands beside it, always on test parts. Figures of the demo are never evidence, and those of a reader's own
network are no figure of the report's.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
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
JOINT = " · "  # between the figures of a cell
UNMEASURED, UNRECORDED = "not measured: ", "no record yet"
CONTRADICTED = "the report contradicts itself: "


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
        all_1000_tracks (the same system, or song, on the public table of the whole of GTZAN), verdict, note.

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


def missed(board: pd.DataFrame) -> pd.DataFrame:
    """List the claims of a `scoreboard` that came out higher or lower here, with the likely reason out of claims.csv.

    A row a claim, by verdict: verdict, claim, claimed, measured, most likely.
    """
    rows = board[board["verdict"].isin(MISSED)].sort_values("verdict", kind="stable")
    reasons = read_claims()["reason"].replace("", "not looked into yet")
    columns = {
        "verdict": rows["verdict"], "claim": rows["claim_id"], "claimed": rows["claimed"],
        "measured": (rows["measured"] + " " + rows["ci95"]).str.strip(), "most likely": rows["claim_id"].map(reasons),
    }  # fmt: skip
    return pd.DataFrame(columns).reset_index(drop=True)


def verdict_in_words(row: Any) -> str:
    """Give the verdict of a row of a `scoreboard`, and where the report contradicts itself, what it says."""
    _, sign, why = row.note.partition(CONTRADICTED)
    return f"{row.verdict}; {sign}{why}" if sign else row.verdict


def to_markdown(frame: pd.DataFrame) -> str:
    """Write a table as GitHub shows it."""
    rows = [list(frame.columns), ["---"] * len(frame.columns), *frame.to_numpy().tolist()]
    return "".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |\n" for row in rows)


def _readable(board):
    """Put a scoreboard into the columns that a reader looks for, without spreads: a row a claim with any figure."""
    several = board["collection"].nunique() > 1
    on_the_table = (board["all_1000_tracks"] != "") & ~board["verdict"].str.endswith(UNRECORDED)
    done = board[(board["measured"] != "") | board["by_artist"].str.contains(FIGURE) | on_the_table]
    rows = [
        {
            "Claim": f"`{row.claim_id}`" + (f", {row.collection}" if several else ""),
            "Reported": row.claimed + (f" (on {row.claimed_on})" if row.claimed_on else ""),
            "The report's own protocol": _listed(f"{row.measured} {row.ci95}".strip(), row.counted_from)
            or "not measured",
            "By track (test)": _short(row.by_track),
            "By artist (test, leak-free)": _short(row.by_artist),
            "All 1000 tracks, 57 numbers": row.all_1000_tracks.replace(JOINT, "<br>") or "–",
            "Verdict": verdict_in_words(row),
        }
        for row in done.itertuples()
    ]
    return pd.DataFrame(rows).replace(r" ± [\d.]+", "", regex=True)


def _listed(*words):
    return ", ".join(filter(None, words))


def _short(cell):
    return "not measured" if cell.startswith(UNMEASURED) else cell or "–"  # `page` lists the reasons


def page(board: pd.DataFrame) -> str:
    """Write a `scoreboard` in Markdown: what was measured, the legend, and what was not, by reason."""
    table, missing = _readable(board), {}
    measured = set(table["Claim"].str.extract("`(.*)`")[0]) if len(table) else ()
    for row in board.itertuples():
        reasons = {}
        for unit, cell in {"track": row.by_track, "artist": row.by_artist}.items():
            if cell.startswith(UNMEASURED):
                reasons.setdefault(cell.removeprefix(UNMEASURED), []).append(f"by {unit}")
        if row.claim_id not in measured:
            reasons = {row.verdict.removeprefix("not measured, because "): []}
        for why, splits in reasons.items():
            about = _listed(row.report, " and ".join(splits))
            missing.setdefault(f"- {about} ({why}): ", {})[f"`{row.claim_id}`"] = None
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
    on_table, word = _on_all_tracks(claim)
    notes = [] if data == "GTZAN" else [f"report used other data: {data}"]
    notes += [CONTRADICTED + claim["contradiction"]] if claim["contradiction"] else []
    row = dict.fromkeys(COLUMNS, "") | {
        "claim_id": claim.name, "report": claim["report"], "system": claim["system"], "collection": collection,
        "claimed": claimed_in_words(claim), "claimed_on": n_tested and f"{n_tested} track" + "s" * (n_tested != "1"),
        "split": claim["split_unit"], "all_1000_tracks": on_table, "note": "; ".join(notes),
        "verdict": f"not measured, because {_why_not_measured(data, collection)}",
    }  # fmt: skip
    if not record:
        return row
    row["verdict"] = verdict(record, int(n_tested) if n_tested else None)
    if "not_measured" in record and word:  # the song is in the table, if not in the collection
        row["verdict"] = word
    row["system"] = OWN_NETWORK if record.get("own_network") else row["system"]
    if "not_measured" not in record:
        row |= {"measured": _figure(record), "ci95": _interval(record), "counted_from": _counted_from(record)}
    return row | {f"by_{unit}": _under(record, unit) for unit in ("track", "artist")}


def _why_not_measured(data, collection):
    # GTZAN has neither the genres of FMA nor the artists of artist20; Toronto's own songs had GTZAN's genres
    return f"there is no audio of {data}" if "GTZAN" not in data and collection.startswith("gtzan") else UNRECORDED


def _figure(measured):
    values = measured["values"]
    if measured["mean"] is None:
        counts = Counter("none" if value is None else str(value) for value in values)
        return ", ".join(f"{value} {count}×" for value, count in counts.most_common())
    return f"{measured['mean']:.3f}" + ("" if measured["sd"] is None else f" ± {measured['sd']:.3f}")


def _interval(measured):
    return "" if measured["ci95"] is None else "({:.3f} to {:.3f})".format(*measured["ci95"])


def _counted_from(measured):
    """Count what the figure was counted from: ``140 tracks of 96 artists``; one training alone says so."""
    n_tracks, n_artists = (measured.get(f"n_{what}_test", measured.get(f"n_{what}")) for what in ("tracks", "artists"))
    part = "validation " if measured.get("evaluated_on") == "validation" else ""
    counted = "" if n_tracks is None else f"{n_tracks} {part}tracks"
    alone = "one training" if len(measured["seeds"]) == 1 and measured["ci95"] is None else ""
    return _listed(counted + (f" of {n_artists} artists" if counted and n_artists else ""), alone)


def _under(record, unit):
    """Give the figure of a split, always of a test part; why there is none; or nothing where no split is asked."""
    if unit == record["split_unit"] and (record["evaluated_on"] == "validation" or "not_measured" in record):
        return ""  # it stands in the column of the report's own protocol, as does its reason
    if record["split_unit"] == "none":  # nothing is trained
        return ""
    if record["evaluated_on"] in ("train", "both"):
        return f"{UNMEASURED}the figure is not of a test part alone"
    part = {record["split_unit"]: record, **record["other_protocols"]}.get(unit)
    if part is None:
        asked = "not asked for in this run" if record["other_protocols"] else "tried under the report's own split alone"
        return f"{UNMEASURED}{asked}"
    if "not_measured" in part:
        return f"{UNMEASURED}{part['not_measured']}"
    return _listed(f"{_figure(part)} {_interval(part)}".strip(), _counted_from(part))


def _on_all_tracks(claim):
    """Give what the public table of 1000 tracks, which has no audio, says of a system or a song; and the verdict."""
    if claim["metric"] not in ("accuracy", "top3_genres") or not TABLE.is_file():
        return "", ""
    content = json.loads(TABLE.read_text(encoding="utf-8"))
    if claim["metric"] == "top3_genres":
        song = content["song"]
        named = _figure({"values": song["values"], "mean": None})
        word = _verdict_on_table(claim, {**song, "n_tracks": 1})
        return (f"{named}, one song, trained without {song['trained_without']}: {word}", word) if named else ("", "")
    own = [each for each in content["figures"] if each["system"] == claim["system"] and each.get("values")]
    cells, word = [_cell_of_table(each, each) for each in own], ""
    for each in own if claim["evaluated_on"] == "validation" else ():
        if each["split"] == claim["split_unit"]:
            word = _verdict_on_table(claim, validated(each))
            cells.insert(0, f"{_cell_of_table(each, validated(each))}: {word}")
    return JOINT.join(cells), word


def _cell_of_table(each, figure):
    words = TABLE_SPLITS.get(each["split"], each["split"])
    return _listed(f"{words} {_figure(figure)} {_interval(figure)}", _counted_from(figure))


def _verdict_on_table(claim, figure):
    """Say how a claim compares with its own reading on the public table."""
    asked = {"claimed": claim["value"] if claim["metric"] == "top3_genres" else float(claim["value"])}
    asked |= {"metric": claim["metric"], "operator": claim["operator"], "is_demo": False}
    n_tracks = figure.get("n_tracks_test", figure.get("n_tracks"))
    record = {"ci95": None, "mean": None, **figure, **asked, "n_tracks_test": n_tracks}
    return verdict(record, int(claim["n_tested"]) if claim["n_tested"] else None)


def validated(figure: dict[str, Any]) -> dict[str, Any]:
    """Give a figure of the public table on its validation part, in the fields of a record."""
    values = figure["validation"]
    return {
        "evaluated_on": "validation", "values": values, "seeds": figure["seeds"], "ci95": figure["validation_ci95"],
        "mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1)) if len(values) > 1 else None,
        "n_tracks_test": figure["n_tracks_validation"],
    }  # fmt: skip
