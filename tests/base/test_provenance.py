import shutil
import subprocess

import pytest

from genrelib._base import provenance


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_commit_says_what_changed(tmp_path):
    def git(*arguments):
        names = ["-c", "user.name=a", "-c", "user.email=a@b"]
        command = ["git", *names, *arguments]
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout.strip()

    assert provenance.commit(tmp_path) == "unknown"
    git("init")
    assert provenance.commit(tmp_path) == "unknown"
    (tmp_path / "code.py").write_text("1")
    git("add", "."), git("commit", "-m", "one")
    head = git("rev-parse", "HEAD")
    assert provenance.commit(tmp_path) == head
    (tmp_path / "results").mkdir()
    (tmp_path / "results/a.json").write_text("{}")
    (tmp_path / "README.md").write_text("table")
    assert provenance.commit(tmp_path) == head
    (tmp_path / "code.py").write_text("2")
    assert provenance.commit(tmp_path) == head + "+changes"
    (tmp_path / "inside").mkdir()
    assert provenance.commit(tmp_path / "inside") == "unknown"


def test_versions_name_each_package(monkeypatch):
    found = provenance.versions()
    assert list(found) == ["python", *provenance.PACKAGES]
    assert found["genrelib"] is not None
    monkeypatch.setattr(provenance, "PACKAGES", ("genrelib", "no-such-package"))
    assert provenance.versions()["no-such-package"] is None
