"""Turn a run into a small static site, its notebooks and its scoreboard: ``python -m tools.pages [COLLECTION …]``.

Every page stands alone: pictures and sound are inside it, and nothing is fetched. Links lead elsewhere only when
somebody follows them.
"""

import re
import shutil
import sys
from html import escape
from html.parser import HTMLParser
from pathlib import Path

from genrelib.__main__ import exit_code
from genrelib._base.caching import alone_in, folder_when_whole
from genrelib._base.errors import GenrelibError
from genrelib._base.paths import RUNS, shown

# what a browser fetches by itself; an anchor's href is followed by a reader alone
FETCHED = {"script": ("src",), "link": ("href",), "img": ("src", "srcset"), "iframe": ("src",), "audio": ("src",),
           "video": ("src", "poster"), "source": ("src", "srcset"), "embed": ("src",), "object": ("data",),
           "track": ("src",), "input": ("src",), "image": ("href", "xlink:href"), "use": ("href",)}  # fmt: skip
IN_STYLE = re.compile(r"""(?:@import\s+|url\()\s*["']?\s*((?:https?:)?//[^"')\s]+)""", re.IGNORECASE)
OUTSIDE = re.compile(r"\s*(https?:)?//", re.IGNORECASE)
REMOTE_IMAGE = re.compile(r'<img\b(?=[^>]*\bsrc="https?://)[^>]*?\balt="([^"]*)"[^>]*>', re.IGNORECASE)
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 60rem; margin: 0 auto; padding: 1rem }
nav { margin-bottom: 1rem } a { color: #1a5fb4 } img { max-width: 100% } audio { width: 100% }
pre { background: #f6f6f6; padding: .5rem .8rem; overflow-x: auto; white-space: pre-wrap; font-size: .85rem }
.output_area pre { background: none; border-left: 3px solid #ddd } .prompt, .anchor-link { display: none }
table { border-collapse: collapse; font-size: .85rem; display: block; overflow-x: auto; margin: .5rem 0 }
td, th { border-bottom: 1px solid #ddd; padding: .2rem .6rem; text-align: left; vertical-align: top }
.demo { border: 2px solid #bd1f01; padding: .4rem .8rem } details { margin: .5rem 0 }
@media print { nav { display: none } }
"""


def write_pages(folder):
    """Write ``html/`` of a run: index, a page a notebook, scoreboard.

    Parameters
    ----------
    folder : str or Path
        Of the run, ``runs/<collection>``, with its executed notebooks.

    Returns
    -------
    Path
        ``html/index.html``. An earlier site is replaced when the new one is whole.

    Raises
    ------
    GenrelibError
        No such run, a notebook that failed, or a page that would fetch something.
    """
    folder = Path(folder)
    notebooks = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    failed = [path.name for path in folder.glob("*.ipynb") if path.name.endswith((".failed.ipynb", ".running.ipynb"))]
    if not notebooks or failed:
        raise GenrelibError(
            f"{shown(folder)}: pages show whole runs: {', '.join(failed) or 'there are no executed notebooks'}; "
            "run `make reproduce` first"
        )
    pages = {path.stem: _notebook_page(path, {one.stem for one in notebooks}) for path in notebooks}
    pages["scoreboard"] = _page("Scoreboard", _scoreboard(folder))
    pages["index"] = _page(f"genrelib: {folder.name}", _index(folder, notebooks))
    for name, text in pages.items():
        outside = fetched_from_outside(text)
        if outside:
            raise GenrelibError(f"{name}.html would fetch {', '.join(outside[:3])}; pages carry all that they show")
    return _replace(folder / "html", pages)


def fetched_from_outside(text):
    """List what a page would fetch over the network without being asked.

    Parameters
    ----------
    text : str
        HTML.

    Returns
    -------
    list of str
    """
    finder = _Finder()
    finder.feed(text)
    finder.close()
    return finder.found


class _Finder(HTMLParser):
    """Collect addresses of other hosts from tags that fetch, from styles, and from modules that scripts import."""

    def __init__(self):
        super().__init__()
        self.found, self.inside = [], None

    def handle_starttag(self, tag, attributes):
        self.inside = tag
        for name, value in attributes:
            if value and name in FETCHED.get(tag, ()) and OUTSIDE.match(value):
                self.found.append(value)
            if value and name == "style":
                self.found += IN_STYLE.findall(value)

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside == "style":
            self.found += IN_STYLE.findall(data)
        elif self.inside == "script":
            self.found += re.findall(r"""["'](https?://[^"']+)["']""", data)


def _notebook_page(path, names):
    """Convert with nbconvert's bare template: its full ones load MathJax and require.js from elsewhere."""
    from nbconvert import HTMLExporter

    body, _ = HTMLExporter(template_name="basic").from_filename(str(path))
    body = REMOTE_IMAGE.sub(r"\1", body)  # a badge becomes its words
    body = re.sub(r'<a href="([0-9]{2}_\w+)\.ipynb">(.*?)</a>', lambda link: _link(*link.groups(), names), body)
    return _page(path.stem.replace("_", " "), body)


def _link(name, words, names):
    return f'<a href="{name}.html">{words}</a>' if name in names else words  # a notebook that this run lacks


def _page(title, body):
    from pygments.formatters import HtmlFormatter

    colours = HtmlFormatter(style="default").get_style_defs(".highlight")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        f"<style>{STYLE}{colours}</style></head><body>"
        f'<nav><a href="index.html">genrelib</a></nav>{body}</body></html>\n'
    )


def _index(folder, notebooks):
    warning = '<p class="demo"><b>DEMO: synthesised audio.</b> Figures here are evidence of nothing.</p>'
    demo = warning if _collection(folder) == "demo" else ""
    lines = "".join(
        f'<li><a href="{path.stem}.html">{escape(path.stem[:2])} {escape(_title(path))}</a></li>' for path in notebooks
    )
    return (
        f"<h1>genrelib on {escape(folder.name)}</h1>{demo}"
        "<p>Public reports on music genre classification, reproduced from raw audio: each claim beside what was "
        "measured, and beside what is left of it when no artist is in both parts of the split.</p>"
        f'<ul>{lines}</ul><p><a href="scoreboard.html">Every claim with its verdict</a></p>'
    )


def _collection(folder):
    """Name what the run is on: its records say; a run without any is called after its folder."""
    from genrelib.results.records import read_records

    return next((record["collection"] for record in read_records(folder).values()), folder.name)


def _title(path):
    return path.stem[3:].replace("_", " ").capitalize()


def _scoreboard(folder):
    from genrelib.results.scoreboard import scoreboard

    table = scoreboard({_collection(folder): folder}).drop(columns=["collection"])
    return f"<h1>Scoreboard: {escape(folder.name)}</h1>{table.to_html(index=False, border=0, na_rep='')}"


def _replace(target, pages):
    """Put the new site in the place of the old one, which stays until the new one is whole."""
    new, old = target.with_name(".html-new"), target.with_name(".html-old")
    with alone_in(target.parent):
        for leftover in (new, old):
            shutil.rmtree(leftover, ignore_errors=True)
        with folder_when_whole(new) as building:
            for name, text in pages.items():
                (building / f"{name}.html").write_text(text, encoding="utf-8")
        if target.exists():
            target.rename(old)
        new.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    return target / "index.html"


def main(arguments=None):
    """Write the pages of the runs that the command line names; of all whole ones unless it names any."""
    names = sys.argv[1:] if arguments is None else arguments
    names = names or sorted(path.parent.name for path in RUNS.glob("*/00_*.ipynb"))
    if not names:
        raise GenrelibError("pages show whole runs, and there is none: run `make reproduce` first")
    for name in names:
        print(shown(write_pages(RUNS / name)))


if __name__ == "__main__":
    sys.exit(exit_code(main))
