"""Items of the catalogue → variants. An item sold only by the case says so by its pack size."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.canonical import Variant
from connectors.deposco.dates import changed_at, stamp
from connectors.deposco.settings import Settings
from connectors.deposco.shapes import Row, exact, id_of, nested, part, rows
from connectors.deposco.shipments import grams
from connectors.errors import ContractError
from connectors.reading import decimal, text


def parse_item(body: Mapping[str, Any], *, settings: Settings) -> Variant:
    """One item. Its SKU is kept as it is, with its blanks and capitals: a twin that differs only there is a collision to be found."""
    reference = id_of(body)
    if not reference:
        raise ContractError(f"The Deposco item {exact(body.get('number'))} has no id.")
    packs = sorted(rows(body.get("packs")), key=units)
    changed = changed_at(body)
    price = optional(body.get("unitPrice"))
    return Variant(
        reference=reference,
        product_reference=reference,
        sku=exact(body.get("number")),
        version=stamp(changed) if changed else "",
        title=text(body.get("name")),
        barcode=barcode(packs[0] if packs else {}) or barcode(body),
        price=price,
        currency=settings.text("currency") if price is not None else "",
        weight_g=grams(part(packs[0], "weight")) if packs else None,
        active=body.get("shippable") is not False and body.get("salesEnabledFlag") is not False,
        pack_size=max(1, units(packs[0])) if packs else 1,
        changed_at=changed,
    )


def units(pack: Row) -> int:
    """Units in a pack; one that does not tell counts as a single one."""
    told = optional(pack.get("quantity"))
    return int(told) if told is not None and told > 0 else 1


def barcode(holder: Mapping[str, Any]) -> str:
    """The first barcode of a pack or item: records with a value, or bare text."""
    told = nested(holder, "upcs")[0]
    bare = part(holder, "upcs").get("data")
    first = next((text(row.get("value")) for row in told if text(row.get("value"))), "")
    return first or next((text(each) for each in bare if text(each)), "") if isinstance(bare, list) else first


def optional(value: Any) -> Decimal | None:
    """A number people may have left out or filled with anything."""
    try:
        return decimal(value, what="number")
    except ContractError:
        return None
