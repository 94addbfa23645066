"""The time machine of one row: who said what, when, why, and how it differs from before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mappings.changes import fields_of
from mappings.kinds import KINDS, Kind
from mappings.models import Mapping

SHOWN = 100


@dataclass(frozen=True)
class Version:
    """One version, and what it changed: (name, before, after)."""

    pk: int
    at: datetime
    by: str
    reason: str
    changes: list[tuple[str, str, str]]
    is_newest: bool
    is_first: bool


def facts(row: Mapping, kind: Kind) -> list[tuple[str, str, str]]:
    """What the row says, as (name, code, label) for a page; dates and note are shown in their own way."""
    labels = dict(kind.labels)
    told = [(name, getattr(row, name)) for name in kind.fields if getattr(row, name) not in ("", False)]
    return [(_named(kind, name), shown(value), str(getattr(row, labels.get(name, ""), ""))) for name, value in told]


def versions(row: Any, kind: Kind) -> list[Version]:
    """Newest first."""
    records = list(row.history.select_related("history_user").order_by("-history_id")[: SHOWN + 1])
    found = []
    for position, record in enumerate(records[:SHOWN]):
        before = records[position + 1] if position + 1 < len(records) else None
        found.append(
            Version(
                pk=record.history_id,
                at=record.history_date,
                by=record.history_user.called if record.history_user else "the system",
                reason=record.history_change_reason or "",
                changes=differences(before, record, kind) if before else [],
                is_newest=position == 0,
                is_first=before is None,
            )
        )
    return found


def said_then(use: dict[str, Any]) -> dict[str, str]:
    """What the version that gave an answer said, and who had saved it; empty where no row answered, or its history is gone (A10)."""
    kind = KINDS.get(use.get("mapping_kind", ""))
    records = kind.table.history.filter(history_id=use.get("history_id")) if kind and use.get("history_id") else None  # type: ignore[attr-defined]
    record = records.select_related("history_user").first() if records is not None else None
    if kind is None or record is None:
        return {}
    by = record.history_user.called if record.history_user else "the system"
    saved = {"saved": shown(record.history_date), "by": by, "why": record.history_change_reason or ""}
    return {**{_named(kind, name): shown(getattr(record, name)) for name in fields_of(kind)}, **saved}


def differences(before: Any, after: Any, kind: Kind) -> list[tuple[str, str, str]]:
    pairs = [(name, getattr(before, name), getattr(after, name)) for name in fields_of(kind)]
    return [(_named(kind, name), shown(old), shown(new)) for name, old, new in pairs if old != new]


def version_or_none(row: Any, version: int) -> Any:
    return row.history.filter(history_id=version).first()


def shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return str(value) if value not in (None, "") else "–"


def _named(kind: Kind, name: str) -> str:
    return str(kind.table._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
