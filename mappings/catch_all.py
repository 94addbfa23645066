"""Carriers that name nobody: what a hub writes when the real carrier has no entry of its own (D11)."""

from __future__ import annotations

from connectors.canonical import System

NAMES = frozenset({"other", "others", "custom", "unknown", "misc", "various"})
CODES = {
    System.VEEQO: frozenset({"3"}),  # https://developers.veeqo.com: 3 is "Other"
}


def is_catch_all(system: str, code: str, label: str = "") -> bool:
    """Whether this carrier of that system stands for whatever has no name."""
    return code in CODES.get(System(system), frozenset()) or bool({code.strip().casefold(), label.strip().casefold()} & NAMES)
