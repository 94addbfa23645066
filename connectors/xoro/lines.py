"""The lines of a Xoro sales order, with quantities that must agree with each other."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.canonical import OrderLine
from connectors.errors import ContractError
from connectors.reading import decimal, text, whole
from connectors.xoro.shapes import given


def units(line: Mapping[str, Any], name: str, *, what: str) -> int:
    value = given(line, name)
    return 0 if value is None else whole(value, what=f"{name} of {what}")


def amount(line: Mapping[str, Any], name: str, *, what: str) -> Decimal | None:
    value = given(line, name)
    return None if value is None else decimal(value, what=f"{name} of {what}")


def named(line: Mapping[str, Any], order: str) -> str:
    return f"{text(line.get('ItemNumber')) or 'a line'} in sales order {order}"


def parse_line(line: Mapping[str, Any], *, order: str, store: str, by_upc: bool) -> OrderLine:
    """One line. ContractError when it says no quantity: that is never a zero."""
    what = named(line, order)
    if given(line, "Qty") is None:
        raise ContractError(f"Xoro does not say the quantity (Qty) of {what}.")
    quantity = units(line, "Qty", what=what)
    number, code = text(line.get("ItemNumber")), text(line.get("ItemUpc"))
    return OrderLine(
        reference=text(line.get("Id")),
        sku=code if by_upc else number,
        quantity=quantity,
        total=total_of(line, quantity, what=what),
        title=text(line.get("Description")),
        list_price=amount(line, "UnitPrice", what=what),
        tax_rate=tax_rate(line.get("TaxItems")),
        product_reference=number,
        cancelled=units(line, "CancelQty", what=what),
        warehouse_code=text(line.get("ShipStoreName")) or store,
        state=text(line.get("StatusName")),
    )


def total_of(line: Mapping[str, Any], quantity: int, *, what: str) -> Decimal:
    told = amount(line, "LineAmount", what=what)
    if told is not None:
        return told
    price = amount(line, "EffectiveUnitPrice", what=what)
    price = amount(line, "UnitPrice", what=what) if price is None else price
    if price is None:
        raise ContractError(f"Xoro does not say the price (UnitPrice) of {what}.")
    return price * quantity


def tax_rate(items: Any) -> Decimal | None:
    """The sum of the percentages as a fraction; None unless every tax says that it is one."""
    rows = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    if not rows or not all("percent" in text(row.get("RateType")).lower() for row in rows):
        return None
    return sum((decimal(row.get("Rate"), what="tax rate") for row in rows), start=Decimal(0)) / 100


def check_quantities(line: Mapping[str, Any], *, order: str) -> None:
    """Open units are ordered less shipped less cancelled; Xoro's own count of them must say the same."""
    if line.get("QtyRemainingToShip") is None:
        return
    what = named(line, order)
    ordered, shipped, cancelled = (units(line, name, what=what) for name in ("Qty", "QtyShipped", "CancelQty"))
    told = units(line, "QtyRemainingToShip", what=what)
    if told != ordered - shipped - cancelled:
        raise ContractError(
            f"Xoro contradicts itself about {what}: {ordered} ordered, {shipped} shipped and {cancelled} cancelled, "
            f"but {told} remaining. The order was not taken over."
        )


def is_extra(line: OrderLine) -> bool:
    return not line.product_reference
