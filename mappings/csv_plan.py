"""The dry run of a file: every row becomes new, changed, unchanged or refused, before anything is written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from connectors.canonical import CodeKind
from mappings import live
from mappings.changes import fields_of
from mappings.csv_file import Line, as_value, read
from mappings.kinds import CHANNEL, KINDS, Kind
from mappings.live import LiveList
from mappings.models import ImportFile, Mapping
from mappings.models.base import SAME_TIME, with_version
from mappings.models.tables import TWICE_BACK
from portal.connections.models import Connection, Integration
from portal.ledger.models import CatalogueItem

CHUNK = 2000
BEGINNING, END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass
class Planned:
    """One row of the file; `old` is what changes in it, `why` is the sentence of a refusal."""

    line: Line
    fate: Fate
    row: Any = None
    old: dict[str, Any] = field(default_factory=dict)
    why: str = ""

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        return [(name, value, getattr(self.row, name)) for name, value in self.old.items()]


@dataclass
class Plan:
    """The whole file."""

    kind: Kind
    rows: list[Planned]

    @property
    def counts(self) -> dict[str, int]:
        counted = Counter(planned.fate for planned in self.rows)
        return {fate.value: counted[fate] for fate in Fate}

    @property
    def is_clean(self) -> bool:
        """All or nothing: one refused row refuses the file."""
        return not any(planned.fate is Fate.REFUSED for planned in self.rows)

    def of(self, *fates: Fate) -> list[Planned]:
        return [planned for planned in self.rows if planned.fate in fates]


def plan(file: ImportFile) -> Plan:
    """Hold the file against the tables as they are now. FileError when it cannot be read at all."""
    kind = KINDS[file.kind]
    lines = read(file.content, kind)
    existing = _existing(kind, lines)
    scopes: Any = Connection.objects.present() if kind.scope == "connection" else Integration.objects.present().select_related("channel", "hub")
    by_name = {scope.name: scope for scope in scopes}
    found = [_judge(line, kind, existing, by_name) for line in lines]
    _refuse_repeated(found)
    _refuse_unknown_targets(found, kind)
    _refuse_overlaps(found, kind)
    return Plan(kind, found)


def _existing(kind: Kind, lines: list[Line]) -> dict[str, Any]:
    pks = [int(line.pk) for line in lines if line.pk.isdigit() and len(line.pk) < 19]
    rows: dict[str, Any] = {}
    for start in range(0, len(pks), CHUNK):
        some = kind.table._default_manager.filter(pk__in=pks[start : start + CHUNK]).select_related(kind.scope)
        rows.update({str(row.pk): row for row in with_version(some)})
    return rows


def _judge(line: Line, kind: Kind, existing: dict[str, Any], scopes: dict[str, Any]) -> Planned:
    try:
        values = {name: as_value(name, line.told[name]) for name in fields_of(kind)}
        row, old = _applied(line, values, kind, existing, scopes)
        row.clean_fields(exclude={kind.scope})  # taken from our own list, no need to ask again for every row
        if not row.pk:
            row.clean()
    except ValueError as error:
        return Planned(line, Fate.REFUSED, why=f"{error}.")
    except ValidationError as error:
        return Planned(line, Fate.REFUSED, why=" ".join(error.messages))
    return Planned(line, Fate.NEW if not row.pk else Fate.CHANGED if old else Fate.UNCHANGED, row=row, old=old)


def _applied(line: Line, values: dict[str, Any], kind: Kind, existing: dict[str, Any], scopes: dict[str, Any]) -> tuple[Mapping, dict[str, Any]]:
    """The row with the file's values, and what they replace. ValueError says why not."""
    scope = scopes.get(line.scope)
    if scope is None:
        raise ValueError(f"There is no {kind.scope} called “{line.scope}”")
    if not line.pk:
        return kind.table(**{kind.scope: scope}, **values), {}
    row = existing.get(line.pk)
    if row is None:
        raise ValueError(f"There is no row {line.pk} here; leave the first two cells empty to add one")
    if line.version != str(row.version):
        raise ValueError("Somebody changed this row after the file was written; export again")
    old = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
    fixed = [name for name in kind.table.KEY if name in old] + ([kind.scope] if getattr(row, f"{kind.scope}_id") != scope.pk else [])
    if fixed:
        raise ValueError(f"A saved row keeps its {', '.join(fixed)}; end it and add a new one")
    for name, value in values.items():
        setattr(row, name, value)
    return row, old


def _refuse(planned: Planned, why: str) -> None:
    planned.fate, planned.why = Fate.REFUSED, why


def _refuse_repeated(found: list[Planned]) -> None:
    seen: dict[str, int] = {}
    for planned in found:
        if planned.line.pk and planned.line.pk in seen:
            _refuse(planned, f"The same row is in row {seen[planned.line.pk]} of the file already.")
        seen.setdefault(planned.line.pk, planned.line.number)


def _refuse_unknown_targets(found: list[Planned], kind: Kind) -> None:
    """New or changed codes are held against the live lists, as on the form; a list that cannot be read refuses nothing."""
    lists: dict[tuple[int, str], LiveList] = {}
    for planned in found:
        if planned.fate in (Fate.NEW, Fate.CHANGED) and kind.lists:
            for name, side in kind.lists:
                _hold_against_list(planned, kind, name, side, lists)
    if kind.slug == "sku":
        _refuse_unknown_skus([planned for planned in found if planned.fate in (Fate.NEW, Fate.CHANGED)])


def _hold_against_list(planned: Planned, kind: Kind, name: str, side: str, lists: dict[tuple[int, str], LiveList]) -> None:
    value = getattr(planned.row, name)
    if not value or (planned.row.pk and name not in planned.old):
        return
    connection = getattr(planned.row.integration, CHANNEL if side == CHANNEL else "hub")
    if (connection.pk, name) not in lists:
        lists[connection.pk, name] = live.codes(connection, CodeKind.STORE if name == "store" else kind.code_kind)
    listed = lists[connection.pk, name]
    if listed.codes and listed.find(value) is None:
        _refuse(planned, f"{connection.name} has no {name} that is exactly “{value}”.")


def _refuse_unknown_skus(rows: list[Planned]) -> None:
    by_hub: dict[Connection, list[Planned]] = defaultdict(list)
    for planned in rows:
        by_hub[planned.row.integration.hub].append(planned)
    for hub, several in by_hub.items():
        items = CatalogueItem.objects.filter(connection=hub, gone_at=None)
        wanted = [planned.row.hub_sku for planned in several]
        listed = {
            sku for start in range(0, len(wanted), CHUNK) for sku in items.filter(sku__in=wanted[start : start + CHUNK]).values_list("sku", flat=True)
        }
        if not listed and not items.exists():
            continue
        for planned in several:
            if planned.row.hub_sku not in listed:
                _refuse(planned, f"{hub.name} lists no SKU that is exactly “{planned.row.hub_sku}”.")


def _refuse_overlaps(found: list[Planned], kind: Kind) -> None:
    """No two rows, in the file or beside it, may answer one question at one time, nor be chosen both for one way back."""
    rows = [planned for planned in found if planned.fate is not Fate.REFUSED]
    key = ("connection", "old") if kind.scope == "connection" else kind.table.KEY
    _refuse_same(rows, kind, key=key, left=kind.table.LEFT, why=SAME_TIME, only_way_back=False)
    if "way_back" in kind.fields:
        back = ("integration", *(["store"] if "store" in kind.fields else []), kind.table.RIGHT)
        _refuse_same(rows, kind, key=back, left=kind.table.RIGHT, why=TWICE_BACK, only_way_back=True)


def _refuse_same(rows: list[Planned], kind: Kind, *, key: Iterable[str], left: str, why: str, only_way_back: bool) -> None:
    names = [kind.table._meta.get_field(name).attname for name in key]  # type: ignore[union-attr]
    mine = [planned for planned in rows if not only_way_back or planned.row.way_back]
    replaced = {planned.row.pk for planned in rows if planned.row.pk}
    values = sorted({getattr(planned.row, left) for planned in mine if planned.fate is not Fate.UNCHANGED})
    taken: dict[tuple[Any, ...], list[tuple[datetime, datetime]]] = defaultdict(list)
    for start in range(0, len(values), CHUNK):
        others = kind.table._default_manager.filter(**{f"{left}__in": values[start : start + CHUNK]})
        if only_way_back:
            others = others.filter(Q(way_back=True))
        for row in others.only("pk", "effective_from", "effective_to", *names):
            if row.pk not in replaced:
                taken[tuple(getattr(row, name) for name in names)].append(_period(row))
    for planned in sorted(mine, key=lambda planned: planned.fate is not Fate.UNCHANGED):
        held = taken[tuple(getattr(planned.row, name) for name in names)]
        begins, ends = _period(planned.row)
        if any(begins < other_end and other_begin < ends for other_begin, other_end in held):
            _refuse(planned, why)
        held.append((begins, ends))


def _period(row: Mapping) -> tuple[datetime, datetime]:
    return row.effective_from or BEGINNING, row.effective_to or END
