"""The rows of the operations page: orders to export, fetched fulfilments, and the log of executions, each a page by key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Exists, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from portal.connections.models import Integration
from portal.ledger.models import SalesOrder, Shipment, Stage
from portal.sync.models import DeliveryAttempt, OutboundMessage, State
from portal.sync.operations.selection import PENDING
from portal.sync.profiles import dispatches_of
from portal.sync.run_models import Process, ResolvedMark, Run
from portal.ui.paging import Page, page_of

TROUBLED = Q(state=State.PARKED) | Q(state=State.QUEUED, attempts__gt=0)
TONES = {
    Stage.BLOCKED: "bad", Stage.HELD: "wait", Stage.QUEUED: "info", Stage.RECEIVED: "info", Stage.DONE: "good", Stage.SHIPPED: "good",
    Stage.WITH_HUB: "good", Stage.PART_SHIPPED: "good",
}  # fmt: skip
MESSAGE_TONES = {State.PARKED: "bad", State.QUEUED: "info", State.IN_FLIGHT: "info", State.SENT: "good", State.CONFIRMED: "good"}


@dataclass(frozen=True)
class Row:
    """One line: reference number, last execution date, status and message (R143)."""

    pk: int
    reference: str
    detail: str
    last_at: datetime | None
    status: str
    tone: str
    message: str
    order_pk: int
    mark: ResolvedMark | None


@dataclass(frozen=True)
class Wanted:
    """How the list is narrowed."""

    view: str = "pending"
    hide_resolved: bool = False
    errors_only: bool = False
    cursor: str = ""

    @property
    def narrows(self) -> bool:
        return self.hide_resolved or self.errors_only


def page(integration: Integration, process: str, wanted: Wanted) -> tuple[Page[Any], list[Row]]:
    return export_page(integration, wanted) if process == Process.EXPORT else fetch_page(integration, wanted)


def export_page(integration: Integration, wanted: Wanted) -> tuple[Page[Any], list[Row]]:
    """Orders that are pending export, or those that went (R136)."""
    marked = Exists(ResolvedMark.objects.filter(order=OuterRef("pk")))
    rows: QuerySet[SalesOrder] = SalesOrder.objects.filter(integration=integration, connection=integration.channel_id)
    if wanted.view == "pending":
        rows = rows.filter(Q(stage__in=PENDING) | marked)
    else:
        rows = rows.exclude(stage__in=(*PENDING, Stage.IGNORED, Stage.ABANDONED))
    if wanted.hide_resolved:
        rows = rows.exclude(marked)
    if wanted.errors_only:
        trouble = OutboundMessage.objects.filter(TROUBLED, order=OuterRef("pk"), kind="create_order")
        rows = rows.filter(Q(stage=Stage.BLOCKED) | Exists(trouble))
    found: Page[SalesOrder] = page_of(rows.select_related("mark__by"), order=("-placed_at", "-id"), cursor=wanted.cursor)
    pks = [order.pk for order in found.rows]
    messages = {row.order_id: row for row in OutboundMessage.objects.filter(order__in=pks, kind="create_order").order_by("pk")}
    tried = tries(messages.values())
    return found, [order_row(order, messages.get(order.pk), tried) for order in found.rows]


def order_row(order: SalesOrder, message: OutboundMessage | None, tried: dict[int, datetime]) -> Row:
    retrying = message is not None and message.state == State.QUEUED and message.attempts > 0
    said = order.stage_note or (message.note if message is not None else "")
    said = "" if order.stage == Stage.ABANDONED and mark_of(order) else said  # the mark beside it says the same
    tone = "wait" if retrying else TONES.get(Stage(order.stage), "quiet")
    last_at = tried.get(message.pk) if message is not None else None
    return Row(order.pk, order.number, order.store_code, last_at, order.get_stage_display(), tone, said, order.pk, mark_of(order))


def fetch_page(integration: Integration, wanted: Wanted) -> tuple[Page[Any], list[Row]]:
    """Fetched fulfilments that the channel does not show yet, or those it shows (R142)."""
    subject = Concat(Value("shipment:"), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    marked = Exists(ResolvedMark.objects.filter(shipment=OuterRef("pk")))
    rows: QuerySet[Shipment] = Shipment.objects.filter(dispatches_of(integration), cancelled_at=None)
    rows = rows.filter(Q(shown_at=None) | marked) if wanted.view == "pending" else rows.filter(shown_at__isnull=False)
    if wanted.hide_resolved:
        rows = rows.exclude(marked)
    if wanted.errors_only:
        rows = rows.filter(Exists(OutboundMessage.objects.filter(TROUBLED, kind="confirm_shipment", subject=subject)))
    found: Page[Shipment] = page_of(rows.select_related("order", "mark__by"), order=("-shipped_at", "-id"), cursor=wanted.cursor)
    subjects = [f"shipment:{one.pk}" for one in found.rows]
    messages = {row.subject: row for row in OutboundMessage.objects.filter(kind="confirm_shipment", subject__in=subjects).order_by("pk")}
    tried = tries(messages.values())
    return found, [shipment_row(one, messages.get(f"shipment:{one.pk}"), tried) for one in found.rows]


def shipment_row(shipment: Shipment, message: OutboundMessage | None, tried: dict[int, datetime]) -> Row:
    assert shipment.order is not None
    last_at = tried.get(message.pk) if message is not None else None
    status, tone, said = ("not sent yet", "info", "")
    if shipment.shown_at is not None:
        status, tone = "shown in the channel", "good"
    elif message is not None:
        status, tone, said = message.get_state_display(), MESSAGE_TONES.get(State(message.state), "quiet"), message.note
    return Row(shipment.pk, shipment.order.number, shipment.reference, last_at, status, tone, said, shipment.order.pk, mark_of(shipment))


def tries(messages: Any) -> dict[int, datetime]:
    """When each message was last tried."""
    rows = DeliveryAttempt.objects.filter(message__in=[message.pk for message in messages]).values("message_id").annotate(last=Max("started_at"))
    return {row["message_id"]: row["last"] for row in rows}


def mark_of(thing: SalesOrder | Shipment) -> ResolvedMark | None:
    return thing.mark if hasattr(thing, "mark") else None


def log_page(integration: Integration, wanted: Wanted) -> Page[Run]:
    """One line for each execution, newest first (R144, R145)."""
    rows = Run.objects.filter(integration=integration).select_related("by", "resolved_by")
    if wanted.errors_only:
        rows = rows.filter(has_errors=True)
    if wanted.hide_resolved:
        rows = rows.filter(resolved_at=None)
    found: Page[Run] = page_of(rows, order=("-id",), cursor=wanted.cursor)
    return found
