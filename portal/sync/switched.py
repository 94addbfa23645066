"""What an integration that is off, removed or set the other way must not send, even when it was queued earlier (R108, R120)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django_q.tasks import async_task

from portal.connections.models import Integration
from portal.ledger.expect import Expected, drop, expect
from portal.ledger.models import Heartbeat, SalesOrder, Stage
from portal.sync.claim import lock_orders
from portal.sync.models import OutboundMessage, State
from portal.sync.prices import tolerance_changed
from portal.sync.release import release
from portal.sync.run_models import RunItem, Trigger
from portal.sync.subjects import order_subject

EXPORTS = frozenset({"create_order", "decide_order", "release_order"})
FETCHES = frozenset({"confirm_shipment"})


def key_of(integration: Integration) -> str:
    """What such a message waits for."""
    return f"integration:{integration.pk}"


def refusal(message: OutboundMessage) -> str:
    """Why this message must not be sent now, as a sentence; "" when it may."""
    integration = message.integration
    if integration is None:
        return ""
    if integration.removed_at is not None:
        return "The integration was removed; nothing is sent any more."
    if message.kind in EXPORTS and not integration.exports_orders:
        return f"{integration.name} does not export orders now. It goes when export mode is on again."
    if message.kind in FETCHES and not integration.fetches_fulfilments:
        return f"{integration.name} does not fetch fulfilments now. It goes when fetch mode is on again."
    if not integration.enabled and not is_by_hand(message):
        return f"{integration.name} is not automatic now. Run it by hand, or switch it on."
    return ""


def is_by_hand(message: OutboundMessage) -> bool:
    """A person has run this, or the order it belongs to."""
    subjects = {message.subject, f"order:{message.order_id}"}
    return RunItem.objects.filter(subject__in=subjects, run__trigger=Trigger.HAND).exists()


def admitted(messages: list[OutboundMessage], *, at: datetime) -> list[OutboundMessage]:
    """Those that may be sent; the others are stopped until the integration is switched back."""
    refused = {message.pk: why for message in messages if (why := refusal(message))}
    for message in messages:
        if message.pk in refused:
            with transaction.atomic():
                lock_orders([message.order_id])
                put_aside(message, refused[message.pk], at=at)
    return [message for message in messages if message.pk not in refused]


def put_aside(message: OutboundMessage, why: str, *, at: datetime) -> None:
    assert message.integration is not None
    mine = OutboundMessage.objects.filter(pk=message.pk, state=State.IN_FLIGHT, claimed_at=message.claimed_at, called_at=None)
    columns = {"state": State.PARKED, "waiting_for": key_of(message.integration), "note": why, "claimed_at": None, "lease_until": None}
    if mine.update(**columns) and message.order is not None and message.kind == "create_order":
        message.order.move(Stage.BLOCKED, note=why, at=at)
        drop(order_subject(message.order), at=at, kinds=[Expected.IN_HUB])


def on_integration_changed(sender: object, *, integration: Integration, at: datetime, **_: object) -> None:
    """Switched on, or another way: what waited for that goes, in the transaction that saves it; what may still not go stops again."""
    if not integration.enabled or integration.removed_at is not None:
        return
    # A flow that stood still on purpose is not silent; it has its time from now on.
    Heartbeat.objects.filter(connection__in=(integration.channel_id, integration.hub_id), beat_at__lt=at).update(beat_at=at)
    waiting = OutboundMessage.objects.filter(state=State.PARKED, waiting_for=key_of(integration), kind="create_order")
    expect_again(SalesOrder.objects.filter(pk__in=list(waiting.values_list("order_id", flat=True))), integration, at=at)
    release([key_of(integration)], at=at)
    transaction.on_commit(lambda: async_task("portal.sync.catch_up.take_up", integration.pk))
    tolerance_changed(integration, at=at)


def expect_again(orders: Iterable[SalesOrder], integration: Integration, *, at: datetime) -> None:
    due_at = at + timedelta(minutes=integration.transfer_limit_min)
    for order in orders:
        expect(Expected.IN_HUB, order_subject(order), due_at=due_at, connection=integration.hub, because="The integration is on again.", at=at)
