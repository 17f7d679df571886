"""README's ten lines run as they stand, and it stays a page."""

import re

import genrelib as gl
from genrelib.datasets.gtzan import GENRES
from tests.making import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_ten_lines_train_a_network_and_classify_a_song(tmp_path, monkeypatch, capsys):
    load = gl.load_collection
    monkeypatch.setattr(gl, "load_collection", lambda name: load(name, tmp_path, tracks_per_genre=8, seconds=6))
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(block.strip().splitlines()) <= 12
    exec(block, {})
    assert (tmp_path / "mine.keras").is_file()
    scores, *answers = capsys.readouterr().out.strip().splitlines()[-4:]
    assert all(0 <= float(value) <= 1 for value in scores.split())
    assert any(genre in answers[0] for genre in load("demo", tmp_path, tracks_per_genre=8, seconds=6).genres)
    assert all(any(genre in answer for genre in GENRES) for answer in answers[1:])


def test_readme_is_a_page_and_its_links_lead_somewhere():
    own = re.sub(r"<!-- home -->.*<!-- /home -->", "", README, flags=re.DOTALL)  # an address has any length
    assert len(own.encode()) < 9_000
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "results/README.md", *(ROOT / "docs").glob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists() or "://" in target, f"{page.name}: {target}"
