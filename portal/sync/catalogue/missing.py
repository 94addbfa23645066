"""A product one catalogue has and the other lacks: sent there where the other side can be written, else a case before its first order (R72, R76)."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from exceptions.cases import CaseEntry, NewCase, open_cases
from exceptions.ignoring import raised
from exceptions.models import CaseItem
from mappings.errors import TO_CHANNEL, TO_HUB
from portal.connections.models import Health, Integration
from portal.ledger.expect import Expected, expect
from portal.ledger.models import CatalogueItem, Expectation
from portal.sync.catalogue.pairs import is_master, is_read, names_there, other_side, takes_products
from portal.sync.catalogue.subjects import item_subject, listing_pks, listing_subject
from portal.sync.models import OutboundMessage
from portal.sync.plan import plan

SENT = ("title", "barcode", "price", "tax_rate", "weight_g", "sku")


def is_offered(item: CatalogueItem) -> bool:
    """A product that is there to be sold."""
    return bool(item.sku) and item.active and item.gone_at is None


def plan_save(item: CatalogueItem, integration: Integration, *, at: datetime, again: bool = False) -> OutboundMessage | None:
    """Queue what the master says of the product for the other side, in turn with the rest of its product. None: queued before, or not for us."""
    there = other_side(item.connection_id, integration)
    if not is_master(item.connection_id, integration) or not takes_products(there):
        return None
    said = hashlib.sha256(repr([getattr(item, name) for name in SENT]).encode()).hexdigest()[:12]
    return plan(
        "save_variant",
        integration=integration,
        subject=item_subject(item),
        version=f"{item.version}@{said}" + (f" again {at.isoformat()}" if again else ""),
        payload={"sku": item.sku, "product": f"{item.connection_id}:{item.product_reference or item.reference}"},
        target=there,
        at=at,
    )


def await_listing(item: CatalogueItem, integration: Integration, *, at: datetime) -> None:
    """The other side must list it within the time an order may take, for an order may come any moment."""
    due_at = at + timedelta(minutes=integration.transfer_limit_min)
    there = other_side(item.connection_id, integration)
    subject = listing_subject(item, integration)
    expect(Expected.IN_CATALOGUE, subject, due_at=due_at, connection=there, because=f"{item.sku} is new in {item.connection}.", at=at)


def watch(item: CatalogueItem, integration: Integration, *, at: datetime) -> bool:
    """A channel's product that the hub lacks is sent there, or is a case now. True when it is missing."""
    there = other_side(item.connection_id, integration)
    if not is_offered(item) or not is_read(there) or names_there(item.connection_id, [item.sku], integration, at=at):
        return False
    if is_master(item.connection_id, integration) and takes_products(there):
        await_listing(item, integration, at=at)
    elif integration.channel_id == item.connection_id or is_master(item.connection_id, integration):
        open_cases(raised([case_of(item, integration, at=at)]))
    return True


def case_of(item: CatalogueItem, integration: Integration, *, at: datetime) -> NewCase:
    """E13 for one product. Its evidence is the question that mapping the SKU answers."""
    there = other_side(item.connection_id, integration)
    direction = TO_HUB if integration.channel_id == item.connection_id else TO_CHANNEL
    follows = "The first order with it will wait." if direction == TO_HUB else "It cannot be sold there."
    return NewCase(
        "E13",
        f"missing:{integration.pk}:{item.pk}",
        f"{item.connection} lists {item.sku} ({item.title or 'no title'}), and {there} does not. {follows}",
        at,
        [entry(item, integration, at=at)],
        connection=there,
        integration=integration,
        evidence={"kind": "sku", "value": item.sku, "label": item.title, "direction": direction},
    )


def entry(item: CatalogueItem, integration: Integration, *, at: datetime) -> CaseEntry:
    return CaseEntry(listing_subject(item, integration), item.sku, at, keys=(item.sku,), channel=integration.channel.name)


def not_in_catalogue(row: Expectation, at: datetime) -> None:
    """E13 by the clock: it was sent, and the other side still does not list it. A refusal has a case of its own already."""
    integration_pk, item_pk = listing_pks(row.subject)
    item = CatalogueItem.objects.select_related("connection").filter(pk=item_pk).first()
    integration = Integration.objects.select_related("channel", "hub").filter(pk=integration_pk).first()
    if item is None or integration is None or has_case(item):
        return
    there = other_side(item.connection_id, integration)
    if there.health in (Health.DOWN, Health.DENIED):
        cause = f"{there} is not answering, so new products of {item.connection} have not reached it."
        entries = [entry(item, integration, at=at)]
        open_cases([NewCase("E13", f"missing-down:{integration.pk}", cause, at, entries, connection=there, integration=integration)])
        return
    open_cases(raised([case_of(item, integration, at=at)]))


def has_case(item: CatalogueItem) -> bool:
    return CaseItem.objects.filter(subject=item_subject(item), cleared_at=None, case__is_open=True, case__kind="E13").exists()
