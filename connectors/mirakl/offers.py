"""Our offers (OF21), read as stock and as a catalogue. The key is `shop_sku`: one product may be in several offers.

https://developer.mirakl.com
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from connectors.canonical import StockLevel, Variant
from connectors.errors import ContractError
from connectors.mirakl.client import Client, Row, listed
from connectors.mirakl.lines import first_number
from connectors.reading import dump, need, text, whole

FEW = 50  # so many SKUs are asked for one by one; more are looked for in the whole list
BARCODES = ("EAN", "GTIN", "UPC", "ISBN")
STOCK_FIELDS = ("offer_id", "shop_sku", "quantity", "warehouses")
CATALOGUE_FIELDS = (
    "offer_id", "shop_sku", "product_sku", "product_title", "product_references", "price", "currency_iso_code", "active", "inactivity_reasons",
    "package_quantity", "state_code", "channels",
)  # fmt: skip


def parse_stock(offer: Row) -> tuple[StockLevel, ...]:
    """The sellable quantity: one level for each warehouse where the offer has some, else one without a warehouse."""
    sku = exact(offer)
    reference = text(offer.get("offer_id"))
    warehouses = [row for row in listed(offer, "warehouses") if text(row.get("code"))]
    if not warehouses:
        units = whole(need(offer, "quantity", what=f"offer {sku}"), what=f"quantity of {sku}")
        return (StockLevel(sku, "", units, reference=reference),)
    return tuple(
        StockLevel(sku, text(row.get("code")), whole(row.get("quantity") or 0, what=f"quantity of {sku}"), reference=reference) for row in warehouses
    )


def parse_variant(offer: Row) -> Variant:
    sku = exact(offer)
    pack = first_number(offer.get("package_quantity"))
    return Variant(
        reference=text(offer.get("offer_id")) or sku,
        product_reference=text(offer.get("product_sku")),
        sku=sku,
        version=digest(offer, CATALOGUE_FIELDS),
        title=text(offer.get("product_title")),
        barcode=barcode(offer),
        price=first_number(offer.get("price"), offer.get("total_price")),
        currency=text(offer.get("currency_iso_code")).upper(),
        active=offer.get("active") is not False,
        pack_size=int(pack) if pack and pack >= 1 else 1,
    )


def exact(offer: Row) -> str:
    """Our SKU to the letter."""
    sku = offer.get("shop_sku")
    if not isinstance(sku, str | int) or not str(sku):
        raise ContractError(f"The offer {text(offer.get('offer_id'))} has no shop_sku.")
    return str(sku)


def barcode(offer: Row) -> str:
    references = {text(row.get("reference_type")).upper(): text(row.get("reference")) for row in listed(offer, "product_references")}
    return next((references[kind] for kind in BARCODES if references.get(kind)), "")


def kept(offer: Row, fields: Sequence[str]) -> Row:
    """What is told by these fields; the rest (deadlines that move daily) is no news."""
    return {name: offer[name] for name in fields if name in offer}


def digest(offer: Row, fields: Sequence[str]) -> str:
    return hashlib.sha256(dump(kept(offer, fields))).hexdigest()[:16]


def find_offers(client: Client, sku: str) -> list[Row]:
    """The offers of exactly this SKU."""
    found = [row for sheet in client.offset_sheets("OF21", "/offers", [("sku", sku)], root="offers") for row in sheet.rows]
    return [row for row in found if text(row.get("shop_sku")) == sku.strip()]


def read_levels(client: Client, skus: Sequence[str]) -> Iterator[StockLevel]:
    """The levels of these SKUs; one that Mirakl does not know gives nothing."""
    wanted = {sku for sku in skus if sku}
    if len(wanted) <= FEW:
        for sku in sorted(wanted):
            for offer in find_offers(client, sku):
                yield from parse_stock(offer)
        return
    for sheet in client.offset_sheets("OF21", "/offers", [], root="offers"):
        for offer in sheet.rows:
            if text(offer.get("shop_sku")) in wanted:
                yield from parse_stock(offer)
