"""What is kept of Xoro's very wide rows, and the fields that go by two names.

A page of 200 orders can be 12 MB; only what we read is stored, with the custom fields that somebody filled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.reading import text
from connectors.xoro.envelope import Row

PARTS = ("FirstName", "LastName", "CompanyName", "Addr", "Addr2", "City", "State", "Country", "ZpCode", "PhoneNumber", "Email")
HEADER = (
    *("Id", "OrderNumber", "StatusName", "CustomerName", "CustomerPO", "StoreName", "SaleStoreName", "DateOrder", "OrderDate"),
    *("DateToBeShipped", "DateToBeCancelled", "CurrencyCode", "TotalAmount", "Memo", "Tags", "RefNo", "ThirdPartyRefNo", "ThirdPartyRefName"),
    *("ThirdPartySource", "CarrierName", "ShipServiceName", "ShipMethodName", "ShippingCost", "ShippingNotes", "OrderTypeName", "OrderClassName"),
    *(f"{who}{part}" for who in ("BillTo", "ShipTo") for part in PARTS),
)
LINE = (
    "ItemUpc",  # ours, where the connection goes by UPC
    *("Id", "ItemNumber", "ItemTypeName", "BasePartNumber", "Description", "Qty", "QtyOrdered", "QtyShipped", "QtyRemainingToShip"),
    *("QtyAllocated", "QtyCommitted", "CancelQty", "UnitPrice", "EffectiveUnitPrice", "LineAmount", "TotalAmount", "StatusName"),
    *("ShipStoreName", "ThirdPartyRefNo2", "TaxItems"),
)
CUSTOM = ("CustomFieldH", "CustomFieldD")
CUSTOM_LENGTH = 200
ALIASES = {
    "Qty": ("Qty", "QtyOrdered"),
    "QtyAllocated": ("QtyAllocated", "QtyCommitted"),
    "LineAmount": ("LineAmount", "TotalAmount"),
    "DateOrder": ("DateOrder", "OrderDate"),
}


def given(row: Mapping[str, Any], name: str) -> Any:
    """A field by any of its names; None where none of them says anything."""
    return next((row[each] for each in ALIASES.get(name, (name,)) if row.get(each) not in (None, "")), None)


def keep(row: Mapping[str, Any], names: tuple[str, ...]) -> Row:
    kept = {name: row[name] for name in names if name in row}
    custom = {name: text(value)[:CUSTOM_LENGTH] for name, value in row.items() if name.startswith(CUSTOM) and text(value)}
    return kept | custom


def kept_order(row: Mapping[str, Any]) -> Row:
    header, lines = row.get("SoEstimateHeader"), row.get("SoEstimateItemLineArr")
    return {
        "SoEstimateHeader": keep(header, HEADER) if isinstance(header, dict) else header,
        "SoEstimateItemLineArr": [keep(line, LINE) if isinstance(line, dict) else line for line in lines] if isinstance(lines, list) else lines,
    }
