"""Claimed, reproduced, leak-free: a row a system, as data, as README's table and as the picture beside it.

All of it comes from results/. What is not measured yet says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from genrelib._base.paths import RESULTS, published
from genrelib.figures.claims import CLAIM
from genrelib.figures.style import INK, PALE, canvas
from genrelib.reports.toronto import public_table
from genrelib.results.claims import headline_claims, read_claims
from genrelib.results.records import read_records
from genrelib.results.scoreboard import TABLE, to_markdown, validated

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WORDS = {
    "idc-raw-cnn1d": "1-D network on raw sound (IDC)",
    "idc-mel-cnn1d": "1-D network on mel spectrograms (IDC)",
    "idc-mel-cnn2d": "2-D network on mel spectrograms (IDC)",
    "toronto-spectrogram-cnn": "network on spectrograms (Toronto)",
    "toronto-resnet": "residual network on spectrograms (Toronto)",
    "toronto-mlp": "dense network on 57 numbers (Toronto)",
    "turin-svm": "SVM on thirty numbers (Turin)",
    "turin-crnn": "CRNN on mel spectrograms (Turin)",
    "turin-crnn-augmented": "CRNN, augmented (Turin)",
    "blog-window-cnn1d": "1-D network on 100 ms (blog)",
}
TABLE_WORDS = {"feature_mlp": "dense network on 57 numbers (Toronto)", "svm": "SVM on 57 numbers",
               "embedded": "linear model on 53 numbers"}  # fmt: skip
SPLITS = {"slice": "random slices", "track": "random tracks", "artist": "by artist"}
FIRST = (  # in README
    "idc-raw-cnn1d", "idc-mel-cnn1d", "turin-svm", "turin-crnn", "blog-window-cnn1d", "table-feature_mlp",
)  # fmt: skip
COLUMNS = {"claimed": 1.08, "here": 1.23, "leak-free": 1.39}  # where the picture writes its numbers
PICTURE = RESULTS / "systems.svg"
OWN, FREE = "here, under the report's own kind of split", "leak-free: no artist in both parts"


def rows() -> list[dict]:
    """Give a row a system: label, on (what), claimed, own and leak_free (mean, low, high, words), or None each.

    The systems are those with a headline claim, then those of the public table of 1000 tracks.
    """
    records = [read_records(folder) for folder in reversed(published().values())]
    claims, board = read_claims(), []
    for claim_id in headline_claims().values():
        record = next((some[claim_id] for some in records if claim_id in some), None)
        row = {"claim": claim_id, "label": WORDS.get(claim_id, claim_id), "on": "", "own": None, "leak_free": None}
        if record:
            splits = {record["split_unit"]: record, **record["other_protocols"]}
            whole = [one["slice"]["n"] == one["track"]["n"] for one in record["scores"]]  # a row a track
            unit = "track" if whole and all(whole) else record["split_unit"]
            row |= {"own": _figure(record, SPLITS.get(unit, unit), record["evaluated_on"])}
            row["leak_free"] = _figure(splits.get("artist"), SPLITS["artist"])
            row["on"] = record["collection"] if row["own"] or row["leak_free"] else ""
        board.append(row | {"claimed": float(claims.loc[claim_id, "value"])})
    return board + (_table_rows(board) if TABLE.is_file() else [])


def _figure(one, split, part="test"):
    if not one or one.get("mean") is None:
        return None
    low, high = one["ci95"] or (None, None)
    n_tracks, n_artists = (one.get(f"n_{what}_test", one.get(f"n_{what}")) for what in ("tracks", "artists"))
    counted = "" if n_tracks is None else f", {n_tracks} tracks" + (f" of {n_artists} artists" if n_artists else "")
    part = ", validation" if part == "validation" else ""
    return {"mean": one["mean"], "low": low, "high": high, "words": f"{split}{part}{counted}"}


def _table_rows(board):
    """The public table: under random tracks the network's validation accuracy, since that is what was claimed."""
    claimed, rows = {"feature_mlp": next(row["claimed"] for row in board if row["claim"] == "toronto-mlp")}, []
    figures = {(one["system"], one["split"]): one for one in public_table.read_figures()["figures"]}
    for system in dict.fromkeys(system for system, _ in figures):
        own = figures.get((system, "slice"))
        part = "validation" if system in claimed else "test"
        if own and part == "validation":
            own = validated(own)
        row = {"claim": f"table-{system}", "label": TABLE_WORDS.get(system, system), "on": "all 1000 tracks"}
        row |= {"claimed": claimed.get(system), "own": _figure(own, SPLITS["track"], part)}
        rows.append(row | {"leak_free": _figure(figures.get((system, "artist")), SPLITS["artist"])})
    return rows


def table() -> str:
    """Write README's six rows."""
    import pandas as pd

    lines = [
        {
            "system": row["label"] + (", all 1000 tracks" if row["claim"].startswith("table-") else ""),
            "claimed": f"{row['claimed']:.2f}",
            "the report's split": _words(row["own"]),
            "leak-free, by artist": _words(row["leak_free"]).replace("by artist, ", ""),
        }
        for row in rows()
        if row["claim"] in FIRST
    ]
    return to_markdown(pd.DataFrame(lines))


def _words(one):
    if one is None:
        return "not measured yet"
    ends = "" if one["low"] is None else f" ({one['low']:.2f} to {one['high']:.2f})"
    return f"{one['mean']:.2f}{ends}, {one['words']}"


def draw(board: list[dict]) -> Figure:
    """Draw every system: a cross the claim, a circle our figure under its split, a diamond the leak-free one."""
    figure, axis = canvas(height=1.3 + 0.44 * len(board), width=11)
    for place, row in enumerate(board):
        if place % 2:
            axis.axhspan(place - 0.5, place + 0.5, color="#f5f5f5", zorder=0)
        if row["claimed"] is not None:
            axis.plot(row["claimed"], place, "X", color=CLAIM, markersize=9, zorder=4, label="claimed")
            _say(axis, COLUMNS["claimed"], place, f"{row['claimed']:.2f}", CLAIM)
        _bar(axis, row["own"], place, {"marker": "o", "markerfacecolor": "white"}, OWN, "here")
        _bar(axis, row["leak_free"], place, {"marker": "D", "markerfacecolor": INK}, FREE, "leak-free")
    for words, x in COLUMNS.items():
        _say(axis, x, -0.8, words, INK, weight="bold", fontsize=8)
    axis.set_yticks(
        range(len(board)), ["\n".join(filter(None, [row["label"], _about(row)])) for row in board], fontsize=9
    )
    axis.set_xlabel("accuracy, with 95% intervals", x=1 / 1.46, ha="right")
    axis.set(xlim=(0, 1.46), ylim=(len(board) - 0.5, -1.1))
    axis.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    axis.spines["bottom"].set_bounds(0, 1)
    axis.axvline(0.1, color=PALE, linestyle="--", linewidth=1, zorder=0, label="chance")
    axis.grid(axis="x")
    named = dict(zip(*reversed(axis.get_legend_handles_labels()), strict=True))
    figure.legend(named.values(), named.keys(), loc="outside lower center", ncols=4)
    return figure


def _about(row):
    """Say on what, and how many tracks, of which part, and artists either figure counts."""
    own, free = (row[which]["words"].partition(", ")[2] if row[which] else "" for which in ("own", "leak_free"))
    return f"{row['on']}, {own}" + (f"; leak-free {free}" if free else "")


def _bar(axis, one, place, look, name, column):
    y = place + {OWN: -0.13, FREE: 0.13}[name]
    if one is not None and one["low"] is not None:
        axis.hlines(y, one["low"], one["high"], color=INK, linewidth=2, zorder=2)
    if one is not None:
        look |= {"color": INK, "linestyle": "", "markersize": 7}
        axis.plot(one["mean"], y, zorder=3, label=name, **look)
    words, colour = (f"{one['mean']:.2f}", INK) if one else ("not yet", PALE)
    _say(axis, COLUMNS[column], place, words, colour)


def _say(axis, x, y, words, colour, **options):
    axis.text(x, y, words, ha="center", va="center", color=colour, **{"fontsize": 10, **options})
