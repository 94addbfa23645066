"""Tells the channel of a dispatch: units, parcels, carrier and tracking in the channel's own codes, once."""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial
from typing import Any

from connectors import canonical
from connectors.canonical import CodeKind, DispatchNotice, Done, Proof
from connectors.errors import Rejected
from mappings.errors import TO_CHANNEL, UnmappedCode
from mappings.models import OnMissing
from mappings.resolve import Resolved, or_own_name, service_to_channel, skus_to_hub, to_channel
from mappings.resolved import OWN_NAME
from portal.connections.models import Integration
from portal.ledger.models import Parcel, SalesOrder, Shipment
from portal.sync.after_final import AFTER_FINAL, comes_after_final
from portal.sync.dispatch_lines import Spread, added, spread
from portal.sync.dispatched import told
from portal.sync.final_dispatch import close_order, told_together
from portal.sync.kinds import Moot, NotYet, Request
from portal.sync.models import InboundMessage, OutboundMessage, State
from portal.sync.stand_in import Units
from portal.sync.subjects import subject_pk

CarrierAnswer = Resolved
ONLY_WHOLE = "partial_not_supported"  # the channel knows one dispatch for an order, so a part waits for the rest
TRACKING_TO_COME = "tracking_to_come"  # the channel takes none later
UNCLEAR = ("OutcomeUnknown", "ContractError")
WAITS = "waits_for_rest"
WHOLE_AGAIN_S = TRACKING_AGAIN_S = 300.0
OFFERED_AGAIN_S = 6 * 3600.0
OFFERED = "A flow fetches it from the API and says when the channel shows it."


def prepare(message: OutboundMessage, *, at: datetime) -> Request:
    """The dispatch in the channel's codes. UnmappedCode when its carrier has none; Moot when it was taken back or nothing of it is ours."""
    shipment = Shipment.objects.prefetch_related("lines", "parcels").get(pk=subject_pk(message.subject))
    order, integration = message.order, message.integration
    assert order is not None and integration is not None
    if shipment.cancelled_at is not None:
        raise Moot("The warehouse took this shipment back.")
    if comes_after_final(shipment, order, integration):
        raise Moot(AFTER_FINAL)
    together = told_together(shipment, order, integration)
    parcels = list(shipment.parcels.all())
    carrier = or_own_name(partial(carrier_of, shipment, parcels, order, integration, at=at))
    service = service_of(shipment, order, integration, at=at)
    units = Units(order, integration, hub_skus(order, integration, at=at), at)
    before, shares = shares_of(together, order, units)
    mine = added(shares.values())
    stand_ins = tuple(use for one in together for use in units.check(one))
    if not mine.lines:
        raise Moot("None of what was shipped is on the order any more.")
    body = DispatchNotice(
        key=dispatch_key(shipment),
        order_reference=order.reference,
        shipment=as_canonical(shipment, parcels_of(together, shares, order), mine, order, carrier=carrier, service=service),
        complete=is_complete(order, before),
        seen=last_seen(order),
        final=integration.disable_multishipment,
        unclear_since=unclear_since(message),
    )
    uses = (carrier, *([service] if service.value else []), *stand_ins)
    return Request(body=body, uses=uses, covers=tuple(one.pk for one in together))


def unclear_since(message: OutboundMessage) -> datetime | None:
    """When the first call was made whose outcome is not known; None where every outcome is."""
    if not message.looks_first:
        return None
    first = message.delivery_attempts.filter(outcome__in=UNCLEAR).order_by("started_at").values_list("started_at", flat=True).first()
    return first or message.created_at


def last_seen(order: SalesOrder) -> bytes:
    """The order's body as it last came, which saves the connector a read; a stale one does no harm."""
    came = InboundMessage.objects.filter(connection=order.connection, subject=order.reference, topic="orders").order_by("-pk")
    body = came.values_list("body", flat=True).first()
    return bytes(body) if body else b""


def carrier_of(shipment: Shipment, parcels: list[Parcel], order: SalesOrder, integration: Integration, *, at: datetime) -> Resolved:
    """The channel's carrier: by the hub's code, else by its label, for hubs whose code means little (R59)."""
    tracking = next((parcel.tracking_number for parcel in parcels if parcel.tracking_number), "")
    asked: dict[str, Any] = {"integration": integration, "store": order.store_code, "service": shipment.service_code, "tracking": tracking, "at": at}
    if shipment.carrier_label and shipment.carrier_label != shipment.carrier_code:
        try:
            return to_channel(CodeKind.CARRIER, shipment.carrier_code, label=shipment.carrier_label, **asked)
        except UnmappedCode:
            return _by_label(shipment, asked)
    return to_channel(CodeKind.CARRIER, shipment.carrier_code, label=shipment.carrier_label, **asked)


def _by_label(shipment: Shipment, asked: dict[str, Any]) -> Resolved:
    """By label; what is then missing is asked under the code, the name that stays."""
    try:
        return to_channel(CodeKind.CARRIER, shipment.carrier_label, **asked)
    except UnmappedCode:
        return to_channel(CodeKind.CARRIER, shipment.carrier_code, label=shipment.carrier_label, **asked)


def service_of(shipment: Shipment, order: SalesOrder, integration: Integration, *, at: datetime) -> Resolved:
    """The channel's ship service; one without a mapping goes under its own name unless a rule says otherwise (R116)."""
    if not shipment.service_code:
        return Resolved("", "", CodeKind.SHIP_SERVICE.value, None, None, OWN_NAME, integration.pk)
    asked = partial(service_to_channel, shipment.service_code, integration=integration, store=order.store_code, at=at)
    return or_own_name(asked, unless_told=OnMissing.PASS)


def hub_skus(order: SalesOrder, integration: Integration, *, at: datetime) -> dict[str, str]:
    """Order line → the SKU the hub ships it under."""
    lines = {line.reference: str(order.corrections.get(f"line.{line.reference}.sku") or line.sku) for line in order.lines.all() if not line.is_extra}
    known = skus_to_hub(lines.values(), integration, at)
    return {reference: known[sku].value if sku in known else sku for reference, sku in lines.items()}


def shares_of(told_of: list[Shipment], order: SalesOrder, units: Units) -> tuple[dict[str, int], dict[int, Spread]]:
    """Units by line of every shipment up to and with these, and the share of each of these."""
    every = list(Shipment.objects.filter(order=order, cancelled_at=None).prefetch_related("lines").order_by("shipped_at", "pk"))
    units.look_up(every)
    taken: dict[str, int] = {}
    wanted = {one.pk for one in told_of}
    shares: dict[int, Spread] = {}
    for one in every:
        share = spread(units.of(one), order.lines.all(), taken=taken, sku_of=units.skus)
        if one.pk in wanted:
            shares[one.pk] = share
            if len(shares) == len(wanted):
                break
    return taken, shares


def is_complete(order: SalesOrder, taken: dict[str, int]) -> bool:
    """Whether with this dispatch every unit that is still wanted has shipped."""
    return all(taken.get(line.reference, 0) >= line.wanted for line in order.lines.all() if not line.is_extra)


def dispatch_key(shipment: Shipment) -> str:
    """The handle that makes it one dispatch however often it is told: letters, digits, - and _ only."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", f"{shipment.connection.system}-{shipment.connection_id}-{shipment.reference}")[:256]


def as_canonical(
    shipment: Shipment, parcels: tuple[canonical.Parcel, ...], mine: Spread, order: SalesOrder, *, carrier: Resolved, service: Resolved
) -> canonical.Shipment:
    return canonical.Shipment(
        reference=shipment.reference,
        lines=mine.as_lines(skus_of(order)),
        parcels=parcels,
        carrier_code=carrier.value,
        carrier_label=carrier.label or shipment.carrier_label,
        service_code=service.value,
        warehouse_code=shipment.warehouse_code,
        shipped_at=shipment.shipped_at,
    )


def parcels_of(together: list[Shipment], shares: dict[int, Spread], order: SalesOrder) -> tuple[canonical.Parcel, ...]:
    """What is in each parcel is told where several shipments go as one and each is one parcel."""
    found: list[canonical.Parcel] = []
    for one in together:
        parcels = list(one.parcels.all())
        inside = shares[one.pk].as_lines(skus_of(order)) if len(together) > 1 and len(parcels) == 1 and one.pk in shares else ()
        found += [canonical.Parcel(p.reference, tracking_number=p.tracking_number, tracking_url=p.tracking_url, lines=inside) for p in parcels]
    return tuple(found)


def skus_of(order: SalesOrder) -> dict[str, str]:
    return {line.reference: line.sku for line in order.lines.all()}


def perform(connector: Any, message: OutboundMessage, request: Request) -> Done:
    try:
        done: Done = connector.confirm_shipment(request.body)
    except Rejected as error:
        if error.code == TRACKING_TO_COME:
            raise NotYet(TRACKING_AGAIN_S, error.sentence) from error
        if error.code != ONLY_WHOLE:
            raise
        message.payload = {**message.payload, WAITS: True}
        raise NotYet(WHOLE_AGAIN_S, error.sentence) from error
    if done.proof is Proof.OFFERED:
        raise NotYet(OFFERED_AGAIN_S, OFFERED)
    message.payload = {name: value for name, value in message.payload.items() if name != WAITS}
    return done


def record(message: OutboundMessage, request: Request, done: Done, *, at: datetime) -> None:
    """The channel shows it; with a tracking number on every parcel it is finished."""
    shipment = Shipment.objects.select_related("order").get(pk=subject_pk(message.subject))
    Shipment.objects.filter(pk=shipment.pk).update(channel_reference=done.reference[:120])
    if done.proof is not Proof.GIVEN:
        return  # a flow has it; what was expected stays expected until the channel shows it
    tracked = bool(request.body.shipment.parcels) and all(parcel.tracking_number for parcel in request.body.shipment.parcels)
    told(shipment, tracked=tracked, proof={"channel delivery": done.reference, "answered": at.isoformat()}, at=at)
    if request.body.final and message.integration is not None:
        close_order(shipment, message.integration, request.covers, done.reference, tracked=tracked, at=at)
    if request.body.complete and tracked:
        settle_parts(message, done, at=at)


def settle_parts(message: OutboundMessage, done: Done, *, at: datetime) -> None:
    """The parts that waited for this dispatch: with it the channel shows the whole order, in the one place it has for that."""
    parts = OutboundMessage.objects.filter(order=message.order, kind=message.kind, state=State.QUEUED, payload__has_key=WAITS)
    for part in parts:
        told(Shipment.objects.select_related("order").get(pk=subject_pk(part.subject)), tracked=True, proof={"channel shows": done.reference}, at=at)
    parts.update(state=State.CONFIRMED, confirmed_at=at, note="Shown with the rest of the order.")


def explain(error: Rejected, message: OutboundMessage) -> Exception:
    """A carrier that is not in the channel's own list is a mapping question: a better mapping sends what waited (R60, R61)."""
    shipment = Shipment.objects.filter(pk=subject_pk(message.subject)).first()
    if error.code != "unknown_carrier" or shipment is None or message.integration is None or message.order is None:
        return error
    return UnmappedCode(
        kind=CodeKind.CARRIER,
        value=shipment.carrier_code,
        label=shipment.carrier_label,
        integration=message.integration,
        direction=TO_CHANNEL,
        store=message.order.store_code,
        detail=error.sentence,
    )
