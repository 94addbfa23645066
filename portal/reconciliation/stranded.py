"""Stock the hub holds of SKUs that a channel does not know: units that cannot be sold there, and what they are worth (R23)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from exceptions.cases import CaseEntry, NewCase
from portal.connections.models import Integration
from portal.ledger.models import CatalogueItem, StockLevel, StockPublication
from portal.reconciliation.catalogue_audit import check_ready
from portal.reconciliation.filing import Filing
from portal.reconciliation.running import Finding, Pair
from portal.reconciliation.streams import differences, number
from portal.sync.catalogue.pairs import names_there

STRANDED = "stock that cannot be sold"
HELD = """
SELECT sku, sum(available) AS units FROM ledger_stocklevel
 WHERE connection_id = %(hub)s AND available > 0 AND (%(places)s::text[] = '{}' OR warehouse_code = ANY(%(places)s)) GROUP BY sku
"""
QUERY = f"""
SELECT s.sku, s.units FROM ({HELD}) s
  LEFT JOIN (SELECT sku FROM ledger_catalogueitem WHERE connection_id = %(channel)s AND gone_at IS NULL AND sku <> '') c ON c.sku = s.sku
 WHERE c.sku IS NULL
"""  # noqa: S608 - put together from the constants above
COUNT = f"SELECT count(*) FROM ({HELD}) s"  # noqa: S608


def find_stranded(pair: Pair, finding: Finding, at: datetime) -> None:
    """NotReady before the channel's catalogue has been read whole: until then nobody can say what it does not know."""
    integration = pair.integration
    assert integration is not None
    check_ready(integration.channel)
    values = {"hub": integration.hub_id, "channel": integration.channel_id, "places": list(integration.warehouse_codes)}
    finding.compared = number(COUNT, values)
    filing = Filing("E14", lambda many: many_case(integration, many, at=at), at)
    for bunch in differences(QUERY, values):
        held = unsellable(bunch, integration, at=at)
        finding.count(STRANDED, len(held))
        prices = prices_of(integration, list(held))
        filing.add([case_of(integration, sku, units, prices.get(sku), at=at) for sku, units in held.items()])
    filing.close()


def unsellable(rows: Sequence[tuple[Any, ...]], integration: Integration, *, at: datetime) -> dict[str, int]:
    """SKU → units, without those that a mapping names and those whose publication has a case already."""
    held = {sku: int(units) for sku, units in rows}
    known = names_there(integration.hub_id, list(held), integration, at=at)
    told = StockPublication.objects.filter(connection=integration.channel_id, sku__in=held, unknown_since__isnull=False)
    refused = set(told.values_list("sku", flat=True))
    return {sku: units for sku, units in held.items() if sku not in known and sku not in refused}


def prices_of(integration: Integration, skus: list[str]) -> dict[str, tuple[Decimal, str]]:
    """What one unit is worth by the hub's own price, in the currency it names or the hub's connection says."""
    default = str(integration.hub.options.get("currency") or channel_currency(integration))
    items = CatalogueItem.objects.filter(connection=integration.hub_id, sku__in=skus, gone_at=None, price__isnull=False)
    return {item.sku: (item.price or Decimal(0), item.currency or default) for item in items}


def channel_currency(integration: Integration) -> str:
    """The currency its products are priced in; "" when it tells none."""
    priced = CatalogueItem.objects.filter(connection=integration.channel_id, gone_at=None).exclude(currency="")
    return priced.order_by("pk").values_list("currency", flat=True).first() or ""


def stranded_subject(integration: Integration, sku: str) -> str:
    return f"stranded:{integration.pk}:{sku}"[:160]


def case_of(integration: Integration, sku: str, units: int, price: tuple[Decimal, str] | None, *, at: datetime) -> NewCase:
    value = price[0] * units if price else None
    worth = f", worth {value:,.2f} {price[1]}".rstrip() if price and value else ""
    cause = f"{integration.hub} holds {units} of {sku}{worth}, and {integration.channel} does not list it, so nobody can buy it there."
    entry = CaseEntry(stranded_subject(integration, sku), sku, at, value=value, currency=price[1] if price else "", units=units, keys=(sku,))
    evidence = {"kind": "sku", "value": sku, "direction": "to_channel", "units": units}
    return NewCase("E14", f"stranded:{integration.pk}:{sku}"[:300], cause, at, [entry], integration.channel, integration, evidence)


def many_case(integration: Integration, number: int, *, at: datetime) -> NewCase:
    cause = f"{integration.hub} holds stock of {number} SKUs that {integration.channel} does not list, so nobody can buy them there."
    return NewCase("E14", f"stranded:{integration.pk}", cause, at, connection=integration.channel, integration=integration)


def still_stranded(integration: Integration, skus: list[str], *, at: datetime) -> set[str]:
    """Those with stock and without a name in the channel."""
    levels = StockLevel.objects.filter(connection=integration.hub_id, sku__in=skus)
    if integration.warehouse_codes:
        levels = levels.filter(warehouse_code__in=integration.warehouse_codes)
    held = {row["sku"] for row in levels.values("sku").annotate(units=Sum("available")).filter(units__gt=0)}
    return held - set(names_there(integration.hub_id, sorted(held), integration, at=at))
