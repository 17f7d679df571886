"""Put the figures of results/ between their markers in README.md, docs/ and results/: ``python -m tools.readme``.

The package gets the scoreboard, too, so that a notebook of an installed wheel can compare with what is committed.
"""

from __future__ import annotations

import json
import re
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
from genrelib.results.claims import read_claims
from genrelib.results.records import write_when_whole
from genrelib.results.scoreboard import FIGURE, scoreboard, to_markdown
from genrelib.results.verdicts import legend
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
    own, by_artist = board.iloc[0], board[board["by_artist"].str.contains(FIGURE)]["by_artist"]
    return {
        "system": words,
        "claimed": own["claimed"].split()[-1],
        "reproduced": f"{own['measured']}, {SPLITS[own['split']]}" if own["measured"] else ANEW,
        "leak-free": f"{by_artist.iloc[-1]}, by artist" if len(by_artist) else ANEW,
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
    """Write the scoreboard for a README: a table of the claims that were measured, the legend, a list of the others.

    Parameters
    ----------
    frame : pd.DataFrame
        As `genrelib.scoreboard` gives it.

    Returns
    -------
    str
        Markdown. The columns by artist and of the table by artist are leak-free, and no others.
    """
    done = frame[(frame["measured"] != "") | frame["by_artist"].str.contains(FIGURE)]
    several = frame["collection"].nunique() > 1
    rows = [_row_of_claim(row, several) for row in done.itertuples()]
    table = to_markdown(pd.DataFrame(rows)) + f"\n{legend()}\n\n" if rows else ""
    return table + _not_measured_list(frame[~frame["claim_id"].isin(done["claim_id"])])


def _row_of_claim(row, several):
    part = read_claims().loc[row.claim_id, "evaluated_on"]
    counted = f", {row.counted_from}" if row.counted_from else ""
    counted = counted.replace("tracks", f"{part} tracks") if part == "validation" else counted
    apart = [cell if re.match(FIGURE, cell) else "" for cell in (row.by_track, row.by_artist)]
    return {
        "Claim": f"`{row.claim_id}`" + (f", {row.collection}" if several else ""),
        "Reported": row.claimed + (f" (on {row.claimed_on})" if row.claimed_on else ""),
        "The report's own protocol": f"{row.measured} {row.ci95}".strip() + counted,
        "By track": apart[0],
        "By artist (leak-free)": apart[1],
        "All 1000 tracks, 57 numbers": row.all_1000_tracks,
        "Verdict": row.verdict,
    }


def _not_measured_list(frame):
    lines = []
    for report, group in frame.groupby("report", sort=False):
        why = group["verdict"].str.removeprefix("not measured, because ").groupby(group["claim_id"], sort=False)
        reasons = why.agg(lambda said: "; ".join(dict.fromkeys(said)))
        for reason, claims in reasons.groupby(reasons, sort=False):
            names = ", ".join(f"`{name}`" for name in claims.index)
            lines.append(f"- {report} ({reason}): {names}\n")
    return "Not measured, because:\n\n" + "".join(lines) if lines else ""


# file, name of the markers, what stands between them
SECTIONS: list[tuple[Path, str, Callable[[], str]]] = [
    (CHECKOUT / "README.md", "headline", headline),
    (CHECKOUT / "README.md", "classifiers", classifiers),
    (RESULTS / "README.md", "scoreboard", lambda: readme_section(scoreboard(published()))),
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
