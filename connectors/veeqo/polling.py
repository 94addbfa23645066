"""Reading a list that changes meanwhile: every filter on every page, back over an overlap, the watermark moved only by a whole run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from connectors.canonical import Page
from connectors.errors import ContractError
from connectors.ports import Account
from connectors.reading import moment, text, whole
from connectors.veeqo.client import Client, Params, Row, Sheet
from connectors.veeqo.dates import DEFAULT_FORM, EASTERNMOST, UNKNOWN_ZONE_H, bound_text, overlap_h, stamp
from connectors.veeqo.feeds import LISTINGS, Listing
from connectors.veeqo.shipments import part

AHEAD = timedelta(hours=1)  # Veeqo's clock may run before ours; what lies further after `until` belongs to the next poll


@dataclass(frozen=True)
class Place:
    """Where a run is. `since`: all changes before it were seen; `started`: what `since` becomes once the run is complete.

    `bound`: the oldest change this run asks for. `page` of pass `leg` is read again by whoever continues.
    `zone`: the company's time zone as told on `zone_date`; it is asked once a day.
    """

    since: str = ""
    started: str = ""
    bound: str = ""
    leg: int = 0
    page: int = 1
    total: int | None = None
    zone: str = ""
    zone_date: str = ""

    def dumped(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value not in ("", None)}, separators=(",", ":"))


def read_place(cursor: str) -> Place:
    """The cursor's place; one from another build that we cannot read starts from the beginning."""
    try:
        kept = json.loads(cursor) if cursor else {}
    except ValueError:
        kept = {}
    fields = Place.__dataclass_fields__
    return Place(**{name: value for name, value in kept.items() if name in fields}) if isinstance(kept, dict) else Place()


class Poller:
    """One feed of one account."""

    def __init__(self, client: Client, account: Account) -> None:
        self.client = client
        self.account = account

    def poll(self, feed: str, cursor: str, *, until: datetime) -> Iterator[Page]:
        listing = LISTINGS[feed]
        place = self.opened(read_place(cursor), listing, until=until.astimezone(UTC))
        bound = moment(place.bound, what="bound of a poll") if place.bound else None
        latest = moment(place.started, what="start of a poll") + AHEAD
        while place.leg < len(listing.passes):
            filters = self.filters(listing, bound=bound) + listing.passes[place.leg]
            for sheet in self.client.pages(listing.path, filters, start=place.page, total=place.total):
                check_filter(sheet, listing, bound=bound)
                rows = [row for row in sheet.rows if self.wanted(row, listing, bound=bound, latest=latest)]
                place = replace(place, page=sheet.number, total=sheet.total)
                if sheet.last:
                    place = replace(place, leg=place.leg + 1, page=1, total=None)
                yield Page(self.items(rows, listing), self.cursor(place, listing))

    def opened(self, place: Place, listing: Listing, *, until: datetime) -> Place:
        """The place with the bounds of its run; a run that was interrupted keeps those it began with."""
        if place.started:
            return place
        started = stamp(until)
        if listing.days:
            days = whole(self.account.option(listing.days_option, str(listing.days)), what=f"option {listing.days_option}")
            return replace(place, started=started, bound=stamp(until - timedelta(days=days)))
        if not listing.since:
            return replace(place, started=started)
        since = place.since or self.account.option("start_at")
        if not since:
            return replace(place, started=started)
        place = self.zoned(place, until=until)
        from_at = moment(since, what="start of a feed")
        back = timedelta(hours=self.overlap(place, until=until))
        return replace(place, since=stamp(from_at), started=max(started, stamp(from_at)), bound=stamp(from_at - back))

    def zoned(self, place: Place, *, until: datetime) -> Place:
        today = until.date().isoformat()
        if self.account.option("overlap_hours") or place.zone_date == today:
            return place
        return replace(place, zone=company_zone(self.client), zone_date=today)

    def overlap(self, place: Place, *, until: datetime) -> int:
        chosen = self.account.option("overlap_hours")
        if chosen:
            return whole(chosen, what="option overlap_hours")
        return overlap_h(place.zone, at=until) if place.zone else UNKNOWN_ZONE_H

    def filters(self, listing: Listing, *, bound: datetime | None) -> Params:
        sent: Params = []
        if bound is not None:
            sent.append((listing.filter, bound_text(bound, form=self.account.option("date_form", DEFAULT_FORM))))
        if listing.by_channel:
            sent += [("channel_ids[]", channel) for channel in channel_ids(self.account)]
        return sent

    def wanted(self, row: Row, listing: Listing, *, bound: datetime | None, latest: datetime) -> bool:
        """Only rows within what was asked; a row that does not say when or where it belongs is let through."""
        told = told_at(row, listing.since) if listing.since else None
        if told is not None and ((bound is not None and told < bound.replace(microsecond=0)) or told > latest):
            return False
        ours, channel = channel_ids(self.account), text(part(row, "channel").get("id"))
        return not (listing.by_channel and ours and channel) or channel in ours

    def items(self, rows: list[Row], listing: Listing) -> tuple:
        taken = (listing.take(row) for row in rows)
        return tuple(item for item in taken if item is not None)

    def cursor(self, place: Place, listing: Listing) -> str:
        """Mid-run: this page again. After a whole run: the next one (a full feed starts from nothing)."""
        if place.leg < len(listing.passes):
            return place.dumped()
        if listing.days or not listing.since:
            return ""
        return Place(since=place.started, zone=place.zone, zone_date=place.zone_date).dumped()


def channel_ids(account: Account) -> tuple[str, ...]:
    return tuple(each.strip() for each in account.option("channel_ids").split(",") if each.strip())


def told_at(row: Row, name: str) -> datetime | None:
    try:
        return moment(row[name], what=name) if row.get(name) else None
    except ContractError:
        return None


def check_filter(sheet: Sheet, listing: Listing, *, bound: datetime | None) -> None:
    """Veeqo answers a date it cannot read with everything. Rows older than any time zone explains mean that it ignored ours."""
    if bound is None:
        return
    for row in sheet.rows:
        told = told_at(row, listing.since)
        if told is not None and told < bound - EASTERNMOST:
            raise ContractError(
                f"Veeqo ignored the date filter {listing.filter}: asked for changes since {bound:%Y-%m-%d %H:%M} UTC, it sent one of "
                f"{told:%Y-%m-%d %H:%M} UTC. Nothing was taken over. Another form of dates can be chosen in the connection's options.",
                detail=f"id {row.get('id')}",
            )


def company_zone(client: Client) -> str:
    """The company's `settings.timezone`; "" when it does not say."""
    company = client.read_or_none("/current_company", root="company") or {}
    return text(part(company, "settings").get("timezone"))
