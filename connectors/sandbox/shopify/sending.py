"""Fulfilments: made against fulfilment orders, corrected, undone, by a call or by hand (merchant)."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.sandbox.shopify.models import Doc, Fulfilment, FulfilmentLine, FulfilmentOrder, Order, Tracking
from connectors.sandbox.shopify.store import State, number_in

NO_QUANTITY = "Invalid fulfillment order line item quantity requested."
SENDABLE = ("OPEN", "IN_PROGRESS")


class UserError(Exception):
    """A business refusal: the path of the input at fault, a sentence, and a code where the mutation has codes."""

    def __init__(self, message: str, field: Sequence[str] | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message, self.field, self.code = message, list(field) if field is not None else None, code

    def told(self) -> Doc:
        return {"field": self.field, "message": self.message, "code": self.code}


Taken = tuple[FulfilmentOrder, FulfilmentLine, int]


def wanted_lines(here: State, given: Sequence[Doc]) -> list[Taken]:
    """What a call wants to send, checked against what remains; nothing named is all of it."""
    taken: list[Taken] = []
    for group in given:
        row = here.fulfilment_orders.get(number_in("FulfillmentOrder", group["fulfillmentOrderId"]))
        if row is None:
            raise UserError("Fulfillment order does not exist.", ("fulfillment",))
        if row.status not in SENDABLE:
            raise UserError(f"Fulfillment order {row.id} has an unfulfillable status= {row.status.lower()}.", ("fulfillment",))
        taken += lines_of(row, group.get("fulfillmentOrderLineItems") or [])
    if not taken:
        raise UserError("Must specify at least one fulfillment order.", ("fulfillment",))
    if len({(row.order_id, row.location_id) for row, _, _ in taken}) > 1:
        raise UserError("All fulfillment orders must belong to the same order and have the same assigned location.", ("fulfillment",))
    return taken


def lines_of(row: FulfilmentOrder, wanted: Sequence[Doc]) -> list[Taken]:
    if not wanted:
        return [(row, line, line.remaining) for line in row.lines if line.remaining]
    by_id, found = {line.id: line for line in row.lines}, []
    asked: dict[int, int] = {}
    for each in wanted:
        line = by_id.get(number_in("FulfillmentOrderLineItem", each["id"]))
        if line is None:
            raise UserError("Fulfillment order line item does not exist.", ("fulfillment",))
        asked[line.id] = asked.get(line.id, 0) + each["quantity"]
        if each["quantity"] < 1 or asked[line.id] > line.remaining:
            raise UserError(NO_QUANTITY, ("fulfillment",))
        found.append((row, line, int(each["quantity"])))
    return found


def trackings(told: Doc | None) -> list[Tracking]:
    """One number, or several; urls go with numbers by their place."""
    if not told:
        return []
    numbers = told.get("numbers") or ([told["number"]] if told.get("number") else [])
    urls = told.get("urls") or ([told["url"]] if told.get("url") else [])
    company = told.get("company")
    size = max(len(numbers), len(urls), 1 if company else 0)
    return [Tracking(numbers[at] if at < len(numbers) else None, company, urls[at] if at < len(urls) else None) for at in range(size)]


def fulfil(here: State, taken: Sequence[Taken], tracking: list[Tracking], *, notified: bool) -> Fulfilment:
    at = here.now()
    first = taken[0][0]
    order = here.orders[first.order_id]
    made = Fulfilment(
        here.next_id("fulfilment"),
        order.id,
        list(dict.fromkeys(row.id for row, _, _ in taken)),
        first.location_id,
        at,
        at,
        [],
        tracking,
        notified=notified,
    )
    for row, line, units in taken:
        line.remaining -= units
        order.line(line.line_id).fulfilled += units
        made.lines.append((here.next_id("fulfilment_part"), line.line_id, units))
        made.taken.append((line.id, units))
        send_stock(here, order, line.line_id, row.location_id, units)
        row.status = "CLOSED" if not any(each.remaining for each in row.lines) else "IN_PROGRESS"
    for row in {row.id: row for row, _, _ in taken}.values():
        here.touch(row, at=at)
    here.fulfilments[made.id] = made
    order.fulfilment_ids.append(made.id)
    note_tracking(here, made)
    here.hooks.tell("fulfillments/create", made.id)
    changed(here, order)
    return made


def note_tracking(here: State, row: Fulfilment) -> None:
    for each in row.tracking:
        if each.number and row.id not in here.tracking[each.number]:
            here.tracking[each.number].append(row.id)


def changed(here: State, order: Order) -> None:
    here.touch(order, at=here.now())
    here.hooks.tell("orders/updated", order.id)


def send_stock(here: State, order: Order, line_id: int, location_id: int, units: int) -> None:
    """Sent units leave committed and on hand; available is as it was since the sale."""
    variant = here.variants.get(order.line(line_id).variant_id or 0)
    level = here.levels.get((variant.item_id, location_id)) if variant else None
    if level is not None:
        level.set("committed", level.units["committed"] - units)
        here.touch_level(level, at=here.now())


def retrack(here: State, row: Fulfilment, tracking: list[Tracking]) -> None:
    row.tracking, row.updated_at = tracking, here.now()
    note_tracking(here, row)
    here.hooks.tell("fulfillments/update", row.id)
    changed(here, here.orders[row.order_id])


def undo(here: State, row: Fulfilment) -> None:
    """Cancel a fulfilment: what it took is open again."""
    if row.status == "CANCELLED":
        raise UserError("Fulfillment is already cancelled.", ("id",))
    order, at = here.orders[row.order_id], here.now()
    row.status, row.updated_at = "CANCELLED", at
    given_back = dict(row.taken)
    for id in row.fulfilment_order_ids:
        source = here.fulfilment_orders[id]
        for line in source.lines:
            units = given_back.get(line.id, 0)
            line.remaining += units
            order.line(line.line_id).fulfilled -= units
            if units:
                send_stock(here, order, line.line_id, row.location_id, -units)
        source.status = "OPEN" if all(line.remaining == line.total for line in source.lines) else "IN_PROGRESS"
        here.touch(source, at=at)
    here.hooks.tell("fulfillments/update", row.id)
    changed(here, order)
