"""Downloads against a local server that misbehaves in every way seen in the wild."""

import hashlib
import sys

import pytest

from genrelib._base.errors import DownloadError
from genrelib.datasets import _download as fetch
from genrelib.datasets._download import Remote, download
from tests.datasets.serving import CUT, DATA, cut, cut_chunked, plain, ranged, reset, stall, status
from tests.making import names_in

MD5 = f"md5:{hashlib.md5(DATA).hexdigest()}"


def get(folder, *urls, **options):
    remote = Remote(urls, "a.bin", options.pop("n_bytes", None), options.pop("checksum", MD5))
    return download(remote, folder, **{"progress": False, "timeout": 5, "backoff": 0.01} | options)


@pytest.mark.parametrize("known", [{}, {"checksum": None}, {"checksum": None, "n_bytes": len(DATA)}])
@pytest.mark.parametrize("behaviours", [
    [plain], [cut, ranged], [cut, plain], [reset, ranged], [status(429, Retry_After="0"), plain], [status(500), plain],
    [cut, status(503), ranged], [cut_chunked, plain], [cut, status(416), plain], [status(302, Location="/b"), plain],
])  # fmt: skip
def test_whole_in_the_end(server, tmp_path, behaviours, known):
    server.route("/b", plain)
    path = get(tmp_path / "new" / "folder", server.route("/a", *behaviours), **known)
    assert path.read_bytes() == DATA
    assert names_in(path.parent) == ["a.bin"]


@pytest.mark.parametrize("known", [{}, {"checksum": None}])
def test_only_the_missing_bytes_are_sent(server, tmp_path, known):
    get(tmp_path, server.route("/a", cut, ranged), **known)
    assert [entry["range"] for entry in server.log] == [None, f"bytes={CUT}-"]
    assert [entry["sent"] for entry in server.log] == [CUT, len(DATA) - CUT]


def test_stall_ends_at_the_timeout_and_is_resumed(server, tmp_path):
    assert get(tmp_path, server.route("/a", stall, ranged), timeout=0.3).read_bytes() == DATA
    assert server.log[1]["range"].startswith("bytes=")


def test_part_goes_on_at_the_next_mirror_with_a_checksum_alone(server, tmp_path):
    for checksum_known, asked in [(MD5, f"bytes={CUT}-"), (None, None)]:
        urls = server.route("/a", cut, status(404)), server.route("/b", ranged)
        path = get(tmp_path / str(checksum_known)[:3], *urls, checksum=checksum_known, n_bytes=len(DATA))
        assert path.read_bytes() == DATA
        assert (server.log[-1]["path"], server.log[-1]["range"]) == ("/b", asked)


def test_part_of_an_earlier_run_is_resumed_unless_the_file_changed(server, tmp_path):
    other = DATA[::-1]
    url = server.route("/a", lambda handler: cut(handler, ETag='"1"'))
    with pytest.raises(DownloadError):
        get(tmp_path, url, attempts=1, checksum=None)
    assert (tmp_path / "a.bin.part").stat().st_size == CUT
    server.route("/a", lambda handler: plain(handler, other, ETag='"2"'))  # as a server does whose ETag is another
    assert get(tmp_path, url, checksum=None).read_bytes() == other
    assert server.log[-1]["if_range"] == '"1"'


@pytest.mark.parametrize("junk", [b"junk" * 9, b"x" * len(DATA), b"x" * (len(DATA) + 9)])
def test_a_bad_part_from_before_is_not_the_mirrors_fault(server, tmp_path, junk):
    (tmp_path / "a.bin.part").write_bytes(junk)
    assert get(tmp_path, server.route("/a", ranged), n_bytes=len(DATA)).read_bytes() == DATA
    assert server.log[-1]["range"] is None


def test_complete_part_is_only_checked(tmp_path):
    (tmp_path / "a.bin.part").write_bytes(DATA)
    assert get(tmp_path, "http://127.0.0.1:9/never-asked", n_bytes=len(DATA)).read_bytes() == DATA


def test_existing_good_file_needs_no_request(tmp_path):
    (tmp_path / "a.bin").write_bytes(DATA)
    assert get(tmp_path, "http://127.0.0.1:9/never-asked", n_bytes=len(DATA)) == tmp_path / "a.bin"


def test_existing_bad_file_gives_way_to_a_good_one_alone(server, tmp_path):
    (tmp_path / "a.bin").write_bytes(b"bad")
    with pytest.raises(DownloadError, match="already here.*wrong md5"):
        get(tmp_path, server.route("/a", status(404), plain))
    assert (tmp_path / "a.bin").read_bytes() == b"bad"
    assert get(tmp_path, server.route("/a", plain)).read_bytes() == DATA


@pytest.mark.parametrize(("behaviour", "reason", "requests"), [
    (status(404), "HTTP 404", 1), (status(500), "HTTP 500", 3), (status(204), "HTTP 204", 1),
    (reset, "tried 3 times", 3), (lambda handler: plain(handler, DATA[::-1]), "wrong md5", 1),
    (lambda handler: plain(handler, DATA[1:]), "wrong size", 1),
    (cut, f"{CUT:,} of {len(DATA):,} bytes|IncompleteRead", 3), (status(302, Location="/a"), "TooManyRedirects", None),
])  # fmt: skip
def test_failing_mirror_is_told_and_the_next_one_tried(server, tmp_path, behaviour, reason, requests):
    bad = server.route("/a", behaviour)
    with pytest.raises(DownloadError, match=reason) as caught:
        get(tmp_path, bad, "http://127.0.0.1:9/dead", n_bytes=len(DATA))
    message = str(caught.value)
    assert bad in message and "http://127.0.0.1:9/dead: ConnectionError" in message and MD5 in message
    assert f"put it at {tmp_path / 'a.bin'}" in message and not (tmp_path / "a.bin").exists()
    assert requests in (None, len(server.log))
    assert not reason.startswith("wrong") or names_in(tmp_path) in ([], ["a.bin.part.from"])
    good = server.route("/b", ranged)
    assert get(tmp_path, "http://127.0.0.1:9/dead", bad, good, n_bytes=len(DATA)).read_bytes() == DATA


def test_answer_that_nothing_can_show_to_be_whole_is_refused(server, tmp_path):
    def endless(handler):
        handler.head(200)
        handler.body(DATA)

    with pytest.raises(DownloadError, match="no length"):
        get(tmp_path, server.route("/a", endless), checksum=None)
    assert get(tmp_path, server.route("/a", endless)).read_bytes() == DATA


def test_retry_after_is_honoured_up_to_a_cap(server, tmp_path, monkeypatch):
    slept = []
    monkeypatch.setattr(fetch.time, "sleep", slept.append)
    get(tmp_path, server.route("/a", status(429, Retry_After="2"), status(429, Retry_After="86400"), plain))
    assert slept == [2.0, fetch.MAX_RETRY_AFTER]


def test_a_line_each_tenth_without_a_terminal(server, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    get(tmp_path, server.route("/a", plain), progress=True)
    lines = capsys.readouterr().err.splitlines()
    assert 2 <= len(lines) <= 10 and lines[-1] == "a.bin: 100% of 0.6 MB"
