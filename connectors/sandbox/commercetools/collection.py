"""Documents kept as JSON text, with unique indexes, hash indexes and views in the order the lists are paged by."""

from __future__ import annotations

import json
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.commercetools.errors import duplicate_field
from connectors.sandbox.commercetools.shapes import Doc

Tail = tuple[str, str]  # the name of a large last member, and its JSON text (shared with the document it was taken from)
VIEWS = ("id", "createdAt", "lastModifiedAt")
FLIPPED = dict(zip("0123456789abcdef", "89abcdef01234567", strict=True))


def dump(doc: Any) -> str:
    return json.dumps(doc, separators=(",", ":"))


def flip(ident: str) -> str:
    """An id as it sorts, and back: the server compares UUIDs as signed numbers, so 8…f come before 0…7."""
    if len(ident) != 36:
        return ident
    return FLIPPED.get(ident[0], ident[0]) + ident[1:]


def values_at(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """Every value under a path, through arrays."""
    if isinstance(value, list):
        for element in value:
            yield from values_at(element, path)
    elif not path:
        if value is not None:
            yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from values_at(value[path[0]], path[1:])


@dataclass(frozen=True)
class Index:
    """One hash index; a unique one refuses a second owner in the name of `field`."""

    name: str
    values: Callable[[Doc], Iterable[Any]]
    unique: bool = False
    field: str = ""


def at(path: str, *, unique: bool = False) -> Index:
    """An index over a dotted path."""
    parts = tuple(path.split("."))
    if len(parts) == 1:
        return Index(path, lambda doc: (doc[path],) if path in doc else (), unique, path)
    return Index(path, lambda doc: values_at(doc, parts), unique, parts[-1])


class Collection:
    """All documents of one resource type."""

    def __init__(self, type_id: str, *indexes: Index) -> None:
        self.type_id = type_id
        self.indexes = {index.name: index for index in indexes}
        self.texts: dict[str, str] = {}
        self.tails: dict[str, Tail] = {}
        self.postings: dict[str, dict[Any, set[str]]] = {name: {} for name in self.indexes}
        self.entries: dict[str, frozenset[tuple[str, Any]]] = {}
        self.stamps: dict[str, tuple[str, ...]] = {}
        self.views: dict[str, list[tuple[str, str]]] = {name: [] for name in VIEWS}

    def __len__(self) -> int:
        return len(self.texts)

    def __contains__(self, ident: str) -> bool:
        return ident in self.texts

    def get(self, ident: str) -> Doc | None:
        """A private copy of the whole document."""
        return json.loads(self.text(ident)) if ident in self.texts else None

    def peek(self, ident: str) -> Doc:
        """A private copy without the attached tail, which no predicate reads."""
        return json.loads(self.texts[ident])

    def text(self, ident: str) -> str:
        tail = self.tails.get(ident)
        return f'{self.texts[ident][:-1]},"{tail[0]}":{tail[1]}}}' if tail else self.texts[ident]

    def find(self, name: str, value: Any) -> str | None:
        """The id of the one owner of a value, or of any."""
        owners = self.postings[name].get(value)
        return next(iter(owners)) if owners else None

    def find_all(self, name: str, value: Any) -> set[str]:
        return self.postings[name].get(value, set())

    def put(self, doc: Doc, *, tail: Tail | None = None) -> None:
        """Store or replace; refuses a taken unique value before anything is changed."""
        ident = doc["id"]
        entries = frozenset((name, value) for name, index in self.indexes.items() for value in index.values(doc))
        held = self.entries.get(ident, frozenset())
        self.refuse_duplicates(ident, entries - held)
        self.drop_entries(ident, held - entries)
        for name, value in entries - held:
            self.postings[name].setdefault(value, set()).add(ident)
        self.entries[ident] = entries
        self.texts[ident] = dump(doc)
        if tail:
            self.tails[ident] = tail
        self.restamp(ident, doc)

    def remove(self, ident: str) -> None:
        self.drop_entries(ident, self.entries.pop(ident))
        for name, stamp in zip(VIEWS, self.stamps.pop(ident), strict=True):
            self.drop_stamp(name, (stamp, flip(ident)))
        del self.texts[ident]
        self.tails.pop(ident, None)

    def refuse_duplicates(self, ident: str, fresh: frozenset[tuple[str, Any]]) -> None:
        for name, value in fresh:
            index = self.indexes[name]
            if index.unique and self.postings[name].get(value, set()) - {ident}:
                raise duplicate_field(index.field, value[0] if isinstance(value, tuple) else str(value))

    def drop_entries(self, ident: str, stale: frozenset[tuple[str, Any]]) -> None:
        for name, value in stale:
            owners = self.postings[name][value]
            owners.discard(ident)
            if not owners:
                del self.postings[name][value]

    def restamp(self, ident: str, doc: Doc) -> None:
        stamps = (flip(ident), doc["createdAt"], doc["lastModifiedAt"])
        old = self.stamps.get(ident, (None, None, None))
        for name, before, after in zip(VIEWS, old, stamps, strict=True):
            if before == after:
                continue
            if before is not None:
                self.drop_stamp(name, (before, flip(ident)))
            insort(self.views[name], (after, flip(ident)))
        self.stamps[ident] = stamps

    def drop_stamp(self, name: str, entry: tuple[str, str]) -> None:
        view = self.views[name]
        del view[bisect_left(view, entry)]
