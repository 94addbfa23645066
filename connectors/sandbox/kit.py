"""The bench every simulator stands on: an app with faults, a call log, a clock, a bucket, and a server on loopback."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response, g, jsonify, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from connectors.sandbox.faults import Fault, Faults, Rule

ADMIN = "/__sandbox__"
CALLS_KEPT = 20_000
STATUS_FAULTS = {Fault.RATE_LIMITED: 429, Fault.SERVER_ERROR: 500, Fault.UNAVAILABLE: 503, Fault.GATEWAY_TIMEOUT: 504}
PROXY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
LOGIN_PAGE = "<!doctype html><html><body><form><h1>Sign in</h1></form></body></html>"


@dataclass
class Clock:
    """The simulator's own time: real time plus a skew (seconds) that a test may set."""

    skew_s: float = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.skew_s)


@dataclass
class LeakyBucket:
    """A bucket that leaks `rate` requests a second and overflows at `capacity`; rate 0 never overflows."""

    rate: float
    capacity: float
    level: float = 0.0
    seen_at: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self) -> bool:
        if self.rate <= 0:
            return True
        with self.lock:
            now = time.monotonic()
            self.level = max(0.0, self.level - (now - self.seen_at) * self.rate)
            self.seen_at = now
            if self.level + 1 > self.capacity:
                return False
            self.level += 1
            return True


@dataclass(frozen=True)
class Call:
    """One request as the simulator saw it, for assertions about what was sent."""

    method: str
    path: str
    query: str
    body: str
    status: int
    at: str


@dataclass
class Bench:
    """What a simulator shares with its admin endpoints."""

    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=CALLS_KEPT))
    lock: threading.RLock = field(default_factory=threading.RLock)
    error_body: Callable[[int], Response | None] | None = None


def create_app(name: str, bench: Bench) -> Flask:
    """A Flask app that draws faults before, and applies them after, the vendor's own handlers.

    `bench.error_body(status)` gives the vendor's own body for an injected status; None means a plain one.
    """
    app = Flask(name)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.before_request(lambda: strike_before(bench))
    app.after_request(lambda response: strike_after(bench, response))
    add_admin(app, bench)
    return app


def strike_before(bench: Bench) -> Response | None:
    if request.path.startswith(ADMIN):
        return None
    rule = bench.faults.draw(request.method, request.path)
    g.fault = rule.fault if rule else None
    if rule is None:
        return None
    if rule.fault in (Fault.LOST_BEFORE, Fault.DOWN):
        return hang_up()
    if rule.fault is Fault.SLOW:
        time.sleep(rule.seconds)
    if rule.fault is Fault.BAD_GATEWAY:
        return Response(PROXY_PAGE, 502, mimetype="text/html")
    if rule.fault in STATUS_FAULTS:
        status = STATUS_FAULTS[rule.fault]
        own = bench.error_body(status) if bench.error_body else None
        return own or Response("", status)
    return None


def strike_after(bench: Bench, response: Response) -> Response:
    if request.path.startswith(ADMIN):
        return response
    fault = g.get("fault")
    if fault is Fault.LOST_AFTER:
        response = hang_up()
    elif fault is Fault.HTML:
        response = Response(LOGIN_PAGE, 200, mimetype="text/html")
    elif fault is Fault.MALFORMED:
        whole = response.get_data()
        response.set_data(whole[: max(1, len(whole) // 2)])
    bench.calls.append(
        Call(
            request.method,
            request.path,
            request.query_string.decode(),
            request.get_data(as_text=True)[:100_000],
            response.status_code,
            bench.clock.now().isoformat(),
        )
    )
    return response


def hang_up() -> Response:
    """Close the socket so that the client sees no answer at all (werkzeug hands the socket to the app)."""
    connection = request.environ.get("werkzeug.socket")
    if connection is not None:
        try:
            connection.shutdown(2)
        except OSError:
            return Response("", 599)
    return Response("", 599)


def add_admin(app: Flask, bench: Bench) -> None:
    """The endpoints by which a test or a person makes this simulator misbehave, and reads what it was asked."""

    @app.post(f"{ADMIN}/faults")
    def add_fault() -> Any:
        wanted = request.get_json(force=True)
        bench.faults.add(Rule(**{**wanted, "fault": Fault(wanted["fault"])}))
        return jsonify(faults=len(bench.faults.rules)), 201

    @app.delete(f"{ADMIN}/faults")
    def clear_faults() -> Any:
        bench.faults.clear()
        return "", 204

    @app.post(f"{ADMIN}/seed")
    def seed() -> Any:
        bench.faults.reseed(int(request.get_json(force=True)["seed"]))
        return "", 204

    @app.post(f"{ADMIN}/clock")
    def skew() -> Any:
        bench.clock.skew_s = float(request.get_json(force=True)["skew_s"])
        return jsonify(now=bench.clock.now().isoformat())

    @app.get(f"{ADMIN}/calls")
    def calls() -> Any:
        return jsonify([vars(call) for call in list(bench.calls)])

    @app.delete(f"{ADMIN}/calls")
    def forget_calls() -> Any:
        bench.calls.clear()
        return "", 204


class QuietHandler(WSGIRequestHandler):
    """Keeps connections open and says nothing on the terminal."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: Any) -> None:
        """Requests are in the call log; the terminal stays readable."""


@dataclass
class Running:
    """A simulator listening on loopback."""

    server: BaseWSGIServer
    thread: threading.Thread

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(timeout=5)


def serve(app: Flask, *, port: int = 0) -> Running:
    """Serve an app on 127.0.0.1 (port 0: any free one) from a thread of its own."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, name=f"sandbox-{app.name}", daemon=True)
    thread.start()
    return Running(server, thread)
