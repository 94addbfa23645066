"""A shop and a warehouse with orders in every stage, written straight into the ledger: what the overview's tests look at."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from exceptions.cases import CaseEntry, open_case
from exceptions.models import ExceptionCase
from portal.connections.models import Connection, Health, Integration
from portal.ledger.expect import Expected, expect
from portal.ledger.models import (
    Expectation,
    HubOrder,
    OrderLine,
    Parcel,
    SalesOrder,
    Shipment,
    ShipmentLine,
    Stage,
    StockChange,
    StockLevel,
    StockPublication,
)
from portal.sync.models import DeliveryAttempt, ExternalReference, InboundMessage, InboundState, OutboundMessage, State
from portal.sync.subjects import order_subject, shipment_subject, stock_subject

ADDRESS = {
    "first_name": "Jane", "last_name": "Holloway", "line1": "12 Canal Street", "city": "Leeds", "postcode": "LS1 4AB", "country": "GB",
    "phone": "+44 113 496 0000",
}  # fmt: skip
EXCHANGE = {
    "method": "POST",
    "url": "https://hub.example.test/orders",
    "status": 422,
    "request_body": '{"number": "SO-1", "customer": {"full_name": "Jane Holloway", "email": "jane@example.com"}, "note": "ring 12 Canal Street"}',
    "response_body": '{"error_messages": ["Delivery method can\'t be blank"]}',
    "request_id": "req-1",
    "duration_ms": 120,
}


def ago(**span: float) -> Any:
    return timezone.now() - timedelta(**span)


LINES = (("MUG-1", 2), ("TEE-1", 1))


class World:
    """`order(...)` and what may follow it."""

    def __init__(self) -> None:
        fine = {"verified_at": ago(days=3), "enabled": True, "health": Health.OK, "last_ok_at": ago(minutes=1)}
        self.shop = Connection.objects.create(name="Shop UK", system="commercetools", base_url="https://shop.example.test", account="uk", **fine)
        self.hub = Connection.objects.create(name="Veeqo Leeds", system="veeqo", base_url="https://hub.example.test", **fine)
        self.integration = Integration.objects.create(name="UK to Leeds", channel=self.shop, hub=self.hub, enabled=True)

    def order(self, number: str, stage: Stage = Stage.QUEUED, *, minutes: float = 60, lines: Any = LINES, **more: Any) -> SalesOrder:
        placed = ago(minutes=minutes)
        fields = {
            "connection": self.shop, "integration": self.integration, "reference": f"ct-{number}", "version": "1", "state": "open",
            "payment_state": "paid", "currency": "GBP", "total": Decimal("42.50"), "store_code": "uk", "ship_service_code": "standard",
            "ship_service_label": "Standard delivery", "email": "jane@example.com", "customer_reference": "C-77", "shipping_address": ADDRESS,
            "placed_at": placed, "changed_at": placed, "stage_at": placed + timedelta(minutes=1), "seen_at": placed + timedelta(minutes=1),
        }  # fmt: skip
        order = SalesOrder.objects.create(number=number, stage=stage, **{**fields, **more})
        for position, (sku, quantity) in enumerate(lines, start=1):
            OrderLine.objects.create(
                order=order,
                reference=f"{position}",
                position=position,
                sku=sku,
                title=f"The {sku}",
                quantity=quantity,
                total=Decimal("10.00") * quantity,
            )
        self.news(order, minutes=minutes - 1)
        return order

    def news(self, order: SalesOrder, *, minutes: float) -> InboundMessage:
        return InboundMessage.objects.create(
            connection=order.connection, topic="orders", event_id=f"{order.reference}@{order.version}", subject=order.reference, body=b"{}",
            received_at=ago(minutes=minutes), state=InboundState.DONE,
        )  # fmt: skip

    def message(self, order: SalesOrder, kind: str = "create_order", *, subject: str = "", state: State = State.SENT, **more: Any) -> OutboundMessage:
        target = self.hub if kind != "confirm_shipment" else self.shop
        given = {"version": "1", "lane": f"order:{order.pk}", "created_at": order.seen_at, **more}
        if state in (State.SENT, State.CONFIRMED):
            given.setdefault("sent_at", order.seen_at + timedelta(minutes=2))
        return OutboundMessage.objects.create(
            connection=target, integration=self.integration, order=order, kind=kind, subject=subject or order_subject(order), state=state, **given
        )

    def attempt(self, message: OutboundMessage, *, outcome: str = "Rejected", number: int = 1, **more: Any) -> DeliveryAttempt:
        given = {"sentence": "Veeqo says: Delivery method can't be blank.", "exchanges": [EXCHANGE], **more}
        return DeliveryAttempt.objects.create(
            message=message, number=number, started_at=ago(minutes=20), ended_at=ago(minutes=20), outcome=outcome, **given
        )

    def with_hub(self, order: SalesOrder, *, locked: bool = False, minutes: float = 40, **more: Any) -> HubOrder:
        """The order has reached the warehouse."""
        at = ago(minutes=minutes)
        message = self.message(order, sent_at=at)
        self.attempt(message, outcome="done", sentence="")
        link = f"https://app.veeqo.test/orders/{order.pk}"
        ExternalReference.objects.create(
            connection=self.hub, kind="order", subject=order_subject(order), reference=f"v-{order.pk}", link=link, created_at=at
        )
        self.expected(order, Expected.IN_HUB, minutes=30, met_at=at)
        if order.stage == Stage.QUEUED:
            order.move(Stage.WITH_HUB, at=at)
        fields = {
            "number": f"CT-{order.number}", "version": "1", "state": "picking" if locked else "received", "changed_at": at, "seen_at": at,
            "link": link, "locked_at": at if locked else None, "lines": [[line.sku, line.quantity] for line in order.lines.all()],
        }  # fmt: skip
        return HubOrder.objects.create(connection=self.hub, order=order, reference=f"v-{order.pk}", **{**fields, **more})

    def ship(self, hub_order: HubOrder, *, lines: Any = LINES, tracking: str = "JD0001", minutes: float = 10, shown: bool = False) -> Shipment:
        order = hub_order.order
        assert order is not None
        shipment = Shipment.objects.create(
            connection=self.hub, hub_order=hub_order, order=order, reference=f"s-{hub_order.pk}-{tracking or minutes}", carrier_code="1",
            carrier_label="Royal Mail", shipped_at=ago(minutes=minutes), shown_at=ago(minutes=minutes - 2) if shown else None,
        )  # fmt: skip
        for sku, quantity in lines:
            ShipmentLine.objects.create(shipment=shipment, sku=sku, quantity=quantity)
        url = f"https://track.example.test/{tracking}" if tracking else ""
        Parcel.objects.create(shipment=shipment, reference=f"p-{shipment.pk}", tracking_number=tracking, tracking_url=url)
        due_at = shipment.shipped_at + timedelta(minutes=60)
        expect(
            Expected.SHOWN,
            shipment_subject(shipment),
            due_at=due_at,
            connection=self.shop,
            because="The warehouse has shipped it.",
            at=shipment.shipped_at,
        )
        return shipment

    def expected(self, order: SalesOrder, kind: Expected, *, minutes: float, met_at: Any = None) -> None:
        """Due so many minutes after the order was seen."""
        subject = order_subject(order)
        expect(kind, subject, due_at=order.seen_at + timedelta(minutes=minutes), connection=self.hub, because="It is ready.", at=order.seen_at)
        if met_at is not None:
            Expectation.objects.filter(kind=kind, subject=subject).update(met_at=met_at)

    def case(self, order: SalesOrder, kind: str = "E16", cause: str = "Delivery method “express” has no code in Veeqo Leeds.") -> ExceptionCase:
        entry = CaseEntry(subject=order_subject(order), label=order.number, value=order.total, currency=order.currency, at=order.placed_at)
        return open_case(
            kind, fingerprint=f"{kind}:{order.pk}", cause=cause, items=[entry], connection=self.hub, integration=self.integration, at=timezone.now()
        )

    def level(self, sku: str = "MUG-1", available: int = 10, *, warehouse: str = "leeds", on_hand: int | None = None) -> StockLevel:
        hand = available if on_hand is None else on_hand
        return StockLevel.objects.create(
            connection=self.hub, sku=sku, warehouse_code=warehouse, available=available, on_hand=hand, changed_at=ago(minutes=30)
        )

    def changed(self, before: int, available: int, *, minutes: float, sku: str = "MUG-1", warehouse: str = "leeds", **more: Any) -> StockChange:
        given = {"connection": self.hub, "on_hand": available, "source": "poll", **more}
        return StockChange.objects.create(sku=sku, warehouse_code=warehouse, before=before, available=available, at=ago(minutes=minutes), **given)

    def publication(
        self, sku: str = "MUG-1", wanted: int = 10, *, confirmed: int | None = None, minutes: float = 30, **more: Any
    ) -> StockPublication:
        given = {"connection": self.shop, "integration": self.integration, "truth_changed_at": ago(minutes=minutes), **more}
        return StockPublication.objects.create(sku=sku, wanted=wanted, confirmed=confirmed, **given)

    def push(self, row: StockPublication, level: int, *, truth: float, confirmed: float | None, **more: Any) -> OutboundMessage:
        """Sent because the stock changed `truth` minutes ago; confirmed so many minutes ago, or not yet."""
        number = OutboundMessage.objects.count()
        payload = {"sku": row.sku, "level": level, "withheld": 0, "truth_at": ago(minutes=truth).isoformat()}
        at = None if confirmed is None else ago(minutes=confirmed)
        state = State.QUEUED if at is None else State.CONFIRMED
        given = {"connection": row.connection, "integration": row.integration, "kind": "publish_stock", "subject": stock_subject(row), **more}
        times = {"created_at": ago(minutes=truth), "sent_at": at, "confirmed_at": at}
        return OutboundMessage.objects.create(**given, **times, version=f"{number}", lane="stock", payload=payload, state=state)
