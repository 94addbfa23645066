"""Orders through the legacy API, for tenants that have no other: flat bodies, a 207 for success and duplicate alike, ids that are numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.canonical import Address, Done, HubOrder, HubState, Page, Received, WarehouseOrder
from connectors.deposco.cancelling import SHIPPED, too_late, unknown
from connectors.deposco.creation import check, sends_prices, service_of, totals
from connectors.deposco.dates import filter_text, stamp
from connectors.deposco.feeds import take_order
from connectors.deposco.legacy import SALES_ORDER, Legacy
from connectors.deposco.legacy_shapes import LEGACY
from connectors.deposco.orders import parse_order
from connectors.deposco.polling import Place, opened
from connectors.deposco.settings import COMPANY, ORDER_SOURCE, TRADING_PARTNER
from connectors.deposco.shapes import Row, exact, keep, part, rows
from connectors.errors import OutcomeUnknown, Rejected
from connectors.reading import moment, text

HELD = ("Suspended", "Hold")
WINDOW = timedelta(hours=6)
ORDER: tuple[str, ...] = (
    "businessUnit",
    "facility",
    "number",
    "type",
    "status",
    "tradingPartner",
    "orderSource",
    "customerOrderNumber",
    "orderLines",
)
ORDER += ("createdDateTime", "updatedDateTime")
FOUND_BEFORE = "Deposco had an order of this number already, so it was not sent again."


class LegacyOrders:
    """The hub's orders by the integration API."""

    def __init__(self, legacy: Legacy) -> None:
        self.legacy = legacy
        self.settings = legacy.settings

    def create(self, order: WarehouseOrder) -> Done:
        """The import is not an upsert: an order of the number is a duplicate, and is read back."""
        check(order)
        entry = self.legacy.write("/orders", body={"order": [self.body(order)]})[0]
        status = status_of(entry)
        if 200 <= status < 300:
            return Done(order.number, warnings=tuple(told(entry, "warnings")))
        if status == 409 or "Duplicate entry" in exact(entry.get("description")):
            found = self.find(order.number)
            if found:
                return replace(found[0], warnings=(FOUND_BEFORE, *found[0].warnings))
            raise OutcomeUnknown(f"Deposco says that it has order {order.number}, but does not find it.", detail=str(entry)[:2000])
        raise refused(entry, order)

    def body(self, order: WarehouseOrder) -> Row:
        kind, facility = self.settings.text("store_as"), order.warehouse_code or self.settings.text("ship_from")
        source = order.store_code if kind == ORDER_SOURCE else self.settings.text("order_source")
        prices = sends_prices(order, self.settings)
        told_totals = totals(order) if prices else {}
        notes = [{"title": title, "body": note} for title, note in (("Customer note", order.note), ("Note", order.internal_note)) if note]
        sent: Row = {
            "businessUnit": order.store_code if kind == COMPANY else self.settings.company,
            "facility": facility,
            "type": SALES_ORDER,
            "number": order.number,
            "status": HELD[0] if order.on_hold else "New",
            "customerOrderNumber": order.number,
            "orderSource": source,
            "tradingPartner": order.store_code if kind == TRADING_PARTNER else "",
            **service_of(order.ship_service_code),
            "placedDate": order.placed_at,
            "shipToAddress": address(order.shipping_address, email=order.email),
            "billToAddress": address(order.billing_address, email=order.email) if order.billing_address else None,
            "orderSubTotal": told_totals.get("orderSubtotal"),
            "orderShipTotal": told_totals.get("orderShippingTotal"),
            "orderTaxTotal": told_totals.get("orderTaxTotal"),
            "orderTotal": told_totals.get("orderTotal"),
            "notes": {"note": notes} if notes else None,
            "orderLines": {"orderLine": self.lines(order, prices=prices)},
        }
        return {name: value for name, value in sent.items() if value not in ("", None)}

    def lines(self, order: WarehouseOrder, *, prices: bool) -> list[Row]:
        return [
            {
                "lineNumber": f"{order.number}--{place}",
                **({"customerLineNumber": line.channel_line} if line.channel_line else {}),
                "itemNumber": line.sku,
                "pack": {"type": "Each", "quantity": 1},
                "orderPackQuantity": line.quantity,
                **({"unitPrice": line.unit_net} if prices else {}),
            }
            for place, line in enumerate(order.lines, start=1)
        ]

    def row(self, number: str) -> Row | None:
        found = self.legacy.orders([("number", number)])
        return next((row for row in found if exact(row.get("number")) == number and text(row.get("type")) in ("", SALES_ORDER)), None)

    def find(self, number: str) -> tuple[Done, ...]:
        row = self.row(number)
        if row is None:
            return ()
        cancelled = ("This order is cancelled in Deposco.",) if text(row.get("status")) == "Canceled" else ()
        return (Done(number, found=True, warnings=cancelled),)

    def fetch(self, reference: str) -> Received | None:
        row = self.row(reference)
        return take_order(self.gather(row), settings=self.settings) if row is not None else None

    def gather(self, row: Row) -> Row:
        """The order with its shipments, which are found by the customer's number: that filter is known to work."""
        customer, number = exact(row.get("customerOrderNumber")), exact(row.get("number"))
        found = self.legacy.shipments([("orderHeaders.customerOrderNumber", customer)]) if customer else []
        mine = [each for each in found if any(exact(order.get("orderNumber")) == number for order in rows(part(each, "orders").get("order")))]
        return {"api": LEGACY, "order": keep(row, ORDER), "shipments": mine, "told": bool(customer)}

    def look(self, reference: str) -> tuple[Row, HubOrder]:
        row = self.row(reference)
        if row is None:
            raise unknown(reference, "changed")
        body = self.gather(row)
        return body, parse_order(body, settings=self.settings)

    def cancel(self, reference: str) -> Done:
        """Look first and after: what a status update does to a released order is not documented."""
        body, order = self.look(reference)
        if order.state is HubState.CANCELLED:
            return Done(reference, version=order.version, found=True)
        if order.locked or order.state in SHIPPED:
            raise too_late(body, order, None)
        entry = self.move(reference, "Canceled")
        body, order = self.look(reference)
        if order.state is HubState.CANCELLED:
            return Done(reference, version=order.version)
        raise too_late(body, order, Rejected(f"Deposco did not cancel order {reference}.", detail=str(entry)[:2000]))

    def release(self, reference: str) -> Done:
        row = self.row(reference)
        if row is None:
            raise unknown(reference, "released")
        if text(row.get("status")) not in HELD:
            return Done(reference, found=True)
        entry = self.move(reference, "New")
        if not 200 <= status_of(entry) < 300:
            raise Rejected(f"Deposco did not release order {reference}. It says: {'; '.join(told(entry, 'errors'))}", detail=str(entry)[:2000])
        return Done(reference)

    def move(self, number: str, status: str) -> Row:
        return self.legacy.write("/orders/statusUpdates", form=[("status", status), ("type[]", SALES_ORDER), ("number[]", number)])[0]

    def poll(self, cursor: str, *, until: datetime) -> Iterator[Page]:
        """Changed orders, a few hours at a time, and those of which shipments left meanwhile."""
        place = opened(cursor, until=until)
        first = place.bound(self.settings) or until - timedelta(days=self.settings.number("legacy_days"))
        last = moment(place.started, what="start of a poll")
        while first < last:
            end = min(first + WINDOW, last)
            yield Page(tuple(self.changed(first, end)), Place(since=stamp(end)).dumped())
            first = end
        if not cursor:
            yield Page((), place.done())

    def changed(self, first: datetime, last: datetime) -> Iterator[Received]:
        found = {exact(row.get("number")): row for row in self.legacy.orders(between(self.settings.text("legacy_changed_field"), first, last))}
        for shipment in self.legacy.shipments(between("actualShipDate", first, last)):
            for order in rows(part(shipment, "orders").get("order")):
                number = exact(order.get("orderNumber"))
                if number and number not in found and (row := self.row(number)) is not None:
                    found[number] = row
        for row in found.values():
            yield take_order(self.gather(row), settings=self.settings)


def between(name: str, first: datetime, last: datetime) -> list[tuple[str, str]]:
    later = last.astimezone(UTC) + timedelta(seconds=1)  # the form has no fractions
    return [(name, f"{filter_text(first)},{filter_text(later)}"), (f"{name}Ops", "BETWEEN")]


def address(place: Address, *, email: str) -> Row:
    told_lines = {f"addressLine{at}": line for at, line in enumerate((each for each in (place.line1, place.line2, place.company) if each), start=1)}
    sent = {
        "name": place.name,
        "contactName": place.name,
        "email": place.email or email,
        "phone": place.phone,
        **told_lines,
        "city": place.city,
        "stateProvinceCode": place.region,
        "postalCode": place.postcode,
        "countryCode": place.country,
    }
    return {name: value for name, value in sent.items() if value}


def status_of(entry: Mapping[str, Any]) -> int:
    """The number in `HTTP/1.1 201 Created`; 0 where there is none."""
    return next((int(word) for word in text(entry.get("status")).split() if word.isdecimal()), 0)


def told(entry: Mapping[str, Any], name: str) -> list[str]:
    """The messages of an entry: a list, or its one element."""
    found = part(entry, name).get("message")
    return [text(each) for each in (found if isinstance(found, list) else [found]) if text(each)]


def names_in(value: Any) -> list[str]:
    """Names in a list, in one text, or in records."""
    several = value if isinstance(value, list) else [value]
    return [
        exact(each) or exact(part({"each": each}, "each").get("itemNumber")) or exact(part({"each": each}, "each").get("message")) for each in several
    ]


def refused(entry: Row, order: WarehouseOrder) -> Rejected:
    said = "; ".join([*told(entry, "errors"), text(entry.get("description"))]).strip("; ") or text(entry.get("status"))
    items = [name for name in names_in(entry.get("missingItems")) if name]
    packs = [name for name in names_in(entry.get("missingPacks")) if name]
    if items:
        sentence = f"Deposco has no item with the SKU {items[0]}, so order {order.number} was not sent."
        return Rejected(sentence, detail=str(entry)[:2000], code="unknown_sku", fields=tuple(items))
    if packs:
        sentence = f"Deposco has no pack of one unit for {packs[0]}, so order {order.number} was not sent. Its quantities are units."
        return Rejected(sentence, detail=str(entry)[:2000], code="unknown_pack", fields=tuple(packs))
    return Rejected(f"Deposco did not take order {order.number}. It says: {said}", detail=str(entry)[:2000], code=str(status_of(entry)))
