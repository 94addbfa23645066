"""What shows that a case of the corridor is solved, read again from the ledger; never its age (A4)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from exceptions.models import ExceptionCase
from exceptions.proof import Proof, register
from portal.connections.models import Connection, Health
from portal.ledger.models import Heartbeat, HubOrder, SalesOrder, Shipment, Stage, StockLevel, StockPublication
from portal.sync import code_watch
from portal.sync.case_actions.held_up import open_subjects
from portal.sync.flow_faults import FLOW_SUBJECTS
from portal.sync.money_watch import shipments_of, sums_of, uncaptured, unfulfilled
from portal.sync.payment_gate import is_settled
from portal.sync.sweep import SILENCE_GRACE

IN_HUB = (Stage.WITH_HUB, Stage.PART_SHIPPED, Stage.SHIPPED, Stage.DONE)
OVER = (*IN_HUB, Stage.CANCELLED)


def among(case: ExceptionCase, prefix: str) -> list[int]:
    found = [subject.partition(":") for subject in open_subjects(case)]
    return [int(pk) for name, _, pk in found if name == prefix and pk.isdigit()]


def solved(case: ExceptionCase, prefix: str, done: Iterable[int], facts: dict[str, str]) -> Proof | None:
    """A proof for those items that are done; None when there are none."""
    subjects = tuple(f"{prefix}:{pk}" for pk in done)
    return Proof(facts, subjects) if subjects else None


@register("E03", "E04", "E05", "E11")
def warehouse_has_it(case: ExceptionCase) -> Proof | None:
    """The warehouse acknowledged the order, or it is cancelled on both sides."""
    done = SalesOrder.objects.filter(pk__in=among(case, "order"), stage__in=OVER).values_list("pk", "stage")
    stages = {pk: Stage(stage).label for pk, stage in done}
    return solved(case, "order", stages, {"ledger says": ", ".join(sorted(set(stages.values())))})


@register("E07")
def one_live_order(case: ExceptionCase) -> Proof | None:
    live = HubOrder.objects.exclude(state="cancelled").filter(merged_into="")
    done = [pk for pk in among(case, "order") if live.filter(order=pk).count() <= 1]
    return solved(case, "order", done, {"live warehouse orders": "one"})


@register("E08")
def payment_settled(case: ExceptionCase) -> Proof | None:
    orders = SalesOrder.objects.select_related("integration").prefetch_related("payments").filter(pk__in=among(case, "order"))
    done = [order.pk for order in orders if order.stage in OVER or (order.integration and is_settled(order, order.integration.payment_gate))]
    return solved(case, "order", done, {"payment": "settled, or the order is over"})


@register("E19")
def quantities_agree(case: ExceptionCase) -> Proof | None:
    """Everything has shipped, and the channel shows every dispatch; or the order is over."""
    over = (Stage.SHIPPED, Stage.DONE, Stage.CANCELLED)
    waiting = Shipment.objects.filter(order__in=among(case, "order"), shown_at=None, cancelled_at=None).values("order_id")
    orders = SalesOrder.objects.filter(pk__in=among(case, "order"), stage__in=over).exclude(pk__in=waiting)
    return solved(case, "order", orders.values_list("pk", flat=True), {"shipped quantities": "agree"})


@register("E16")
def codes_are_known(case: ExceptionCase) -> Proof | None:
    """Codes the nightly look raised that are mapped now; else what waited for a code went."""
    return code_watch.mapped_since(case) or channel_shows_it(case)


@register("E17", "E18")
def channel_shows_it(case: ExceptionCase) -> Proof | None:
    """Orders that went to the warehouse, and dispatches the channel shows with tracking."""
    shown = Shipment.objects.filter(pk__in=among(case, "shipment"), shown_at__isnull=False).values_list("pk", flat=True)
    if shown:
        return solved(case, "shipment", shown, {"channel shows": "the dispatch with its tracking"})
    orders = SalesOrder.objects.filter(pk__in=among(case, "order"))
    if not orders.exists():
        return None
    waiting = Shipment.objects.filter(order__in=orders, shown_at=None, cancelled_at=None).values_list("order_id", flat=True)
    done = orders.filter(stage__in=OVER).exclude(pk__in=waiting).values_list("pk", flat=True)
    return solved(case, "order", done, {"both sides": "agree"})


@register("E14", "E21", "E22")
def channel_equals_truth(case: ExceptionCase) -> Proof | None:
    rows = StockPublication.objects.filter(pk__in=among(case, "stock"), differs_since=None, unknown_since=None)
    done = [row.pk for row in rows if row.confirmed == row.wanted]
    return solved(case, "stock", done, {"channel shows": "the level it should"})


@register("E32")
def connection_works(case: ExceptionCase) -> Proof | None:
    """A real read succeeded since; for a silent flow, its own beat."""
    connection = case.connection
    if connection is None:
        return None
    if any(subject.startswith(FLOW_SUBJECTS) for subject in open_subjects(case)):
        return None  # a flow's own case is closed by what its runs show
    flows = [subject.removeprefix("flow:") for subject in open_subjects(case) if subject.startswith("flow:")]
    if flows:
        beats = Heartbeat.objects.filter(flow__in=flows)
        alive = [beat for beat in beats if (case.last_seen_at - beat.beat_at) < SILENCE_GRACE]
        return Proof({"read again": ", ".join(beat.label for beat in alive)}, tuple(f"flow:{beat.flow}" for beat in alive)) if alive else None
    now = Connection.objects.get(pk=connection.pk)
    if now.removed_at is not None or (now.health == Health.OK and now.last_ok_at and now.last_ok_at > case.last_seen_at):
        return Proof({"answered": str(now.last_ok_at), "connection": now.name})
    return None


@register("E28", "E29")
def money_and_goods_agree(case: ExceptionCase) -> Proof | None:
    """The channel shows the payment as taken; or the order has shipped, or its money went back."""
    orders = SalesOrder.objects.select_related("connection", "integration", "integration__hub").prefetch_related("payments", "lines")
    done, at = {}, timezone.now()
    for order in orders.filter(pk__in=among(case, "order")):
        sums, shipments = sums_of(order), shipments_of(order)
        still = uncaptured if case.kind == "E28" else unfulfilled
        if not still(order, sums, shipments, at=at):
            done[order.pk] = f"{order.number}: taken {sums.taken:f}, given back {sums.given_back:f}, {order.get_stage_display()}"
    return solved(case, "order", done, {"the ledger says": "; ".join(done.values())})


@register("E09")
def versions_agree(case: ExceptionCase) -> Proof | None:
    from portal.sync.complaints import snapshot

    orders = SalesOrder.objects.prefetch_related("lines").filter(pk__in=among(case, "order"))
    done = [order.pk for order in orders if order.stage == Stage.CANCELLED or order.sent_snapshot == snapshot(order)]
    return solved(case, "order", done, {"versions": "agree"})


@register("E23")
def covered_by_stock(case: ExceptionCase) -> Proof | None:
    """The warehouse has enough again for everything that was sold and has not reached it."""
    from portal.sync.stock import unsent_units

    hub, sku = case.connection, str(case.evidence.get("sku") or "")
    if hub is None or not sku:
        return None
    levels = StockLevel.objects.filter(connection=hub, sku=sku)
    free = sum(level.available for level in levels)
    sold = unsent_units(hub, [sku], {}, at=timezone.now()).get(sku, 0)
    return Proof({"free": str(free), "sold and not with the warehouse yet": str(sold)}) if levels and free >= sold else None
