"""What went out though its code had no mapping, by a person's setting: visible as a case until a mapping exists (E16, E33)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from connectors.canonical import CodeKind
from exceptions.cases import CaseEntry, clear_case, open_case
from exceptions.kinds import Severity
from exceptions.models import ExceptionCase
from mappings import usage
from mappings.errors import UnmappedCode
from mappings.resolved import DEFAULT_SKU, LetThrough
from portal.connections.models import Integration
from portal.ledger.models import SalesOrder, ShipmentLine
from portal.sync import complaints
from portal.sync.kinds import Request
from portal.sync.models import DeliveryAttempt, OutboundMessage
from portal.sync.subjects import order_subject

MANY_A_DAY = 10  # uses of the Default SKU beyond which the case is worse than good to know
KINDS = ("E16", "E33")


def note(message: OutboundMessage, request: Request, *, at: datetime) -> None:
    """Open the cases of what was let through with this message. Must run in the transaction that records it."""
    for use in request.uses:
        if isinstance(use, LetThrough) and use.told and message.order is not None and message.integration is not None:
            usage.seen(asked(use, message.integration), at=at)
            if use.how == DEFAULT_SKU:
                default_sku_used(use, message.order, message.integration, request.covers, at=at)
            else:
                passed(use, message.order, message.integration, at=at)


def default_sku_used(use: LetThrough, order: SalesOrder, integration: Integration, shipments: tuple[int, ...], *, at: datetime) -> None:
    """E33, one for each unknown SKU, with the units and what they are worth (D1)."""
    units = sum(ShipmentLine.objects.filter(shipment__in=shipments, sku=use.asked).values_list("quantity", flat=True))
    line = next(line for line in order.lines.all() if line.sku == use.value)
    worth = line.total / line.quantity * units if line.quantity else Decimal(0)
    named = f"“{use.asked}”" if use.asked else "an item without a SKU"
    often = uses_today(integration, at=at) > MANY_A_DAY
    items = [
        replace(complaints.entry(order, subject=f"shipment:{pk}"), value=worth, units=units, at=at, keys=(use.asked, use.value))
        for pk in shipments[:1]
    ]  # fmt: skip
    open_case(
        "E33",
        fingerprint=fingerprint(use.key),
        cause=f"The warehouse shipped {named}, which no mapping knows. It was told to {order.connection} as the Default SKU {use.value}.",
        items=items,
        connection=order.connection,
        integration=integration,
        evidence=question(use),
        severity=Severity.S3 if often else None,
        at=at,
    )


def uses_today(integration: Integration, *, at: datetime) -> int:
    """Dispatches of this integration told with its Default SKU since midnight of its zone."""
    midnight = at.astimezone(ZoneInfo(integration.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    used = [{"how": DEFAULT_SKU, "integration_id": integration.pk}]
    return DeliveryAttempt.objects.filter(mapping_uses__contains=used, started_at__gte=midnight, outcome="done").count()


def passed(use: LetThrough, order: SalesOrder, integration: Integration, *, at: datetime) -> None:
    """E16 at its mildest: nothing waits, but somebody should say what the name is over there."""
    noun = "carrier" if use.mapping_kind == CodeKind.CARRIER.value else "ship service"
    open_case(
        "E16",
        fingerprint=use.key,
        cause=f"The {noun} “{use.label}” has no mapping. What it stands on goes without one, as the mapping settings say.",
        items=[CaseEntry(subject=f"code:{use.key}"[:160], label=use.label, at=at, keys=(order.number,))],
        connection=order.connection,
        integration=integration,
        evidence=question(use) | {"last seen on": order_subject(order)},
        severity=Severity.S3,
        at=at,
    )


def asked(use: LetThrough, integration: Integration) -> UnmappedCode:
    return UnmappedCode(
        kind=CodeKind(use.mapping_kind),
        value=use.asked,
        label=use.label if use.how != DEFAULT_SKU else "",
        integration=integration,
        direction=use.direction,
        store=use.store,
        service=use.service,
    )


def question(use: LetThrough) -> dict[str, str]:
    return {"kind": use.mapping_kind, "value": use.asked, "label": use.label, "store": use.store, "service": use.service, "direction": use.direction}


def fingerprint(key: str) -> str:
    return f"default:{key}"[:300]


def mapped(keys: Iterable[str], *, at: datetime) -> None:
    """A mapping that may answer these questions was saved: nothing will be let through for them any more."""
    known = list(keys)
    wanted = {*(fingerprint(key) for key in known), *known}
    for case in ExceptionCase.objects.filter(kind__in=KINDS, is_open=True, fingerprint__in=wanted):
        if case.kind == "E33" or not case.items.exclude(subject__startswith="code:").exists():
            clear_case(case, {"mapped": at.isoformat()}, at=at)
