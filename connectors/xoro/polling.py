"""Reading orders: what came on waves or left them, then every status by time of change.

Without a status Xoro answers an empty list, so each is asked for; an empty answer moves the watermark only when Xoro shows that it answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connectors.canonical import Page, Received
from connectors.reading import moment
from connectors.xoro.client import ORDERS, Client, Sheet, order_number
from connectors.xoro.cursor import Spot, read_spot
from connectors.xoro.dates import bound_text, stamp
from connectors.xoro.envelope import Row
from connectors.xoro.items import Items
from connectors.xoro.orders import is_waiting_for_wave, take
from connectors.xoro.waves import Place, Waves

CHANGES, SWEEP = "orders", "sweep"
CHUNK = 5  # orders read one by one before what was read is kept
Places = dict[str, list[Place]]


class OrderPoller:
    """One run over the orders of one account. `sweep`: all orders of the last weeks again, by their date of creation."""

    def __init__(self, client: Client, *, sweep: bool = False) -> None:
        self.client, self.settings, self.sweep = client, client.settings, sweep
        self.waves, self.items = Waves(client), Items(client)

    def poll(self, cursor: str, *, until: datetime) -> Iterator[Page]:
        spot = self.opened(read_spot(cursor), until=until.astimezone(UTC))
        on_wave = self.waves.open()
        if not self.sweep:
            spot, pages = self.moved(spot, on_wave)
            for page, told in pages:
                spot = told
                yield page
        places: Places = {}
        for place in on_wave.values():
            places.setdefault(place.order, []).append(place)
        yield from self.by_status(spot, places)

    def opened(self, spot: Spot, *, until: datetime) -> Spot:
        """The spot with the bounds of its run; a run that was interrupted keeps those it began with."""
        if spot.started:
            return spot
        spot = replace(spot, started=stamp(until), leg=0, page=1, doubted=False)
        if self.sweep:
            return replace(spot, bound=stamp(until - timedelta(days=self.settings.number("sweep_days"))))
        since = spot.since or self.settings.text("start_at")
        if not since:
            return replace(spot, bound="")
        back = timedelta(seconds=self.settings.number("overlap_s")) if spot.since else timedelta()
        from_at = moment(since, what="start of a feed")
        return replace(spot, since=stamp(from_at), started=max(spot.started, stamp(from_at)), bound=stamp(from_at - back))

    def moved(self, spot: Spot, on_wave: dict[tuple[str, str], Place]) -> tuple[Spot, Iterator[tuple[Page, Spot]]]:
        """Orders that came on a wave since the last run, and those that left one. What left is asked for by the wave's number:
        an open list that was cut short must not cancel anything."""
        left: dict[tuple[str, str], Place] = {}
        for wave, order in sorted(spot.waved - on_wave.keys()):
            if not wave:
                continue  # Xoro did not tell the wave's number, so nobody can ask what became of it
            place = self.waves.now(wave, order)
            still = place.status.lower() in {each.lower() for each in self.settings.words("wave_statuses")}
            (on_wave if still else left)[wave, order] = place
        came = [place for pair, place in sorted(on_wave.items()) if pair not in spot.waved]
        spot = replace(spot, waved=spot.waved & (on_wave.keys() | left.keys()))
        return spot, self.told_by_chunks(spot, came, list(left.values()), on_wave)

    def told_by_chunks(self, spot: Spot, came: list[Place], left: list[Place], on_wave: dict[tuple[str, str], Place]) -> Iterator[tuple[Page, Spot]]:
        every: Places = {}
        for place in [*on_wave.values(), *left]:
            every.setdefault(place.order, []).append(place)
        todo = [*came, *left]
        for start in range(0, len(todo), CHUNK):
            chunk = todo[start : start + CHUNK]
            orders = dict.fromkeys(place.order for place in chunk)
            items = [item for number in orders for item in self.one(number, every[number])]
            pairs = {(place.wave, place.order) for place in chunk}
            spot = replace(spot, waved=(spot.waved | pairs) - {(place.wave, place.order) for place in left if place in chunk})
            yield Page(tuple(items), spot.dumped()), spot

    def one(self, number: str, places: list[Place]) -> list[Received]:
        row = self.client.order(number)
        return [self.taken(row, places)] if row is not None else []

    def by_status(self, spot: Spot, places: Places) -> Iterator[Page]:
        statuses = self.settings.words("order_statuses")
        while spot.leg < len(statuses):
            for sheet in self.client.sheets(ORDERS, self.filters(spot, statuses[spot.leg]), start=spot.page):
                spot = self.advanced(spot, sheet)
                yield Page(self.received(sheet.rows, places), self.cursor(spot, ended=spot.leg >= len(statuses)))
        if not statuses:
            yield Page((), self.cursor(spot, ended=True))

    def filters(self, spot: Spot, status: str) -> dict[str, str]:
        if not spot.bound:
            return {"status": status}
        name = "created_at_min" if self.sweep else "updated_at_min"
        return {"status": status, name: bound_text(moment(spot.bound, what="bound of a poll"), zone=self.settings.zone)}

    def advanced(self, spot: Spot, sheet: Sheet) -> Spot:
        spot = replace(spot, page=sheet.number, doubted=spot.doubted or not sheet.proved)
        return replace(spot, leg=spot.leg + 1, page=1) if sheet.last else spot

    def received(self, rows: list[Row], places: Places) -> tuple[Received, ...]:
        found = ((row, places.get(order_number(row), [])) for row in rows)
        return tuple(self.taken(row, mine) for row, mine in found if not is_waiting_for_wave(row, mine))

    def taken(self, row: Row, places: list[Place]) -> Received:
        return take(self.items.add_codes(row), places, at=datetime.now(UTC))

    def cursor(self, spot: Spot, *, ended: bool) -> str:
        """After a whole run: the next one. The watermark stays where Xoro answered nothing but empty lists."""
        if not ended:
            return spot.dumped()
        if self.sweep:
            return ""
        return Spot(since=spot.since if spot.doubted else spot.started, waved=spot.waved).dumped()
