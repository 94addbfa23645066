"""An order that was edited after the warehouse was given it: units taken off can still be cancelled there until it is locked (R44)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from connectors.ports import Ability
from portal.ledger.models import SalesOrder
from portal.sync import complaints
from portal.sync.complaints import snapshot
from portal.sync.models import OutboundMessage, State
from portal.sync.plan import plan
from portal.sync.subjects import order_subject

REFUSED = (State.PARKED, State.ABANDONED)


def plan_edit(order: SalesOrder, *, at: datetime) -> bool:
    """Whether the warehouse has the order as it is now. Fewer units are told to it while it takes that; anything else is a case (E09)."""
    if not is_lowering(order) or not takes_less(order):
        return complaints.watch_versions(order, at=at)
    assert order.integration is not None
    plan("lower_order", integration=order.integration, subject=order_subject(order), version=order.version, order=order, at=at)
    return False


def takes_less(order: SalesOrder) -> bool:
    """The warehouse can lower orders, has not locked this one, and has not refused this very version."""
    integration = order.integration
    if integration is None or Ability.LOWER_ORDER not in integration.hub.vendor.abilities:
        return False
    if order.hub_orders.filter(locked_at__isnull=False).exists():
        return False
    told = OutboundMessage.objects.filter(kind="lower_order", subject=order_subject(order), version=order.version)
    return not told.filter(state__in=REFUSED).exists()


def is_lowering(order: SalesOrder) -> bool:
    """All that differs from what the warehouse was given is that of some SKUs fewer units are wanted."""
    sent, now = order.sent_snapshot or {}, snapshot(order)
    if not sent or any(sent.get(name) != now[name] for name in now if name != "lines"):
        return False
    before, after = units(sent["lines"]), units(now["lines"])
    return after != before and after <= before


def units(lines: object) -> Counter[str]:
    found: Counter[str] = Counter()
    for sku, wanted in lines if isinstance(lines, list) else []:
        found[sku] += wanted
    return found
