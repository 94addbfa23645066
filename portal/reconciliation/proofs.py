"""What shows that a case of the comparisons is solved (A4)."""

from __future__ import annotations

from django.utils import timezone

from connectors.canonical import HubState
from exceptions.models import ExceptionCase
from exceptions.proof import Proof, register
from portal.connections.models import Integration
from portal.ledger.models import HubOrder, SalesOrder, Stage
from portal.reconciliation.completeness import without_hub_order
from portal.reconciliation.stranded import still_stranded
from portal.sync.case_actions.held_up import open_subjects
from portal.sync.proofs import among, channel_equals_truth

OVER = (Stage.CANCELLED, Stage.DONE, Stage.SHIPPED, Stage.IGNORED, Stage.ABANDONED)


@register("E06")
def counterpart_found(case: ExceptionCase) -> Proof | None:
    """Its sale is known, or the warehouse cancelled it; a sale's order is back in the warehouse's list, or the sale is over."""
    lonely = HubOrder.objects.filter(pk__in=among(case, "hub_order"))
    done = [f"hub_order:{row.pk}" for row in lonely if row.order_id is not None or row.state == HubState.CANCELLED or row.merged_into]
    orders = SalesOrder.objects.filter(pk__in=among(case, "order"))
    waiting = set(without_hub_order(orders.exclude(stage__in=OVER)).values_list("pk", flat=True))
    done += [f"order:{pk}" for pk in orders.values_list("pk", flat=True) if pk not in waiting]
    return Proof({"counterpart": "found, or the order is over"}, tuple(done)) if done else None


@register("E14")
def sellable_or_gone(case: ExceptionCase) -> Proof | None:
    """The channel lists the SKU by now, or the stock is gone; for a level the channel refused, that it shows it."""
    waiting = [subject.split(":", 2) for subject in open_subjects(case) if subject.startswith("stranded:")]
    if not waiting:
        return channel_equals_truth(case)
    done: list[str] = []
    for pk in {int(integration) for _, integration, _ in waiting}:
        integration = Integration.objects.select_related("channel", "hub").get(pk=pk)
        skus = [sku for _, one, sku in waiting if int(one) == pk]
        still = still_stranded(integration, skus, at=timezone.now()) if integration.removed_at is None else set()
        done += [f"stranded:{pk}:{sku}" for sku in skus if sku not in still]
    return Proof({"channel": "lists the SKU, or the stock is gone"}, tuple(done)) if done else None
