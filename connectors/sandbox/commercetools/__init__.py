"""A local commercetools: the HTTP API of one project, with its token endpoint, as the vendor's documentation describes it.

Token and API live on one base URL; the project key is the first path segment. Default credentials:

- `ops-client` / `ops-secret`: `manage_project:demo-shop`, everything;
- `reader-client` / `reader-secret`: every `view_…` scope, so that writes answer 403.

Messages are not stored until the project says so (`changeMessagesConfiguration`, or `seed-demo`), as in life.
What the documentation leaves open is a keyword of `build`; see `settings.py`.
"""

from __future__ import annotations

import gzip
import re
import uuid
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from connectors.sandbox.commercetools.auth import add_token_endpoint
from connectors.sandbox.commercetools.carts import CARTS
from connectors.sandbox.commercetools.catalogue_setup import SETUP
from connectors.sandbox.commercetools.control import add_control
from connectors.sandbox.commercetools.errors import OVERLOADED, ApiError
from connectors.sandbox.commercetools.inventory import INVENTORY
from connectors.sandbox.commercetools.mishaps import failure
from connectors.sandbox.commercetools.orders import add_orders
from connectors.sandbox.commercetools.payments import PAYMENTS
from connectors.sandbox.commercetools.products import PRODUCTS
from connectors.sandbox.commercetools.project import add_project
from connectors.sandbox.commercetools.projections import add_projections
from connectors.sandbox.commercetools.resources import Resource, add_resource
from connectors.sandbox.commercetools.settings import CLIENT_ID, CLIENT_SECRET, PROJECT, READER_ID, READER_SECRET, ApiClient, Settings
from connectors.sandbox.commercetools.store import State
from connectors.sandbox.commercetools.subscriptions import add_subscriptions
from connectors.sandbox.faults import Fault
from connectors.sandbox.kit import ADMIN, Bench, LeakyBucket, create_app

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "PROJECT", "READER_ID", "READER_SECRET", "ApiClient", "build"]

MESSAGES = Resource(path="messages", view=("view_messages", "view_orders"))
GZIP_FROM = 512
SAFE_CORRELATION = re.compile(r"^[\x21-\x7e]{1,256}$")


def build(**settings: Any) -> Flask:
    """The simulator as an app; the keywords are the fields of `Settings`."""
    bench = Bench()
    bench.error_body = injected
    app = create_app("commercetools", bench)
    state = State(bench, Settings(**settings))
    app.extensions.update(state=state, bench=bench)
    limit(app, state)
    app.after_request(lambda response: finish(state, response))
    app.after_request(state.mishaps.fail_after)
    app.register_error_handler(ApiError, failure)
    app.register_error_handler(HTTPException, unknown_path)
    add_token_endpoint(app, state)
    add_orders(app, state)
    add_projections(app, state)
    add_subscriptions(app, state)
    for resource in (INVENTORY, PRODUCTS, PAYMENTS, CARTS, MESSAGES, *SETUP):
        add_resource(app, state, resource)
    add_project(app, state)
    add_control(app, state)
    return app


def injected(status: int) -> Response | None:
    """The vendor's own body for a status the bench was told to answer."""
    code, message = OVERLOADED.get(status, ("", "Something went wrong."))
    return failure(ApiError(status, code, message))


def unknown_path(error: HTTPException) -> Response:
    status = error.code or 500
    code = "ResourceNotFound" if status == 404 else ""
    return failure(ApiError(status, code, f"URI not found: {request.path}" if status == 404 else error.name))


def limit(app: Flask, state: State) -> None:
    """429 only where a rate was asked for: the vendor publishes none."""
    rate = state.settings.rate_per_s * state.settings.rate_scale
    bucket = LeakyBucket(rate=rate, capacity=max(1.0, rate))

    def admit() -> Response | None:
        if request.path.startswith(ADMIN) or bucket.admit():
            return None
        return injected(429)

    app.before_request(admit)


def finish(state: State, response: Response) -> Response:
    """The correlation id on every answer, and gzip for who asks."""
    given = request.headers.get("X-Correlation-ID", "")
    response.headers["X-Correlation-ID"] = given if SAFE_CORRELATION.match(given) else f"{state.settings.project_key}/{uuid.uuid4()}"
    if g.get("fault") is Fault.MALFORMED:
        return response  # the bench cuts the body in the middle, which must stay readable as text
    worth = not request.path.startswith(ADMIN) and response.content_length is not None and response.content_length >= GZIP_FROM
    if worth and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.set_data(gzip.compress(response.get_data(), compresslevel=1))
        response.headers["Content-Encoding"] = "gzip"
    return response
