"""The delivery method and the carrier an order asks for, in the hub's words; a name without a mapping need not stop the order (R115, R116)."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from connectors.canonical import CodeKind
from mappings.models import OnMissing
from mappings.resolve import or_own_name
from mappings.resolved import OWN_NAME, LetThrough, Resolved
from portal.connections.models import Integration
from portal.ledger.models import SalesOrder
from portal.sync.codes import to_hub


def service_for(order: SalesOrder, integration: Integration, *, at: datetime) -> Resolved:
    """UnmappedCode when it has no mapping, unless the rule of ship services lets it pass."""
    asked = order.effective_ship_service
    if not asked:  # it came this far: an order may go without one
        return nothing(CodeKind.SHIP_SERVICE, integration)
    look = partial(to_hub, CodeKind.SHIP_SERVICE, asked, integration=integration, store=order.store_code, label=order.ship_service_label, at=at)
    return or_own_name(look)


def carrier_for(order: SalesOrder, integration: Integration, *, at: datetime) -> Resolved:
    """The carrier the channel wants. Warehouses choose their own, so a missing one stops the order only where a rule says so."""
    if not order.carrier_code:
        return nothing(CodeKind.CARRIER, integration)
    look = partial(to_hub, CodeKind.CARRIER, order.carrier_code, integration=integration, store=order.store_code, at=at)
    return or_own_name(look, unless_told=OnMissing.PASS)


def nothing(kind: CodeKind, integration: Integration) -> Resolved:
    return Resolved("", "", kind.value, None, None, OWN_NAME, integration.pk)


def code_of(service: Resolved) -> str:
    """What to send: a name the hub does not know is no code of it."""
    return "" if isinstance(service, LetThrough) else service.value


def in_words(service: Resolved, carrier: Resolved) -> str:
    """For the people in the warehouse: what no field of theirs can hold."""
    told = [f"Carrier asked for: {carrier.label or carrier.value}."] if carrier.value else []
    told += [f"Delivery method: {service.label}."] if isinstance(service, LetThrough) else []
    return " ".join(told)
