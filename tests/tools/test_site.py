"""The site of `make html`: every page there and in the contents, and nothing fetched from elsewhere but badges."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.browser import CHROMIUM, opened, serving
from tests.making import ROOT

BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
FETCHED = re.compile(
    r"""<(?!a\b)[a-z]+\b[^>]*?\b(?:src|srcset|href|poster|data)=["']?\s*((?:https?:)?//[^"'\s>]+)"""
    r"""|(?:@import\s*|url\()\s*["']?((?:https?:)?//[^"')\s]+)|\bimport\b[^;]*?["'](https?://[^"']+)""",
    re.IGNORECASE,
)

pytestmark = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("sphinx", "myst_nb", "furo"))),
    reason="needs Sphinx, myst-nb and furo: pip install -e '.[docs]'",
)


def fetched(text):
    return ["".join(match) for match in FETCHED.findall(text)]


def build(checkout, collection):
    command = [sys.executable, "-m", "sphinx", "-q", "-E", "-c", checkout / "tools", checkout, checkout / "site"]
    environment = {**os.environ, "COLLECTION": collection}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A checkout with a run on the demo of one notebook, and its site."""
    top = tmp_path_factory.mktemp("checkout")
    names = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "results/README.md", "results/systems.svg",
             "tools/conf.py", "tools/site.css")  # fmt: skip
    for name in names:
        (top / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, top / name)
    for name in ("docs", "notebooks"):
        shutil.copytree(ROOT / name, top / name, ignore=shutil.ignore_patterns(".*"))
    ran = json.loads((top / "notebooks/00_start_here.ipynb").read_text(encoding="utf-8"))
    ran["cells"] = [{"cell_type": "markdown", "id": "b", "metadata": {}, "source": f"# 00\n\n[![Colab]({BADGE})](x.y)"},
                    {"cell_type": "code", "id": "c", "metadata": {}, "source": "1 + 1", "execution_count": 1, "outputs":
                     [{"output_type": "stream", "name": "stdout", "text": "this ran"}]}]  # fmt: skip
    (top / "runs/demo").mkdir(parents=True)
    (top / "runs/demo/00_start_here.ipynb").write_text(json.dumps(ran))
    ended = build(top, "demo")
    assert ended.returncode == 0, ended.stderr
    return top


def test_every_notebook_and_page_is_there_and_in_the_contents(checkout):
    site, index = checkout / "site", (checkout / "site/index.html").read_text(encoding="utf-8")
    pages = [f"notebooks/{stem}" for stem in NOTEBOOKS] + [f"docs/{path.stem}" for path in (ROOT / "docs").glob("*.md")]
    for page in [*pages, "results/README"]:
        assert (site / f"{page}.html").is_file() and f'href="{page}.html"' in index
    assert (site / "search.html").is_file() and "idc-mel-cnn1d" in (site / "results/README.html").read_text()


def test_a_notebook_that_ran_is_shown_as_it_ran_and_the_demo_says_so(checkout):
    page = (checkout / "site/notebooks/00_start_here.html").read_text(encoding="utf-8")
    assert "this ran" in page and "evidence of nothing" in page


def test_nothing_is_fetched_from_elsewhere_but_badges(checkout):
    texts = [path.read_text(encoding="utf-8") for path in (checkout / "site").rglob("*.html")]
    texts += [path.read_text(encoding="utf-8") for path in (checkout / "site").rglob("*.css")]
    assert {address for text in texts for address in fetched(text)} == {BADGE}


@pytest.mark.parametrize(
    "text, there",
    [
        ('<script src="https://cdn.x/a.js"></script>', True),
        ('<link rel="stylesheet" href="//cdn.x/a.css">', True),
        ("<IMG alt='' SRC='HTTP://x/a.png'>", True),
        ("<style>@import 'https://x/a.css'</style>", True),
        ("p { background: url(https://x/b.png) }", True),
        ('<script>import m from "https://cdn.x/m.mjs"</script>', True),
        ('<a href="https://x/">there</a> https://y/ <img src="data:image/png;base64,AA"><img src="a.png">', False),
    ],
)
def test_what_a_browser_would_fetch_is_seen(text, there):
    assert bool(fetched(text)) is there


def test_a_collection_on_which_nothing_ran_is_refused(checkout):
    ended = build(checkout, "gtzan")
    assert ended.returncode and "make reproduce COLLECTION=gtzan" in ended.stderr


@pytest.mark.skipif(not CHROMIUM, reason="needs Chromium: apt-get install chromium, or name it in GENRELIB_CHROMIUM")
def test_pages_open_in_a_browser_and_nothing_fails_to_load(checkout, tmp_path):
    (checkout / "site/loads.html").write_text('<img src="http://127.0.0.2:9/a.png">')
    with serving(checkout / "site") as (address, asked):
        assert opened(f"{address}/loads.html", tmp_path)[1] == ["http://127.0.0.2:9/a.png"]
        asked.clear()
        for page in ("index", "notebooks/01_three_cnns"):
            text, outside = opened(f"{address}/{page}.html", tmp_path)
            assert "Three CNNs" in text and outside == []
        codes = {code for path, code in asked if path != "/favicon.ico"}
        assert len(asked) > 2 and codes <= {200, 304}, asked
