"""Who calls, how often, how much, and in which language a refusal is told."""

from __future__ import annotations

import time
from collections import deque
from datetime import timedelta
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.patchworks.settings import LIMITS, MOST_BYTES
from connectors.sandbox.patchworks.store import State

PREFIXES = {"core": "api", "start": "api", "webhooks": "webhooks", "callbacks": "callbacks"}
WITH_KEY = ("core", "start")
MESSAGES = {
    401: "Unauthenticated.",
    403: "This action is unauthorized.",
    404: "Not Found",
    405: "The method is not supported for this route.",
    413: "Payload Too Large",
    429: "Too Many Attempts.",
    500: "Server Error",
    503: "Service Unavailable",
}


class Refused(Exception):
    """An HTTP status with a sentence, and the fields at fault."""

    def __init__(self, status: int, message: str = "", errors: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.errors = status, message or MESSAGES.get(status, "Error"), errors or {}


def invalid(field: str, message: str) -> Refused:
    return Refused(422, "The given data was invalid.", {field: [message]})


def refusal(here: State, refused: Refused) -> Response:
    if here.settings.html_without_accept and "json" not in request.headers.get("Accept", ""):
        page = f"<!doctype html><html><head><title>{refused.message}</title></head><body><h1>{refused.status}</h1></body></html>"
        return Response(page, refused.status, mimetype="text/html")
    answer = jsonify({"message": refused.message, **({"errors": refused.errors} if refused.errors else {})})
    answer.status_code = refused.status
    if refused.status == 429 and here.settings.retry_after:
        answer.headers["Retry-After"] = "60"
    return answer


class Minute:
    """Calls of the last minute, of the whole company."""

    def __init__(self) -> None:
        self.calls: dict[str, deque[float]] = {name: deque() for name in LIMITS}

    def admit(self, here: State, kind: str) -> bool:
        if here.settings.rate_scale <= 0:
            return True
        now, calls = time.monotonic(), self.calls[kind]
        while calls and calls[0] < now - 60:
            calls.popleft()
        if len(calls) >= LIMITS[kind] * here.settings.rate_scale:
            return False
        calls.append(now)
        return True


def guard(app: Flask, here: State) -> None:
    minute = Minute()
    app.before_request(lambda: enter(here, minute))
    app.register_error_handler(Refused, lambda refused: refusal(here, refused))
    app.register_error_handler(HTTPException, lambda error: unrouted(here, error))


def enter(here: State, minute: Minute) -> None:
    prefix = request.path.strip("/").partition("/")[0]
    if request.path.startswith(ADMIN) or prefix not in PREFIXES:
        return
    if prefix in WITH_KEY and not known(here, request.headers.get("Authorization", "")):
        raise Refused(401)
    if not minute.admit(here, PREFIXES[prefix]):
        raise Refused(429)
    if (request.content_length or 0) > MOST_BYTES:
        raise Refused(413)


def known(here: State, sent: str) -> bool:
    """An API key as it is; a login token after "Bearer "."""
    with here.bench.lock:
        if sent in here.keys:
            return True
        token = sent.removeprefix("Bearer ")
        if token == sent:
            return False
        if here.settings.bearer_keys == "yes" and token in here.keys:
            return True
        return token in here.tokens and here.tokens[token] > here.now()


def log_in(here: State, name_field: str) -> Response:
    """A token that lives for a day."""
    sent = request.get_json(silent=True)
    told = sent if isinstance(sent, dict) else {}
    name, password = told.get(name_field), told.get("password")
    if not isinstance(name, str) or not isinstance(password, str):
        raise invalid(name_field, f"The {name_field} field is required.")
    if here.logins.get(name) != password:
        raise Refused(401, "These credentials do not match our records.")
    with here.bench.lock:
        token = f"pw-login-{here.next_id('hook'):06d}"
        here.tokens[token] = here.now() + timedelta(seconds=here.settings.token_life_s)
    return jsonify(message="Login successful.", token=token, expires_in=int(here.settings.token_life_s))


def unrouted(here: State, error: HTTPException) -> Any:
    code = error.code or 500
    if request.path.startswith(ADMIN):
        return jsonify(error=error.description), code
    return refusal(here, Refused(code))
