"""Which code of the other side it may be, and why. Shown to a person, never applied by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connectors.canonical import Code, CodeKind
from mappings.errors import TO_HUB
from mappings.kinds import OF_CODE
from mappings.live import LiveList
from mappings.models import SeenCode
from mappings.models.tables import ScopedMapping
from portal.connections.models import Connection
from portal.ledger.models import CatalogueItem

SHOWN = 5
# Best first; a reason says what is the same and, just as plainly, what is not.
EXACT, EXACT_NAME, BARCODE = "the same code", "the same name", "the same barcode"
EARLIER, LOOSE, ZEROS = "chosen for this code in {}", "the same apart from capitals and blanks", "the same without the zeros in front"
RANK = {reason: rank for rank, reason in enumerate((EXACT, EXACT_NAME, BARCODE, EARLIER, LOOSE, ZEROS))}


@dataclass(frozen=True)
class Suggestion:
    """`sure`: exact and the only one, so a form may have it chosen already; a person still saves it."""

    code: Code
    reason: str
    sure: bool = False


def loosely(text: str) -> str:
    return "".join(text.split()).casefold()


def suggest(seen: SeenCode, live: LiveList) -> list[Suggestion]:
    """For a code that waits: codes of the other side, best first."""
    if seen.kind == CodeKind.SKU:
        return _skus(seen)
    found = [*_listed(seen, live.codes), *_earlier(seen, live)]
    return _ranked(found)


def _listed(seen: SeenCode, codes: Iterable[Code]) -> list[Suggestion]:
    asked = {seen.value, seen.label} - {""}
    loose = {loosely(text) for text in asked}
    found = []
    for code in codes:
        if code.value == seen.value:
            found.append(Suggestion(code, EXACT))
        elif {code.value, code.label} & asked:
            found.append(Suggestion(code, EXACT_NAME))
        elif {loosely(code.value), loosely(code.label)} & loose - {""}:
            found.append(Suggestion(code, LOOSE))
    return found


def _earlier(seen: SeenCode, live: LiveList) -> list[Suggestion]:
    """What people chose for the same code where another integration leads to a system of the same vendor."""
    table = OF_CODE[CodeKind(seen.kind)].table
    if not issubclass(table, ScopedMapping):
        return []
    to_hub = seen.direction == TO_HUB
    here, there, side = (table.CHANNEL, table.HUB, "hub") if to_hub else (table.HUB, table.CHANNEL, "channel")
    system = getattr(seen.integration, side).system
    rows = table._default_manager.filter(**{here: seen.value, f"integration__{side}__system": system, "effective_to": None})
    chosen = rows.exclude(integration=seen.integration_id).select_related("integration")[:SHOWN]
    pairs = [(live.find(getattr(row, there)), row.integration.name) for row in chosen]
    return [Suggestion(code, EARLIER.format(name)) for code, name in pairs if code is not None]


def _skus(seen: SeenCode) -> list[Suggestion]:
    """By barcode through the source's own catalogue, then by a SKU that looks the same."""
    source, target = _sides(seen)
    barcodes = list(
        CatalogueItem.objects.filter(connection=source, sku=seen.value, gone_at=None).exclude(barcode="").values_list("barcode", flat=True)[:2]
    )
    items = CatalogueItem.objects.filter(connection=target, gone_at=None)
    found = [Suggestion(_as_code(item), BARCODE) for item in items.filter(barcode=barcodes[0])[:SHOWN]] if len(barcodes) == 1 else []
    value = seen.value
    looks = {value.strip(), value.upper(), value.lower(), value.strip().upper()} - {value, ""}
    found += [Suggestion(_as_code(item), LOOSE) for item in items.filter(sku__in=looks)[:SHOWN]]
    if value.startswith("0") and value.strip("0"):
        found += [Suggestion(_as_code(item), ZEROS) for item in items.filter(sku=value.lstrip("0"))[:SHOWN]]
    return _ranked(found)


def _sides(seen: SeenCode) -> tuple[Connection, Connection]:
    channel, hub = seen.integration.channel, seen.integration.hub
    return (channel, hub) if seen.direction == TO_HUB else (hub, channel)


def _as_code(item: CatalogueItem) -> Code:
    return Code(CodeKind.SKU, item.sku, item.title, active=item.active)


def _ranked(found: list[Suggestion]) -> list[Suggestion]:
    """Each code once, with its best reason; sure only where exactly one is exact."""
    best: dict[str, Suggestion] = {}
    for one in sorted(found, key=lambda one: RANK.get(one.reason, RANK[EARLIER])):
        best.setdefault(one.code.value, one)
    exact = [one for one in best.values() if one.reason in (EXACT, EXACT_NAME)]
    if len(exact) == 1:
        best[exact[0].code.value] = Suggestion(exact[0].code, exact[0].reason, sure=True)
    return list(best.values())[:SHOWN]
