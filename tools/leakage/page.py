"""The tables of docs/leakage.md, each out of what is committed; what is not there yet is said, never left out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from genrelib._base.paths import RESULTS
from genrelib.datasets.gtzan import read_index
from genrelib.reports.leakage import study
from genrelib.reports.leakage.heads import KINDS
from genrelib.reports.toronto import public_table
from genrelib.results.claims import headline_claims
from genrelib.results.scoreboard import to_markdown
from genrelib.splits import LEAK_FREE

RUN = RESULTS / "gtzan_160"
UNITS = {"slice": "slices at random", "track": "tracks at random", "artist": "by artist (leak-free)"}
# level and part → what is counted
COUNTED = {("slice", "validation"): "a slice, validation", ("slice", "test"): "a slice",
           ("track", "validation"): "a song, validation", ("track", "test"): "a song"}  # fmt: skip
YET = "not measured yet"
LADDER = Path(__file__).parent / "ladder.csv"
N_LADDER = 290  # tracks of the fault-filtered test list
NORMAL = 1.96
WORDS = {"feature_mlp": "dense network, 57 numbers", "svm": "support vector machine, 57 numbers",
         "embedded": "linear, 53 level-free numbers"}  # fmt: skip
SIZES = (50, 100, 160, 290, 1000)


def measured() -> tuple[pd.DataFrame, dict[str, str]]:
    """Gather every system, of a report or none, from the committed run on gtzan_160, and why a figure is not there."""
    if not RUN.is_dir():
        return pd.DataFrame(columns=["system", "unit", "level", "part", "is_report"]), {}
    return study.gather(RUN, artists())


def artists() -> pd.Series:
    """Give GTZAN's track → artist, of the tracks whose artist is known."""
    return read_index()["artist_id"].dropna()


def systems_table(rows: pd.DataFrame, missing: dict[str, str]) -> str:
    """Write every system under every split, a row a system, level and part; ``missing`` is as `study.gather` has it."""
    lines = []
    for system in _systems():
        own = rows[rows["system"] == system]
        for (level, part), words in COUNTED.items():
            known = own[(own["level"] == level) & (own["part"] == part)].set_index("unit", drop=False)
            yet = "not measured" if part == "test" else "of the test part alone"
            cells = {
                title: _cell(known.loc[unit]) if unit in known.index else missing.get(f"{system} by {unit}", yet)
                for unit, title in UNITS.items()
            }
            if len(known):
                lines.append({"system": f"`{system}`", "counted": words, **cells})
        if own.empty:
            lines.append({"system": f"`{system}`", "counted": "–", **dict.fromkeys(UNITS.values(), YET)})
    return to_markdown(pd.DataFrame(lines))


def systems_marks(rows: pd.DataFrame) -> list[dict]:
    """Give every system's share of test songs named rightly, a mark a split, as `tools.leakage.chart.dots` draws it."""
    drawn, tested = [], rows[(rows["level"] == "track") & (rows["part"] == "test")]
    for system in _systems():
        own = tested[tested["system"] == system].set_index("unit")
        marks = [_mark(own.loc[unit], unit) for unit in UNITS if unit in own.index]
        words = "by artist: not measured" if marks else YET
        if "artist" in own.index:
            words = "{tracks:.0f} songs, {artists:.0f} artists".format(**own.loc["artist"])
        drawn.append({"label": system, "words": words, "marks": marks})
    return drawn


def table_section(content: dict) -> str:
    """Write what the public table of all 1000 tracks says; see `genrelib.reports.toronto.public_table`."""
    return public_table.readme_section(content)


def ladder(content: dict) -> list[dict]:
    """Give the rungs on the fault-filtered lists, published ones and our own, from the lowest to the highest."""
    rungs = [
        {"label": row.system, "mean": (row.low + row.high) / 2, "source": row.source, **_around(row.low, row.high),
         "said": "" if row.low == row.high else f"{row.low:.3f} to {row.high:.3f}",
         "look": "copied" if row.copied else "published"}
        for row in pd.read_csv(LADDER, true_values=["yes"], false_values=["no"]).itertuples()
    ]  # fmt: skip
    for one in content["figures"]:
        if one["split"] == "fault_filtered" and "values" in one:
            low, high = one["ci95"]
            label = WORDS[one["system"]] + (f", {len(one['values'])} seeds" if len(one["values"]) > 1 else "")
            rungs.append({"label": label, "mean": one["mean"], "low": low, "high": high, "look": "own",
                          "source": f"here; macro F1 {np.mean(one['macro_f1']):.3f}"})  # fmt: skip
    return sorted(rungs, key=lambda rung: rung["mean"])


def ladder_table(rungs: list[dict]) -> str:
    """Write the rungs as a table."""
    lines = [
        {"system": rung["label"],
         "accuracy (95% interval)": f"{rung.get('said') or format(rung['mean'], '.3f')} ({rung['low']:.2f} to "
         f"{rung['high']:.2f})" + ("°" if rung["look"] == "copied" else ""), "n": N_LADDER, "source": rung["source"]}
        for rung in rungs
    ]  # fmt: skip
    return to_markdown(pd.DataFrame(lines))


def ladder_marks(rungs: list[dict]) -> list[dict]:
    """Give the rungs, from the highest to the lowest, as `tools.leakage.chart.dots` draws them."""
    return [
        {"label": rung["label"], "words": rung["source"].split("; ")[0],
         "marks": [{name: rung[name] for name in ("look", "mean", "low", "high")}]}
        for rung in rungs[::-1]
    ]  # fmt: skip


def neighbours_section(content: dict, kept: dict) -> str:
    """Write whom a test row finds nearest: of the public table, and of gtzan_160's slices where a run kept it."""
    table = pd.DataFrame(content.get("neighbours", [])).replace({"slice": "track"})  # a row is a whole track
    kinds = {"All 1000 tracks, a row each": table}
    if "kinds" in kept:
        kinds["gtzan_160, slices of 3 s"] = pd.DataFrame(kept["kinds"])
    lines = []
    for name, table in kinds.items():
        for row in table.itertuples():
            right = f"{row.accuracy:.2f}" if hasattr(row, "accuracy") else ""
            lines.append({"collection": name, "split by": row.unit, "the nearest is of": row.kind,
                          "share": f"{row.share:.1%}", "test rows, of tracks": f"{row.slices}, {row.tracks}",
                          "and its genre is right": right})  # fmt: skip
    text = to_markdown(pd.DataFrame(lines)) if lines else f"{YET.capitalize()}.\n"
    return text if len(kinds) > 1 else f"{text}\nOf gtzan_160's slices: {YET}.\n"


def calibration_section(kept: dict) -> str:
    """Write how far probabilities can be believed, of the systems that notebook 90 asked."""
    lines = [
        {"system": f"`{row['system']}`", "split by": row["split"], "songs": row["n"], "say .8 or more": row["sure"],
         "right of those": "{right:.2f} ({low:.2f} to {high:.2f})".format(**row) if row["sure"] else "",
         "calibration error": f"{row['error']:.3f}",
         "of a perfect model": f"{row['perfect']:.3f} (95%: {row['perfect_95']:.3f})"}
        for row in kept.get("believed", [])
    ]  # fmt: skip
    return to_markdown(pd.DataFrame(lines)) if lines else f"{YET.capitalize()} on gtzan_160.\n"


def changes_section(kept: dict) -> str:
    """Write which share of first answers each change moves, and how many are right after it."""
    table = pd.DataFrame(kept.get("changed", []))
    if table.empty:
        return f"{YET.capitalize()} on gtzan_160.\n"
    cells = [f"{row.moved:.2f} ({row.low:.2f} to {row.high:.2f}); {row.right:.2f}" for row in table.itertuples()]
    wide = table.assign(cell=cells).pivot(index="change", columns="system", values="cell")
    wide = wide.reindex(table["change"].unique(), columns=table["system"].unique())
    words = f"{table['songs'].max()} songs by {table['artists'].max()} artists out of training, one training each"
    return (
        f"{to_markdown(wide.rename_axis(columns=None).reset_index())}\nShare of first answers that are another, with a "
        f"95% interval that draws artists; share that is right. {words}.\n"
    )


def kept_beside() -> dict:
    """Read what notebook 90 kept of its run on gtzan_160; empty where it has not run."""
    path = RUN / "leakage.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def sizes_section() -> str:
    """Write how wide an interval is by the number of test tracks, tracks drawn and artists drawn."""
    frame = public_table.read_table_predictions()
    own = frame[(frame["system"] == "svm") & (frame["protocol"] == "artist") & (frame["seed"] < 3)]
    by_track, by_artist = (study.interval_widths(own, SIZES, artists=one) for one in (None, artists()))
    lines = [
        {"test tracks": size, "tracks drawn": f"±{100 * a:.1f}", "artists drawn": f"±{100 * b:.1f}"}
        for size, a, b in zip(SIZES, by_track["half_width"], by_artist["half_width"], strict=True)
    ]
    needed = study.tracks_needed(by_artist, 0.05)
    return (
        f"{to_markdown(pd.DataFrame(lines))}\nHalf-widths of the 95% interval, in points of accuracy, of the support "
        "vector machine by artist over all of GTZAN, whose artists have several tracks each. "
        f"±5 points take about {needed} tracks where artists are drawn.\n"
    )


def _systems():
    return [*headline_claims(), *KINDS]


def _cell(row):
    ends = f" ({row['low']:.2f} to {row['high']:.2f})" if np.isfinite(row["low"]) else ""
    claimed = f"; claimed {row['claimed']:.2f}" if row["is_report"] else ""
    of_artists = f" of {row['artists']:.0f} artists" if row["unit"] in LEAK_FREE and row["artists"] else ""
    return f"{row['mean']:.3f}{ends}, {row['tracks']:.0f} songs{of_artists}, {row['trainings']}×{claimed}"


def _mark(row, unit):
    low, high = (float(row["low"]), float(row["high"])) if np.isfinite(row["low"]) else (None, None)
    return {"look": unit, "mean": float(row["mean"]), "low": low, "high": high}


def _around(low, high):
    """Widen a published figure, or range, by what N_LADDER tracks allow."""
    half = [NORMAL * np.sqrt(share * (1 - share) / N_LADDER) for share in (low, high)]
    return {"low": low - half[0], "high": min(1.0, high + half[1])}
