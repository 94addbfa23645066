"""Create on the other side the products it lacks: what the master says of them is sent there (R72)."""

from __future__ import annotations

from django.utils import timezone

from exceptions.actions import CaseAction, Data, Preview, PreviewRow
from exceptions.errors import CaseError
from exceptions.models import ExceptionCase
from portal.accounts.models import User
from portal.accounts.permissions import Action, Kind
from portal.connections.models import Integration
from portal.ledger.models import CatalogueItem
from portal.sync.case_actions.held_up import counted, open_subjects
from portal.sync.catalogue import missing
from portal.sync.catalogue.pairs import is_master, other_side, takes_products
from portal.sync.catalogue.subjects import listing_pks

SHOWN = 20


def products(case: ExceptionCase) -> list[CatalogueItem]:
    """Those of the case's open things that the master lists and the other side takes."""
    integration = case.integration
    if integration is None:
        return []
    subjects = open_subjects(case)
    pks = [listing_pks(one)[1] for one in subjects if one.startswith("listing:")]
    pks += [int(one.removeprefix("item:")) for one in subjects if one.startswith("item:")]
    items = CatalogueItem.objects.select_related("connection").filter(pk__in=pks, gone_at=None).order_by("product_reference", "pk")
    return [item for item in items if goes(item, integration)]


def goes(item: CatalogueItem, integration: Integration) -> bool:
    return is_master(item.connection_id, integration) and takes_products(other_side(item.connection_id, integration))


def preview(case: ExceptionCase, data: Data) -> Preview:
    items = products(case)
    rows = [PreviewRow(item.sku, "not listed", f"{item.title or item.sku}, {item.price or 'no price'}") for item in items[:SHOWN]]
    return Preview(f"{counted(len(items), 'product')} will be looked for in {case.connection} by SKU, and created where missing.", rows)


def run(case: ExceptionCase, by: User, data: Data) -> str:
    at, sent = timezone.now(), 0
    for item in products(case):
        assert case.integration is not None
        missing.await_listing(item, case.integration, at=at)
        sent += missing.plan_save(item, case.integration, at=at, again=True) is not None
    if not sent:
        raise CaseError("There is nothing left to send: the products are gone, or the other side takes none from here.")
    return f"{counted(sent, 'product')} on the way. The case closes by itself when {case.connection} lists them."


ACTION = CaseAction(
    name="send_product",
    label="Create it on the other side",
    action=Action.EDIT_SKU_MAPPING,
    run=run,
    preview=preview,
    applies=lambda case: bool(products(case)),
    kinds=frozenset({"E13"}),
    on=Kind.SKU,
    help="Looks by SKU first; nothing is created twice.",
    key="c",
)
