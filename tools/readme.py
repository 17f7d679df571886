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
from genrelib.results.records import write_when_whole
from genrelib.results.scoreboard import page, scoreboard, to_markdown
from tools import estimates, pictures, systems
from tools.bench import bench, growth, picture
from tools.leakage.page import measured


def classifiers() -> str:
    """Write how often the two classifiers that come along are right, from their cards."""
    rows = []
    for name in ("embedded", "pretrained"):
        card = read_card(WEIGHTS / f"{name}.json")
        accuracy, away = card["accuracy"], card["elsewhere"]
        low, high = accuracy["track_ci95"]
        about = f"{accuracy['n_tracks']} songs, {accuracy['n_artists']} artists"
        right = f"{accuracy['track']:.2f} ({low:.2f} to {high:.2f})"
        row = {"classifier": name, "right": right, "in the first three": f"{accuracy['track_top3']:.2f}", "of": about}
        rows.append(row | {"FMA": f"{away['right']} of {away['n']}, first three {away['top3']}"})
    return to_markdown(pd.DataFrame(rows))


def networks_beside() -> str:
    """Say what the reports' systems reach on gtzan_160's songs by artists never heard: what a card is to be read by."""
    rows = measured()[0]
    own = rows[(rows["unit"] == "artist") & (rows["level"] == "track") & (rows["part"] == "test")]
    means = own["mean"][own["claimed"].notna()]
    return f"the reports' systems named {means.min():.0%} to {means.max():.0%} of such songs of gtzan_160 rightly"


# file, name of the markers, what stands between them
SECTIONS: list[tuple[Path, str, Callable[[], str]]] = [
    (CHECKOUT / "README.md", "headline", systems.table),
    (CHECKOUT / "README.md", "classifiers", classifiers),
    (RESULTS / "README.md", "scoreboard", lambda: page(scoreboard(published()))),
    (CHECKOUT / "docs/performance.md", "estimates", estimates.table),
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
    """Write sections, pictures, cards and the package's scoreboard anew; a file changes only when all is there."""
    speed = picture.marks(_content("bench"))
    for path, data, draw in ((systems.PICTURE, systems.rows(), systems.draw), (picture.PICTURE, speed, picture.draw)):
        if pictures.data_of(path) != data:
            pictures.write(path, data, draw)
            print(shown(path))
    write_when_whole(PACKAGE / "data" / "scoreboard.csv", scoreboard(published()).to_csv(index=False))
    beside = {"beside": networks_beside()}
    for path in sorted(WEIGHTS.glob("*.json")):
        card = json.loads(path.read_text(encoding="utf-8"))
        if not beside.items() <= card.items():
            write_when_whole(path, json.dumps(card | beside) + "\n")
            print(shown(path))
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
