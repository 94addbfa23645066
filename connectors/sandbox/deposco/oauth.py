"""Tokens: the installed app's refresh token, and the service app's client credentials."""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.deposco.credentials import CLIENT_ID, CLIENT_SECRET, COMPANY, REFRESH_TOKEN
from connectors.sandbox.deposco.models import Json
from connectors.sandbox.deposco.store import State, state

bp = Blueprint("deposco_oauth", __name__)
RESOURCES: tuple[str, ...] = (
    "items",
    "kits",
    "tradingPartners",
    "companies",
    "facilities",
    "zones",
    "locations",
    "users",
    "salesOrders",
    "purchaseOrders",
)
RESOURCES += ("outboundTransferOrders", "inboundTransferOrders", "customerReturns", "vendorReturns", "customerOrders", "containers", "trips")
RESOURCES += ("outboundShipments", "receipts")
ALL_SCOPES = frozenset(f"{name}/{verb}" for name in RESOURCES for verb in ("read", "write")) | {"inventory/write", "inventoryAdjustments/read"}
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Token:
    """A token in force until its moment."""

    company: str
    scopes: frozenset[str]
    ends_at: datetime


class Denied(Exception):
    """A token request turned down, in plain OAuth2 words."""

    def __init__(self, status: int, error: str, description: str = "") -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error} | ({"error_description": description} if description else {})


@bp.errorhandler(Denied)
def denied(error: Denied) -> tuple[Response, int]:
    return jsonify(error.body), error.status


@bp.post("/oauth2/token")
def issue() -> Response:
    here = state()
    if request.mimetype != FORM:
        raise Denied(400, "invalid_request", "The body is not a form")
    if "businessUnitId" in request.form:
        raise Denied(400, "invalid_request", "Invalid business unit id")
    grant = GRANTS.get(request.form.get("grant_type", ""))
    if grant is None:
        raise Denied(400, "unsupported_grant_type")
    return jsonify(grant(here))


def check(here: State, client_id: str, secret: str) -> None:
    if client_id != CLIENT_ID or not secrets.compare_digest(secret.encode(), CLIENT_SECRET.encode()):
        raise Denied(here.settings.bad_client_status, "invalid_client")


def header_client() -> tuple[str, str]:
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (client_id, secret) if kind.lower() == "basic" else ("", "")


def service_app(here: State) -> Json:
    """Client credentials, in the Basic header; scope, environment and company in the form."""
    check(here, *header_client())
    if request.form.get("env") != here.settings.env:
        raise Denied(400, "invalid_request", "Invalid env")
    if request.form.get("company") not in here.companies:
        raise Denied(400, "invalid_request", "Invalid company")
    return token(here, company=request.form["company"], scopes=asked_scopes(here))


def asked_scopes(here: State) -> frozenset[str]:
    own = ALL_SCOPES if here.settings.scopes is None else frozenset(here.settings.scopes)
    asked = frozenset(request.form.get("scope", "").split())
    if not asked <= own:
        raise Denied(400, "invalid_scope")
    return asked or own


def installed_app(here: State) -> Json:
    """The refresh token that was handed out at installation."""
    check(here, request.form.get("client_id", ""), request.form.get("client_secret", ""))
    sent = request.form.get("refresh_token", "")
    if sent not in here.refresh_tokens:
        raise Denied(400, "invalid_grant")
    company = here.refresh_tokens[sent]
    found = token(here, company=company, scopes=asked_scopes(here))
    if here.settings.rotate_refresh:
        del here.refresh_tokens[sent]
        found["refresh_token"] = f"RT-{secrets.token_hex(8)}"
        here.refresh_tokens[found["refresh_token"]] = company
    return found


GRANTS = {"client_credentials": service_app, "refresh_token": installed_app}


def token(here: State, *, company: str, scopes: frozenset[str]) -> Json:
    word, lasts = f"eyJ.{secrets.token_urlsafe(24)}", here.settings.expires_in_s
    here.tokens[word] = Token(company, scopes, here.now() + timedelta(seconds=lasts))
    return {"access_token": word, "token_type": "Bearer", "expires_in": lasts}


def install(here: State) -> None:
    """The app is installed in the tenant's environment, for its first company."""
    here.refresh_tokens[REFRESH_TOKEN] = COMPANY
