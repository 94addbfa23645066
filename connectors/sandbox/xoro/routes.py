"""The calls there are: `{controller}/{action}`, written exactly so, and those that a setting switches on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

from flask import Response, request

from connectors.sandbox.xoro import credit_memos, inbound, inventory, invoices, items, order_write, orders, wave_calls
from connectors.sandbox.xoro.answers import Denied, asking, envelope
from connectors.sandbox.xoro.fields import sent_object
from connectors.sandbox.xoro.models import Json
from connectors.sandbox.xoro.store import CURRENCIES, App, State

Read = Callable[[State], Response]
Write = Callable[[State, Json], Response]


@dataclass(frozen=True)
class Route:
    """One action of a controller."""

    method: str
    answer: Read


def currencies(here: State) -> Response:
    return envelope([{"CurrencyCode": code} for code in CURRENCIES])


ROUTES = {
    "salesorder/getsalesorder": Route("GET", orders.read),
    "salesorder/create": Route("POST", order_write.create),
    "wave/getwave": Route("GET", wave_calls.read),
    "asn/getasn": Route("GET", inbound.read_notices),
    "inventory/getinventorybyitem": Route("GET", inventory.read),
    "product/getproduct": Route("GET", items.read_products),
    "product/create": Route("POST", items.create_products),
    "product/item/getitem": Route("GET", items.read_items),
    "purchaseorder/getpurchaseorder": Route("GET", inbound.read_purchases),
    "purchaseorder/getincomingpodeliveries": Route("GET", inbound.read_deliveries),
    "invoice/getinvoice": Route("GET", invoices.read),
    "creditmemo/getcreditmemo": Route("GET", credit_memos.read),
    "creditmemo/import": Route("POST", credit_memos.import_one),
    "currency/getcurrency": Route("GET", currencies),
    "bill/getitemreceipt": Route("GET", inbound.read_nothing),
    "bill/getbill": Route("GET", inbound.read_nothing),
    "refund/getrefund": Route("GET", inbound.read_nothing),
    "accounting/getgltransactions": Route("GET", inbound.read_nothing),
}
PROPOSED: dict[str, Write] = {
    "so_update": order_write.update,
    "so_cancel": order_write.cancel,
    "so_release": order_write.release,
    "wave_void": wave_calls.void,
    "ship_confirm": wave_calls.confirm,
    "inv_adjust": inventory.adjust,
}
CONTROLLERS = frozenset(path.partition("/")[0] for path in ROUTES)
PLACEHOLDERS = {"order_number": "OrderNumber", "wave_number": "WaveNumber"}


@lru_cache(maxsize=64)
def pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template.strip("/"))
    return re.compile("".join(f"(?P<{part}>[^/]+)" if at % 2 else re.escape(part) for at, part in enumerate(parts)))


def proposed(here: State, path: str) -> Route | None:
    """A call whose path the settings give; what the path names is added to the body."""
    for name, template in here.settings.write_paths.items():
        match = pattern(template).fullmatch(path) if template else None
        if match:
            named = {PLACEHOLDERS[each]: value for each, value in match.groupdict().items() if each in PLACEHOLDERS}
            return Route("POST", partial(switched_on, PROPOSED[name], named))
    return None


def switched_on(write: Write, named: Json, here: State) -> Response:
    return write(here, body_with(named))


def body_with(named: Json) -> Json:
    """The body, which may be left out where the path says it all."""
    return (sent_object() if request.get_data() or not named else {}) | named


def find(here: State, path: str, app: App) -> Route:
    """The route, or why there is none: 404 controller, 400 action, 405 verb, and 500 for a key without the scope."""
    prefix = here.settings.path_prefix.strip("/") + "/"
    action = path.removeprefix(prefix) if path.startswith(prefix) else ""
    controller = action.partition("/")[0]
    route = proposed(here, action) or ROUTES.get(action)
    if route is None:
        raise Denied(400 if controller in CONTROLLERS else 404)
    if request.method != route.method:
        raise Denied(405)
    if app.controllers is not None and controller not in app.controllers:
        raise Denied(500)
    return route


def dispatch(here: State, path: str, app: App) -> Response:
    route = find(here, path, app)
    if route.method == "POST" and here.oddities.take("ask_confirm"):
        return asking()
    return route.answer(here)
