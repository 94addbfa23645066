"""Takes the items of a full feed: what equals the ledger is only counted, what differs goes through the corridor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.canonical import Received, StockLevel, Variant
from connectors.errors import ContractError
from connectors.ports import Side
from portal.connections.connect import reader
from portal.connections.models import Connection
from portal.ledger.record_catalogue import differing_variants
from portal.ledger.record_stock import differing_levels, record_levels
from portal.sync import failures
from portal.sync.codes import remembered
from portal.sync.receive import receive
from portal.sync.stock import replan_stock

CHUNK = 500


@dataclass(frozen=True)
class Compared:
    """What one page of a full feed came to: items received, SKUs held against the ledger, SKUs it had wrong, items nobody could read."""

    fresh: int
    skus: int
    differing: int
    unreadable: int


def compare(items: Sequence[Received], *, connection: Connection, door: str, at: datetime) -> Compared:
    """Receive only the items that say something the ledger does not know."""
    connector = reader(connection)
    telling: list[Received] = []
    parsed: list[tuple[Received, tuple[object, ...]]] = []
    for item in items:
        try:
            parsed.append((item, connector.parse(item.topic, item.body)))
        except (ContractError, *failures.SURPRISES):
            telling.append(item)  # interpret will say what is wrong with it
    unreadable = len(telling)
    levels = [thing for _, things in parsed for thing in things if isinstance(thing, StockLevel)]
    variants = [thing for _, things in parsed for thing in things if isinstance(thing, Variant)]
    differing = differing_levels(levels, connection=connection, at=at) | differing_variants(variants, connection=connection, at=at)
    at_once = connection.has_side(Side.HUB)
    if at_once:
        take_levels([level for level in levels if key_of(level) in differing], connection=connection, door=door, at=at)
    for item, things in parsed:
        if at_once and all(isinstance(thing, StockLevel) for thing in things):
            continue
        if any(key_of(thing) in differing for thing in things):
            telling.append(moment_of(item, at))
        elif not all(isinstance(thing, StockLevel | Variant) for thing in things):
            telling.append(item)  # an order read again: its event id tells whether it is new
    fresh = receive(telling, connection=connection, door=door, at=at)
    skus = {level.sku for level in levels} | {variant.sku for variant in variants}
    wrong = {level.sku for level in levels if key_of(level) in differing} | {one.sku for one in variants if key_of(one) in differing}
    return Compared(fresh, len(skus), len(wrong), unreadable)


def take_levels(levels: Sequence[StockLevel], *, connection: Connection, door: str, at: datetime) -> None:
    """A hub's levels go into the ledger and on to the channels by the page: a full reading may be a hundred thousand of them."""
    skus = record_levels(levels, connection=connection, source=door, at=at)
    with remembered():
        for start in range(0, len(skus), CHUNK):
            replan_stock(connection, skus[start : start + CHUNK], at=at)


def key_of(thing: object) -> tuple[str, str]:
    if isinstance(thing, StockLevel):
        return thing.sku, thing.warehouse_code
    return getattr(thing, "reference", ""), ""


def moment_of(item: Received, at: datetime) -> Received:
    """The same item as an observation of this moment: a level that went and came back is news again."""
    return Received(item.topic, f"{item.event_id}@{at.isoformat()}", item.subject, item.body, item.changed_at)
