"""The feeds: which list each reads, how its place is kept, and what one item of it becomes. There are no webhooks for sellers.

https://developer.mirakl.com
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.canonical import Page, Received
from connectors.errors import AccessDenied, ContractError, Rejected
from connectors.mirakl.client import Client, Params, Row, Sheet, is_forbidden
from connectors.mirakl.offers import CATALOGUE_FIELDS, STOCK_FIELDS, kept
from connectors.mirakl.options import stamp
from connectors.mirakl.payouts import CYCLE
from connectors.ports import Feed, Priority
from connectors.reading import dump, moment, moment_or_none, text

ORDERS, STOCK, CATALOGUE, RETURNS, PAYOUTS = "orders", "stock", "catalogue", "returns", "payouts"
DAY_S = 86_400
FEEDS = (
    Feed("orders", ORDERS, 300, label="orders that changed"),
    Feed("sweep", ORDERS, DAY_S, Priority.BULK, full=True, label="orders of the last weeks, read again"),
    Feed("returns", RETURNS, 900, label="returns that changed"),
    Feed("payouts", PAYOUTS, 7200, Priority.BULK, label="account lines that changed"),
    Feed("cycles", PAYOUTS, DAY_S, Priority.BULK, label="billing cycles"),
    Feed("snapshot", STOCK, DAY_S, Priority.BULK, full=True, label="all stock"),
    Feed("catalogue", CATALOGUE, DAY_S, Priority.BULK, full=True, label="all offers"),
)
PARTNER_GAP = timedelta(minutes=15)  # OR11 for “External Partner” users
SLACK = timedelta(seconds=20)
HOUR_S = 3600
Place = dict[str, Any]


@dataclass(frozen=True)
class Seek:
    """A list by tokens: its filter for what changed, its order, the largest page, and how far each look goes back."""

    operation: str
    path: str
    take: Callable[[Row], Received]
    since: str
    sort: str
    limit: int
    least_overlap_s: int = 0
    may_be_missing: bool = False


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]


def take_order(row: Row) -> Received:
    """Known by its time of change and by what it says: a repeat is no news, anything different is."""
    return take(row, ORDERS, id_field="order_id", changed_field="last_updated_date")


def take_return(row: Row) -> Received:
    return take(row, RETURNS, id_field="id", changed_field="last_updated")


def take_line(row: Row) -> Received:
    return take(row, PAYOUTS, id_field="id", changed_field="last_updated")


def take_cycle(row: Row) -> Received:
    body = dump({CYCLE: row})
    subject = f"cycle:{text(row.get('id'))}"
    return Received(PAYOUTS, f"{subject}~{digest(body)}", subject, body)


def take_stock(row: Row) -> Received:
    body, subject = dump(kept(row, STOCK_FIELDS)), text(row.get("offer_id")) or text(row.get("shop_sku"))
    return Received(STOCK, f"{subject}~{digest(body)}", subject, body)


def take_variant(row: Row) -> Received:
    body, subject = dump(kept(row, CATALOGUE_FIELDS)), text(row.get("offer_id")) or text(row.get("shop_sku"))
    return Received(CATALOGUE, f"{subject}~{digest(body)}", subject, body)


def take(row: Row, topic: str, *, id_field: str, changed_field: str) -> Received:
    """An item that cannot be read is kept too: to say what is wrong with it is the reader's part."""
    body, subject, changed = dump(row), text(row.get(id_field)), text(row.get(changed_field))
    try:
        changed_at = moment_or_none(changed, what=changed_field)
    except ContractError:
        changed_at = None
    return Received(topic, f"{subject}@{changed}~{digest(body)}", subject, body, changed_at)


SEEKS = {
    "returns": Seek("RT11", "/returns", take_return, "return_last_updated_from", "date_created,ASC", 100, may_be_missing=True),
    "payouts": Seek(
        "TL02",
        "/sellerpayment/transactions_logs",
        take_line,
        "last_updated_from",
        "lastUpdated,ASC",
        2000,
        least_overlap_s=HOUR_S,
        may_be_missing=True,
    ),
    "cycles": Seek("SBC11", "/seller-billing-cycles", take_cycle, "start_date", "dateCreated,ASC", 1000, may_be_missing=True),
}
OFFERS = {"snapshot": take_stock, "catalogue": take_variant}


class Feeds:
    """The feeds of one shop. `pages` is what the port's `poll` promises."""

    def __init__(self, client: Client) -> None:
        self.client, self.settings = client, client.settings

    def pages(self, feed: str, cursor: str, *, until: datetime) -> Iterator[Page]:
        place = load(cursor)
        if feed == "orders":
            yield from self.orders(place, until=until)
        elif feed == "sweep":
            yield from self.sweep(place, until=until)
        elif feed in SEEKS:
            yield from self.seek(feed, SEEKS[feed], place, until=until)
        elif feed in OFFERS:
            yield from self.offers(OFFERS[feed], place)
        else:
            raise ContractError(f"Mirakl has no feed called {feed}.")

    def orders(self, place: Place, *, until: datetime) -> Iterator[Page]:
        """OR11 by time of change, in the order of creation.

        There is no upper bound on purpose: then orders only join the list while it is read, which repeats some and skips none.
        The new place is our clock's (or Mirakl's, if that is behind) at the beginning, less the overlap; kept when all was read.
        """
        if self.too_soon(place, until):
            return
        since, begun, offset = place.get("since") or self.settings.start_at, place.get("begun", ""), int(place.get("offset") or 0)
        for sheet in self.order_sheets(since, offset):
            begun = begun if begun and offset else self.slower(until, sheet)
            offset = sheet.offset
            kept_place = {"since": self.back(begun, since, self.overlap_s), "last": stamp(until)}
            yield page(sheet, take_order, kept_place if sheet.last else {"since": since, "begun": begun, "offset": offset})

    def order_sheets(self, since: str, offset: int) -> Iterator[Sheet]:
        channels = ",".join(code.strip() for code in self.settings.text("channel_codes").split(",") if code.strip())
        params: Params = [
            *([("start_update_date", since)] if since else []),
            *([("channel_codes", channels)] if channels else []),
            *self.client.order_params(),
            ("sort", "dateCreated"),
            ("order", "asc"),
        ]
        return self.client.offset_sheets("OR11", "/orders", params, root="orders", start=offset)

    def too_soon(self, place: Place, until: datetime) -> bool:
        """A partner's key may read orders every 15 minutes; the further pages of a read that was cut off are not a new one."""
        if self.settings.text("tier") != "partner" or place.get("offset") or not place.get("last"):
            return False
        return until < moment(place["last"], what="time of the last poll") + PARTNER_GAP - SLACK

    def sweep(self, place: Place, *, until: datetime) -> Iterator[Page]:
        """Orders change without us (automatic refusal, debit, the operator's refund): a wide window corrects what was missed."""
        window = stamp(until - timedelta(days=self.settings.number("sweep_days")))
        since = place.get("since") or max(window, self.settings.start_at)
        for sheet in self.order_sheets(since, int(place.get("offset") or 0)):
            yield page(sheet, take_order, {"since": since, "offset": sheet.offset})

    def seek(self, name: str, listing: Seek, place: Place, *, until: datetime) -> Iterator[Page]:
        """Nothing where the operator has the feature off (404) or the key lacks the right (403); verify tells of it."""
        try:
            yield from self.seek_pages(name, listing, place, until=until)
        except Rejected as error:
            if not (listing.may_be_missing and error.exchange is not None and error.exchange.status == 404):
                raise
        except AccessDenied as error:
            if not (listing.may_be_missing and is_forbidden(error)):
                raise

    def seek_pages(self, name: str, listing: Seek, place: Place, *, until: datetime) -> Iterator[Page]:
        since, begun = place.get("since") or self.settings.start_at, place.get("begun", "")
        if name == "cycles":
            since = max(stamp(until - timedelta(days=self.settings.number("cycle_days"))), self.settings.start_at)
        overlap_s = max(self.overlap_s, listing.least_overlap_s)
        for sheet in self.resumed(listing, since, text(place.get("token"))):
            begun = begun or self.slower(until, sheet)
            done = {"since": self.back(begun, since, overlap_s)}
            yield page(sheet, listing.take, done if sheet.last else {"since": since, "begun": begun, "token": sheet.token})

    def resumed(self, listing: Seek, since: str, token: str) -> Iterator[Sheet]:
        """From a kept token; from the beginning when Mirakl does not know it any more."""
        params = [*([(listing.since, since)] if since else []), ("sort", listing.sort)]
        if token:
            try:
                yield from self.client.seek_sheets(listing.operation, listing.path, params, limit=listing.limit, token=token)
            except Rejected as error:
                if error.exchange is None or error.exchange.status != 400:
                    raise
            else:
                return
        yield from self.client.seek_sheets(listing.operation, listing.path, params, limit=listing.limit)

    def offers(self, taken: Callable[[Row], Received], place: Place) -> Iterator[Page]:
        """OF21. Offers that move while it is read are corrected by the next full read."""
        for sheet in self.client.offset_sheets("OF21", "/offers", [], root="offers", start=int(place.get("offset") or 0)):
            yield page(sheet, taken, {"offset": sheet.offset})

    @property
    def overlap_s(self) -> int:
        return self.settings.number("overlap_s")

    def slower(self, until: datetime, sheet: Sheet) -> str:
        """The beginning of a read by the slower of the two clocks."""
        return stamp(min(until, sheet.at or until))

    def back(self, begun: str, since: str, seconds: int) -> str:
        """The next place: before the beginning by the overlap, never before the last one."""
        return max(stamp(moment(begun, what="beginning of the read") - timedelta(seconds=seconds)), since)


def page(sheet: Sheet, taken: Callable[[Row], Received], place: Place) -> Page:
    return Page(tuple(map(taken, sheet.rows)), json.dumps(place, separators=(",", ":")))


def load(cursor: str) -> Place:
    """A kept cursor; ContractError when it is not one of ours."""
    if not cursor:
        return {}
    try:
        place = json.loads(cursor)
    except ValueError as error:
        raise ContractError("The place to continue reading from is damaged.", detail=cursor[:200]) from error
    if not isinstance(place, dict):
        raise ContractError("The place to continue reading from is damaged.", detail=cursor[:200])
    return place
