"""Creating an order: one call as a rule. The same body twice is harmless only until the order is released, so nothing is sent again unseen.

https://api.deposco.com, sales orders
"""

from __future__ import annotations

import re
from dataclasses import replace

from connectors.canonical import Done, WarehouseLine, WarehouseOrder
from connectors.deposco.cancelling import Changer
from connectors.deposco.client import Rest, is_forbidden
from connectors.deposco.creation import HOLD, NEW, check, differences, order_body, shortened
from connectors.deposco.dates import changed_at, created_at, stamp
from connectors.deposco.finding import as_found, matching
from connectors.deposco.gathering import ORDERS
from connectors.deposco.orders import OPEN
from connectors.deposco.settings import COMPANY
from connectors.deposco.shapes import Row, id_of
from connectors.errors import AccessDenied, OutcomeUnknown, Rejected
from connectors.reading import text

MOST_LINES = 100  # more in one request were refused on purchase orders
MISSING = re.compile(r"(Item|Pack|Facility|Company)\b.*?\[([^\]]*)\]")
MISSING_CODES = {"Item": "unknown_sku", "Pack": "unknown_pack", "Facility": "unknown_reference", "Company": "unknown_reference"}
SENT_BEFORE = "Deposco had this order already, and it takes no more changes. Nothing was changed."
Placed = list[tuple[int, WarehouseLine]]


class Submitter:
    """Sends orders of one account."""

    def __init__(self, rest: Rest, changer: Changer) -> None:
        self.rest = rest
        self.changer = changer
        self.settings = rest.settings

    def create(self, order: WarehouseOrder) -> Done:
        check(order)
        lines: Placed = list(enumerate(order.lines, start=1))
        if len(lines) > MOST_LINES:
            return self.create_in_parts(order, lines)
        try:
            return self.done(self.post(order, lines, status=HOLD if order.on_hold else NEW), order)
        except Rejected as error:
            return self.sent_before(order, error)

    def sent_before(self, order: WarehouseOrder, error: Rejected) -> Done:
        """A plain no may mean that an order of this number is there and takes no change any more: then it was sent before."""
        there = matching(self.rest, order.number) if error.code == "400" else []
        closed = [row for row in there if text(row.get("orderStatus")) not in OPEN]
        if not closed:
            raise error
        if text(closed[0].get("orderStatus")) == "Canceled":
            sentence = f"Deposco has a cancelled order {order.number}, so it takes no other one of this number."
            raise Rejected(sentence, detail=error.detail, exchange=error.exchange, code="duplicate_number") from error
        return as_found(closed[0], warnings=(SENT_BEFORE,))

    def create_in_parts(self, order: WarehouseOrder, lines: Placed) -> Done:
        """More lines than one request takes: held until the last ones are there, so that no wave takes half an order."""
        first = self.post(order, lines[:MOST_LINES], status=HOLD, parts=f"in parts: {len(lines)} lines")
        try:
            for start in range(MOST_LINES, len(lines), MOST_LINES):
                self.post(order, lines[start : start + MOST_LINES], status=HOLD, parts=f"in parts: {len(lines)} lines")
        except Rejected:
            self.changer.cancel(id_of(first), reason="not all of it was taken")
            raise
        done = self.done(first, order)
        if not order.on_hold:
            self.changer.release(done.reference)
        return done

    def post(self, order: WarehouseOrder, lines: Placed, *, status: str, parts: str = "") -> Row:
        body = order_body(order, lines, status=status, settings=self.settings)
        if parts:
            body["importReference"] = parts
        try:
            made = self.rest.write(ORDERS, body, sentence=f"Deposco did not take order {order.number}.")
        except Rejected as error:
            raise explained(error, order) from error
        except AccessDenied as error:
            raise self.of_the_store(error, order) from error
        if not id_of(made):
            raise OutcomeUnknown(f"Deposco's answer about order {order.number} does not name the order, so it is not known whether it was created.")
        return made

    def of_the_store(self, error: AccessDenied, order: WarehouseOrder) -> Exception:
        """Another company than the token's: this order's mapping is wrong, not the credential."""
        if not is_forbidden(error) or self.settings.text("store_as") != COMPANY or order.store_code == self.settings.company:
            return error
        sentence = f"Deposco does not let this connection write orders of company {order.store_code}. {error.sentence}"
        return Rejected(sentence, detail=error.detail, exchange=error.exchange, code="bad_code", fields=("store",))

    def done(self, made: Row, order: WarehouseOrder) -> Done:
        """Deposco updates silently where an order of the number was there; its times tell."""
        changed, created = changed_at(made), created_at(made)
        before = changed is not None and created is not None and (changed - created).total_seconds() > 1
        warnings = [*shortened(order), *differences(order, made, settings=self.settings)]
        if before:
            warnings.append("Deposco had an order of this number already; it now says what was sent.")
        return Done(id_of(made), version=stamp(changed) if changed else "", found=before, warnings=tuple(warnings))


def explained(error: Rejected, order: WarehouseOrder) -> Rejected:
    """A reference to something Deposco does not know is a mapping question; the message names it."""
    found = MISSING.search(error.sentence)
    if found is None:
        return replace(error, code="customer_order") if "at this API Endpoint" in error.sentence else error
    kind, name = found.groups()
    if kind == "Item":
        sku = next((line.sku for line in order.lines if line.sku == name), name)
        sentence = f"Deposco has no item with the SKU {sku}, so order {order.number} was not sent."
        return replace(error, sentence=sentence, code=MISSING_CODES[kind], fields=(sku,))
    if kind == "Pack":
        sentence = f"Deposco has no pack of one unit for {name.partition(',')[0]}, so order {order.number} was not sent. Its quantities are units."
        return replace(error, sentence=sentence, code=MISSING_CODES[kind], fields=(name,))
    return replace(error, code=MISSING_CODES[kind], fields=(name,))
