"""Downloads from servers that answer anything: the right file in place in the end, or one clear error and no file."""

import http.server
import socket
import ssl
import subprocess
import threading
import time

import pytest

from genrelib._base.errors import DownloadError
from genrelib.datasets import _download as fetch
from genrelib.datasets._download import Remote, download
from tests.datasets.serving import DATA, cut, cut_chunked, plain, ranged, reset, stall, status
from tests.datasets.test_fetch import MD5
from tests.faults.helping import CASES, draws
from tests.making import names_in

HONEST = [
    plain, ranged, cut, reset, stall, cut_chunked, status(404), status(429, Retry_After="0"), status(500), status(503),
    status(416), status(204), status(302, Location="/loop"), status(302, Location="/good"),
]  # fmt: skip
LYING = [
    lambda handler: plain(handler, DATA[::-1]), lambda handler: plain(handler, b"<html>404</html>" * 99),
    lambda handler: ranged(handler, DATA[::-1]), lambda handler: plain(handler, DATA + b"more"),
    lambda handler: cut(handler, DATA[::-1]),
]  # fmt: skip
NASTY = [
    b"\xb2", b"-1", b"9" * 5000, b"\xd9\xa1\xd9\xa2", b"", b"1, 2", b"0x10", b"1e9", b"\xff\xfe", b"http://[", b"//",
    b"http://\xff\xff", b"javascript:0", b"http://127.0.0.1:1/", b"bytes */*", b"bytes 5-2/1", b"bytes 0-/\xb2", b"\0",
    b"NaN", b"a" * 70_000, b"gzip", b"chunked",
]  # fmt: skip
NAMES = [b"Content-Length", b"Content-Range", b"Retry-After", b"Location", b"ETag", b"Transfer-Encoding",
         b"Content-Encoding", b"Connection", b"Set-Cookie", b""]  # fmt: skip
STATUS = [
    b"HTTP/1.1 200 OK", b"HTTP/1.1 206 Partial Content", b"HTTP/1.1 302 Found", b"HTTP/1.1 301 \xff", b"HTTP/9 2", b"",
    b"HTTP/1.1 429 Too Many Requests", b"HTTP/1.1 \xb2\xb2\xb2 OK", b"ICY 200 OK", b"HTTP/1.1 100 Continue",
]  # fmt: skip


def get(folder, *urls, **known):
    return download(Remote(urls, "a.bin", **known), folder, progress=False, timeout=0.5, backoff=0, attempts=3)


def test_random_sequences_of_faults(server, tmp_path):
    """One to three mirrors that stall, reset, break off, lie, redirect in circles or answer 204 to 503, at random"""
    random = draws("network")
    for number in range(CASES // 4):
        known = random.choice([{}, {"n_bytes": len(DATA)}, {"checksum": MD5}, {"checksum": MD5, "n_bytes": len(DATA)}])
        answers = HONEST + LYING * ("checksum" in known)
        server.route("/loop", status(302, Location="/loop"))
        server.route("/good", plain)
        mirrors = [
            server.route(f"/{number}-{i}", *random.choices(answers, k=random.randint(1, 4)))
            for i in range(random.randint(1, 3))
        ]
        folder = tmp_path / str(number)
        try:
            assert get(folder, *mirrors, **known).read_bytes() == DATA, number
        except DownloadError as error:
            assert all(url in str(error) for url in mirrors) and not (folder / "a.bin").exists(), number
        last = server.route("/last", ranged)
        assert get(folder, last, **known).read_bytes() == DATA, number
        assert names_in(folder) == ["a.bin"]


class Raw:
    """A server that sends bytes as they are."""

    def __init__(self):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.answer, self.url = b"", f"http://127.0.0.1:{self.listening.getsockname()[1]}/a"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65536)
                    connection.sendall(self.answer)
                except OSError:
                    pass


def test_answers_that_are_no_http(tmp_path, monkeypatch):
    """Status lines and headers of nonsense: numbers in other scripts, addresses that do not parse, no HTTP at all"""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(fetch.time, "sleep", lambda seconds: None)
    random, raw = draws("headers"), Raw()
    for number in range(CASES):
        headers = [name + b": " + random.choice(NASTY) for name in random.sample(NAMES, random.randint(1, 3))]
        if random.random() < 0.5:
            headers.append(b"Content-Length: %d" % len(DATA))
        lines = [random.choice(STATUS[:4] if random.random() < 0.7 else STATUS), *headers]
        raw.answer = b"\r\n".join(lines) + b"\r\n\r\n" + DATA[: random.choice([0, 100, len(DATA)])]
        folder, begin = tmp_path / str(number), time.process_time()
        try:
            assert get(folder, raw.url, checksum=MD5).read_bytes() == DATA, lines
        except DownloadError:
            assert not (folder / "a.bin").exists(), lines
        assert time.process_time() - begin < 5, lines
    raw.listening.close()


def test_redirect_from_https_to_http_over_the_wire(server, tmp_path, monkeypatch):
    """A server with a certificate that redirects to http is not followed"""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"needs openssl to make a certificate ({error})")
    target = server.route("/plain", plain)

    class Redirect(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(302)
            self.send_header("Location", target if self.path == "/down" else "/down")
            self.end_headers()

        def log_message(self, *args):
            pass

    secure = http.server.HTTPServer(("127.0.0.1", 0), Redirect)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    threading.Thread(target=secure.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    for path in ("/down", "/first"):
        with pytest.raises(DownloadError, match="redirects from https to http://127.0.0.1"):
            get(tmp_path / "out", f"https://127.0.0.1:{secure.server_port}{path}", checksum=MD5)
    assert server.log == [] and names_in(tmp_path / "out") == []
    secure.shutdown()
    secure.server_close()
