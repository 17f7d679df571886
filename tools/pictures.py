"""Pictures of the pages, as SVG that carries the figures it shows: another matplotlib draws other bytes of the same."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from genrelib._base.caching import file_when_whole
from genrelib.figures.style import STYLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure


def data_of(path: Path) -> list | None:
    """Read the figures that a picture shows; None where there is no picture."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = re.search(r"<dc:description>(.*?)</dc:description>", text, re.DOTALL)
    return json.loads(unescape(found[1])) if found else None


def write(path: Path, data: list, draw: Callable[[list], Figure]) -> None:
    """Draw data, by a function of them, and put the picture in place when whole."""
    import matplotlib

    with matplotlib.rc_context({**STYLE, "svg.hashsalt": "genrelib"}), file_when_whole(path) as temporary:
        metadata = {"Date": None, "Description": json.dumps(data)}
        draw(data).savefig(temporary, format="svg", metadata=metadata)
