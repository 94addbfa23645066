"""Who calls, how often, and under whose lock: what happens before and after every request."""

from __future__ import annotations

import base64
import binascii
import secrets

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from connectors.sandbox.deposco.answers import Refused, empty, refusal, too_many
from connectors.sandbox.deposco.credentials import LEGACY_PASSWORD, LEGACY_USER
from connectors.sandbox.deposco.store import State
from connectors.sandbox.kit import ADMIN

TOKEN_PATH = "/oauth2/token"
BULK_SCOPES = {"Sales Order": "salesOrders", "Customer Return": "customerReturns", "Item": "items"}
SCOPES = {"locations": "locations", "zones": "zones", "facilities": "facilities", "companies": "companies", "items": "items", "receipts": "receipts"}
SUB_SCOPES = ("salesOrders", "customerReturns", "customerOrders", "outboundShipments", "inventoryAdjustments")


def guard(app: Flask, state: State) -> None:
    """Authentication, the account's one bucket, and the lock, before any handler."""
    app.before_request(lambda: enter(state))
    app.after_request(lambda response: dress(state, response))
    app.teardown_request(lambda error: leave(state))
    app.register_error_handler(Refused, refusal)
    app.register_error_handler(HTTPException, unrouted)


def enter(state: State) -> Response | tuple[Response, int] | None:
    if request.path.startswith(ADMIN) or request.path == TOKEN_PATH:
        lock(state)
        return None
    legacy = request.path.startswith("/integration/")
    refused = basic(state) if legacy else bearer(state)
    if refused is not None:
        return refused
    settings = state.settings
    with state.bench.lock:  # one bucket for the whole account, whichever API is called
        state.bucket.rate = settings.per_s * settings.rate_scale
        state.bucket.capacity = max(1.0, settings.per_s * settings.rate_scale)
    if not state.bucket.admit():
        return too_many(retry_after=settings.retry_after)
    if legacy and settings.gateway and " " in request.path:
        return empty(400)  # the gateway takes no encoded space in a path
    if legacy and state.oddities.take("blank_200"):
        return empty(200)
    lock(state)
    return None


def lock(state: State) -> None:
    state.bench.lock.acquire()
    g.locked = True
    state.settle()


def bearer(state: State) -> Response | tuple[Response, int] | None:
    """The token, its company, and its scope for what is asked."""
    kind, _, word = request.headers.get("Authorization", "").partition(" ")
    token = state.tokens.get(word)
    if kind.lower() != "bearer" or token is None or token.ends_at <= state.now():
        answer = empty(401)
        answer.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return answer
    g.company = token.company
    scope = needed_scope()
    if scope and scope not in token.scopes:
        return refusal(Refused(403, f"The scope {scope} is missing"))
    return None


def needed_scope() -> str:
    """`<resource>/read` or `/write`; a path that needs none ends in its own 404."""
    parts = request.path.split("/")[2:]
    resource = SCOPES.get(parts[0], "") if parts else ""
    if len(parts) > 1 and parts[1] in SUB_SCOPES:
        resource = parts[1]
    if parts[:2] == ["async", "bulkImports"]:
        body = request.get_json(force=True, silent=True)
        resource = BULK_SCOPES.get(body.get("entityType", "") if isinstance(body, dict) else "", "")
    verb = "read" if request.method == "GET" else "write"
    return f"{resource}/{verb}" if resource else ""


def basic(state: State) -> Response | None:
    """The API user, the company code of the path, and for some tenants X-Tenant-Code."""
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        user = password = ""
    known = kind.lower() == "basic" and user == LEGACY_USER and secrets.compare_digest(password.encode(), LEGACY_PASSWORD.encode())
    if not known or request.path.split("/")[2] not in state.companies:
        answer = empty(401)
        answer.headers["WWW-Authenticate"] = 'Basic realm="Deposco"'
        return answer
    if state.settings.tenant_code and request.headers.get("X-Tenant-Code") != state.settings.tenant_code:
        return empty(403)
    g.company = request.path.split("/")[2]
    return None


def dress(state: State, response: Response) -> Response:
    """The oddities that concern a whole answer."""
    if request.path.startswith(ADMIN) or not state.oddities.left or response.status_code >= 300:
        return response
    if request.path.startswith("/integration/") and request.method != "GET" and state.oddities.take("blank_after_write"):
        return empty(200)
    if response.mimetype == "application/json" and state.oddities.take("wrong_type"):
        response.headers["Content-Type"] = "application/xml"
    return response


def leave(state: State) -> None:
    if g.pop("locked", False):
        state.bench.lock.release()


def unrouted(error: HTTPException) -> Response | tuple[Response, int] | HTTPException:
    """An unknown route, or a known one with another verb."""
    if request.path.startswith(ADMIN):
        return jsonify(error=error.description), error.code or 500
    return refusal(Refused(error.code or 500, error.name))
