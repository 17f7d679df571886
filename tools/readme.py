"""Put the figures of results/ between their markers in README.md, docs/ and results/: ``python -m tools.readme``.

The package gets the scoreboard, too, so that a notebook of an installed wheel can compare with what is committed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from genrelib.__main__ import exit_code
from genrelib._base.caching import file_when_whole
from genrelib._base.errors import ResultError
from genrelib._base.paths import CHECKOUT, PACKAGE, RESULTS, published, shown
from genrelib.classify.cards import read_card
from genrelib.classify.loading import WEIGHTS
from genrelib.reports.toronto import public_table
from genrelib.results.records import write_when_whole
from genrelib.results.scoreboard import DEMO, FIGURE, scoreboard, to_markdown
from genrelib.splits import LEAK_FREE
from tools.bench import bench, growth

SYSTEMS = {
    "idc-raw-cnn1d": "1-D network on raw sound (IDC)",
    "idc-mel-cnn1d": "1-D network on mel spectrograms (IDC)",
    "idc-mel-cnn2d": "2-D network on mel spectrograms (IDC)",
    "toronto-resnet": "residual network on spectrograms (Toronto)",
    "blog-window-cnn1d": "1-D network on windows of 100 ms (blog)",
}
ANEW = "being measured anew"
SPLITS = {"slice": "random slices", "track": "tracks apart"}


def headline() -> str:
    """Write the headline: claimed, reproduced under the report's own split, and with every artist on one side."""
    board = scoreboard(published())
    rows = [_row(words, board[board["claim_id"] == claim]) for claim, words in SYSTEMS.items()]
    return to_markdown(pd.DataFrame([*rows, _row_of_the_public_table()]))


def classifiers() -> str:
    """Write how often the two classifiers that come along are right, from their cards."""
    rows = []
    for name in ("embedded", "pretrained"):
        accuracy = read_card(WEIGHTS / f"{name}.json")["accuracy"]
        low, high = accuracy["track_ci95"]
        about = f"{accuracy['n_tracks']} songs, {accuracy['n_artists']} artists never heard"
        right = f"{accuracy['track']:.2f} ({low:.2f} to {high:.2f})"
        rows.append(
            {"classifier": name, "right": right, "in the first three": f"{accuracy['track_top3']:.2f}", "of": about}
        )
    return to_markdown(pd.DataFrame(rows))


def _row(words: str, board: pd.DataFrame) -> dict:
    own, leak_free = board.iloc[0], board[board["leak_free"].str.contains(FIGURE)]["leak_free"]
    return {
        "system": words,
        "claimed": own["claimed"].split()[-1],
        "reproduced": f"{own['measured']}, {SPLITS[own['split']]}" if own["measured"] else ANEW,
        "leak-free": leak_free.iloc[-1] if len(leak_free) else ANEW,
    }


def _row_of_the_public_table() -> dict:
    figures = {(row["system"], row["split"]): row for row in public_table.read_figures()["figures"]}
    by_chance, filtered = (figures["feature_mlp", split] for split in ("slice", "fault_filtered"))
    return {
        "system": "dense network on 57 numbers (Toronto), the public table of 1000 tracks",
        "claimed": "0.84",
        "reproduced": f"{by_chance['mean']:.3f} ± {by_chance['sd']:.3f}, random tracks",
        "leak-free": f"{filtered['mean']:.3f} ± {filtered['sd']:.3f}, fault-filtered lists",
    }


def readme_section(frame):
    """Write the scoreboard for a README: a table of the claims that were measured, then a list of the others.

    Parameters
    ----------
    frame : pd.DataFrame
        As `genrelib.scoreboard` gives it.

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


# file, name of the markers, what stands between them
SECTIONS: list[tuple[Path, str, Callable[[], str]]] = [
    (CHECKOUT / "README.md", "headline", headline),
    (CHECKOUT / "README.md", "classifiers", classifiers),
    (RESULTS / "README.md", "scoreboard", lambda: readme_section(scoreboard(published()))),
    (CHECKOUT / "docs/leakage.md", "table", lambda: public_table.readme_section(public_table.read_figures())),
    (CHECKOUT / "docs/performance.md", "bench", lambda: bench.table(_content("bench"))),
    (CHECKOUT / "docs/performance.md", "growth", lambda: growth.markdown(_content("growth"))),
]


def replaced(text: str, name: str, content: str) -> str:
    """Give a text with ``content`` between ``<!-- name -->`` and ``<!-- /name -->``.

    Raises
    ------
    ResultError
        The markers are absent, or not one each and in order.
    """
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    if text.count(start) != 1 or text.count(end) != 1 or text.index(start) > text.index(end):
        raise ResultError(f"{name} goes between one {start} and one {end} after it; put them in")
    before, _, rest = text.partition(start)
    return f"{before}{start}\n{content}{end}{rest.partition(end)[2]}"


def main() -> None:
    """Write every section anew, and the scoreboard of the package; a file changes only when all of it is there."""
    write_when_whole(PACKAGE / "data" / "scoreboard.csv", scoreboard(published()).to_csv(index=False))
    for path, name, content in SECTIONS:
        text = path.read_text(encoding="utf-8")
        if (new := replaced(text, name, content())) != text:
            with file_when_whole(path) as temporary:
                temporary.write_text(new, encoding="utf-8")
            print(f"{shown(path)}: {name}")


def _content(name: str) -> list[dict]:
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))["rows"]


if __name__ == "__main__":
    sys.exit(exit_code(main))
