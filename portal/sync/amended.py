"""Somebody changed the warehouse's own order to what is still wanted: from then on both sides have the same lines (R44, D5).

No warehouse we know lets us take a line off an order that it has, so a person does it there; here it shows that it was done.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from connectors import canonical
from connectors.canonical import HubState
from portal.ledger.models import SalesOrder
from portal.sync.codes import skus_to_hub
from portal.sync.complaints import snapshot


def take_over_lines(order: SalesOrder, seen: canonical.HubOrder, *, at: datetime) -> bool:
    """What the warehouse shows counts as what it was given, if it is to the unit what the channel wants; whether it became so now."""
    sent, now = order.sent_snapshot or {}, snapshot(order)
    if not sent or sent.get("lines") == now["lines"] or seen.state is HubState.CANCELLED:
        return False
    wanted = wanted_there(order, at=at)
    if not wanted or wanted != units_of(seen):
        return False
    order.sent_snapshot = {**sent, "lines": now["lines"]}
    SalesOrder.objects.filter(pk=order.pk).update(sent_snapshot=order.sent_snapshot)
    return True


def wanted_there(order: SalesOrder, *, at: datetime) -> Counter[str]:
    """The warehouse's SKU → units the channel still wants; empty when a SKU has no name there."""
    lines = [line for line in order.lines.all() if line.wanted and not line.is_extra]
    skus = [str(order.corrections.get(f"line.{line.reference}.sku") or line.sku) for line in lines]
    if order.integration is None:
        return Counter()
    known = skus_to_hub(skus, order.integration, at)
    found: Counter[str] = Counter()
    for line, sku in zip(lines, skus, strict=True):
        if sku not in known:
            return Counter()
        found[known[sku].value] += line.wanted
    return found


def units_of(seen: canonical.HubOrder) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in seen.lines:
        found[line.sku] += line.quantity
    return found
