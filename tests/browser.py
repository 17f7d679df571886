"""Headless Chromium, where it is installed: Debian's package ``chromium``."""

import json
import os
import re
import shutil
import subprocess
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

CHROMIUM = os.environ.get("GENRELIB_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *arguments, asked, **options):
        self.asked = asked
        super().__init__(*arguments, **options)

    def send_response(self, code, message=None):
        self.asked.append((self.path, code))
        super().send_response(code, message)

    def log_message(self, *_):
        pass


@contextmanager
def serving(folder):
    """Serve a folder; give its address and a list that fills with (path, status) of every request."""
    asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder), asked=asked))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def opened(address, folder):
    """Open a page; give its DOM as text, and what the page asked of other hosts or in vain."""
    log = folder / "net.json"
    dom = _run(f"--log-net-log={log}", "--dump-dom", address, home=folder)
    origin = re.match(r"https?://[^/]+", address)[0]
    return dom, [url for url in _requests(log) if not url.startswith((origin, "data:", "chrome:", "chrome-"))]


def _run(*arguments, home):
    command = [CHROMIUM, *QUIET, f"--user-data-dir={home / 'profile'}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def _requests(log):
    """What pages asked for: requests of the browser itself have no page that they are made for."""
    content = json.loads(log.read_text())
    asked = [event.get("params", {}) for event in content["events"]]
    return sorted({one["url"] for one in asked if "url" in one and str(one.get("initiator", "")).startswith("http")})
