"""The one thing that goes wrong here: a code without an answer, and the key under which others wait for it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from connectors.canonical import CodeKind
from mappings.models import OnMissing
from portal.connections.models import Integration

KEY_LENGTH = 300
TO_HUB, TO_CHANNEL = "to_hub", "to_channel"
MISSING, AMBIGUOUS = "missing", "ambiguous"

NOUNS = {  # what people call it, and the page where it is mapped
    CodeKind.CARRIER: ("carrier", "Carriers"),
    CodeKind.SHIP_SERVICE: ("ship service", "Ship services"),
    CodeKind.STORE: ("store", "Stores"),
    CodeKind.WAREHOUSE: ("warehouse", "Warehouses"),
    CodeKind.SKU: ("SKU", "SKUs"),
}


@dataclass(frozen=True)
class CodeKey:
    """What a question is about, as text: the same for everything that waits for the same answer."""

    kind: CodeKind
    integration_id: int
    direction: str
    store: str
    value: str
    service: str = ""

    def __str__(self) -> str:
        parts = [self.kind.value, str(self.integration_id), self.direction, escaped(self.store)]
        parts += [escaped(self.value), self.service] if self.service else [self.value]
        key = ":".join(parts)
        if len(key) <= KEY_LENGTH:
            return key
        digest = hashlib.sha256(key.encode()).hexdigest()
        return f"{key[: KEY_LENGTH - len(digest) - 1]}#{digest}"


def escaped(part: str) -> str:
    return part.replace("%", "%25").replace(":", "%3A")


@dataclass(eq=False, kw_only=True)
class UnmappedCode(Exception):
    """A code that the other side does not know by any mapping. `str()` says which, and where to map it.

    `service` is filled where the value alone does not tell (a catch-all carrier); `detail` where the other side said more.
    """

    kind: CodeKind
    value: str
    integration: Integration
    direction: str
    label: str = ""
    store: str = ""
    service: str = ""
    reason: str = MISSING
    detail: str = ""
    on_missing: str = OnMissing.HOLD

    @property
    def key(self) -> str:
        return str(CodeKey(self.kind, self.integration.pk, self.direction, self.store, self.value, self.service))

    def __str__(self) -> str:
        noun, page = NOUNS[self.kind]
        return (
            f"{noun[0].upper()}{noun[1:]} {self._named()}: {self._problem()}. Map it under Mappings, {page}; what waits for it then goes by itself."
        )

    def _problem(self) -> str:
        if self.detail:
            return self.detail.rstrip(".")
        there = self.integration.hub if self.direction == TO_HUB else self.integration.channel
        return f"{there.name} lists it more than once" if self.reason == AMBIGUOUS else f"it has no counterpart in {there.name}"

    def _named(self) -> str:
        value = f"“{self.value}”" if self.value else "(no code)"
        label = f" ({self.label})" if self.label and self.label != self.value else ""
        service = f", service “{self.service}”" if self.service else ""
        store = f", store “{self.store}”" if self.store else ""
        return f"{value}{label}{service}{store}"
