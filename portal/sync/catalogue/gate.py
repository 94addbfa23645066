"""What keeps a SKU out of orders for now: it stands for two products (R79), or its product is still on its way to the warehouse (R72)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.canonical import CodeKind
from exceptions.models import CaseItem
from mappings.errors import AMBIGUOUS, TO_HUB, UnmappedCode
from mappings.resolve import Resolved, on_missing
from portal.connections.models import Integration
from portal.sync.catalogue.subjects import sku_subject
from portal.sync.codes import usable
from portal.sync.kinds import NotYet
from portal.sync.models import OutboundMessage, State

ON_ITS_WAY = (State.QUEUED, State.IN_FLIGHT)
LOOK_AGAIN_S = 15.0
TWO_PRODUCTS = "it stands for more than one product; the case “One SKU, two products” says which"


def check_usable(skus: Sequence[str], names: Mapping[str, Resolved], *, integration: Integration) -> None:
    """UnmappedCode for a SKU that collides on either side; NotYet while the hub is being given the product. `names`: what the hub calls them."""
    subjects = {sku_subject(integration.channel_id, sku): sku for sku in skus}
    subjects |= {sku_subject(integration.hub_id, name.value): sku for sku, name in names.items()}
    unsure = subjects.keys() - usable()
    blocked = CaseItem.objects.filter(subject__in=unsure, cleared_at=None, case__kind="E12", case__is_open=True)
    if unsure and (found := blocked.values_list("subject", flat=True).first()):
        rule = on_missing(CodeKind.SKU, integration)
        raise UnmappedCode(
            kind=CodeKind.SKU,
            value=subjects[found],
            integration=integration,
            direction=TO_HUB,
            reason=AMBIGUOUS,
            detail=TWO_PRODUCTS,
            on_missing=rule,
        )
    usable().update(unsure)
    absent = [sku for sku in skus if sku not in names]
    if absent and is_coming(absent, integration):
        raise NotYet(LOOK_AGAIN_S, f"Waits until {integration.hub} has the product {absent[0]}, which is being created there.")


def is_coming(skus: Sequence[str], integration: Integration) -> bool:
    messages = OutboundMessage.objects.filter(connection=integration.hub_id, kind="save_variant", state__in=ON_ITS_WAY)
    return messages.filter(payload__sku__in=list(skus)).exists()
