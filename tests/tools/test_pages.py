import json

import pytest

from genrelib._base.errors import GenrelibError
from genrelib._base.paths import RUNS
from tests.browser import CHROMIUM, opened, serving
from tests.reports.leakage.test_study import folder  # noqa: F401  a run with one record
from tools.pages import fetched_from_outside, write_pages

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
BADGE = (
    "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/x)"
)
NEEDED = "needs Chromium: apt-get install chromium, or name it in GENRELIB_CHROMIUM"
browser = pytest.mark.skipif(not CHROMIUM, reason=NEEDED)


def write_notebook(path, *markdown, outputs=()):
    cells = [{"cell_type": "markdown", "metadata": {}, "source": text} for text in markdown]
    code = {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": "1 + 1", "outputs": list(outputs)}
    path.write_text(json.dumps({"cells": [*cells, code], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))


@pytest.fixture
def run(folder):  # noqa: F811
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": PNG}}
    links = "Next: [01](01_three_cnns.ipynb), later [05](05_genre_and_mood.ipynb)"
    write_notebook(folder / "00_start_here.ipynb", "# 00 Start here", BADGE, links, outputs=[picture])
    write_notebook(folder / "01_three_cnns.ipynb", "# 01 Three CNNs", "$x^2$ stays as it is")
    return folder


def test_every_notebook_and_the_scoreboard_have_a_page(run):
    index = write_pages(run)
    names = {path.name for path in index.parent.iterdir()}
    stems = {"index", "00_start_here", "01_three_cnns", "scoreboard"}
    assert names == {f"{stem}.html" for stem in stems}
    text = index.read_text()
    assert all(f'href="{name}"' in text for name in names - {"index.html"})
    assert "<td>idc-mel-cnn1d</td>" in (run / "html" / "scoreboard.html").read_text()


def test_pictures_are_inside_badges_are_words_and_links_lead_to_pages(run):
    page = (write_pages(run).parent / "00_start_here.html").read_text()
    assert f"data:image/png;base64,{PNG}" in page
    assert ">Open in Colab</a>" in page and "colab-badge" not in page
    assert 'href="01_three_cnns.html"' in page
    assert "05_genre_and_mood" not in page  # this run has no such page


def test_a_demo_site_says_so_on_its_first_page(run):
    assert "DEMO" not in write_pages(run).read_text()
    (run / "results" / "idc-mel-cnn1d.json").unlink()
    demo = run.rename(run.with_name("demo"))
    assert "evidence of nothing" in write_pages(demo).read_text()


def test_a_new_site_replaces_the_old_one_only_when_whole(run):
    index = write_pages(run)
    (index.parent / "stale.html").touch()
    remote = {"output_type": "display_data", "metadata": {}, "data": {"text/html": '<script src="https://cdn.x/a.js">'}}
    write_notebook(run / "02_remote.ipynb", "# 02", outputs=[remote])
    with pytest.raises(GenrelibError, match="02_remote.html would fetch https://cdn.x/a.js"):
        write_pages(run)
    assert (index.parent / "stale.html").exists()
    (run / "02_remote.ipynb").unlink()
    write_pages(run)
    assert not (index.parent / "stale.html").exists() and not list(run.glob(".html-*"))


def test_a_failed_notebook_or_none_is_refused(run, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(GenrelibError, match="no executed notebooks"):
        write_pages(tmp_path / "empty")
    (run / "02_x.failed.ipynb").write_text((run / "01_three_cnns.ipynb").read_text())
    with pytest.raises(GenrelibError, match="02_x.failed.ipynb"):
        write_pages(run)
    (run / "02_x.failed.ipynb").rename(run / ".02_x.running.ipynb")
    with pytest.raises(GenrelibError, match=".02_x.running.ipynb"):
        write_pages(run)


@pytest.mark.parametrize(
    "text, found",
    [
        ('<script src="https://cdn.x/a.js"></script>', ["https://cdn.x/a.js"]),
        ('<link rel="stylesheet" href="//cdn.x/a.css">', ["//cdn.x/a.css"]),
        ("<IMG SRC='HTTP://x/a.png'>", ["HTTP://x/a.png"]),
        ("<style>@import 'https://x/a.css'; p { background: url(https://x/b.png) }</style>",
         ["https://x/a.css", "https://x/b.png"]),
        ('<p style="background: url(\'//x/c.png\')">', ["//x/c.png"]),
        ('<script>import m from "https://cdn.x/m.mjs"</script>', ["https://cdn.x/m.mjs"]),
        ('<a href="https://x/">there</a> https://y/ <img src="data:image/png;base64,AA"><img src="a.png">', []),
    ],
)  # fmt: skip
def test_what_a_browser_would_fetch_is_found(text, found):
    assert fetched_from_outside(text) == found


@browser
def test_pages_open_in_a_browser_and_nothing_fails_to_load(run, tmp_path):
    site = write_pages(run).parent
    with serving(site) as (address, asked):
        index, outside = opened(f"{address}/index.html", tmp_path)
        assert "00 Start here" in index and outside == []
        page, outside = opened(f"{address}/00_start_here.html", tmp_path)
        assert "Open in Colab" in page and outside == []
    assert asked == [("/index.html", 200), ("/00_start_here.html", 200)]


@browser
def test_a_page_that_fetches_is_noticed(tmp_path):
    images = '<img src="http://127.0.0.2:9/a.png"><img src="no.png">'
    (tmp_path / "a.html").write_text(f'<link rel="icon" href="data:,">{images}')
    with serving(tmp_path) as (address, asked):
        assert opened(f"{address}/a.html", tmp_path)[1] == ["http://127.0.0.2:9/a.png"]
    assert ("/no.png", 404) in asked


@browser
@pytest.mark.skipif(not list(RUNS.glob("demo/0*.ipynb")), reason="make reproduce COLLECTION=demo was not run here")
def test_the_demo_run_opens(tmp_path):
    with serving(write_pages(RUNS / "demo").parent) as (address, asked):
        for name in ("index", sorted(path.stem for path in RUNS.glob("demo/0*.ipynb"))[0]):
            assert opened(f"{address}/{name}.html", tmp_path)[1] == []
    assert {code for _, code in asked} == {200}
