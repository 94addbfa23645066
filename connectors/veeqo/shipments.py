"""Allocations of an order → shipments. An allocation has shipped when it has a shipment; tracking may be missing even then."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.canonical import Code, CodeKind, Parcel, Shipment, ShipmentLine
from connectors.errors import ContractError
from connectors.reading import decimal, moment_or_none, text, whole

GRAMS = {"g": Decimal(1), "kg": Decimal(1000), "oz": Decimal("28.349523125"), "lb": Decimal("453.59237"), "lbs": Decimal("453.59237")}
OTHER = "other"
# Veeqo's published carrier ids (https://developers.veeqo.com, shipments); newer carriers have ids that are in no list.
CARRIERS = {
    "1": "Royal Mail", "2": "FedEx", "3": "Other", "4": "DPD", "5": "UPS", "6": "CityLink", "7": "USPS", "8": "Interlink Express",
    "9": "DHL", "10": "MyHermes", "11": "Australia Post", "12": "Parcelforce", "13": "TNT", "14": "Yodel", "15": "APC", "16": "DX",
    "17": "UK Mail", "18": "Israel Post", "19": "Canada Post", "23": "Hermes World", "24": "DHL DE (Deutsche Post)",
}  # fmt: skip


def known_carriers() -> tuple[Code, ...]:
    return tuple(Code(CodeKind.CARRIER, value, label) for value, label in CARRIERS.items())


def rows_of(body: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of records that may be missing or null."""
    value = body.get(name)
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An embedded record that may be missing or null."""
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def sku_of(line: Mapping[str, Any]) -> str:
    return text(part(line, "sellable").get("sku_code")) or text(line.get("sku_code"))


def units(line: Mapping[str, Any], *, what: str) -> int:
    return whole(line.get("quantity"), what=f"quantity of {sku_of(line) or 'a line'} in {what}")


def has_shipped(allocation: Mapping[str, Any]) -> bool:
    return bool(allocation.get("shipment"))


def parse_shipments(order: Mapping[str, Any]) -> tuple[Shipment, ...]:
    """One shipment for each shipped allocation, keyed by the allocation's id: a label made anew is still the same dispatch."""
    what = f"Veeqo order {text(order.get('number')) or text(order.get('id'))}"
    return tuple(parse_shipment(row, what=what) for row in rows_of(order, "allocations") if has_shipped(row))


def parse_shipment(allocation: Mapping[str, Any], *, what: str) -> Shipment:
    shipment = part(allocation, "shipment")
    lines = tuple(ShipmentLine(sku_of(line), units(line, what=what)) for line in rows_of(allocation, "line_items"))
    carrier = part(shipment, "carrier")
    reference = text(allocation.get("id")) or text(shipment.get("allocation_id")) or text(shipment.get("id"))
    return Shipment(
        reference=reference,
        lines=lines,
        parcels=(parse_parcel(shipment, allocation, reference=reference),),
        carrier_code=text(carrier.get("id")) or text(shipment.get("carrier_id")) or text(carrier.get("name")),
        carrier_label=carrier_label(shipment),
        service_code=text(shipment.get("service_type")) or text(shipment.get("service_name")) or text(shipment.get("short_service_name")),
        warehouse_code=text(part(allocation, "warehouse").get("id")) or text(allocation.get("warehouse_id")),
        shipped_at=moment_or_none(shipment.get("created_at"), what=f"shipping time in {what}"),
    )


def carrier_label(shipment: Mapping[str, Any]) -> str:
    """The carrier's name; for the catch-all "Other", the name behind it where Veeqo has one."""
    carrier = part(shipment, "carrier")
    name = text(carrier.get("name")) or CARRIERS.get(text(carrier.get("id")) or text(shipment.get("carrier_id")), "")
    return (text(shipment.get("service_carrier_name")) or name) if name.lower() in ("", OTHER) else name


def parse_parcel(shipment: Mapping[str, Any], allocation: Mapping[str, Any], *, reference: str) -> Parcel:
    return Parcel(
        reference=reference,
        tracking_number=tracking(shipment),
        tracking_url=text(shipment.get("tracking_url")) or text(shipment.get("aftership_url")),
        weight_g=grams(allocation),
    )


def tracking(shipment: Mapping[str, Any]) -> str:
    """Normally an object, sometimes bare text or null; a cancelled label's number is void."""
    told = shipment.get("tracking_number")
    if isinstance(told, dict):
        if told.get("cancelled") is True or told.get("cancelled_at"):
            return ""
        number = text(told.get("tracking_number")) or text(told.get("delivery_confirmation_number"))
    else:
        number = text(told)
    return number or text(shipment.get("delivery_confirmation_number"))


def grams(allocation: Mapping[str, Any]) -> int | None:
    factor = GRAMS.get(text(allocation.get("weight_unit")).lower())
    if factor is None:
        return None
    try:
        weight = decimal(allocation.get("total_weight"), what="weight") * factor
    except ContractError:
        return None  # a weight nobody filled in stops no dispatch
    return int(weight.quantize(Decimal(1), rounding=ROUND_HALF_UP)) or None
