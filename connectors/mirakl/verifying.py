"""Proves the key with A01, and says what the shop may not do though the connection would."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.errors import AccessDenied, ContractError, RateLimited, Rejected
from connectors.mirakl.client import Client, Row, is_forbidden, part
from connectors.mirakl.reference import PLATFORM, SHOP, Reference
from connectors.ports import Verification
from connectors.reading import text

FACTS = {
    "shop": "shop_name",
    "shop id": "shop_id",
    "state": "shop_state",
    "currency": "currency_iso_code",
    "offers": "offers_count",
    "orders": "orders_count",
    "approval rate": "approval_rate",
    "grade": "grade",
}


def verify(client: Client, reference: Reference) -> Verification:
    """Who we are there. Errors: AccessDenied for a wrong key, Rejected for an address where there is no Mirakl."""
    try:
        shop = client.get("A01", "/account")
    except RateLimited:
        return verify_by_offers(client)
    except Rejected as error:
        if error.code != "404":
            raise
        sentence = f"There is no Mirakl at {client.account.base_url}, or no such shop: check the address."
        raise Rejected(sentence, detail=error.detail, exchange=error.exchange, code="404") from error
    if not any(name in shop for name in FACTS.values()):
        raise ContractError(f"What answers at {client.account.base_url} tells nothing of a shop.", detail=str(shop)[:500])
    reference.store(SHOP, shop)
    facts = {label: text(shop.get(name)) for label, name in FACTS.items()}
    channels = shop.get("channels")
    facts["channels"] = ", ".join(map(text, channels)) if isinstance(channels, list) else ""
    name = facts["shop"] or facts["shop id"]
    warnings = (*shop_warnings(client, shop), *platform_warnings(client, reference), *payout_warnings(client))
    return Verification(f"Connected to the shop “{name}”.", {label: fact for label, fact in facts.items() if fact}, warnings)


def verify_by_offers(client: Client) -> Verification:
    """A01 may be called once a day: another read proves the key as well."""
    client.get("OF21", "/offers", [("max", "1"), ("offset", "0")])
    return Verification("The key works. Mirakl tells about the shop once a day, so this time it was not asked about.")


def shop_warnings(client: Client, shop: Row) -> Iterator[str]:
    state, id_ = text(shop.get("shop_state")), text(shop.get("shop_id"))
    if state and state != "OPEN":
        why = text(shop.get("suspension_type"))
        yield f"The shop is not open: {state}{f' ({why})' if why else ''}. Its offers cannot be bought."
    if client.shop_id and id_ and id_ != client.shop_id:
        yield f"Mirakl answered for the shop {id_}, not for {client.shop_id}."
    kyc = text(part(shop, "kyc").get("status"))
    if kyc and kyc not in ("APPROVED", "NOT_REQUIRED"):
        yield f"The operator has not approved the shop's papers ({kyc}), so payouts may wait."


def platform_warnings(client: Client, reference: Reference) -> Iterator[str]:
    """What the platform's flags say against the connection's options; nothing where the key may not read them."""
    several = reference.feature("shipment", "multi_shipment")
    if several is None:
        return
    if not several and client.settings.text("multi_shipment") == "on":
        yield "The connection wants several shipments for an order always, but the platform has them off."
    if part(reference.read(PLATFORM), "features") and not part(part(reference.read(PLATFORM), "features"), "returns").get("marketplace"):
        yield "Returns are off on this platform, so none are read."


def payout_warnings(client: Client) -> Iterator[str]:
    """Payouts take a role of their own, which a key for orders often lacks."""
    try:
        client.get("TL02", "/sellerpayment/transactions_logs", [("limit", "1")])
    except AccessDenied as error:
        if not is_forbidden(error):
            raise
        yield "This key may not read the account's lines (its user lacks the accountancy role), so payouts are not read."
    except (RateLimited, Rejected):
        yield "Whether this key may read the account's lines could not be found out now."
