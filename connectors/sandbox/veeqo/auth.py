"""Who calls, how often, and under whose lock: what happens before and after every request."""

from __future__ import annotations

from time import perf_counter
from uuid import uuid4

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from connectors.sandbox.kit import ADMIN, LeakyBucket
from connectors.sandbox.veeqo.answers import GATEWAY_PAGE, Refused, empty, rails_error, refusal
from connectors.sandbox.veeqo.models import Json
from connectors.sandbox.veeqo.store import State

LEAK_PER_S = 5.0
JSON_TYPE = "application/json;charset=utf-8"


def guard(app: Flask, state: State) -> None:
    """Authentication, the key's own bucket, and the lock, before any handler."""
    app.before_request(lambda: enter(state))
    app.after_request(lambda response: dress(state, response))
    app.teardown_request(lambda error: leave(state))
    app.register_error_handler(Refused, refusal)
    app.register_error_handler(HTTPException, unrouted)


def enter(state: State) -> Response | tuple[Response, int] | None:
    g.started = perf_counter()
    admin = request.path.startswith(ADMIN)
    if not admin:
        if request.routing_exception is not None:
            return None  # an unknown route is answered before anybody asks who calls
        key, user = caller(state)
        if user is None:
            return refusal(Refused(401, "You're not authorized"))
        g.user = user
        if not bucket(state, key).admit():
            return empty(429)
    state.bench.lock.acquire()
    g.locked = True
    state.settle()
    return None


def caller(state: State) -> tuple[str, Json | None]:
    """The key as sent (x-api-key, or a bearer token) and whose it is."""
    key = request.headers.get("x-api-key")
    if key:
        return key, state.users.get(key)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token, state.tokens.get(token) if scheme.lower() == "bearer" else None


def bucket(state: State, key: str) -> LeakyBucket:
    """Per API key, not per company: leaks 5 a second."""
    settings = state.settings
    with state.bench.lock:
        found = state.buckets.get(key)
        if found is None:
            found = state.buckets[key] = LeakyBucket(LEAK_PER_S, settings.capacity)
        found.rate, found.capacity = LEAK_PER_S * settings.rate_scale, settings.capacity
        return found


def dress(state: State, response: Response) -> Response:
    if request.path.startswith(ADMIN):
        return response
    response = disfigure(state, response)
    if response.mimetype == "application/json" and response.status_code != 204:
        response.headers["Content-Type"] = JSON_TYPE
    response.headers["X-Request-Id"] = str(uuid4())
    response.headers["X-Runtime"] = f"{perf_counter() - g.get('started', perf_counter()):.6f}"
    return response


def disfigure(state: State, response: Response) -> Response:
    """The oddities that concern a whole answer."""
    oddities = state.oddities
    if not oddities.left:
        return response
    if request.method != "GET" and response.status_code < 300 and oddities.take("timeout_after_write"):
        return Response(GATEWAY_PAGE.format("504 Gateway Time-out"), 504, mimetype="text/html")
    if "X-Total-Pages-Count" in response.headers:
        if oddities.take("no_page_headers"):
            del response.headers["X-Total-Pages-Count"]
        elif oddities.take("wrong_page_headers"):
            response.headers["X-Total-Pages-Count"] = "1"
    return response


def leave(state: State) -> None:
    if g.pop("locked", False):
        state.bench.lock.release()


def unrouted(error: HTTPException) -> Response | tuple[Response, int] | HTTPException:
    """An unknown route, or a known one with another verb; a body that is no JSON."""
    if request.path.startswith(ADMIN):
        return jsonify(error=error.description), error.code or 500
    if error.code in (404, 405):
        return rails_error(404)
    if error.code in (400, 415):
        return rails_error(400)
    return error
