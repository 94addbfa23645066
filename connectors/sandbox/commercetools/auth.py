"""Client-credentials tokens and the scopes they carry (https://docs.commercetools.com/api/authorization)."""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, jsonify, request

from connectors.sandbox.commercetools.errors import ApiError, insufficient_scope, invalid_token, no_token
from connectors.sandbox.commercetools.settings import ApiClient
from connectors.sandbox.commercetools.store import State

BAD_CLIENT = "Please provide valid client credentials using HTTP Basic Authentication."
BAD_SCOPE = "Malformed parameter: scope: Invalid scope."


@dataclass(frozen=True)
class Token:
    """A token in force until its moment."""

    client_id: str
    scopes: frozenset[str]
    ends_at: datetime


def add_token_endpoint(app: Flask, state: State) -> None:
    @app.post("/oauth/token")
    def issue_token() -> Any:
        with state.bench.lock:
            return jsonify(issue(state))


def issue(state: State) -> dict[str, Any]:
    client_id, client = authenticate_client(state)
    grant = request.form.get("grant_type", request.args.get("grant_type"))
    if grant != "client_credentials":
        raise ApiError(400, "unsupported_grant_type", "Invalid parameter: grant_type: Invalid grant type.")
    if state.suspended:
        raise ApiError(400, "invalid_scope", f"Project '{state.settings.project_key}' is suspended")
    scopes = wanted_scopes(state, client)
    token, lasts = secrets.token_urlsafe(24), state.settings.expires_in_s
    state.tokens[token] = Token(client_id, frozenset(scopes), state.bench.clock.now() + timedelta(seconds=lasts))
    return {"access_token": token, "token_type": "Bearer", "expires_in": lasts, "scope": " ".join(scopes)}


def authenticate_client(state: State) -> tuple[str, ApiClient]:
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        client_id = secret = ""
    client = state.settings.clients.get(client_id)
    if kind.lower() != "basic" or client is None or not secrets.compare_digest(client.secret.encode(), secret.encode()):
        raise ApiError(401, "invalid_client", BAD_CLIENT)
    return client_id, client


def wanted_scopes(state: State, client: ApiClient) -> list[str]:
    asked = request.form.get("scope", request.args.get("scope", "")).split()
    if not asked and not state.settings.scope_required:
        return list(client.scopes)
    managed = {scope.partition(":")[2] for scope in client.scopes if scope.startswith("manage_project:")}
    granted = [scope in client.scopes or scope.partition(":")[2].split(":")[0] in managed for scope in asked]
    if not asked or not all(granted):
        raise ApiError(400, "invalid_scope", BAD_SCOPE)
    return asked


def bearer(state: State) -> Token:
    """The token of this request, or 401: missing, unknown, expired, or of another project."""
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not text:
        raise no_token()
    token: Token | None = state.tokens.get(text)
    if token is None or token.ends_at <= state.bench.clock.now():
        raise invalid_token()
    if not any(scope.split(":")[1:2] == [state.settings.project_key] for scope in token.scopes):
        raise invalid_token()
    return token


def require(token: Token, scopes: tuple[str, ...], *, project: str, store: str | None = None) -> None:
    """403 unless the token has one of the scopes, a manage scope standing in for its view scope."""
    accepted = [*scopes, *(scope.replace("view_", "manage_", 1) for scope in scopes if scope.startswith("view_")), "manage_project"]
    wanted = {f"{scope}:{project}" for scope in accepted}
    if store is not None:
        wanted |= {f"{scope}:{project}:{store}" for scope in accepted}
    if scopes and not wanted & token.scopes:
        raise insufficient_scope(scopes)
