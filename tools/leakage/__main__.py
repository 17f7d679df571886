"""Write docs/leakage.md's generated parts and its pictures: ``python -m tools.leakage``."""

from __future__ import annotations

import sys
from functools import partial

from genrelib.__main__ import exit_code
from genrelib._base.caching import file_when_whole
from genrelib._base.paths import CHECKOUT, shown
from genrelib.reports.toronto import public_table
from tools import pictures
from tools.leakage import page
from tools.leakage.chart import dots
from tools.leakage.sheets import sheets_section
from tools.readme import replaced

PAGE, PICTURES = CHECKOUT / "docs" / "leakage.md", CHECKOUT / "docs" / "pictures"


LADDER = {"own": "measured here; artists drawn", "published": "published; ± by 290 tracks",
          "copied": "published, copied from elsewhere"}  # fmt: skip
# picture → how its marks are drawn
DRAWN = {
    "leakage-systems.svg": partial(
        dots, legend=page.UNITS, axis="Songs named rightly (share), gtzan_160, with 95% intervals; chance is .1"),
    "leakage-ladder.svg": partial(
        dots, legend=LADDER, axis="Accuracy (share) on the 290 tracks of the fault-filtered test list"),
}  # fmt: skip


def generated() -> tuple[dict[str, str], dict[str, list[dict]]]:
    """Give the sections of the page by their markers, and what each picture shows, from what is committed."""
    (rows, missing), content, kept = page.measured(), public_table.read_figures(), page.kept_beside()
    rungs = page.ladder(content)
    sections = {
        "systems": page.systems_table(rows, missing), "table": page.table_section(content),
        "ladder": page.ladder_table(rungs), "neighbours": page.neighbours_section(content, kept),
        "calibration": page.calibration_section(kept), "changes": page.changes_section(kept),
        "sizes": page.sizes_section(), "sheets": sheets_section(rows),
    }  # fmt: skip
    return sections, dict(zip(DRAWN, (page.systems_marks(rows), page.ladder_marks(rungs)), strict=True))


def main() -> None:
    """Write what has changed."""
    sections, shows = generated()
    text = PAGE.read_text(encoding="utf-8")
    for name, content in sections.items():
        text = replaced(text, name, content)
    if text != PAGE.read_text(encoding="utf-8"):
        with file_when_whole(PAGE) as temporary:
            temporary.write_text(text, encoding="utf-8")
        print(shown(PAGE))
    for name, marks in shows.items():
        if pictures.data_of(PICTURES / name) != marks:
            pictures.write(PICTURES / name, marks, DRAWN[name])
            print(shown(PICTURES / name))


if __name__ == "__main__":
    sys.exit(exit_code(main))
