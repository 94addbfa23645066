"""Addresses (https://docs.commercetools.com/api/types#address): every part but the country may be missing."""

from __future__ import annotations

from connectors.canonical import Address
from connectors.commercetools.values import Body
from connectors.reading import text

# Countries that write the house number before the street; the rest of the world is taken to write it after.
NUMBER_FIRST = frozenset(
    ["GB", "IE", "US", "CA", "AU", "NZ", "FR", "LU", "MT", "IN", "ZA", "SG", "HK", "MY", "IL", "TH", "PH", "JM", "TT", "KE", "NG"]
)
SECOND_LINE = ("additionalStreetInfo", "building", "apartment", "department", "additionalAddressInfo")


def parse_address(body: Body, *, house_number: str) -> Address | None:
    """The address; None where there is none. `house_number`: "before" or "after" the street, or "auto" by country."""
    if not body:
        return None
    street = street_line(body, house_number=house_number)
    box = text(body.get("pOBox"))
    rest = [text(body.get(name)) for name in SECOND_LINE] + ([box] if street else [])
    return Address(
        first_name=text(body.get("firstName")),
        last_name=text(body.get("lastName")),
        company=text(body.get("company")),
        line1=street or box,
        line2=", ".join(part for part in rest if part),
        city=text(body.get("city")),
        region=text(body.get("state")) or text(body.get("region")),
        postcode=text(body.get("postalCode")),
        country=text(body.get("country")).upper(),
        phone=text(body.get("phone")) or text(body.get("mobile")),
        email=text(body.get("email")),
    )


def street_line(body: Body, *, house_number: str) -> str:
    """Street and house number in one line. A number without a street is no street line."""
    street, number = text(body.get("streetName")), text(body.get("streetNumber"))
    if not street or not number:
        return street
    first = house_number == "before" or (house_number == "auto" and text(body.get("country")).upper() in NUMBER_FIRST)
    return f"{number} {street}" if first else f"{street} {number}"
