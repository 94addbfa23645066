"""Proves the credential with cheap reads, says what the token may not do, and lists the codes that live in the store."""

from __future__ import annotations

from connectors.bigcommerce.client import Client, lacks_scope
from connectors.bigcommerce.dispatch import STANDARD
from connectors.bigcommerce.stock import READ_PAGE, list_locations
from connectors.bigcommerce.values import Row, mapping, objects
from connectors.canonical import Code, CodeKind
from connectors.errors import AccessDenied, Rejected
from connectors.ports import Verification
from connectors.reading import text

RIGHTS = (  # list, what cannot be done without the right to read it, the scope
    ("/v3/inventory/items", "read stock", "Store Inventory"),
    ("/v3/catalog/variants", "read products", "Products"),
    ("/v3/orders/payment_actions/refunds", "read refunds", "Order Transactions"),
)


def verify(client: Client) -> Verification:
    """Who we are there. Errors: AccessDenied for a refused credential or a store that is not there."""
    if client.get("/v2/orders", {"limit": 1}) is None and client.get("/v2/orders/count") is None:
        raise Rejected("There is no BigCommerce store at this address.", code="HTTP 404")
    store = mapping(allowed(client, "/v2/store"))
    name = text(store.get("name")) or client.settings.store
    facts = {"store": client.settings.store, "domain": text(store.get("domain")), "currency": text(store.get("currency"))}
    denied = [(what, scope) for path, what, scope in RIGHTS if allowed(client, path, limit=True) is DENIED]
    missing = tuple(f"The token cannot {what}: it lacks the scope {scope}." for what, scope in denied)
    told = {label: fact for label, fact in facts.items() if fact}
    return Verification(f"Connected to the BigCommerce store “{name}”.", told, (*missing, *hook_warnings(client)))


DENIED: Row = {}


def allowed(client: Client, path: str, *, limit: bool = False) -> object:
    """What is there; DENIED where the token may not read it."""
    try:
        return client.get(path, {"limit": 1} if limit else None)
    except AccessDenied as error:
        if not lacks_scope(error):
            raise
        return DENIED


def hook_warnings(client: Client) -> tuple[str, ...]:
    """BigCommerce switches a hook off after two days of failures, and tells nobody but by mail."""
    if not client.account.credentials.get("hook_secret"):
        return ("Without a hook secret webhooks are refused; changes are found by asking, every few minutes.",)
    hooks = objects(allowed(client, "/v3/hooks"))
    off = [text(each.get("scope")) for each in hooks if each.get("is_active") is False]
    return (f"BigCommerce has switched these webhooks off: {', '.join(off)}.",) if off else ()


def list_codes(client: Client, kind: CodeKind) -> tuple[Code, ...]:
    """The live codes of a kind. Any carrier may be written; those BigCommerce knows by a word of its own are listed."""
    if kind is CodeKind.WAREHOUSE:
        return locations(client)
    if kind is CodeKind.CARRIER:
        return tuple(Code(kind, word, word) for word in (*STANDARD, *client.settings.words("custom_carriers")))
    return channels(client) if kind is CodeKind.STORE else ()


def locations(client: Client) -> tuple[Code, ...]:
    """The list of locations; where the token may not read it, those that stock is at."""
    try:
        found = list_locations(client)
    except AccessDenied as error:
        if not lacks_scope(error):
            raise
        found = ()
    if found:
        return found
    places = [place for row in client.rows("/v3/inventory/items", {"limit": READ_PAGE}) for place in objects(row.get("locations"))]
    label = {text(place.get("location_id")): text(place.get("location_name")) or text(place.get("location_code")) for place in places}
    return tuple(Code(CodeKind.WAREHOUSE, value, name or value) for value, name in label.items() if value)


def channels(client: Client) -> tuple[Code, ...]:
    """Storefronts and marketplaces of the store: an order names its own by number. The first storefront is always 1."""
    rows = objects(allowed(client, "/v3/channels"))
    return tuple(Code(CodeKind.STORE, text(row.get("id")), text(row.get("name"))) for row in rows if row.get("id")) or (
        Code(CodeKind.STORE, "1", "1"),
    )
