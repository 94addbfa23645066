"""Who calls, how often, and under whose lock: what happens before and after every request."""

from __future__ import annotations

import base64
import binascii
import secrets

from flask import Flask, Response, g, jsonify, redirect, request
from werkzeug.exceptions import HTTPException

from connectors.sandbox.kit import ADMIN, LeakyBucket
from connectors.sandbox.xoro.answers import BUSY_PAGE, Denied, Refused, login_page, page_of, refusal, throttled, told
from connectors.sandbox.xoro.store import App, State

RATE_PER_S = 2.0
LOGIN = "/login"
TENANT = "the tenant"


class Throttle:
    """About two requests a second; the answers to more take turns at looking like bad data."""

    def __init__(self) -> None:
        self.buckets: dict[str, LeakyBucket] = {}
        self.turn = 0

    def admits(self, state: State, key: str) -> bool:
        settings = state.settings
        whose = key if settings.throttle_by == "key" else TENANT
        bucket = self.buckets.setdefault(whose, LeakyBucket(RATE_PER_S, settings.burst))
        bucket.rate, bucket.capacity = RATE_PER_S * settings.rate_scale, settings.burst
        return bucket.admit()

    def answer(self, state: State) -> Response:
        """A write is never answered by an empty success: it was not done."""
        manners = [each for each in state.settings.throttle_as if request.method == "GET" or each != "empty"] or ["unavailable"]
        self.turn += 1
        return throttled(manners[(self.turn - 1) % len(manners)])


def guard(app: Flask, state: State) -> None:
    """Authentication, the limit, and the lock, before any handler."""
    throttle = Throttle()
    app.before_request(lambda: enter(state, throttle))
    app.after_request(lambda response: dress(state, response))
    app.teardown_request(lambda error: leave(state))
    app.register_error_handler(Refused, refusal)
    app.register_error_handler(Denied, lambda denied: told(denied.status))
    app.register_error_handler(HTTPException, unrouted)


def enter(state: State, throttle: Throttle) -> Response | None:
    admin = request.path.startswith(ADMIN)
    if not admin and request.path != LOGIN:
        key, found = caller(state)
        if found is None:
            return turned_away(state)
        g.app = found
        if not throttle.admits(state, key):
            return throttle.answer(state)
    state.bench.lock.acquire()
    g.locked = True
    state.settle()
    return None


def caller(state: State) -> tuple[str, App | None]:
    """The API key of the Basic credentials, and the private app whose secret came with it."""
    scheme, _, coded = request.headers.get("Authorization", "").partition(" ")
    try:
        key, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", None
    found = state.apps.get(key)
    known = scheme.lower() == "basic" and found is not None and secrets.compare_digest(found.secret.encode(), secret.encode())
    return key, found if known else None


def turned_away(state: State) -> Response:
    """Wrong key or secret: 401, or what a browser would get."""
    if state.settings.bad_key == "redirect":
        answer = redirect(LOGIN)
        assert isinstance(answer, Response)
        return answer
    return login_page() if state.settings.bad_key == "html" else told(401)


def dress(state: State, response: Response) -> Response:
    if request.path.startswith(ADMIN) or request.method == "GET" or response.status_code != 200:
        return response
    if g.get("locked") and state.oddities.take("blank_after_write"):
        return page_of(BUSY_PAGE)
    return response


def leave(state: State) -> None:
    if g.pop("locked", False):
        try:
            state.push.flush()
        finally:
            state.bench.lock.release()


def unrouted(error: HTTPException) -> Response | tuple[Response, int] | HTTPException:
    if request.path.startswith(ADMIN):
        return jsonify(error=error.description), error.code or 500
    return told(error.code) if error.code in (400, 404, 405) else error
