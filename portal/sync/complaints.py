"""Opens the cases of the order flow: what happened, in words a person on the late shift understands."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import cast

from django.utils.crypto import salted_hmac

from connectors import canonical
from exceptions.cases import CaseEntry, clear_items, open_case
from portal.connections.connect import reader
from portal.ledger.models import Parcel, SalesOrder, Shipment
from portal.sync.completeness import sentence
from portal.sync.models import InboundMessage
from portal.sync.subjects import order_subject


def entry(order: SalesOrder, *, subject: str = "", at: datetime | None = None) -> CaseEntry:
    """The order as an item of a case, with the money at risk, whom it concerns, and the words it is found by. `subject`: a dispatch of it."""
    lines = [line for line in order.lines.all() if line.wanted and not line.is_extra]
    tracking = Parcel.objects.filter(shipment__order=order).exclude(tracking_number="").values_list("tracking_number", flat=True)
    return CaseEntry(
        subject=subject or order_subject(order),
        label=order.number,
        value=order.total,
        currency=order.currency,
        at=at or order.placed_at,
        units=sum(line.wanted for line in lines),
        customer=customer(order),
        channel=order.connection.name,
        keys=tuple(dict.fromkeys([*(line.sku for line in lines), *tracking, order.customer_reference])),
    )


def customer(order: SalesOrder) -> str:
    """A reference that tells customers apart; for guests a keyed digest of their e-mail address, which cannot be read back."""
    if order.customer_reference or not order.email:
        return order.customer_reference
    return f"guest {salted_hmac('case customer', order.email.strip().lower()).hexdigest()[:12]}"


def incomplete(order: SalesOrder, found: dict[str, str], *, at: datetime) -> None:
    """E03: the order lacks something a person must add."""
    open_case(
        "E03",
        fingerprint=order_subject(order),
        cause=f"Order {order.number}: {sentence(found)}",
        items=[entry(order)],
        connection=order.connection,
        integration=order.integration,
        evidence={"missing": sorted(found)},
        waiting_for=order_subject(order),
        at=at,
    )


def watch_versions(order: SalesOrder, *, at: datetime) -> bool:
    """Whether the warehouse has the order as it is now; E09 when it has another version, and its end when they agree again (R44)."""
    before, after = order.sent_snapshot or {}, snapshot(order)
    if before and before != after:
        edited_after_send(order, before, after, at=at)
        return False
    clear_items("E09", subjects=[order_subject(order)], proof={"versions": "agree", "seen": at.isoformat()}, at=at)
    return True


def edited_after_send(order: SalesOrder, before: dict[str, object], after: dict[str, object], *, at: datetime) -> None:
    """E09: the channel changed the order after the warehouse was given it."""
    gone = taken_off(before, after)
    changed = f"Order {order.number} was changed in {order.connection.name} after it went to the warehouse. The change will not get there by itself."
    lost = (
        f"Order {order.number}: {order.connection} does not want {gone} any more, but the warehouse has it on the order. Take it off the "
        "warehouse's own order before it is packed; a marketplace order on hold goes on by itself when the warehouse shows the right lines."
    )
    open_case(
        "E09",
        fingerprint=order_subject(order),
        cause=lost if gone else changed,
        items=[entry(order)],
        connection=order.connection,
        integration=order.integration,
        evidence={"with the warehouse": before, "in the channel now": after},
        at=at,
    )


def taken_off(before: dict[str, object], after: dict[str, object]) -> str:
    """The units that are wanted no more, in words, when nothing else has changed: a line was refused or cancelled (D5)."""
    if {**before, "lines": None} != {**after, "lines": None}:
        return ""
    had, wants = (Counter[str]() for _ in range(2))
    for version, units in ((before, had), (after, wants)):
        for sku, count in cast("list[tuple[str, int]]", version.get("lines") or []):
            units[sku] += count
    return "" if wants - had else ", ".join(f"{count} × {sku}" for sku, count in (had - wants).items())


def lost_value(order: SalesOrder) -> Decimal:
    """What the order was worth: a marketplace leaves refused lines out of the total, so the first version we were told of counts."""
    first = InboundMessage.objects.filter(connection=order.connection, topic="orders", subject=order.reference).order_by("pk").first()
    told = reader(order.connection).parse("orders", bytes(first.body)) if first else ()
    totals = [one.total for one in told if isinstance(one, canonical.SalesOrder)]
    return max([order.total, sum((line.total for line in order.lines.all()), Decimal(0)), *totals])


def auto_refused(order: SalesOrder, *, at: datetime) -> None:
    """E02: nobody accepted in time and the marketplace refused it; the revenue is lost (R54)."""
    lost = lost_value(order)
    open_case(
        "E02",
        fingerprint=order_subject(order),
        cause=f"{order.connection} refused order {order.number} by itself: nobody accepted it in time. {lost:.2f} {order.currency} are lost.",
        items=[replace(entry(order), value=lost)],
        connection=order.connection,
        integration=order.integration,
        evidence={"placed": order.placed_at.isoformat(), "could be accepted until": str(order.accept_by)},
        at=at,
    )


def unshipped(shipment: Shipment, *, at: datetime) -> None:
    """E20: the channel has told the customer of a dispatch that the warehouse took back."""
    order = shipment.order
    if order is None:
        return
    open_case(
        "E20",
        fingerprint=f"unshipped:{shipment.pk}",
        cause=f"Order {order.number}: the warehouse took shipment {shipment.reference} back, but {order.connection} still shows it as sent.",
        items=[entry(order)],
        connection=order.connection,
        integration=order.integration,
        evidence={"shipment": shipment.reference, "shown since": str(shipment.shown_at)},
        at=at,
    )


def cancelled_in_hub(order: SalesOrder, reason: str, *, at: datetime) -> None:
    """E20: the warehouse cancelled an order that the channel still wants."""
    because = f" Its reason: {reason}." if reason else ""
    open_case(
        "E20",
        fingerprint=f"order:{order.pk}",
        cause=f"The warehouse cancelled order {order.number}, but {order.connection} still wants it.{because} Cancel it there, or send it again.",
        items=[entry(order)],
        connection=order.connection,
        integration=order.integration,
        evidence={"reason": reason, "channel state": order.vendor_state or order.state},
        at=at,
    )


def duplicate(order: SalesOrder, references: list[str], *, at: datetime) -> None:
    """E07: the warehouse has more than one live order for this one (R35)."""
    open_case(
        "E07",
        fingerprint=f"order:{order.pk}",
        cause=f"The warehouse has order {order.number} {len(references)} times: {', '.join(references)}. Cancel all but one before they are picked.",
        items=[entry(order)],
        connection=order.integration.hub if order.integration else order.connection,
        integration=order.integration,
        evidence={"warehouse orders": references},
        at=at,
    )


def snapshot(order: SalesOrder) -> dict[str, object]:
    """What the warehouse is given: the lines and the address, in comparable form."""
    return {
        "lines": [[line.sku, line.wanted] for line in order.lines.all() if line.wanted],
        "address": order.effective_address,
        "delivery method": order.effective_ship_service,
    }
