"""The warehouse took units off an order by itself, in one of its facilities for instance: the channel still wants them (E20)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from connectors.canonical import HubState
from connectors.ports import Ability
from exceptions.cases import clear_case, open_case
from exceptions.models import ExceptionCase
from portal.ledger.models import HubOrder, SalesOrder, Stage
from portal.sync import complaints
from portal.sync.amended import wanted_there
from portal.sync.complaints import snapshot
from portal.sync.plan import plan
from portal.sync.subjects import hub_order_subject, order_subject, shipment_subject

THERE = (Stage.WITH_HUB, Stage.PART_SHIPPED, Stage.SHIPPED, Stage.DONE)


def watch_cut(order: SalesOrder, *, at: datetime) -> None:
    """Open the case, or close it when both sides want the same units again. Only for hubs that tell units taken off."""
    integration = order.integration
    if integration is None or order.stage not in THERE or Ability.LOWER_ORDER not in integration.hub.vendor.abilities:
        return
    living = list(order.hub_orders.exclude(state=HubState.CANCELLED).filter(merged_into=""))
    wanted, there = wanted_there(order, at=at), units_at(living)
    if not living or not wanted:
        return
    if wanted == there:
        settle(order, at=at)
    elif (order.sent_snapshot or {}).get("lines") == snapshot(order)["lines"] and wanted - there:
        complain(order, living[0], wanted - there, at=at)


def units_at(hub_orders: list[HubOrder]) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in hub_orders:
        for sku, units in one.lines:
            found[sku] += units
    return +found


def fingerprint(order: SalesOrder) -> str:
    return f"cut:{order_subject(order)}"


def complain(order: SalesOrder, hub_order: HubOrder, gone: Counter[str], *, at: datetime) -> None:
    units = " and ".join(f"{number} × {sku}" for sku, number in sorted(gone.items()))
    open_case(
        "E20",
        fingerprint=fingerprint(order),
        cause=f"{hub_order.connection} took {units} off order {order.number}, and {order.connection} still wants that. "
        f"Take it off in {order.connection} as well and give the money back, or order it anew.",
        items=[complaints.entry(order, subject=hub_order_subject(hub_order))],
        connection=order.connection,
        integration=order.integration,
        evidence={"order": order.number, "taken off": dict(gone)},
        at=at,
    )


def settle(order: SalesOrder, *, at: datetime) -> None:
    """Both sides agree: the case is over, and where everything left has shipped the channel is told that it is the whole order."""
    case = ExceptionCase.objects.filter(kind="E20", fingerprint=fingerprint(order), is_open=True).first()
    if case is None:
        return
    clear_case(case, {"both sides want": "the same units", "seen": at.isoformat()}, at=at)
    last = order.shipments.filter(cancelled_at=None).order_by("-shipped_at", "-pk").first()
    if last is not None and order.stage in (Stage.SHIPPED, Stage.DONE) and order.integration is not None:
        version = f"{last.version} of {order.version}"
        plan("confirm_shipment", integration=order.integration, subject=shipment_subject(last), version=version, order=order, at=at)
