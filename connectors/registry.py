"""The vendors Lockstep knows: what each needs to be connected, what it can do, and how it is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from connectors.canonical import System
from connectors.http import Http
from connectors.ports import Ability, Account, Connector, Feed, Field, Side

PACKAGES = {system: f"connectors.{system.value}" for system in System}


@dataclass(frozen=True)
class Vendor:
    """A vendor's card, exported as VENDOR by its package. Limits are calls a second and the burst above it (0: none published)."""

    system: System
    sides: frozenset[Side]
    base_url: str
    connect: Callable[[Account, Http], Connector]
    credential_fields: tuple[Field, ...]
    feeds: tuple[Feed, ...]
    abilities: frozenset[Ability]
    option_fields: tuple[Field, ...] = ()
    auth_url: str = ""
    account_label: str = ""
    rate_per_s: float = 10.0
    burst: float = 10.0
    headers: tuple[tuple[str, str], ...] = ()
    stock_batch: int = 1  # targets one publish_stock call takes well
    stock_every_s: float = 0.0  # between two publish_stock calls, where the vendor takes files only so often (option of the same name)
    stock_wait_s: float = 0.0  # how long such a call may wait for its file beyond a usual call (option `import_wait_s`)

    def feed(self, name: str) -> Feed:
        return next(feed for feed in self.feeds if feed.name == name)


def vendor(system: System | str) -> Vendor:
    """The card of a vendor; LookupError when this build has no connector for it."""
    try:
        module = import_module(PACKAGES[System(system)])
    except ModuleNotFoundError as error:
        if error.name != PACKAGES[System(system)]:
            raise  # the connector is there, and something it needs is not
        raise LookupError(f"There is no connector for {system}.") from error
    card: Vendor = module.VENDOR
    return card


def vendors() -> tuple[Vendor, ...]:
    """Every vendor this build has a connector for."""
    found = []
    for system in System:
        try:
            found.append(vendor(system))
        except LookupError:
            continue
    return tuple(found)
