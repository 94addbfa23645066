"""Proves the credential with cheap reads, says what the app may not do, and lists the codes that live in the shop."""

from __future__ import annotations

from connectors.canonical import Code, CodeKind
from connectors.errors import AccessDenied, Rejected
from connectors.ports import Verification
from connectors.reading import text
from connectors.shopify import documents
from connectors.shopify.client import UNDEFINED, Client, lacks_right
from connectors.shopify.stock import Levels
from connectors.shopify.values import Node, mapping, nodes, objects, tail

RIGHTS = (  # question, what cannot be done without the right to ask it, the right
    (documents.LOCATIONS, "read stock", "read_locations"),
    (documents.VARIANTS, "read products", "read_products"),
    (documents.REFUNDS, "read refunds", "read_orders"),
    (documents.RETURNS, "read returns", "read_returns"),
)


def verify(client: Client) -> Verification:
    """Who we are there. Errors: AccessDenied for a refused credential, Rejected for a shop that is not there."""
    first = {"first": 1, "inner": 1, "after": None, "q": None}
    client.ask_either(documents.ORDERS, documents.LEAN_ORDERS, first)
    shop = shop_facts(client)
    name = text(shop.get("name")) or client.settings.shop_code
    facts = {"shop": text(shop.get("myshopifyDomain")) or client.settings.shop_code, "currency": text(shop.get("currencyCode"))}
    facts |= {"API version": client.served_version or client.settings.version}
    missing = tuple(f"The app cannot {what}: it lacks the scope {right}." for question, what, right in RIGHTS if not allowed(client, question, first))
    return Verification(
        f"Connected to the Shopify shop “{name}”.", {k: v for k, v in facts.items() if v}, (*old_version(client), *missing, *no_secret(client))
    )


def shop_facts(client: Client) -> Node:
    """The shop's own record; {} where this cannot be asked."""
    try:
        return dict(mapping(client.ask(documents.SHOP, {}).get("shop")))
    except (Rejected, AccessDenied) as error:
        if isinstance(error, AccessDenied) and not lacks_right(error):
            raise
        return {}


def allowed(client: Client, question: str, variables: Node) -> bool:
    try:
        client.ask(question, variables)
    except AccessDenied as error:
        if not lacks_right(error):
            raise
        return False
    except Rejected as error:
        return error.code == UNDEFINED or bool(error.code)  # it was understood as far as rights go
    return True


def old_version(client: Client) -> tuple[str, ...]:
    served, wanted = client.served_version, client.settings.version
    if not served or served == wanted:
        return ()
    return (f"Shopify serves API version {served} instead of {wanted}: set it in the options once you have tried it.",)


def no_secret(client: Client) -> tuple[str, ...]:
    told = client.account.credentials.get("client_secret")
    return () if told else ("Without the app's client secret webhooks are refused; changes are found by asking, every few minutes.",)


def list_codes(client: Client, kind: CodeKind) -> tuple[Code, ...]:
    """The live codes of a kind. Carriers are free text in Shopify, so those of the connection's options are listed."""
    if kind is CodeKind.WAREHOUSE:
        places = Levels(client).locations()
        return tuple(Code(kind, tail(each["id"]), text(each.get("name")), active=each.get("isActive") is not False) for each in places)
    if kind is CodeKind.STORE and client.settings.text("store_as") == "shop":
        return (Code(kind, client.settings.shop_code, client.settings.shop_code),)
    if kind is CodeKind.CARRIER:
        return tuple(Code(kind, word, word) for word in client.settings.words("carriers"))
    return recent_services(client) if kind is CodeKind.SHIP_SERVICE else ()


def recent_services(client: Client) -> tuple[Code, ...]:
    """Shipping methods of recent orders: a shop's rates change with the address and have no list."""
    try:
        found = nodes(client.ask(documents.RECENT_SERVICES, {}).get("orders"))
    except Rejected as error:
        if error.code != UNDEFINED:
            raise
        return ()
    lines = objects([order.get("shippingLine") for order in found])
    codes = {text(line.get("code")) or text(line.get("title")): text(line.get("title")) for line in lines}
    return tuple(Code(CodeKind.SHIP_SERVICE, value, label or value) for value, label in codes.items() if value)
