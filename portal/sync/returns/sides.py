"""The three sides of a return worked out from what the systems tell; no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from connectors.canonical import ReturnState, round_money

ZERO = Decimal(0)
CALLED_OFF = frozenset({ReturnState.REFUSED.value, ReturnState.CANCELLED.value})
NOT_AUTHORISED = frozenset({*CALLED_OFF, ReturnState.UNKNOWN.value})
NOT_PAID = frozenset({"refused", "failed", "failure", "canceled", "cancelled", "declined"})  # a refund in such a state gave nothing back
RECEIPT, ASSESSMENT = "received", "assessed"  # when money goes back


@dataclass(frozen=True)
class Sold:
    """A line of the sale: units that were wanted, and what was paid for them with tax."""

    reference: str
    sku: str
    hub_sku: str
    units: int
    paid: Decimal
    currency: str


@dataclass(frozen=True)
class Back:
    """Units of one SKU as one system tells of a return. `line`: the sale's line where it is named."""

    sku: str
    units: int
    line: str = ""
    state: str = ReturnState.AUTHORISED.value
    received: int = 0
    sellable: int | None = None
    damaged: int | None = None
    missing: int | None = None


@dataclass(frozen=True)
class Money:
    """One refund. `line` empty: the channel names none."""

    amount: Decimal
    line: str = ""
    state: str = ""

    @property
    def counts(self) -> bool:
        return self.state.lower() not in NOT_PAID


@dataclass(frozen=True)
class Sides:
    """One line's triangle. `owed`: what must be back by now, never more than was paid; `extra`: units nobody authorised."""

    sold: Sold
    authorised: int = 0
    called_off: int = 0
    received: int = 0
    sellable: int | None = None
    damaged: int | None = None
    missing: int | None = None
    refunded: Decimal = ZERO
    owed: Decimal = ZERO
    extra: int = 0
    unassessed: int = 0

    @property
    def touched(self) -> bool:
        return bool(self.authorised or self.called_off or self.received or self.missing or self.refunded)


@dataclass
class _Line:
    """What has been laid on a line so far."""

    sold: Sold
    authorised: int = 0
    called_off: int = 0
    received: int = 0
    parts: dict[str, int | None] = field(default_factory=lambda: {"sellable": None, "damaged": None, "missing": None})
    refunded: Decimal = ZERO


def sides_of(
    sold: Sequence[Sold],
    *,
    channel: Iterable[Back],
    hub: Iterable[Back],
    money: Iterable[Money],
    decisions: Mapping[str, Mapping[str, Any]] | None = None,
    pays_on: str = RECEIPT,
    taken: Decimal | None = None,
) -> tuple[list[Sides], Decimal]:
    """Every line's sides, and the money that fits on no line. `decisions`: line → what people decided; `taken`: what the payments captured."""
    lines = [_Line(one) for one in sold]
    lay_channel(lines, channel)
    lay_hub(lines, hub)
    rest = lay_money(lines, money)
    left = taken if taken is not None else sum((one.paid for one in sold), ZERO)
    found = []
    for line in lines:
        sides = judged(line, (decisions or {}).get(line.sold.reference, {}), pays_on=pays_on)
        owed = max(ZERO, min(sides.owed, left))
        left -= max(owed, sides.refunded)
        found.append(replace(sides, owed=owed))
    return found, rest


def lay_channel(lines: list[_Line], told: Iterable[Back]) -> None:
    """What the channel authorised, on the line it names."""
    for one in told:
        units = one.units
        for line in named(lines, one):
            here = min(units, line.sold.units - line.authorised)
            if one.state in CALLED_OFF:
                line.called_off += units
                break
            if one.state in NOT_AUTHORISED or here <= 0:
                continue
            line.authorised += here
            units -= here


def lay_hub(lines: list[_Line], told: Iterable[Back]) -> None:
    """What arrived: on lines that await goods first, then wherever the SKU was sold; never more than was sold."""
    for one in told:
        if one.state in CALLED_OFF:
            continue
        left = {"received": one.received, "sellable": one.sellable, "damaged": one.damaged, "missing": one.missing}
        candidates = [line for line in lines if one.sku in (line.sold.hub_sku, line.sold.sku)]
        waiting = sorted(candidates, key=lambda line: line.authorised - line.received <= 0)
        for awaited in (True, False):
            for line in waiting:
                room = (line.authorised if awaited else line.sold.units) - line.received - (line.parts["missing"] or 0)
                if room > 0:
                    take(line, left, room)


def take(line: _Line, left: dict[str, int | None], room: int) -> None:
    """Move up to `room` units of what is left onto the line: those that arrived with their judgement, then those that never will."""
    here = min(room, left["received"] or 0)
    line.received += here
    left["received"] = (left["received"] or 0) - here
    for name in ("sellable", "damaged"):
        if left[name] is not None:
            part = min(here, left[name] or 0)
            line.parts[name] = (line.parts[name] or 0) + part
            left[name] = (left[name] or 0) - part
            here -= part
    if left["missing"]:
        gone = min(room - min(room, line.received), left["missing"] or 0)
        line.parts["missing"] = (line.parts["missing"] or 0) + max(0, gone)
        left["missing"] = (left["missing"] or 0) - max(0, gone)


def named(lines: list[_Line], told: Back) -> list[_Line]:
    """The line it names, else those with its SKU."""
    by_name = [line for line in lines if told.line and line.sold.reference == told.line]
    return by_name or [line for line in lines if not told.line and told.sku and told.sku in (line.sold.sku, line.sold.hub_sku)]


def lay_money(lines: list[_Line], money: Iterable[Money]) -> Decimal:
    """Refunds on the lines they name; those that name none on lines that came back, then on the others; what is left over fits nowhere."""
    free = ZERO
    for one in money:
        if not one.counts:
            continue
        line = next((line for line in lines if one.line and line.sold.reference == one.line), None)
        if line is None:
            free += one.amount
        else:
            line.refunded += one.amount
    for line in sorted(lines, key=lambda line: (not line.received, not line.authorised)):
        worth = line.sold.paid * min(line.sold.units, line.received or line.authorised or line.sold.units) / max(1, line.sold.units)
        here = max(ZERO, min(free, round_money(worth, line.sold.currency) - line.refunded))
        line.refunded += here
        free -= here
    return free


def judged(line: _Line, decided: Mapping[str, Any], *, pays_on: str) -> Sides:
    """With what people decided: their assessment where the warehouse tells none, a match, a release before the goods are here."""
    parts = assessed(line, decided.get("assessment") or {})
    known = sum(parts[name] or 0 for name in ("sellable", "damaged"))
    covered = line.sold.units if decided.get("matched") else line.authorised
    arrived = line.received if pays_on == RECEIPT else min(line.received, parts["sellable"] or 0)
    owed = ZERO if decided.get("disposition") else share(line.sold, min(arrived, covered))  # exchanged, sent back to the customer, …
    released = Decimal(str((decided.get("released") or {}).get("amount") or 0))
    return Sides(
        sold=line.sold,
        authorised=line.authorised,
        called_off=line.called_off,
        received=line.received,
        **parts,
        refunded=line.refunded,
        owed=max(ZERO, min(max(owed, released), line.sold.paid)),
        extra=0 if decided.get("disposition") else max(0, line.received - covered),
        unassessed=max(0, line.received - known),
    )


def assessed(line: _Line, said: Mapping[str, Any]) -> dict[str, int | None]:
    """The warehouse's own judgement; else a person's, never of more units than arrived."""
    if any(line.parts[name] is not None for name in ("sellable", "damaged")) or not said:
        return dict(line.parts)
    sellable = min(line.received, int(said.get("sellable") or 0))
    damaged = min(line.received - sellable, int(said.get("damaged") or 0))
    return {"sellable": sellable, "damaged": damaged, "missing": line.parts["missing"] or int(said.get("missing") or 0)}


def share(sold: Sold, units: int) -> Decimal:
    """What was paid for so many units; all of them are the whole sum, so that nothing is lost in rounding."""
    if units >= sold.units:
        return sold.paid
    return min(sold.paid, round_money(sold.paid * units / sold.units, sold.currency)) if units > 0 else ZERO
