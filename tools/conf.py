"""Sphinx's settings for ``make html``: README, docs, the scoreboard and the notebooks, as they ran, as one site.

Nothing is fetched from elsewhere but badges.
"""

import os
import shutil
from pathlib import Path

from sphinx.errors import SphinxError

ROOT = Path(__file__).resolve().parents[1]
NAME = Path(os.environ.get("COLLECTION") or "gtzan_160").name
# a run of one's own comes before the committed one of the same collection
RUN = next((run for run in (ROOT / "runs" / NAME, ROOT / "results" / NAME) if [*run.glob("[0-9][0-9]_*.ipynb")]), None)

project, html_title = "genrelib", f"genrelib · {NAME if RUN else 'notebooks as they come'}"
extensions = ["myst_nb"]
root_doc = "README"
include_patterns = ["*.md", "docs/*.md", "notebooks/*.ipynb", "results/README.md"]
exclude_patterns = [".*", "build", "runs", "genrelib", "tests", "tools", "results/[!R]*", "data"]
nb_execution_mode, nb_ipywidgets_js, nb_render_markdown_format = "off", {}, "gfm"
myst_enable_extensions, myst_heading_anchors = [], 3  # no formula: MathJax would be fetched
html_theme, html_static_path, html_css_files = "furo", ["site.css"], ["site.css"]
suppress_warnings = ["myst.xref_missing", "misc.highlighting_failure"]  # links to folders, a table as csv
html_show_sphinx, html_copy_source = False, False
html_theme_options = {"announcement": "Demo notebooks: evidence of nothing"}
if NAME != "demo" or not RUN:
    html_theme_options.clear()

PAGES = {"Notebooks": "notebooks/*", "Results": "results/README", "More": "docs/*\nCONTRIBUTING\nCHANGELOG"}
CONTENTS = "".join(f"\n```{{toctree}}\n:glob:\n:hidden:\n:caption: {word}\n\n{PAGES[word]}\n```\n" for word in PAGES)


def _read(app, page, content):
    """Put a notebook as it ran in the place of the one without output, and the contents of the site into README."""
    if page == root_doc:
        content[0] += CONTENTS
    elif RUN and (ran := RUN / f"{Path(page).name}.ipynb").is_file():
        content[0] = ran.read_text(encoding="utf-8")


def _index(app, error):
    if not error:
        shutil.copy(Path(app.outdir, "README.html"), Path(app.outdir, "index.html"))


def setup(app):
    if os.environ.get("COLLECTION") and not RUN:
        raise SphinxError(f"no notebook ran on {NAME}: make reproduce COLLECTION={NAME} first")
    app.connect("source-read", _read)
    app.connect("build-finished", _index)
