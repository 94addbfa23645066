"""Codes one system uses and another does not know: what mappings translate."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CodeKind(StrEnum):
    """What a code stands for."""

    CARRIER = "carrier"
    SHIP_SERVICE = "ship_service"
    STORE = "store"
    WAREHOUSE = "warehouse"
    SKU = "sku"


@dataclass(frozen=True)
class Code:
    """One entry of a system's live list: the value to send and the label to show."""

    kind: CodeKind
    value: str
    label: str = ""
    active: bool = True
