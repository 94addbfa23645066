"""Creates a channel's order in the warehouse hub, exactly once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.canonical import Address, CodeKind, Done, OrderState, WarehouseLine, WarehouseOrder
from connectors.errors import Rejected
from mappings.errors import TO_HUB, UnmappedCode
from mappings.resolve import Resolved, unmapped_sku
from portal.ledger.expect import Expected, met
from portal.ledger.models import OrderLine, SalesOrder, Stage
from portal.sync import failures
from portal.sync.catalogue.gate import check_usable
from portal.sync.codes import skus_to_hub, to_hub
from portal.sync.complaints import snapshot
from portal.sync.confirm import remember_reference
from portal.sync.kinds import Moot, NotYet, Request
from portal.sync.models import ExternalReference, OutboundMessage
from portal.sync.net_prices import line_net, order_tax, shipping_net
from portal.sync.plan_acceptance import warehouse_has
from portal.sync.prices import check_prices
from portal.sync.wishes import carrier_for, code_of, in_words, service_for

CLEAN_LOOKS = 2  # searches that found nothing, one settle time apart, before it is created again


def prepare(message: OutboundMessage, *, at: datetime) -> Request:
    """The order in the hub's codes. UnmappedCode when one is missing; Moot when it was cancelled meanwhile."""
    order = message.order
    assert order is not None and message.integration is not None
    if order.state in (OrderState.CANCELLED, OrderState.REFUSED) and not message.looks_first:
        raise Moot("The order was cancelled in the channel before it was sent.")
    integration = message.integration
    store = to_hub(CodeKind.STORE, order.store_code, integration=integration, at=at)
    service, carrier = service_for(order, integration, at=at), carrier_for(order, integration, at=at)
    lines = [line for line in order.lines.all() if line.wanted and not line.is_extra]
    skus = skus_to_hub([effective_sku(order, line) for line in lines], integration=integration, at=at)
    check_usable([effective_sku(order, line) for line in lines], skus, integration=integration)
    for line in lines:
        if effective_sku(order, line) not in skus:
            raise unmapped_sku(effective_sku(order, line), integration=integration, direction=TO_HUB, label=line.title)
    address = Address(**order.effective_address)
    body = WarehouseOrder(
        number=hub_number(message),
        store_code=store.value,
        ship_service_code=code_of(service),
        currency=order.currency,
        lines=tuple(warehouse_line(order, line, skus[effective_sku(order, line)]) for line in lines),
        shipping_address=address,
        billing_address=Address(**order.billing_address) if order.billing_address else None,
        email=order.email or address.email,
        shipping_net=shipping_net(order),
        total_tax=order_tax(order),
        paid=not is_waiting(order),
        on_hold=is_waiting(order),
        payment_reference=payment_reference(order),
        note=order.note,
        internal_note=f"{internal_note(order)} {in_words(service, carrier)}".strip(),
        placed_at=order.placed_at.isoformat(),
    )
    return Request(body=body, uses=(store, *(one for one in (service, carrier) if one.value), *skus.values()))


def is_waiting(order: SalesOrder) -> bool:
    """A marketplace order that is not cleared yet: the warehouse gets it on hold (D2)."""
    return order.state in (OrderState.WAITING_ACCEPTANCE, OrderState.WAITING_PAYMENT)


def hub_number(message: OutboundMessage) -> str:
    """Our handle in the hub: the prefix and the channel's number, the same every time."""
    assert message.order is not None and message.integration is not None
    return f"{message.integration.number_prefix}{message.order.number}"


def effective_sku(order: SalesOrder, line: OrderLine) -> str:
    return str(order.corrections.get(f"line.{line.reference}.sku") or line.sku)


def warehouse_line(order: SalesOrder, line: OrderLine, sku: Resolved) -> WarehouseLine:
    return WarehouseLine(
        sku=sku.value,
        quantity=line.wanted,
        unit_net=line_net(line),
        tax_rate=line.tax_rate or Decimal(0),
        title=line.title,
        channel_line=line.reference,
    )


def payment_reference(order: SalesOrder) -> str:
    first = min(order.payments.all(), key=lambda payment: payment.pk, default=None)  # they were read with the order
    return first.reference if first else ""


def internal_note(order: SalesOrder) -> str:
    extras = [f"{line.title or 'extra'} ({line.total} {order.currency})" for line in order.lines.all() if line.is_extra]
    note = f"{order.connection.system_label} order {order.number}"
    return f"{note}. Not for the warehouse: {', '.join(extras)}" if extras else note


def perform(connector: Any, message: OutboundMessage, request: Request) -> Done:
    """One call; after a lost answer a look first, and creation only when nothing was found twice."""
    order: WarehouseOrder = request.body
    if message.looks_first:
        found = [one for one in connector.find_orders(order.number) if not is_anothers(message, one.reference)]
        if len(found) > 1:
            raise Rejected(f"The warehouse has {len(found)} orders with the number {order.number}.", code="duplicate")
        if found:
            return Done(found[0].reference, link=found[0].link, version=found[0].version, found=True)
        looks = int(message.payload.get("clean_looks", 0)) + 1
        message.payload = {**message.payload, "clean_looks": looks}
        if looks < CLEAN_LOOKS:
            raise NotYet(
                failures.settle_s(message), "Looked in the warehouse and did not find it; it is looked for once more before it is sent again."
            )
    message.payload = {**message.payload, "clean_looks": 0}
    assert message.order is not None and message.integration is not None
    check_prices(message.order, order, integration=message.integration)
    done: Done = connector.create_order(order)
    return done


def is_anothers(message: OutboundMessage, reference: str) -> bool:
    """That warehouse order belongs to another sales order: two channels may use the same number."""
    bound = ExternalReference.objects.filter(connection=message.connection, kind="order", reference=reference)
    return bound.exclude(subject=message.subject).exists()


def record(message: OutboundMessage, request: Request, done: Done, *, at: datetime) -> None:
    """Keep their id, and what they were given; nothing stands in the order's way any more."""
    order = message.order
    assert order is not None
    remember_reference(message.connection, "order", f"order:{order.pk}", done.reference, link=done.link)
    SalesOrder.objects.filter(pk=order.pk).update(sent_version=order.version, sent_snapshot=snapshot(order))
    order.move(Stage.WITH_HUB, note="; ".join(done.warnings), at=at)
    if request.body.on_hold:
        warehouse_has(order, on_hold=True, at=at)
    met(Expected.IN_HUB, f"order:{order.pk}", at=at)
    failures.settled(order, proof={"warehouse order": done.reference, "found": "it was there already" if done.found else "created"}, at=at)


def explain(error: Rejected, message: OutboundMessage) -> Exception:
    """An item the warehouse does not know is a mapping question, not a transfer fault."""
    if error.code in ("unknown_sku", "ambiguous_sku") and error.fields and message.integration is not None:
        return UnmappedCode(kind=CodeKind.SKU, value=error.fields[0], integration=message.integration, direction="to_hub", detail=error.sentence)
    return error
