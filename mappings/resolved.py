"""An answer: the other side's code, and which version of which mapping gave it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

MAPPING, IDENTITY, ALIAS = "mapping", "identity", "alias"
OWN_NAME, DEFAULT_SKU = "own_name", "default"


@dataclass(frozen=True)
class Resolved:
    """`how`: mapping (a row says so), alias (a SKU renamed), identity (both sides use the same SKU; no row, `mapping_id` None)."""

    value: str
    label: str
    mapping_kind: str
    mapping_id: int | None
    history_id: int | None
    how: str
    integration_id: int

    def as_evidence(self) -> dict[str, Any]:
        """For the record of an attempt: plain values, to be read again years later (A10)."""
        return asdict(self)


@dataclass(frozen=True)
class LetThrough(Resolved):
    """No mapping answered, and the message goes all the same: under the code's own name, or under the Default SKU.

    `key`: the question that is still open; `asked`: the code it is about; `told`: a rule of a person's says so, so that it is a case.
    """

    key: str = ""
    asked: str = ""
    direction: str = ""
    store: str = ""
    service: str = ""
    told: bool = False
