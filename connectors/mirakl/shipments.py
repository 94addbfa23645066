"""Several shipments for one order (ST01, ST11, ST23, ST24): answers of 200 and 201 whose errors are inside.

Off unless the platform has them, and then these addresses answer 404. https://developer.mirakl.com
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from connectors.canonical import DispatchNotice, Done, Parcel
from connectors.errors import OutcomeUnknown, Rejected
from connectors.mirakl.client import Client, Row, listed, part
from connectors.reading import text, whole

Units = dict[str, int]  # order line → units
SEEK_PAGE = 100
NOT_SHIPPED = "SHIPPING"


class Shipments:
    """Shipments of one shop. The dispatch's key is kept as the package reference of its lines, by which it is found again."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def confirm(self, notice: DispatchNotice, units: Units, *, tracking: Row) -> Done | None:
        """None where the platform has no shipments (404)."""
        there = self.of_order(notice.order_reference)
        if there is None:
            return None
        mine = [shipment for shipment in there if is_own(shipment, notice.key)]
        left = Counter(units) - sum((units_in(shipment) for shipment in mine), Counter[str]())
        if not left:
            return self.complete(mine, tracking=tracking)
        bodies = list(drafts(notice, dict(left), tracking=tracking, taken=len(mine)))
        answer = self.client.write("ST01", "POST", "/shipments", {"shipments": bodies})
        refuse_errors(answer, "Mirakl did not take the shipment")
        made = [text(row.get("id")) for row in listed(answer, "shipment_success")]
        if not made:
            raise OutcomeUnknown("Mirakl took the shipment but did not say which it made, so it is not known whether it was made.")
        return Done(made[0], found=bool(mine), warnings=unshown(notice, len(bodies)))

    def of_order(self, reference: str) -> list[Row] | None:
        """The order's shipments that still stand; None where the platform has none at all."""
        try:
            sheets = list(self.client.seek_sheets("ST11", "/shipments", [("order_id", reference)], limit=SEEK_PAGE))
        except Rejected as error:
            if error.exchange is not None and error.exchange.status == 404:
                return None
            raise
        rows = [row for sheet in sheets for row in sheet.rows]
        return [row for row in rows if text(row.get("order_id")) == reference and text(row.get("status")) != "CANCELED"]

    def complete(self, mine: list[Row], *, tracking: Row) -> Done:
        """What is there already gets the tracking it lacks, and is shipped if it is not."""
        number = text(tracking.get("tracking_number"))
        bare = [text(row.get("id")) for row in mine if number and not text(part(row, "tracking").get("tracking_number"))]
        if bare:
            body = {"shipments": [{"id": id_, "tracking": tracking} for id_ in bare[:1]]}
            answer = self.client.write("ST23", "POST", "/shipments/tracking", body, idempotent=True)
            refuse_errors(answer, "Mirakl did not take the tracking number")
        unsent = [text(row.get("id")) for row in mine if text(row.get("status")) == NOT_SHIPPED]
        if unsent:
            answer = self.client.write("ST24", "PUT", "/shipments/ship", {"shipments": [{"id": id_} for id_ in unsent]}, idempotent=True)
            refuse_errors(answer, "Mirakl did not ship the shipment")
        return Done(text(mine[0].get("id")), found=True)


def refuse_errors(answer: Row, sentence: str) -> None:
    """A 200 or 201 is no success while it lists errors."""
    errors = listed(answer, "shipment_errors")
    if errors:
        said = "; ".join(text(error.get("message")) for error in errors) or "no reason"
        names = tuple(text(error.get("id")) or text(error.get("order_id")) for error in errors)
        raise Rejected(f"{sentence}. It says: {said}", detail=str(answer)[:2000], code="shipment_error", fields=names)


def references(shipment: Row) -> Iterator[str]:
    yield text(shipment.get("invoice_reference"))
    for line in listed(shipment, "shipment_lines"):
        yield text(line.get("package_reference"))


def is_own(shipment: Row, key: str) -> bool:
    return any(reference == key or reference.startswith(f"{key}.") for reference in references(shipment))


def units_in(shipment: Row) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in listed(shipment, "shipment_lines"):
        found[text(line.get("order_line_id"))] += whole(line.get("quantity") or 0, what="quantity of a shipment line")
    return found


def drafts(notice: DispatchNotice, left: Units, *, tracking: Row, taken: int) -> Iterator[dict[str, Any]]:
    """One shipment for each parcel whose units are known; else one for all, for a shipment has one tracking number."""
    parcels = [parcel for parcel in notice.shipment.parcels if parcel.lines]
    if len(parcels) < 2:
        yield draft(notice, left, tracking, reference=notice.key if not taken else f"{notice.key}.{taken + 1}")
        return
    rest = Counter(left)
    for number, parcel in enumerate(parcels, start=1):
        units = Counter({line.order_line: line.quantity for line in parcel.lines if line.order_line}) & rest
        rest -= units
        if units:
            yield draft(notice, dict(units), parcel_tracking(parcel, tracking), reference=f"{notice.key}.{safe(parcel.reference) or number}")
    if rest:
        yield draft(notice, dict(rest), tracking, reference=notice.key)


def draft(notice: DispatchNotice, units: Units, tracking: Row, *, reference: str) -> dict[str, Any]:
    lines = [{"order_line_id": line, "quantity": count, "package_reference": reference} for line, count in units.items()]
    return {"order_id": notice.order_reference, "shipped": True, "shipment_lines": lines, "tracking": tracking}


def parcel_tracking(parcel: Parcel, tracking: Row) -> Row:
    rest = {name: value for name, value in tracking.items() if name != "tracking_number"}
    return rest | ({"tracking_number": parcel.tracking_number} if parcel.tracking_number else {})


def safe(reference: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", reference)


def unshown(notice: DispatchNotice, shown: int) -> tuple[str, ...]:
    others = [parcel.tracking_number for parcel in notice.shipment.parcels if parcel.tracking_number][shown:]
    return (f"A shipment has room for one tracking number here; not shown: {', '.join(others)}.",) if others else ()
