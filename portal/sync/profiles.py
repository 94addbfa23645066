"""Which integration a dispatch comes back through, where one profile exports a channel's orders and another fetches its fulfilments (D12)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from connectors.canonical import OrderState
from portal.connections.filters import first_refusal
from portal.connections.models import Connection, Integration, Mode
from portal.ledger.models import SalesOrder, Stage
from portal.sync.models import OutboundMessage

FETCHES = (Mode.BOTH, Mode.FETCH)
COMES_ELSEHOW = "The warehouse gets this order another way; its dispatches are fetched."


def fetching(order: SalesOrder, hub: Connection | int) -> Integration | None:
    """The order's own integration where it fetches, else the oldest one that does for the same two accounts and takes this order."""
    if order.integration is not None and order.integration.fetches_fulfilments:
        return order.integration
    hub_id = hub if isinstance(hub, int) else hub.pk
    there = Integration.objects.present().filter(channel=order.connection_id, hub=hub_id, mode__in=FETCHES)
    return next((one for one in there.select_related("channel", "hub").order_by("pk") if takes(one, order)), None)


def takes(integration: Integration, order: SalesOrder) -> bool:
    """By store and filters."""
    if integration.store_codes and order.store_code not in integration.store_codes:
        return False
    return first_refusal(integration.filters.all(), order) is None


def follow(order: SalesOrder, integration: Integration | None, *, at: datetime) -> bool:
    """Nobody exports this order, but somebody fetches its fulfilments: it is theirs, and waits to be seen in the warehouse (R106)."""
    if order.state != OrderState.OPEN or order.stage not in (Stage.RECEIVED, Stage.IGNORED):
        return False
    if integration is None:
        there = Integration.objects.running().filter(channel=order.connection_id, mode=Mode.FETCH)
        integration = next((one for one in there.select_related("hub").order_by("pk") if takes(one, order)), None)
    if integration is None or integration.exports_orders or was_planned(order):
        return False
    if integration.start_date is not None and order.placed_at.date() < integration.start_date:
        return False
    order.integration = integration
    SalesOrder.objects.filter(pk=order.pk).update(integration=integration)
    order.move(Stage.IGNORED, note=COMES_ELSEHOW, at=at)
    return True


def is_followed(order: SalesOrder) -> bool:
    """It takes no part in exporting; the warehouse's news of it count all the same."""
    return order.stage == Stage.IGNORED and order.stage_note == COMES_ELSEHOW


def was_planned(order: SalesOrder) -> bool:
    """It was to be exported, before the integration was switched the other way."""
    return OutboundMessage.objects.filter(kind="create_order", order=order).exists()


def dispatches_of(integration: Integration) -> Q:
    """Shipments this integration tells: of its own orders, and of those an exporting profile sent between the same two accounts."""
    own = Q(order__integration=integration)
    if not integration.fetches_fulfilments:
        return own
    exported = Q(
        order__connection=integration.channel_id,
        connection=integration.hub_id,
        order__integration__mode=Mode.EXPORT,
    )
    if integration.store_codes:
        exported &= Q(order__store_code__in=integration.store_codes)
    return own | exported
