"""What SKUs were called before, and what they became: the aliases of both sides, read once for a batch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from mappings.models import SkuAlias
from mappings.models.base import in_force, with_version
from portal.connections.models import Connection

HOPS = 5  # renames of one SKU that are followed
Candidate = tuple[str, SkuAlias | None]  # a name the target may use, and the alias that says so (None: the SKU itself)


@dataclass
class Renames:
    """The aliases around some SKUs. “In source” is the side that the SKU comes from, “in target” the side that is asked."""

    became_there: dict[str, SkuAlias] = field(default_factory=dict)  # old name in the target → its alias
    became_here: dict[str, SkuAlias] = field(default_factory=dict)
    was_here: dict[str, SkuAlias] = field(default_factory=dict)  # new name in the source → its alias

    @classmethod
    def around(cls, values: Iterable[str], *, source: Connection, target: Connection, at: datetime) -> Renames:
        """Follow the aliases hop by hop; without any, this is one query."""
        renames, seen, frontier = cls(), set(values), set(values)
        for _ in range(HOPS):
            if not frontier:
                break
            rows = SkuAlias.objects.filter(Q(old__in=frontier) | Q(new__in=frontier), in_force(at), connection__in=(source, target))
            aliases = list(with_version(rows.order_by("effective_from", "pk")))
            for alias in aliases:
                renames._keep(alias, here=alias.connection_id == source.pk)
            frontier = {name for alias in aliases for name in (alias.old, alias.new)} - seen
            seen |= frontier
        return renames

    def _keep(self, alias: SkuAlias, *, here: bool) -> None:
        if here:
            self.became_here[alias.old] = alias
            self.was_here[alias.new] = alias
        else:
            self.became_there[alias.old] = alias

    def in_source(self, value: str) -> list[str]:
        """Its other names in the source: the former ones, newest first, then the later ones."""
        former = [alias.old for alias in follow(self.was_here, value, to="old")]
        return former + [alias.new for alias in follow(self.became_here, value, to="new")]

    def candidates(self, value: str) -> list[Candidate]:
        """Names to look for in the target, best first: what the target renamed it to; itself; then the same for its other names."""
        found: list[Candidate] = [*self._in_target(value), (value, None)]
        for chain, to in ((self.was_here, "old"), (self.became_here, "new")):
            for alias in follow(chain, value, to=to):
                name = getattr(alias, to)
                found += [*self._in_target(name), (name, alias)]
        return found

    def _in_target(self, name: str) -> list[Candidate]:
        """What the target renamed it to, the newest name first."""
        return [(alias.new, alias) for alias in reversed(follow(self.became_there, name, to="new"))]


def follow(chain: dict[str, SkuAlias], name: str, *, to: str) -> list[SkuAlias]:
    """The aliases from name to name; a circle ends where it began."""
    path: list[SkuAlias] = []
    seen = {name}
    while (alias := chain.get(name)) is not None and (name := getattr(alias, to)) not in seen:
        seen.add(name)
        path.append(alias)
    return path
