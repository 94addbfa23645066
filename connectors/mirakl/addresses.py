"""Addresses of orders. Before acceptance, or before shipping, an operator may hide them in three ways: null, nulls, or nothing at all."""

from __future__ import annotations

from connectors.canonical import Address
from connectors.mirakl.client import Row, part
from connectors.mirakl.countries import ALPHA_2, TWO_LETTERS
from connectors.mirakl.options import Settings
from connectors.reading import text

TELLING = ("street_1", "street_2", "zip_code", "city", "company")
BEFORE_ACCEPTANCE = frozenset({"STAGING", "WAITING_ACCEPTANCE"})
BEFORE_SHIPPING = BEFORE_ACCEPTANCE | {"WAITING_DEBIT", "WAITING_DEBIT_PAYMENT"}
TOO_EARLY = {"acceptance": BEFORE_ACCEPTANCE, "shipping": BEFORE_SHIPPING}  # option address_at → states whose address is not used


def order_address(order: Row, name: str, settings: Settings, *, email: str = "") -> Address | None:
    """`shipping_address` or `billing_address` of the customer; None while it is hidden or not to be used yet."""
    if text(order.get("order_state")) in TOO_EARLY.get(settings.text("address_at"), ()):
        return None
    address = part(part(order, "customer"), name)
    if not any(text(address.get(field)) for field in TELLING):
        return None
    return Address(
        first_name=text(address.get("firstname")),
        last_name=text(address.get("lastname")),
        company=" ".join(word for word in (text(address.get("company")), text(address.get("company_2"))) if word),
        line1=text(address.get("street_1")),
        line2=text(address.get("street_2")),
        city=text(address.get("city")),
        region=text(address.get("state")),
        postcode=text(address.get("zip_code")),
        country=country(address, settings),
        phone=text(address.get("phone")) or text(address.get("phone_secondary")),
        email=email,
    )


def country(address: Row, settings: Settings) -> str:
    """Two letters from three; else what the connection says the country's name means; "" for what nobody knows."""
    code, name = text(address.get("country_iso_code")).upper(), text(address.get("country"))
    if code in ALPHA_2:
        return ALPHA_2[code]
    if code in TWO_LETTERS:
        return code
    named = settings.pairs("country_names").get(name.casefold(), name).upper()
    return ALPHA_2.get(named, named if named in TWO_LETTERS else "")
