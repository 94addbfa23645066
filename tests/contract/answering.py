"""A server on loopback that gives every question the same answer, however foolish."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class SameAnswer(BaseHTTPRequestHandler):
    """Reads the request and says what it was told to say."""

    protocol_version = "HTTP/1.1"
    status, body, kind = 200, b"", "application/json"

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/oauth/token"):
            self.say(200, b'{"access_token": "t", "expires_in": 3600, "token_type": "Bearer", "scope": "all"}', "application/json")
            return
        self.say(self.status, self.body, self.kind)

    def say(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on the terminal."""


@contextmanager
def answering(status: int, body: bytes, kind: str = "application/json") -> Iterator[str]:
    """The address of such a server, while the block runs."""
    handler = type("Handler", (SameAnswer,), {"status": status, "body": body, "kind": kind})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
