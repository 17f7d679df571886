"""A local web server that misbehaves in every way seen in the wild."""

import hashlib
import http.server
import os
import socket
import struct
import threading
import time
from contextlib import contextmanager

DATA = bytes(hashlib.sha256(b"genrelib").digest() * 20_000)  # 640 kB
CUT = 300_001


class Handler(http.server.BaseHTTPRequestHandler):
    """Answer the n-th request of a path with the n-th of its behaviours; the last one repeats."""

    def do_GET(self):
        behaviours = self.server.routes[self.path]
        behaviour = behaviours.pop(0) if len(behaviours) > 1 else behaviours[0]
        self.asked = self.headers.get("Range")
        self.entry = {"path": self.path, "range": self.asked, "if_range": self.headers.get("If-Range"), "sent": 0}
        self.server.log.append(self.entry)
        behaviour(self)

    def head(self, status=200, length=None, **headers):
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def body(self, data):
        self.entry["sent"] += len(data)
        self.wfile.write(data)

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            pass  # whoever asked was killed

    def log_message(self, *args):
        pass


@contextmanager
def local_server():
    """Serve; ``route(path, *behaviours)`` of what is given tells how a path answers, and gives its address."""
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.routes, httpd.log, httpd.released = {}, [], threading.Event()

    def route(path, *behaviours):
        httpd.routes[path] = list(behaviours)
        return f"http://127.0.0.1:{httpd.server_port}{path}"

    httpd.route = route
    threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True).start()
    yield httpd
    httpd.released.set()
    httpd.shutdown()
    httpd.server_close()


def plain(handler, data=DATA, **headers):
    handler.head(200, len(data), **headers)
    handler.body(data)


def ranged(handler, data=DATA, **headers):
    if not handler.asked:
        return plain(handler, data, **headers)
    start = int(handler.asked.removeprefix("bytes=").removesuffix("-"))
    if start >= len(data):
        return handler.head(416, 0)
    handler.head(206, len(data) - start, Content_Range=f"bytes {start}-{len(data) - 1}/{len(data)}", **headers)
    handler.body(data[start:])


def slowly(handler, data):
    """In pieces, so that a download can be caught in the middle."""
    send = handler.body

    def in_pieces(rest):
        for at in range(0, len(rest), 1000):
            send(rest[at : at + 1000])
            time.sleep(0.005)

    handler.body = in_pieces
    ranged(handler, data)


def cut(handler, data=DATA, n_bytes=CUT, **headers):
    handler.head(200, len(data), **headers)
    handler.body(data[:n_bytes])


def reset(handler):
    cut(handler)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(handler.connection.detach())
    handler.close_connection = True


def stall(handler):
    cut(handler)
    handler.server.released.wait(20)


def cut_chunked(handler):
    handler.head(200, Transfer_Encoding="chunked")
    handler.wfile.write(b"1000\r\n" + DATA[:0x1000] + b"\r\n1000\r\n" + DATA[:100])


def status(code, **headers):
    return lambda handler: handler.head(code, 0, **headers)
