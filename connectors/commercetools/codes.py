"""The live lists of codes: stores, supply channels (warehouses) and shipping methods."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.canonical import Code, CodeKind
from connectors.commercetools.client import Client, lacks_scope, results_of
from connectors.commercetools.deliveries import Shipping, shippings
from connectors.commercetools.orders import method_name, ship_service
from connectors.commercetools.sweeps import Item, Listing, by_id
from connectors.commercetools.values import localised, reference_key
from connectors.errors import AccessDenied, Rejected
from connectors.reading import text

PAGE = 500
RECENT_ORDERS = "200"
LISTS = {  # kind → list; shipping methods are coded as orders are (option ship_service)
    CodeKind.STORE: Listing("/stores", PAGE),
    CodeKind.WAREHOUSE: Listing("/channels", PAGE, where='roles contains any ("InventorySupply")'),
    CodeKind.SHIP_SERVICE: Listing("/shipping-methods", PAGE),
}


def list_codes(client: Client, kind: CodeKind) -> tuple[Code, ...]:
    """The codes of a kind, each once. Carriers are free text in commercetools, SKUs are the catalogue's.

    A list the API client may not read (403) or that is not there (404) is taken from the codes of recent orders.
    """
    listing = LISTS.get(kind)
    if listing is None:
        return ()
    try:
        found = [code_of(client, kind, item) for items, _ in by_id(client, listing) for item in items]
    except Rejected as error:
        if error.code != "ResourceNotFound":
            raise
        found = list(seen_in_orders(client, kind))
    except AccessDenied as error:
        if kind is CodeKind.WAREHOUSE or not lacks_scope(error):
            raise
        found = list(seen_in_orders(client, kind))
    return tuple({code.value: code for code in found if code.value}.values())


def code_of(client: Client, kind: CodeKind, item: Item) -> Code:
    locales = client.settings.words("locales")
    label = localised(item.get("localizedName"), locales) or localised(item.get("name"), locales)
    if kind is not CodeKind.SHIP_SERVICE:
        return Code(kind, text(item.get("key")), label or text(item.get("key")))
    name = text(item.get("name")) or label
    by_word = {"key": text(item.get("key")), "id": text(item.get("id")), "name": name}
    return Code(kind, by_word.get(client.settings.text("ship_service"), "") or name, label or name)


def seen_in_orders(client: Client, kind: CodeKind) -> Iterator[Code]:
    params = [("sort", "lastModifiedAt desc"), ("limit", RECENT_ORDERS), ("withTotal", "false"), ("expand", "shippingInfo.shippingMethod")]
    orders, _ = results_of(client.list(client.orders_path(), params))
    for order in orders:
        if kind is CodeKind.STORE:
            yield Code(kind, reference_key(order.get("store")), reference_key(order.get("store")))
            continue
        for shipping in shippings(order):
            yield service_code(shipping, client.settings.text("ship_service"))


def service_code(shipping: Shipping, by: str) -> Code:
    return Code(CodeKind.SHIP_SERVICE, ship_service((shipping,), by), method_name(shipping))
