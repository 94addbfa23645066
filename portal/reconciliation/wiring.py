"""Ties the comparisons to the corridor and the inbox."""

from __future__ import annotations

from django.urls import reverse

from portal.connections.models import Integration
from portal.ledger.models import CatalogueItem
from portal.sync.catalogue.subjects import listing_pks


def connect() -> None:
    """Called when the portal starts."""
    from exceptions.details import add_link, add_panel, add_states
    from portal.reconciliation import case_actions, proofs  # noqa: F401 - importing proofs registers what closes the cases
    from portal.reconciliation.finance import wiring as finance
    from portal.reconciliation.snapshots import on_full_reading
    from portal.sync.panels import attempts
    from portal.sync.signals import full_reading_done

    full_reading_done.connect(on_full_reading, dispatch_uid="a full reading is kept with what it corrected")
    case_actions.connect()
    finance.connect()
    add_link("item", product_url)
    add_link("listing", lambda rest: product_url(rest.partition(":")[2]))
    add_link("pair", lambda rest: product_url(rest.partition(":")[0]))
    add_link("stranded", lambda rest: reverse("dashboard:stock_item", args=[rest.partition(":")[2]]))
    add_panel("item", attempts, is_evidence=True)
    add_states("item", item_states)
    add_states("listing", listing_states)


def product_url(pk: str) -> str:
    return reverse("reconciliation:product", args=[int(pk)])


def item_states(subjects: list[str]) -> dict[str, str]:
    """What the product is called now, and where."""
    items = CatalogueItem.objects.select_related("connection").in_bulk([int(one.partition(":")[2]) for one in subjects])
    found = {one: items.get(int(one.partition(":")[2])) for one in subjects}
    return {one: f"gone from {item.connection}" if item.gone_at else f"{item.sku} in {item.connection}" for one, item in found.items() if item}


def listing_states(subjects: list[str]) -> dict[str, str]:
    """Whether the side that has it still does; the other side is looked at by the audit."""
    asked = {one: listing_pks(one) for one in subjects}
    items = CatalogueItem.objects.select_related("connection").in_bulk({item for _, item in asked.values()})
    integrations = Integration.objects.in_bulk({integration for integration, _ in asked.values()})
    known = {one: (integrations.get(integration), items.get(item)) for one, (integration, item) in asked.items()}
    return {
        one: f"no longer in {item.connection}" if item.gone_at else f"only in {item.connection}"
        for one, (pair, item) in known.items()
        if pair and item
    }
