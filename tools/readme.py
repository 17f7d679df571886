"""Put the figures of results/ between their markers in README.md, docs/ and results/: ``python -m tools.readme``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from genrelib.__main__ import exit_code
from genrelib._base.caching import file_when_whole
from genrelib._base.errors import ResultError
from genrelib._base.paths import CHECKOUT, RESULTS, published, shown
from genrelib.reports.toronto import public_table
from genrelib.results.scoreboard import FIGURE, readme_section, scoreboard, to_markdown
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


# file, name of the markers, what stands between them
SECTIONS: list[tuple[Path, str, Callable[[], str]]] = [
    (CHECKOUT / "README.md", "headline", headline),
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
    """Write every section anew; a file changes only when all of it is there."""
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
