"""A slow server, and what the writers read."""

import http.server
import os
import threading
import time

import pytest

from tests.datasets.conftest import server as server


class Slow(http.server.BaseHTTPRequestHandler):
    """Send a file in pieces, so that a download can be caught in the middle."""

    def do_GET(self):
        data, asked = self.server.data, self.headers.get("Range")
        start = int(asked[6:-1]) if asked else 0
        if start >= len(data):
            return self.send_error(416)
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(data) - start))
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        for at in range(start, len(data), 1000):
            self.wfile.write(data[at : at + 1000])
            time.sleep(0.005)

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            pass  # whoever asked was killed

    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    """What the writers read; see `tests.faults.writers.make_source`."""
    from tests.faults.writers import make_source

    os.environ["NO_PROXY"] = "127.0.0.1"
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True).start()
    folder = tmp_path_factory.mktemp("source")
    make_source(folder, f"http://127.0.0.1:{httpd.server_port}")
    httpd.data = (folder / "a.zip").read_bytes()
    yield folder
    httpd.shutdown()
