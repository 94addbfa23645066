"""`to_hub` and `to_channel`: what the other side calls a code, at a moment. Reads only, in one query; SKUs have `skus.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from django.db import models

from connectors.canonical import CodeKind
from mappings.catch_all import is_catch_all
from mappings.errors import AMBIGUOUS, MISSING, TO_CHANNEL, TO_HUB, UnmappedCode
from mappings.models import CarrierMapping, MissingRule, OnMissing, ShipServiceMapping, StoreMapping, WarehouseMapping
from mappings.models.base import in_force, with_version
from mappings.models.rules import PASSABLE
from mappings.models.tables import ScopedMapping
from mappings.resolved import MAPPING, OWN_NAME, LetThrough, Resolved
from mappings.skus import skus_to_channel, skus_to_hub
from portal.connections.models import Integration
from portal.ledger.models import CatalogueItem

__all__ = ["Resolved", "on_missing", "or_own_name", "service_to_channel", "skus_to_channel", "skus_to_hub", "to_channel", "to_hub", "unmapped_sku"]

TABLES: dict[CodeKind, type[ScopedMapping]] = {
    CodeKind.CARRIER: CarrierMapping,
    CodeKind.SHIP_SERVICE: ShipServiceMapping,
    CodeKind.STORE: StoreMapping,
    CodeKind.WAREHOUSE: WarehouseMapping,
}
BY_STORE = frozenset({CodeKind.CARRIER, CodeKind.SHIP_SERVICE})
LABELS = {TO_HUB: "hub_label", TO_CHANNEL: "channel_label"}


def to_hub(kind: CodeKind, value: str, *, integration: Integration, store: str = "", at: datetime, label: str = "") -> Resolved:
    """What the hub calls a code of the channel. UnmappedCode when nothing says. `label` only makes that sentence readable."""
    if kind is CodeKind.SKU:
        return _only(skus_to_hub([value], integration, at), value, integration=integration, direction=TO_HUB, label=label)
    question = UnmappedCode(kind=kind, value=value, label=label, integration=integration, direction=TO_HUB, store=store)
    return _answer(question, list(_rows(question, at=at)))


def to_channel(
    kind: CodeKind, value: str, *, integration: Integration, store: str = "", service: str = "", tracking: str = "", at: datetime, label: str = ""
) -> Resolved:
    """What the channel calls a code of the hub; carriers may be told apart by service and tracking number. UnmappedCode when nothing says."""
    if kind is CodeKind.SKU:
        return _only(skus_to_channel([value], integration, at), value, integration=integration, direction=TO_CHANNEL, label=label)
    question = UnmappedCode(kind=kind, value=value, label=label, integration=integration, direction=TO_CHANNEL, store=store)
    rows: Sequence[Any] = list(_rows(question, at=at))
    if kind is CodeKind.CARRIER:
        rows = [row for row in rows if _fits(row, service=service, tracking=tracking)]
        if is_catch_all(integration.hub.system, value, label):
            question.service = service  # "Other" by Evri and "Other" by Yodel are two questions
    return _answer(question, rows)


def service_to_channel(value: str, *, integration: Integration, store: str, at: datetime) -> Resolved:
    """The channel's ship service for what the hub shipped by: by the mapping's hub code, else by its name, which is what some hubs tell."""
    try:
        return to_channel(CodeKind.SHIP_SERVICE, value, integration=integration, store=store, at=at)
    except UnmappedCode as question:
        rows = ShipServiceMapping.objects.filter(in_force(at), integration=integration, hub_label=value, store__in={"", store})
        if not value or not rows:
            raise
        return _answer(question, list(with_version(rows)))


def on_missing(kind: CodeKind, integration: Integration) -> OnMissing:
    """What a message does whose code of this kind has no mapping."""
    rule = MissingRule.objects.filter(integration=integration, kind=kind.value).values_list("on_missing", flat=True).first()
    return OnMissing(rule or OnMissing.HOLD)


def or_own_name(ask: Callable[[], Resolved], *, unless_told: OnMissing = OnMissing.HOLD) -> Resolved:
    """The answer, or the code under its own name where the rule of its kind (else `unless_told`) lets it pass (R115, R116)."""
    try:
        return ask()
    except UnmappedCode as error:
        told = MissingRule.objects.filter(integration=error.integration, kind=error.kind.value).values_list("on_missing", flat=True).first()
        if error.kind not in PASSABLE or (told or unless_told) != OnMissing.PASS:
            raise
        name = error.label or error.value
        return LetThrough(
            name, name, error.kind.value, None, None, OWN_NAME, error.integration.pk,
            key=error.key, asked=error.value, direction=error.direction, store=error.store, service=error.service, told=bool(told),
        )  # fmt: skip


def _only(found: dict[str, Resolved], value: str, *, integration: Integration, direction: str, label: str) -> Resolved:
    if value in found:
        return found[value]
    raise unmapped_sku(value, integration=integration, direction=direction, label=label)


def unmapped_sku(value: str, *, integration: Integration, direction: str, label: str = "") -> UnmappedCode:
    """What to raise for a SKU that a batch did not answer."""
    target = integration.hub_id if direction == TO_HUB else integration.channel_id
    listed = list(CatalogueItem.objects.filter(connection=target, gone_at=None, sku=value)[:2]) if value else []
    reason = AMBIGUOUS if len(listed) > 1 else MISSING
    rule = on_missing(CodeKind.SKU, integration)
    return UnmappedCode(kind=CodeKind.SKU, value=value, label=label, integration=integration, direction=direction, reason=reason, on_missing=rule)


def _rows(question: UnmappedCode, *, at: datetime) -> models.QuerySet[Any]:
    """The rows in force that know the code, newest version marked."""
    table = TABLES[question.kind]
    here = table.CHANNEL if question.direction == TO_HUB else table.HUB
    rows: models.QuerySet[Any] = table._default_manager.filter(in_force(at), integration=question.integration, **{here: question.value})
    if question.kind in BY_STORE:
        rows = rows.filter(store__in={"", question.store})
    return with_version(rows)


def _answer(question: UnmappedCode, rows: Sequence[Any]) -> Resolved:
    """The most exact row; where two are equally exact and differ, the one chosen for the way back, else nobody guesses."""
    table = TABLES[question.kind]
    there = table.HUB if question.direction == TO_HUB else table.CHANNEL
    exactness = max(map(_exactness, rows), default=None)
    best = [row for row in rows if _exactness(row) == exactness]
    if len({getattr(row, there) for row in best}) > 1:
        best = [row for row in best if row.way_back]
    if not best:
        question.reason = AMBIGUOUS if rows else MISSING
        question.on_missing = on_missing(question.kind, question.integration)
        raise question
    row = min(best, key=lambda row: row.pk)
    return Resolved(
        value=getattr(row, there),
        label=getattr(row, LABELS[question.direction]),
        mapping_kind=question.kind.value,
        mapping_id=row.pk,
        history_id=row.version,
        how=MAPPING,
        integration_id=question.integration.pk,
    )


def _fits(row: CarrierMapping, *, service: str, tracking: str) -> bool:
    if row.hub_service not in ("", service):
        return False
    return not row.tracking_pattern or fnmatchcase(tracking, row.tracking_pattern.replace("[", "[[]"))


def _exactness(row: Any) -> tuple[int, ...]:
    """More parts told is more exact; then store before service before tracking number, and the longer pattern."""
    store, service, pattern = (getattr(row, name, "") for name in ("store", "hub_service", "tracking_pattern"))
    told = [bool(store), bool(service), bool(pattern)]
    return (sum(told), *map(int, told), len(pattern))
