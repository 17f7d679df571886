"""The site of `make html`: every page there and in the contents, and nothing fetched from elsewhere but badges."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

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


def test_what_a_page_loads_is_in_the_site(checkout):
    for page in (checkout / "site").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        names = re.findall(r"""<(?:script|link|img)\b[^>]*?\b(?:src|href)="([^"#?:]+)["#?]""", text)
        assert names and [name for name in names if not (page.parent / name).exists()] == [], page


def test_nothing_is_fetched_from_elsewhere_but_badges(checkout):
    texts = [path.read_text(encoding="utf-8") for path in (checkout / "site").rglob("*.html")]
    texts += [path.read_text(encoding="utf-8") for path in (checkout / "site").rglob("*.css")]
    assert {address for text in texts for address in fetched(text)} == {BADGE}


def test_a_collection_on_which_nothing_ran_is_refused(checkout):
    ended = build(checkout, "gtzan")
    assert ended.returncode and "make reproduce COLLECTION=gtzan" in ended.stderr
