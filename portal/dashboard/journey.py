"""Everything the ledger and the corridor know of one order, read in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from exceptions.models import CaseItem, ExceptionCase
from portal.accounts.roles import Role
from portal.connections.models import Connection
from portal.ledger.models import Expectation, HubOrder, OrderLine, Payment, Refund, ReturnOrder, SalesOrder, Shipment
from portal.sync.models import DeliveryAttempt, ExternalReference, InboundMessage, OutboundMessage
from portal.sync.subjects import hub_order_subject, order_subject, shipment_subject

MOST_ATTEMPTS = 60  # an order that was retried for days must not make the page long
MOST_INBOUND = 40


@dataclass(frozen=True)
class Journey:
    """One order across both systems."""

    order: SalesOrder
    at: datetime
    lines: list[OrderLine]
    payments: list[Payment]
    hub_orders: list[HubOrder]
    shipments: list[Shipment]
    expectations: list[Expectation]
    messages: list[OutboundMessage]
    attempts: list[DeliveryAttempt]
    inbound: list[InboundMessage]
    references: list[ExternalReference]
    cases: list[ExceptionCase]
    refunds: list[Refund] = field(default_factory=list)
    returns: list[ReturnOrder] = field(default_factory=list)

    @property
    def channel(self) -> Connection:
        return self.order.connection

    @property
    def hub(self) -> Connection | None:
        return self.order.integration.hub if self.order.integration else None

    @property
    def open_cases(self) -> list[ExceptionCase]:
        """The most urgent first."""
        return sorted((case for case in self.cases if case.is_open), key=lambda case: (case.due_at, case.severity, case.pk))

    @property
    def closed_cases(self) -> list[ExceptionCase]:
        return sorted((case for case in self.cases if not case.is_open), key=lambda case: case.resolved_at or case.opened_at, reverse=True)

    @property
    def case_roles(self) -> frozenset[Role]:
        """The teams that may act on one of its cases: for them the order is their own."""
        return frozenset(role for case in self.cases for role in case.acting_roles)

    @property
    def living_hub_orders(self) -> list[HubOrder]:
        return [one for one in self.hub_orders if one.state != "cancelled" and not one.merged_into]

    @property
    def living_shipments(self) -> list[Shipment]:
        return [one for one in self.shipments if one.cancelled_at is None]

    def expectation(self, kind: str, subject: str = "") -> Expectation | None:
        wanted = subject or order_subject(self.order)
        return next((one for one in self.expectations if one.kind == kind and one.subject == wanted), None)

    def first_seen_at(self) -> datetime | None:
        """When its first message arrived, as far as it is still kept."""
        mine = [one.received_at for one in self.inbound if one.connection_id == self.channel.pk]
        return min(mine, default=None)


def orders() -> QuerySet[SalesOrder]:
    return SalesOrder.objects.select_related("connection", "integration", "integration__hub", "integration__channel")


def load(order: SalesOrder, *, at: datetime) -> Journey:
    prefetch_related_objects([order], "lines")
    hub_orders = list(order.hub_orders.select_related("connection").order_by("changed_at", "pk"))
    shipments = list(_shipments(order))
    subjects = [order_subject(order), *map(hub_order_subject, hub_orders), *map(shipment_subject, shipments)]
    messages = list(OutboundMessage.objects.filter(order=order).select_related("connection").defer("payload").order_by("created_at", "pk"))
    return Journey(
        order=order,
        at=at,
        lines=list(order.lines.all()),
        payments=list(order.payments.order_by("pk")),
        hub_orders=hub_orders,
        shipments=shipments,
        expectations=list(Expectation.objects.filter(subject__in=subjects).order_by("created_at", "pk")),
        messages=messages,
        attempts=attempts_of(messages),
        inbound=_inbound(order, hub_orders),
        references=list(ExternalReference.objects.filter(kind="order", subject=order_subject(order)).select_related("connection")),
        cases=cases_of([*subjects, *(f"message:{message.pk}" for message in messages)]),
        refunds=list(order.refunds.order_by("at")),
        returns=list(order.return_orders.select_related("connection").order_by("changed_at")),
    )


def cases_of(subjects: list[str]) -> list[ExceptionCase]:
    """Open and closed cases that concern any of these."""
    items = CaseItem.objects.filter(subject__in=subjects).order_by().values("case")
    return list(ExceptionCase.objects.filter(pk__in=items).select_related("assignee").defer("evidence").order_by("opened_at", "pk"))


def attempts_of(messages: list[OutboundMessage]) -> list[DeliveryAttempt]:
    """The newest attempts, without the exchanged bodies."""
    by_pk = {message.pk: message for message in messages}
    found = list(DeliveryAttempt.objects.filter(message__in=by_pk).defer("exchanges").order_by("-started_at", "-pk")[:MOST_ATTEMPTS])
    for attempt in found:
        attempt.message = by_pk[attempt.message_id]
    return found


def _shipments(order: SalesOrder) -> QuerySet[Shipment]:
    lines, parcels = Prefetch("lines"), Prefetch("parcels")
    return (
        Shipment.objects.filter(order=order).select_related("hub_order", "connection").prefetch_related(lines, parcels).order_by("shipped_at", "pk")
    )


def _inbound(order: SalesOrder, hub_orders: list[HubOrder]) -> list[InboundMessage]:
    """What came in about it from either side, newest first, without the bytes."""
    mine = InboundMessage.objects.filter(connection=order.connection_id, subject=order.reference).order_by().values("pk")
    theirs = [InboundMessage.objects.filter(connection=one.connection_id, subject=one.reference).order_by().values("pk") for one in hub_orders]
    pks = mine.union(*theirs, all=True) if theirs else mine
    found = InboundMessage.objects.filter(pk__in=pks).select_related("connection").defer("body")
    return list(found.order_by("-received_at", "-pk")[:MOST_INBOUND])
