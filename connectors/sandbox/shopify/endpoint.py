"""The one GraphQL endpoint: who asks, which version, what it costs, and the answer with its cost beside it."""

from __future__ import annotations

import math
import re
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.shopify.engine import Answer, Checker, Plan, QueryError, chosen_operation
from connectors.sandbox.shopify.language import Field, ParseError, parse
from connectors.sandbox.shopify.models import Doc
from connectors.sandbox.shopify.mutations import write
from connectors.sandbox.shopify.queries import read, warnings_of
from connectors.sandbox.shopify.settings import BUCKET_SECONDS, DIRECTIVE_FROM, DIRECTIVE_REQUIRED_FROM, MOST_COST, RESTORE_RATES, VERSIONS
from connectors.sandbox.shopify.store import State

VERSION = re.compile(r"\d{4}-(01|04|07|10)|unstable")
LIMITS_PAGE = "https://shopify.dev/api/usage/rate-limits"
BAD_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"
BLOCKED = {402: "Unavailable Shop", 423: "Locked"}
INTERNAL = "Internal error. Looks like something went wrong on our end.\nRequest ID: 00000000-sandbox (include this in support requests)."
SCOPES = {  # root field -> one of these opens it
    "orders": ("read_orders",),
    "order": ("read_orders",),
    "ordersCount": ("read_orders",),
    "refund": ("read_orders",),
    "return": ("read_returns",),
    "fulfillmentOrders": ("read_merchant_managed_fulfillment_orders", "read_assigned_fulfillment_orders", "read_third_party_fulfillment_orders"),
    "fulfillmentOrder": ("read_merchant_managed_fulfillment_orders", "read_assigned_fulfillment_orders", "read_third_party_fulfillment_orders"),
    "fulfillment": ("read_fulfillments", "read_orders"),
    "inventoryItem": ("read_inventory",),
    "inventoryItems": ("read_inventory",),
    "locations": ("read_locations", "read_inventory"),
    "location": ("read_locations", "read_inventory"),
    "product": ("read_products",),
    "products": ("read_products",),
    "productVariant": ("read_products",),
    "productVariants": ("read_products",),
    "fulfillmentCreate": ("write_merchant_managed_fulfillment_orders", "write_assigned_fulfillment_orders"),
    "fulfillmentCancel": ("write_merchant_managed_fulfillment_orders", "write_assigned_fulfillment_orders"),
    "fulfillmentTrackingInfoUpdate": ("write_merchant_managed_fulfillment_orders", "write_assigned_fulfillment_orders"),
    "inventorySetQuantities": ("write_inventory",),
    "inventoryAdjustQuantities": ("write_inventory",),
}


@dataclass
class Bucket:
    """Points that come back at the plan's rate."""

    available: float | None = None
    seen_at: float = field(default_factory=time.monotonic)

    def status(self, here: State) -> Doc:
        rate = RESTORE_RATES[here.settings.plan]
        most, scaled, now = rate * BUCKET_SECONDS, rate * here.settings.rate_scale, time.monotonic()
        gained = (now - self.seen_at) * scaled
        self.available = most if self.available is None or scaled <= 0 else min(most, self.available + gained)
        self.seen_at = now
        return {"maximumAvailable": most, "currentlyAvailable": math.floor(self.available), "restoreRate": rate}

    def spend(self, points: float) -> None:
        self.available = (self.available or 0) - points


def add_endpoint(app: Flask, here: State) -> None:
    bucket = Bucket()
    app.before_request(lambda: enter(here))
    app.teardown_request(lambda error: leave(here))
    app.register_error_handler(HTTPException, unrouted)

    @app.post("/admin/api/<version>/graphql.json")
    def graphql(version: str) -> Response:
        return answered(here, bucket, version)

    @app.post("/admin/oauth/access_token")
    def token() -> tuple[Response, int] | Response:
        return issue(here)

    @app.route("/admin/api/<version>/<path:path>", methods=["GET", "POST", "PUT", "DELETE"])
    def legacy(version: str, path: str) -> tuple[Response, int]:
        refused = turned_away(here)
        return (refused, refused.status_code) if refused else (jsonify(errors="Not Found"), 404)


def enter(here: State) -> None:
    here.bench.lock.acquire()
    g.locked = True
    here.hooks.here = here  # a world that was kept brings hooks of its own


def leave(here: State) -> None:
    if g.pop("locked", False):
        try:
            here.hooks.flush()
        finally:
            here.bench.lock.release()


def unrouted(error: HTTPException) -> tuple[Response, int] | HTTPException:
    if request.path.startswith(ADMIN):
        return jsonify(error=error.description), error.code or 500
    return (jsonify(errors="Not Found"), 404) if error.code == 404 else error


def scopes_of(here: State) -> frozenset[str] | None:
    """What the token may do; None for a token that is none, or is over."""
    token = request.headers.get("X-Shopify-Access-Token", "")
    if token in here.issued:
        return next(iter(here.tokens.values())) if here.issued[token] > here.now() else None
    return here.tokens.get(token) if here.settings.token_form == "static" else None


def issue(here: State) -> tuple[Response, int] | Response:
    """A short-lived token for the app's client id and secret (client credentials)."""
    told = request.get_json(silent=True) or request.form.to_dict()
    if told.get("grant_type") != "client_credentials" or told.get("client_secret") not in {here.secret, here.old_secret} - {""}:
        return jsonify(error="invalid_client", error_description="Client authentication failed."), 401
    token = f"shpat_short_{here.next_id('group'):08d}"
    here.issued[token] = here.now() + timedelta(seconds=here.settings.token_life_s)
    return jsonify(access_token=token, scope=",".join(sorted(next(iter(here.tokens.values())))), expires_in=int(here.settings.token_life_s))


def turned_away(here: State) -> Response | None:
    status, errors = (here.blocked, BLOCKED[here.blocked]) if here.blocked else (401, BAD_TOKEN) if scopes_of(here) is None else (0, "")
    if not status:
        return None
    answer = jsonify(errors=errors)
    answer.status_code = status
    return answer


def served(version: str) -> str | None:
    """The version that answers: a too old one is served by the oldest; one that is none is not found."""
    if version in VERSIONS:
        return version
    return VERSIONS[0] if VERSION.fullmatch(version) and version < VERSIONS[0] else None


def answered(here: State, bucket: Bucket, version: str) -> Response:
    found = served(version)
    refused = turned_away(here)
    if refused is not None:
        return refused
    if found is None:
        answer = jsonify(errors="Not Found")
        answer.status_code = 404
        return answer
    body, status = told(here, bucket, found)
    answer = jsonify(body)
    answer.status_code = status
    answer.headers["X-Shopify-API-Version"] = found
    answer.headers["X-Request-Id"] = "00000000-sandbox"
    return answer


def told(here: State, bucket: Bucket, version: str) -> tuple[Doc, int]:
    """The body, and the HTTP status: nearly always 200."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict) or not isinstance(sent.get("query"), str):
        return {"errors": {"query": "Required parameter missing or invalid"}}, 400
    try:
        plan = planned(here, sent, version)
    except ParseError as error:
        return {"errors": [{"message": str(error), "locations": [{"line": 1, "column": 1}]}]}, 200
    except QueryError as error:
        return {"errors": [error.told()]}, 200
    except RecursionError:
        return {"errors": [{"message": "The query is nested too deeply, or a fragment holds itself."}]}, 200
    return run(here, bucket, plan, version)


def planned(here: State, sent: Doc, version: str) -> Plan:
    variables = sent.get("variables") or {}
    if not isinstance(variables, dict):
        raise QueryError("Variables are not an object", "BAD_REQUEST")
    document = parse(sent["query"])
    operation = chosen_operation(document, sent.get("operationName"))
    checker = Checker(document, operation, variables, linear=here.settings.linear_cost, idempotent=version >= DIRECTIVE_FROM)
    return checker.plan()


def run(here: State, bucket: Bucket, plan: Plan, version: str) -> tuple[Doc, int]:
    early = refused_early(here, bucket, plan)
    if early is not None:
        return early
    answer, errors, warnings = Answer(), [], []
    for each in plan.roots:
        try:
            answer.data[each.key] = answer.project(root(here, each, plan, version), each.selections)
        except QueryError as error:
            errors.append(error.told() | {"path": [each.key]})
            answer.data[each.key] = None
        if found := warnings_of(here, each.name, each.args):
            warnings.append({"path": [each.key], "query": each.args.get("query"), "warnings": found})
    if here.oddities.take("half_data"):
        errors.append({"message": INTERNAL, "extensions": {"code": "INTERNAL_SERVER_ERROR"}})
    actual = min(plan.cost, max(1, answer.objects))
    bucket.spend(actual)
    extensions = {"cost": cost_told(here, bucket, plan.cost, actual), **({"search": warnings} if warnings else {})}
    data: Any = None if errors and all(value is None for value in answer.data.values()) else answer.data
    return {"data": data, **({"errors": errors} if errors else {}), "extensions": extensions}, 200


def cost_told(here: State, bucket: Bucket, asked: int, actual: int | None) -> Doc:
    return {"requestedQueryCost": asked, "actualQueryCost": actual, "throttleStatus": bucket.status(here)}


def refused_early(here: State, bucket: Bucket, plan: Plan) -> tuple[Doc, int] | None:
    """Answers without data: an outage, a query that is too dear, an empty bucket."""
    for name, code, message in (("internal_error", "INTERNAL_SERVER_ERROR", INTERNAL), ("shop_inactive", "SHOP_INACTIVE", "The shop is inactive.")):
        if here.oddities.take(name):
            return {"errors": [{"message": message, "extensions": {"code": code}}]}, 200
    if plan.cost > MOST_COST or here.oddities.take("max_cost"):
        message = f"Query cost is {plan.cost}, which exceeds the single query max cost limit ({MOST_COST})."
        extensions = {"code": "MAX_COST_EXCEEDED", "cost": plan.cost, "maxCost": MOST_COST, "documentation": LIMITS_PAGE}
        return {"errors": [{"message": message, "extensions": extensions}]}, 200
    status = bucket.status(here)
    short = here.settings.rate_scale > 0 and plan.cost > status["currentlyAvailable"]
    if short or here.oddities.take("throttled"):
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": LIMITS_PAGE}}
        return {"errors": [error], "extensions": {"cost": cost_told(here, bucket, plan.cost, None)}}, here.settings.throttle_status
    return None


def root(here: State, each: Field, plan: Plan, version: str) -> Any:
    if each.name == "__typename":
        return "QueryRoot" if plan.operation.kind == "query" else "Mutation"
    scopes = scopes_of(here) or frozenset()
    needed = SCOPES.get(each.name, ())
    if needed and not scopes.intersection(needed):
        message = f"Access denied for {each.name} field. Required access: `{needed[0]}` access scope."
        extensions = {"code": "ACCESS_DENIED", "documentation": "https://shopify.dev/api/usage/access-scopes", "requiredAccess": needed[0]}
        raise QueryError(message, extensions=extensions)
    if plan.operation.kind == "query":
        return read(here, each.name, each.args, scopes)
    key = plan.keys.get(each.key)
    return write(here, each.name, each.args, key=key.args["key"] if key else None, key_required=version >= DIRECTIVE_REQUIRED_FROM)
