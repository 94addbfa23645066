"""SKUs in batches: an explicit mapping, else what became of the SKU (aliases), else the same product in the other catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mappings.errors import TO_CHANNEL, TO_HUB
from mappings.models import SkuAlias, SkuMapping
from mappings.models.base import in_force, with_version
from mappings.renames import Renames
from mappings.resolved import ALIAS, IDENTITY, MAPPING, Resolved
from portal.connections.models import Connection, Integration, ItemIdentifier
from portal.ledger.models import CatalogueItem

SKU, SKU_ALIAS = "sku", "sku_alias"
# Which code of an item here is which code of the same item there, where it is not simply the SKU (R109). Channel's first, then the hub's.
CODES = {ItemIdentifier.BARCODE.value: ("barcode", "barcode"), ItemIdentifier.ITEM_NUMBER.value: ("reference", "sku")}


def skus_to_hub(values: Iterable[str], integration: Integration, at: datetime) -> dict[str, Resolved]:
    """What the hub calls these SKUs of the channel. Those that nothing answers are not in the result."""
    return _Question(integration, TO_HUB, at).answer(list(dict.fromkeys(values)))


def skus_to_channel(values: Iterable[str], integration: Integration, at: datetime) -> dict[str, Resolved]:
    """What the channel calls these SKUs of the hub. Those that nothing answers are not in the result."""
    return _Question(integration, TO_CHANNEL, at).answer(list(dict.fromkeys(values)))


@dataclass
class _Question:
    """At most four queries, however many SKUs: mappings, aliases, mappings of the former names, catalogue."""

    integration: Integration
    direction: str
    at: datetime
    found: dict[str, Resolved] = field(default_factory=dict)

    @property
    def source(self) -> Connection:
        return self.integration.channel if self.direction == TO_HUB else self.integration.hub

    @property
    def target(self) -> Connection:
        return self.integration.hub if self.direction == TO_HUB else self.integration.channel

    def answer(self, values: list[str]) -> dict[str, Resolved]:
        rest = [value for value in values if value]  # a blank SKU is nobody's
        explicit = self._explicit(rest)
        self.found = {value: self._by_mapping(row) for value, row in explicit.items()}
        rest = [value for value in rest if value not in self.found]
        if rest:
            renames = Renames.around(rest, source=self.source, target=self.target, at=self.at)
            rest = self._by_former_mapping(rest, renames)
        identifier = self.integration.item_identifier
        if rest and identifier in CODES and not self._never_listed(identifier):
            self._by_code(rest, *CODES[identifier])
        elif rest and identifier != ItemIdentifier.OTHER_SKU:  # another's SKU is what a mapping says, and nothing else
            self._by_sku(rest, renames)
        return self.found

    def _never_listed(self, identifier: str) -> bool:
        """Item numbers, and the channel's catalogue was never read: its SKU is all that is known of an item."""
        is_number = identifier == ItemIdentifier.ITEM_NUMBER
        return is_number and not CatalogueItem.objects.filter(connection=self.integration.channel_id).exists()

    def _explicit(self, values: list[str]) -> dict[str, Any]:
        """SKU → the row that answers it; where several differ, the one chosen for the way back, else none."""
        here, there = (SkuMapping.CHANNEL, SkuMapping.HUB) if self.direction == TO_HUB else (SkuMapping.HUB, SkuMapping.CHANNEL)
        rows = SkuMapping.objects.filter(in_force(self.at), integration=self.integration, **{f"{here}__in": values}).order_by("pk")
        by_value: dict[str, list[Any]] = {}
        for row in with_version(rows):
            by_value.setdefault(getattr(row, here), []).append(row)
        answers = {}
        for value, several in by_value.items():
            plain = len({getattr(row, there) for row in several}) == 1
            answers[value] = next((row for row in several if plain or row.way_back), None)
        return {value: row for value, row in answers.items() if row is not None}

    def _by_mapping(self, row: Any) -> Resolved:
        answer = row.hub_sku if self.direction == TO_HUB else row.channel_sku
        return Resolved(answer, "", SKU, row.pk, row.version, MAPPING, self.integration.pk)

    def _by_former_mapping(self, values: list[str], renames: Renames) -> list[str]:
        """A mapping of the name that the SKU had before; returns what is still open."""
        names = {value: renames.in_source(value) for value in values}
        wanted = sorted({name for several in names.values() for name in several})
        explicit = self._explicit(wanted) if wanted else {}
        for value, several in names.items():
            name = next((name for name in several if name in explicit), None)
            if name is not None:
                self.found[value] = self._by_mapping(explicit[name])
        return [value for value in values if value not in self.found]

    def _by_sku(self, values: list[str], renames: Renames) -> None:
        """The first name of the SKU that the target lists exactly once; a catalogue never read cannot contradict."""
        candidates = {value: renames.candidates(value) for value in values}
        listed = Counter(self._items(sku__in={name for several in candidates.values() for name, _ in several}).values_list("sku", flat=True))
        never_read = not listed and not self._items(ever=True).exists()
        for value, several in candidates.items():
            if never_read:
                name, alias = several[0] if several[0][1] else next((pair for pair in several[1:] if pair[1]), several[0])
            else:
                name, alias = next((pair for pair in several if listed[pair[0]]), (value, None))
                if listed[name] != 1:
                    continue
            self.found[value] = self._by_name(name, alias)

    def _by_name(self, name: str, alias: SkuAlias | None) -> Resolved:
        if alias is None:
            return Resolved(name, "", SKU, None, None, IDENTITY, self.integration.pk)
        return Resolved(name, "", SKU_ALIAS, alias.pk, alias.version, ALIAS, self.integration.pk)  # type: ignore[attr-defined]

    def _by_code(self, values: list[str], channel_code: str, hub_code: str) -> None:
        """One product here and one there with the same code; blank or shared codes prove nothing."""
        mine, theirs = (channel_code, hub_code) if self.direction == TO_HUB else (hub_code, channel_code)
        here = _once(CatalogueItem.objects.filter(connection=self.source, gone_at=None, sku__in=values).values_list("sku", mine))
        codes = [code for code in here.values() if code]
        wanted: dict[str, Any] = {f"{theirs}__in": codes}
        there = _once(self._items(**wanted).values_list(theirs, "sku"))
        for value in values:
            answer = there.get(here.get(value, ""), "")
            if answer:
                self.found[value] = self._by_name(answer, None)

    def _items(self, *, ever: bool = False, **wanted: Any) -> Any:
        items = CatalogueItem.objects.filter(connection=self.target, **wanted)
        return items if ever else items.filter(gone_at=None)


def _once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The pairs whose first part comes up exactly once."""
    several = list(pairs)
    times = Counter(first for first, _ in several)
    return {first: second for first, second in several if times[first] == 1 and first}
