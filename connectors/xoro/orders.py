"""A Xoro sales order with its waves → SalesOrder.

Bodies kept by us: the order's row as `salesorder/getsalesorder` gives it, with `Waves` (of the wave read) and `SeenAt` (when we read
it, because Xoro tells no time of change). Sales orders: https://docs.xorosoft.com
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.canonical import Address, OrderState, Received, SalesOrder, Shipment, ShipmentLine
from connectors.errors import ContractError
from connectors.reading import decimal, dump, moment, need, text
from connectors.xoro.client import order_number
from connectors.xoro.dates import read_date, stamp
from connectors.xoro.envelope import Row
from connectors.xoro.lines import check_quantities, is_extra, named, parse_line, units
from connectors.xoro.settings import SHIP_STORE, Settings
from connectors.xoro.shapes import CUSTOM, given, kept_order
from connectors.xoro.waves import GONE, Place

TOPIC = "orders"
WHAT = "Xoro sales order"
RELEASED = "released"
STATES = {  # Xoro's word -> ours; Released depends on its waves
    "partially shipped": OrderState.OPEN,
    "shipped": OrderState.SHIPPED,
    "invoiced": OrderState.SHIPPED,
    "closed": OrderState.COMPLETE,
    "cancelled": OrderState.CANCELLED,
    "canceled": OrderState.CANCELLED,
}
STILL_OPEN = frozenset({RELEASED, "partially shipped"})
COUNTRIES = {"UNITED STATES": "US", "UNITED STATES OF AMERICA": "US", "USA": "US", "CANADA": "CA", "UNITED KINGDOM": "GB", "UK": "GB"}
EXTRA = ("OrderTypeName", "OrderClassName", "RefNo", "ThirdPartyRefNo", "ThirdPartyRefName", "ThirdPartySource", "ShippingNotes", "StoreName")


def take(row: Row, places: Sequence[Place], *, at: datetime) -> Received:
    """What is stored of an order. Its event id says what was seen, not when."""
    body = kept_order(row) | {"Waves": [place.told() for place in sorted(places, key=lambda each: each.wave)]}
    number = order_number(row)
    said = hashlib.sha256(dump(body)).hexdigest()[:16]
    return Received(TOPIC, f"{number}@{said}", number, dump(body | {"SeenAt": stamp(at)}), at)


def status_of(row: Mapping[str, Any]) -> str:
    header = row.get("SoEstimateHeader")
    return text(header.get("StatusName")) if isinstance(header, dict) else ""


def is_waiting_for_wave(row: Mapping[str, Any], places: Sequence[Place]) -> bool:
    """Not ours yet: not released, or released and on no wave."""
    return not places and status_of(row).lower() in (RELEASED, "open", "draft")


def waves_of(body: Mapping[str, Any]) -> list[Row]:
    waves = body.get("Waves")
    return [wave for wave in waves if isinstance(wave, dict)] if isinstance(waves, list) else []


def state_of(status: str, waves: Sequence[Row]) -> OrderState:
    """A released order is open once it is on a wave; when every wave of it was voided, the warehouse must not ship it."""
    if status.lower() != RELEASED:
        return STATES.get(status.lower(), OrderState.UNKNOWN)
    if not waves:
        return OrderState.UNKNOWN
    gone = all(text(wave.get("StatusName")).lower() in GONE for wave in waves)
    return OrderState.CANCELLED if gone else OrderState.OPEN


def vendor_state(status: str, waves: Sequence[Row]) -> str:
    told = ", ".join(f"wave {text(wave.get('WaveNumber'))} {text(wave.get('StatusName'))}".strip() for wave in waves)
    if status.lower() == RELEASED:
        return f"{status} ({told or 'on no wave'})"
    return status


def header_of(body: Mapping[str, Any]) -> Row:
    header = need(body, "SoEstimateHeader", what=WHAT)
    if not isinstance(header, dict):
        raise ContractError(f"The {WHAT} has no readable SoEstimateHeader.", detail=str(header)[:500])
    return header


def lines_of(body: Mapping[str, Any], *, order: str) -> list[Row]:
    lines = body.get("SoEstimateItemLineArr")
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        raise ContractError(f"Xoro's sales order {order} has no readable lines (SoEstimateItemLineArr).", detail=str(lines)[:500])
    return lines


def parse_order(body: Mapping[str, Any], settings: Settings) -> SalesOrder:
    header, waves = header_of(body), waves_of(body)
    number, zone = text(need(header, "OrderNumber", what=WHAT)), settings.zone
    what = f"sales order {number}"
    status, store = text(header.get("StatusName")), text(header.get("StoreName"))
    rows = lines_of(body, order=number)
    if status.lower() in STILL_OPEN:
        for row in rows:
            check_quantities(row, order=number)
    seen_at = moment(need(body, "SeenAt", what=WHAT), what=f"time of reading {what}")
    lines = [parse_line(row, order=number, store=store, by_upc=settings.by_upc) for row in rows]
    cost, total = given(header, "ShippingCost"), given(header, "TotalAmount")
    return SalesOrder(
        reference=number,
        number=number,
        version=stamp(seen_at),
        state=state_of(status, waves),
        currency=text(header.get("CurrencyCode")),
        lines=tuple(replace(line, is_extra=True) if is_extra(line) else line for line in lines),
        placed_at=read_date(given(header, "DateOrder"), zone=zone, what=f"date of {what}") or seen_at,
        changed_at=seen_at,
        vendor_state=vendor_state(status, waves),
        total=decimal(total, what=f"TotalAmount of {what}") if total is not None else Decimal(0),
        shipping_price=decimal(cost, what=f"ShippingCost of {what}") if cost is not None else Decimal(0),
        store_code=store if settings.text("store_as") == SHIP_STORE else text(header.get("SaleStoreName")),
        ship_service_code=text(header.get("ShipServiceName")) or text(header.get("ShipMethodName")),
        ship_service_label=text(header.get("ShipServiceName")) or text(header.get("ShipMethodName")),
        carrier_code=text(header.get("CarrierName")),
        email=text(header.get("ShipToEmail")) or text(header.get("BillToEmail")),
        customer_reference=text(header.get("CustomerPO")),
        shipping_address=address(header, "ShipTo"),
        billing_address=address(header, "BillTo"),
        shipments=shipped(rows, order=number, by_upc=settings.by_upc),
        shipment_state=status,
        note=text(header.get("Memo")),
        tags=tuple(tag.strip() for tag in text(header.get("Tags")).split(",") if tag.strip()),
        extra=extra_of(header, waves),
        ship_by=read_date(header.get("DateToBeShipped"), zone=zone, what=f"ship date of {what}"),
    )


def address(header: Row, who: str) -> Address | None:
    """The address of `ShipTo` or `BillTo`; None when nothing is told."""
    told = {part: text(header.get(f"{who}{part}")) for part in ("FirstName", "LastName", "CompanyName", "Addr", "Addr2", "City", "State")}
    more = {part: text(header.get(f"{who}{part}")) for part in ("ZpCode", "Country", "PhoneNumber", "Email")}
    if not any((*told.values(), *more.values())):
        return None
    first, last, company, line1, line2, city, region = told.values()
    country = more["Country"].upper()
    return Address(
        first_name=first,
        last_name=last,
        company=company,
        line1=line1,
        line2=line2,
        city=city,
        region=region,
        postcode=more["ZpCode"],
        country=COUNTRIES.get(country, country),
        phone=more["PhoneNumber"],
        email=more["Email"],
    )


def shipped(rows: Sequence[Row], *, order: str, by_upc: bool) -> tuple[Shipment, ...]:
    """What Xoro shows as shipped so far, as one; it does not tell single dispatches."""
    found = []
    for row in rows:
        quantity = units(row, "QtyShipped", what=named(row, order))
        if quantity > 0:
            found.append(ShipmentLine(text(row.get("ItemUpc" if by_upc else "ItemNumber")), quantity, text(row.get("Id"))))
    return (Shipment(reference=f"{order}-shipped", lines=tuple(found)),) if found else ()


def extra_of(header: Row, waves: Sequence[Row]) -> dict[str, str]:
    """Fields that filters may ask about."""
    extra = {name: text(header.get(name)) for name in EXTRA if text(header.get(name))}
    extra |= {name: text(value) for name, value in header.items() if name.startswith(CUSTOM) and text(value)}
    if waves:
        extra["WaveNumber"] = ", ".join(text(wave.get("WaveNumber")) for wave in waves)
    return extra
