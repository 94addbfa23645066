"""Waves: what makes a released order ours to ship. Two parallel lists, joined by place.

https://docs.xorosoft.com
"""

from __future__ import annotations

from dataclasses import dataclass

from connectors.errors import ContractError
from connectors.reading import text
from connectors.xoro.client import WAVES, Client
from connectors.xoro.envelope import Row, slow_down

VOID, TAKEN_OFF = "void", "taken off"
GONE = frozenset({VOID, "voided", TAKEN_OFF})  # of an order on such a wave nothing will be picked
DONE = frozenset({"shipped", "closed"})


@dataclass(frozen=True)
class Place:
    """One order on one wave; the wave's number and status where Xoro tells them."""

    order: str
    wave: str = ""
    status: str = ""

    def told(self) -> Row:
        return {"WaveNumber": self.wave, "StatusName": self.status}


def places_in(envelope: Row, *, status: str = "") -> list[Place]:
    """The two lists, joined. ContractError when they do not match: nothing may be concluded then."""
    data = envelope.get("Data")
    if data is None or data == []:
        return []
    waves, orders = (data.get(name) for name in ("WaveData", "OrderData")) if isinstance(data, dict) else (None, None)
    waves, orders = waves or [], orders or []
    if not isinstance(data, dict) or not isinstance(waves, list) or not isinstance(orders, list):
        raise ContractError(
            "Xoro's waves could not be read: their answer does not hold the two lists WaveData and OrderData.", detail=str(data)[:500]
        )
    if len(waves) != len(orders):
        sentence = f"Xoro's lists of waves ({len(waves)}) and of their orders ({len(orders)}) differ in length, so nothing was taken from them."
        raise ContractError(sentence, detail=str(data)[:2000])
    if not all(isinstance(each, dict) for each in (*waves, *orders)):
        raise ContractError("Xoro's waves could not be read: their lists hold something other than records.", detail=str(data)[:500])
    pairs = zip(waves, orders, strict=True)
    return [
        Place(text(order.get("OrderNumber")), text(wave.get("WaveNumber")), text(wave.get("StatusName")) or status)
        for wave, order in pairs
        if text(order.get("OrderNumber"))
    ]


class Waves:
    """The waves of one tenant."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def open(self) -> dict[tuple[str, str], Place]:
        """Every order on a wave that is still to be shipped, by (wave, order)."""
        found: dict[tuple[str, str], Place] = {}
        for status in self.client.settings.words("wave_statuses"):
            for place in self.of_status(status):
                found[place.wave, place.order] = place
        return found

    def of_status(self, status: str) -> list[Place]:
        """All pages: until one is empty or brings nothing new, because TotalPages cannot be trusted."""
        found: dict[tuple[str, str], Place] = {}
        for number in range(1, self.client.settings.number("max_pages") + 1):
            places = self.page(status, number)
            if number == 1 and not places and self.client.is_answering():
                places = self.page(status, number)  # an empty answer is believed the second time
            new = {(place.wave, place.order): place for place in places if (place.wave, place.order) not in found}
            if not new:
                break
            found.update(new)
        return list(found.values())

    def page(self, status: str, number: int) -> list[Place]:
        return places_in(self.client.read(WAVES, {"status": status, "page": str(number)}), status=status)

    def of_order(self, order: str) -> list[Place]:
        return [place for place in self.open().values() if place.order == order]

    def now(self, wave: str, order: str) -> Place:
        """What became of an order's place on a wave that the open ones do not name any more. RateLimited when Xoro does not say."""
        places = places_in(self.client.read(WAVES, {"wave_number": wave, "page": "1"}))
        if not places:
            raise slow_down(f"wave {wave}")
        mine = next((place for place in places if place.order == order), None)
        return mine or Place(order, wave, TAKEN_OFF)


def is_open(told: Row) -> bool:
    """Whether an order's wave, as kept with the order, may still be shipped from."""
    return text(told.get("StatusName")).lower() not in GONE | DONE
