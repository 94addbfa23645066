"""The order as the warehouse was given it, beside what the channel says now (R44)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.ledger.models import SalesOrder
from portal.sync.complaints import snapshot

ADDRESS_LABELS = {
    "first_name": "First name", "last_name": "Last name", "company": "Company", "line1": "Street", "line2": "Second line", "city": "City",
    "region": "Region", "postcode": "Postcode", "country": "Country", "phone": "Phone", "email": "E-mail",
}  # fmt: skip


@dataclass(frozen=True)
class VersionRow:
    """One thing in both versions; "" where a version has none of it. `personal`: it says who or where the customer is."""

    label: str
    sent: str
    now: str
    personal: bool = False

    @property
    def differs(self) -> bool:
        return self.sent != self.now


def versions_of(order: SalesOrder) -> list[VersionRow]:
    """Both versions row by row; [] when the warehouse has none, or the same."""
    sent, now = order.sent_snapshot or {}, snapshot(order)
    if not sent or sent == now:
        return []
    return compare(sent, now)


def compare(sent: dict[str, Any], now: dict[str, Any]) -> list[VersionRow]:
    before, after = units_of(sent), units_of(now)
    rows = [VersionRow(sku or "(no SKU)", counted(before.get(sku)), counted(after.get(sku))) for sku in dict.fromkeys([*before, *after])]
    rows.append(VersionRow("Delivery method", str(sent.get("delivery method") or ""), str(now.get("delivery method") or "")))
    old, new = sent.get("address") or {}, now.get("address") or {}
    told = [(label, str(old.get(name) or ""), str(new.get(name) or "")) for name, label in ADDRESS_LABELS.items()]
    return rows + [VersionRow(label, one, other, personal=True) for label, one, other in told if one or other]


def units_of(version: dict[str, Any]) -> dict[str, int]:
    """SKU → units, over all lines."""
    found: dict[str, int] = {}
    for sku, units in version.get("lines") or []:
        found[str(sku)] = found.get(str(sku), 0) + int(units)
    return found


def counted(units: int | None) -> str:
    return "" if units is None else f"{units} unit{'' if units == 1 else 's'}"
