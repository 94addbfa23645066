"""Patchworks' card: what a connection to it needs, what it can do, how fast it may be asked.

240 calls a minute for the API, 120 for webhooks: we stay at half of the former. https://doc.wearepatchworks.com
"""

from __future__ import annotations

from connectors.canonical import System
from connectors.patchworks.connector import PatchworksConnector
from connectors.patchworks.feeds import FEEDS
from connectors.patchworks.settings import API_KEY, CALLBACK, DEFAULTS, LOGIN, PULL, START, WEBHOOK
from connectors.ports import Ability, Field, Side
from connectors.registry import Vendor

WAYS = (
    (PULL, "a flow fetches it from our API and acknowledges it"),
    (START, "we start a flow (Start API)"),
    (WEBHOOK, "we call a flow's webhook trigger"),
    (CALLBACK, "we call a flow's callback trigger and wait"),
)
WITH_SIGNATURE = "The whole address with its signature; it is a secret."
WATCHED = "id:role:every:most, by commas; minutes. Roles: orders_in, despatch_out, stock_out, returns_in. 412:orders_in:15:10"
CREDENTIALS = (
    Field("api_key", "API key", "Made by a manager in the dashboard. It is sent as it is.", required=False, secret=True),
    Field("username", "User name", "Only where we log in instead.", required=False),
    Field("password", "Password", "Of that user.", required=False, secret=True),
    Field("dispatch_url", "Address of the trigger for dispatches", WITH_SIGNATURE, required=False, secret=True),
    Field("stock_url", "Address of the trigger for stock", WITH_SIGNATURE, required=False, secret=True),
    Field("hmac_secret", "HMAC secret", "Where the triggers check one.", required=False, secret=True),
)


def option(name: str, label: str, help: str, *, kind: str = "text", choices: tuple[tuple[str, str], ...] = ()) -> Field:
    return Field(name, label, help, default=DEFAULTS[name], required=False, kind=kind, choices=choices)


OPTIONS = (
    option("auth_mode", "Sign in with", "", choices=((API_KEY, "API key"), (LOGIN, "user name and password"))),
    option("authorization_prefix", "Word before the key", "Empty: the key alone. Some gateways want Bearer."),
    option("login_field", "Name of the user field", "", choices=(("username", "username"), ("email", "email"))),
    option("start_base_url", "Address of the Start API", "Empty: the API address with “start” instead of “core”.", kind="url"),
    option("dashboard_url", "Address of the dashboard", "For links to runs.", kind="url"),
    option("flows", "Flows to watch", WATCHED),
    option("dispatch_by", "Dispatches go back", "", choices=WAYS),
    option("dispatch_flow", "Flow for dispatches", "Its id: to start it, and to find its runs after a lost answer."),
    option("stock_by", "Stock goes back", "", choices=WAYS),
    option("stock_flow", "Flow for stock", "Its id."),
    option("alert_on_warning", "Tell of warnings", "A run that succeeded with warnings is a case too.", kind="bool"),
    option("data_pools", "De-duplication to check", "pool:orders, by commas. A key in the pool that never reached us is a case."),
    option("hmac_header", "HMAC header", ""),
    option("hmac_encoding", "HMAC as", "", choices=(("hex", "hex"), ("base64", "base64"))),
    option("callback_timeout_s", "Wait for a callback (seconds)", "60 to 120.", kind="int"),
    option("start_path", "Path to start a flow", "With {flow_id}."),
    option("retry_path", "Path to retry a run", "With {run_id}."),
    option("date_filter_format", "Dates in filters", "", choices=(("epoch_ms", "milliseconds since 1970"), ("iso", "ISO 8601"))),
    option("per_page", "Rows on a page", "Up to 200.", kind="int"),
    option("overlap_min", "Look back (minutes)", "Runs end later than they begin.", kind="int"),
    option("start_at", "Start", "Runs before this moment (ISO 8601) are not read. Empty: a day back."),
)

VENDOR = Vendor(
    system=System.PATCHWORKS,
    sides=frozenset({Side.CHANNEL}),
    base_url="https://core.wearepatchworks.com/api/v1",
    auth_url="https://app.wearepatchworks.com/fabric/api/login",
    connect=PatchworksConnector,
    credential_fields=CREDENTIALS,
    option_fields=OPTIONS,
    feeds=FEEDS,
    abilities=frozenset({Ability.CONFIRM_SHIPMENT, Ability.PUBLISH_STOCK}),
    rate_per_s=2.0,
    burst=10.0,
    stock_batch=500,
)
