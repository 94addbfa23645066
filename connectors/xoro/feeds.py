"""What is polled at Xoro, and the readings of all stock and all items, in which nothing at all is never an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from connectors.canonical import Page, Received
from connectors.errors import ContractError
from connectors.ports import Feed, Priority
from connectors.reading import text
from connectors.xoro.client import INVENTORY, ITEMS, NAMES, Client
from connectors.xoro.cursor import Spot, read_spot
from connectors.xoro.dates import stamp
from connectors.xoro.envelope import Row
from connectors.xoro.items import Items
from connectors.xoro.orders import TOPIC
from connectors.xoro.polling import CHANGES, SWEEP, OrderPoller
from connectors.xoro.stock import CATALOGUE, STOCK, take_item, take_stock

SNAPSHOT = "snapshot"
FEEDS = (
    Feed(CHANGES, topic=TOPIC, every_s=300, label="Orders on waves, and orders that changed"),
    Feed(SWEEP, topic=TOPIC, every_s=4 * 3600, priority=Priority.BULK, full=True, label="Orders of the last weeks, read again"),
    Feed(SNAPSHOT, topic=STOCK, every_s=3600, priority=Priority.BULK, full=True, label="All stock"),
    Feed(CATALOGUE, topic=CATALOGUE, every_s=86_400, priority=Priority.BULK, full=True, label="All items"),
)


def poll(client: Client, feed: str, cursor: str, *, until: datetime) -> Iterator[Page]:
    if feed in (CHANGES, SWEEP):
        return OrderPoller(client, sweep=feed == SWEEP).poll(cursor, until=until)
    spot = read_spot(cursor)
    begun = spot if spot.started else Spot(started=stamp(until))
    if feed == SNAPSHOT:
        return snapshot(client, begun)
    if feed == CATALOGUE:
        return whole(client, ITEMS, [{}], begun, take=take_item)
    raise ContractError(f"Xoro brings nothing called {feed}.")


def snapshot(client: Client, spot: Spot) -> Iterator[Page]:
    """Store by store where the options name stores, so that one that is empty by mistake is seen."""
    stores = client.settings.words("stores")
    codes = Items(client).read_all() if client.settings.by_upc else {}

    def take(row: Row) -> Received:
        return take_stock(row | {"ItemUpc": codes.get(text(row.get("ItemNumber")), "")} if client.settings.by_upc else row)

    return whole(client, INVENTORY, [{"store": store} for store in stores] or [{}], spot, take=take)


def whole(client: Client, path: str, passes: list[dict[str, str]], spot: Spot, *, take: Callable[[Row], Received]) -> Iterator[Page]:
    """Every page of every pass. ContractError when a pass begins with nothing."""
    leg, page = spot.leg, spot.page
    while leg < len(passes):
        for sheet in client.sheets(path, passes[leg], start=page):
            if not sheet.rows and sheet.number == 1:
                raise nothing(path, passes[leg])
            page = sheet.number
            if sheet.last:
                leg, page = leg + 1, 1
            cursor = Spot(started=spot.started, leg=leg, page=page).dumped() if leg < len(passes) else ""
            yield Page(tuple(take(row) for row in sheet.rows), cursor)


def nothing(path: str, filters: dict[str, str]) -> ContractError:
    where = f" for the store {filters['store']}" if "store" in filters else ""
    return ContractError(
        f"Xoro gave no {NAMES[path]} at all{where}. An empty answer may only mean that it was asked too often, "
        "so nothing was concluded from it: no level was set to zero."
    )
