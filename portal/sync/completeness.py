"""What an order must have before the warehouse may see it; names everything that is missing at once (R28)."""

from __future__ import annotations

from connectors.canonical import CURRENCIES, CodeKind, round_money
from mappings.models import OnMissing
from mappings.resolve import on_missing
from portal.ledger.models import SalesOrder

ADDRESS_FIELDS = {
    "line1": "the street",
    "city": "the city",
    "postcode": "the postcode",
    "country": "the country",
}
EXTRA_FIELDS = {  # what an integration may ask for beyond the above (Integration.required_fields)
    "phone": "a phone number",
    "email": "an e-mail address",
    "region": "the state or region",
    "company": "the company",
}
# Countries whose addresses have no postcode.
WITHOUT_POSTCODE = (
    "AE AG AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM DJ DM ER FJ GA GD GH GM GN GQ GY HK HM IE JM KI KM KN KP LC ML MO MR "
    "MS MU MW NR NU PA QA RW SB SC SL SO SR ST SY TD TF TG TK TL TO TT TV UG VU YE ZW "
)
NO_POSTCODE = frozenset(WITHOUT_POSTCODE.split())


def missing(order: SalesOrder) -> dict[str, str]:
    """Field → what to say of it, for every field that is missing or unusable."""
    address = order.effective_address
    found = {f"address.{name}": words for name, words in ADDRESS_FIELDS.items() if not str(address.get(name) or "").strip()}
    if str(address.get("country")) in NO_POSTCODE:
        found.pop("address.postcode", None)
    if not order.customer_name:
        found["address.last_name"] = "the recipient's name"
    country = str(address.get("country") or "")
    if country.strip() and (len(country) != 2 or not country.isascii() or not country.isalpha()):
        found["address.country"] = f"the country (“{country}” is not a two-letter code)"
    if not order.effective_ship_service and not goes_without_service(order):
        found["ship_service_code"] = "the delivery method"
    return found | _missing_extras(order, address) | _money_faults(order) | _line_faults(order)


def goes_without_service(order: SalesOrder) -> bool:
    """The integration lets orders pass whose delivery method has no counterpart; one that has none is such an order."""
    return order.integration is not None and on_missing(CodeKind.SHIP_SERVICE, order.integration) == OnMissing.PASS


def _missing_extras(order: SalesOrder, address: dict[str, str]) -> dict[str, str]:
    wanted = order.integration.required_fields if order.integration else []
    have = {**address, "email": address.get("email") or order.email}
    return {f"address.{name}": EXTRA_FIELDS.get(name, name) for name in wanted if not str(have.get(name) or "").strip()}


def _money_faults(order: SalesOrder) -> dict[str, str]:
    if order.currency not in CURRENCIES:
        return {"currency": f"a known currency (“{order.currency}” is none)"}
    if order.total != round_money(order.total, order.currency):
        return {"total": f"a total that {order.currency} can express ({order.total.normalize()} has too many decimals)"}
    return {}


def _line_faults(order: SalesOrder) -> dict[str, str]:
    found = {}
    for line in order.lines.all():
        if line.quantity < 0:
            found[f"line.{line.reference}.quantity"] = f"a positive quantity on line {line.position}"
    return found


def sentence(found: dict[str, str]) -> str:
    """“The order has not been sent: the street and the postcode are missing.”"""
    words = list(found.values())
    listed = words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
    return f"The order has not been sent to the warehouse. It lacks {listed}."
