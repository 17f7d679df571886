"""Write docs/leakage.md's generated parts and its pictures: ``python -m tools.leakage``."""

from __future__ import annotations

import sys

from genrelib.__main__ import exit_code
from genrelib._base.caching import file_when_whole
from genrelib._base.paths import CHECKOUT, shown
from genrelib.reports.toronto import public_table
from tools.leakage import page
from tools.leakage.sheets import sheets_section
from tools.readme import replaced

PAGE, PICTURES = CHECKOUT / "docs" / "leakage.md", CHECKOUT / "docs" / "pictures"


def generated() -> tuple[dict[str, str], dict[str, str]]:
    """Give the sections of the page by their markers, and the pictures by their names, from what is committed."""
    rows, content, kept = page.measured(), public_table.read_figures(), page.kept_beside()
    rungs = page.ladder(content)
    sections = {
        "systems": page.systems_table(rows), "table": page.table_section(content),
        "ladder": page.ladder_table(rungs), "neighbours": page.neighbours_section(content, kept),
        "calibration": page.calibration_section(kept), "changes": page.changes_section(kept),
        "sizes": page.sizes_section(), "sheets": sheets_section(rows),
    }  # fmt: skip
    pictures = {"leakage-systems.svg": page.systems_chart(rows), "leakage-ladder.svg": page.ladder_chart(rungs)}
    return sections, pictures


def main() -> None:
    """Write what has changed."""
    sections, pictures = generated()
    text = PAGE.read_text(encoding="utf-8")
    for name, content in sections.items():
        text = replaced(text, name, content)
    for path, content in {PAGE: text, **{PICTURES / name: svg for name, svg in pictures.items()}}.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != content:
            with file_when_whole(path) as temporary:
                temporary.write_text(content, encoding="utf-8")
            print(shown(path))


if __name__ == "__main__":
    sys.exit(exit_code(main))
