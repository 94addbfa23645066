"""Who calls, how often, under whose lock, and in which language the answer is."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from connectors.sandbox.bigcommerce.answers import NOT_FOUND, Refused, as_xml, problem, refusal
from connectors.sandbox.bigcommerce.settings import QUOTAS, WINDOW_S
from connectors.sandbox.bigcommerce.store import State
from connectors.sandbox.kit import ADMIN

# First words of the path after the version -> the scope's name; a write needs `_modify`.
SCOPES = {
    "orders": "orders", "order_statuses": "orders", "store": "information", "time": "information", "catalog": "products", "inventory": "inventory",
    "hooks": "information",
}  # fmt: skip
FREE_TO_WRITE = ("hooks",)
MESSAGES = {400: "The request is invalid.", 404: NOT_FOUND, 405: "The requested resource does not support this method."}


@dataclass
class Window:
    """The quota that all apps of the store share, for half a minute at a time."""

    left: float = 0.0
    ends_at: float = field(default=0.0)

    def spend(self, here: State) -> bool:
        now = time.monotonic()
        if now >= self.ends_at:
            self.left, self.ends_at = float(self.quota(here)), now + WINDOW_S
        if here.settings.rate_scale <= 0:
            return True
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def quota(self, here: State) -> int:
        return max(1, int(QUOTAS[here.settings.plan] * (here.settings.rate_scale or 1)))

    def headers(self, here: State) -> dict[str, str]:
        return {
            "X-Rate-Limit-Requests-Left": str(int(self.left)),
            "X-Rate-Limit-Requests-Quota": str(self.quota(here)),
            "X-Rate-Limit-Time-Window-Ms": str(int(WINDOW_S * 1000)),
            "X-Rate-Limit-Time-Reset-Ms": str(max(0, int((self.ends_at - time.monotonic()) * 1000))),
        }


def guard(app: Flask, here: State) -> None:
    window = Window()
    app.before_request(lambda: enter(here, window))
    app.after_request(lambda response: dress(here, window, response))
    app.teardown_request(lambda error: leave(here))
    app.register_error_handler(Refused, refusal)
    app.register_error_handler(HTTPException, unrouted)


def enter(here: State, window: Window) -> Response | None:
    here.bench.lock.acquire()
    g.locked = True
    here.hooks.here = here  # a world that was kept brings hooks of its own
    here.settle()
    if request.path.startswith(ADMIN):
        return None
    refused = turned_away(here)
    if refused is not None:
        return problem(*refused)
    if here.busy > 0:
        here.busy -= 1
        g.bare = True
        return problem(429, "Too many requests: the platform is under load.")
    if not window.spend(here):
        g.bare = here.settings.refused_rate == "bare"
        return problem(429, "You have exceeded your rate limit. Wait, and try again.")
    return None


def turned_away(here: State) -> tuple[int, str] | None:
    parts = request.path.strip("/").split("/")
    g.token = request.headers.get("X-Auth-Token", "")
    scopes = here.tokens.get(g.token)
    if scopes is None or len(parts) < 2 or parts[:2] != ["stores", here.store_hash]:
        return 401, "You are not authorized to access this resource."
    area = parts[3] if len(parts) > 3 else ""
    needed = SCOPES.get(area)
    if needed is None:
        return None
    writes = request.method not in ("GET", "HEAD") and area not in FREE_TO_WRITE
    allowed = {f"{needed}_modify"} if writes else {f"{needed}_modify", f"{needed}_read"}
    return None if allowed & scopes else (403, "You don't have a required scope to access the endpoint.")


def dress(here: State, window: Window, response: Response) -> Response:
    if request.path.startswith(ADMIN):
        return response
    if not g.get("bare"):
        response.headers.update(window.headers(here))
    asks_json = "json" in request.headers.get("Accept", "")
    if "/v2/" in request.path and not asks_json and here.settings.xml_without_accept and response.is_json:
        body = f'<?xml version="1.0" encoding="UTF-8"?>{as_xml(response.get_json())}'
        response.set_data(body)
        response.content_type = "application/xml"
    return response


def leave(here: State) -> None:
    if g.pop("locked", False):
        try:
            here.hooks.flush()
        finally:
            here.bench.lock.release()


def unrouted(error: HTTPException) -> Response | tuple[Response, int]:
    code = error.code or 500
    if request.path.startswith(ADMIN):
        return jsonify(error=error.description), code
    return problem(code, MESSAGES.get(code, str(error.description)))
