"""Creating and changing orders: the upsert by number within the company, and what a lock leaves of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors.sandbox.deposco import automation, fields, stock
from connectors.sandbox.deposco.answers import Refused, invalid, unknown
from connectors.sandbox.deposco.lifecycle import NOT_HERE, OPEN, RAISABLE, changed, locked
from connectors.sandbox.deposco.models import RETURN, SALES, Item, Json, Line, Order, Pack
from connectors.sandbox.deposco.store import State

FIRST_STATUSES = ("New", "Hold")


@dataclass(frozen=True)
class SentLine:
    """One line of a request, read and checked."""

    number: str
    item: Item
    pack: Pack
    packs: int
    given: Json


@dataclass(frozen=True)
class SentOrder:
    """A request's order, read and checked; nothing of the tenant has changed yet."""

    company: str
    type: str
    number: str
    given: Json
    lines: tuple[SentLine, ...]
    status: str = ""
    facility: str | None = None
    parent_id: int | None = None


def read_order(here: State, body: Json, *, type: str, permitted: str) -> SentOrder:
    where = "salesOrder" if type == SALES else "customerReturn"
    company = fields.company_ref(here, fields.required(body, "businessUnit", where=where), where=f"{where}.businessUnit", permitted=permitted)
    number = fields.text(fields.required(body, "number", where=where), where=f"{where}.number")
    if type == SALES:
        fields.required(body, "shipToContact", where=where)
        fields.required(body, "shipToAddress", where=where)
    rows = fields.rows_of(body, "orderLines", where=where)
    if len(rows) > here.settings.max_lines:
        raise invalid(f"{where}.orderLines size must be between 0 and {here.settings.max_lines}")
    given = fields.header(body, where=where)
    lines = tuple(read_line(here, row, company=company) for row in rows)
    if len({line.number for line in lines}) < len(lines):
        raise invalid(f"{where}.orderLines has a lineNumber more than once")
    return SentOrder(
        company,
        type,
        number,
        given,
        lines,
        status=str(body.get("orderStatus") or "New"),
        facility=facility_of(here, body, type=type, where=where),
        parent_id=parent(here, body, company=company) if type == RETURN else None,
    )


def facility_of(here: State, body: Json, *, type: str, where: str) -> str | None:
    """A return has to say where it goes; a sales order may say where it leaves from."""
    name = "shipFromFacility" if type == SALES else "shipToFacility"
    value = body.get(name) if type == SALES else fields.required(body, name, where=where)
    return fields.facility_ref(here, value, where=f"{where}.{name}") if value is not None else None


def parent(here: State, body: Json, *, company: str) -> int | None:
    if body.get("parentOrder") is None:
        return None
    id, key = fields.key_of(body["parentOrder"], where="customerReturn.parentOrder")
    found = here.orders.get(id) if id is not None else here.find_order(company, SALES, str(key.get("number")))
    if found is None or found.type != SALES:
        raise unknown("Sales Order", f"number = [{key.get('number') if id is None else id}]")
    return found.id


def read_line(here: State, row: Json, *, company: str) -> SentLine:
    number = fields.text(fields.required(row, "lineNumber", where="orderLine"), where="orderLine.lineNumber")
    item = fields.item_ref(here, fields.required(row, "item", where="orderLine"), where="orderLine.item", company=company)
    pack = fields.pack_ref(fields.required(row, "pack", where="orderLine"), where="orderLine.pack", item=item)
    packs = fields.packs_of(fields.required(row, "orderPackQuantity", where="orderLine"), where="orderLine.orderPackQuantity")
    return SentLine(number, item, pack, packs, fields.line_fields(row, where="orderLine"))


def upsert(here: State, wanted: SentOrder, *, at: datetime) -> tuple[Order, bool]:
    """Create the order, or change the one of this number; the second value says whether it is new."""
    here.occupy(wanted.company, wanted.type, wanted.number)
    known = here.find_order(wanted.company, wanted.type, wanted.number)
    if known is None:
        return create(here, wanted, at=at), True
    update(here, known, wanted, at=at)
    return known, False


def create(here: State, wanted: SentOrder, *, at: datetime) -> Order:
    if wanted.status not in FIRST_STATUSES:
        raise invalid(f"orderStatus must be one of {list(FIRST_STATUSES)} when an order is created")
    made = Order(here.next_id("order"), wanted.type, wanted.company, wanted.number, at, at, wanted.status, fields=dict(wanted.given))
    made.facility, made.parent_id = wanted.facility, wanted.parent_id
    for line in wanted.lines:
        add_line(here, made, line, at=at)
    register(here, made, at=at)
    return made


def register(here: State, order: Order, *, at: datetime) -> None:
    """Put a new order into every index and let the warehouse see it."""
    here.orders[order.id] = order
    here.order_numbers[order.company, order.type, order.number] = order.id
    here.orders_of[order.company, order.type].append(order.id)
    if order.fields.get("customerOrderNumber"):
        here.by_customer_number[order.company, order.fields["customerOrderNumber"]][order.id] = None
    here.orders_created.touch(order.id, at=at)
    changed(here, order, at=at)
    if order.type == SALES:
        automation.schedule(here, order, start=at)


def add_line(here: State, order: Order, wanted: SentLine, *, at: datetime) -> Line:
    made = Line(here.next_id("line"), order.id, wanted.number, wanted.item.id, wanted.pack.id, wanted.pack.quantity, wanted.packs, at, at)
    made.fields = dict(wanted.given)
    order.lines.append(made)
    order.by_number[made.number] = made
    here.lines[made.id] = made
    if order.type == SALES:
        stock.assign(here, order, made, wanted.packs, at=at)
    return made


def update(here: State, order: Order, wanted: SentOrder, *, at: datetime) -> None:
    """Lines that are not named stay; a status in the body is for creation and not looked at."""
    if order.customer_order:
        raise invalid(f"Order updates {NOT_HERE}")
    refuse_locked(order, wanted)
    refuse_lines(order, wanted.lines)
    order.fields |= wanted.given
    if order.fields.get("customerOrderNumber"):
        here.by_customer_number[order.company, order.fields["customerOrderNumber"]][order.id] = None
    order.facility = wanted.facility or order.facility
    order.parent_id = wanted.parent_id or order.parent_id
    for line in wanted.lines:
        put_line(here, order, line, at=at)
    changed(here, order, at=at)


def refuse_locked(order: Order, wanted: SentOrder) -> None:
    """After release only a quantity may rise; once picking began, nothing changes at all."""
    if order.type == RETURN:
        if order.status == "Canceled":
            raise invalid(locked(order))
        return
    if order.status in OPEN:
        return
    same_header = all(order.fields.get(name) == value for name, value in wanted.given.items()) and wanted.facility in (None, order.facility)
    old = [line for line in wanted.lines if line.number in order.by_number]
    raises = any(line.packs > order.by_number[line.number].ordered for line in old)
    if not (order.status in RAISABLE and same_header and raises and len(old) == len(wanted.lines)):
        raise invalid(locked(order))


def refuse_lines(order: Order, lines: tuple[SentLine, ...]) -> None:
    for line in lines:
        known = order.by_number.get(line.number)
        if known is None:
            continue
        if line.packs < known.ordered:
            raise invalid(f"Quantity of line {line.number} of order {order.number} cannot be decreased by an update. Use cancellations.")
        if (line.item.id, line.pack.id) != (known.item_id, known.pack_id):
            raise invalid(f"Item or pack of line {line.number} of order {order.number} cannot be changed")


def put_line(here: State, order: Order, wanted: SentLine, *, at: datetime) -> None:
    known = order.by_number.get(wanted.number)
    if known is None:
        add_line(here, order, wanted, at=at)
        return
    more = wanted.packs - known.ordered
    known.fields |= wanted.given
    known.updated_at = at
    if more > 0:
        known.ordered += more
        if order.type == SALES:
            stock.assign(here, order, known, more, at=at)


def update_line(here: State, order: Order, line: Line, body: Json, *, at: datetime) -> None:
    """POST …/orderLines/{id}: the same rules, for one line; what is not sent stays."""
    here.occupy(order.company, order.type, order.number)
    item = here.items[line.item_id]
    pack = next(pack for pack in item.packs if pack.id == line.pack_id)
    packs = fields.packs_of(body.get("orderPackQuantity", line.ordered), where="orderLine.orderPackQuantity")
    wanted = SentLine(line.number, item, pack, packs, fields.line_fields(body, where="orderLine"))
    update(here, order, SentOrder(order.company, order.type, order.number, {}, (wanted,)), at=at)


def replace_lines(here: State, order: Order, wanted: SentOrder, *, at: datetime) -> None:
    """The legacy full replace: all lines are made anew, so only while nothing is released."""
    if order.status not in OPEN:
        raise Refused(400, locked(order))
    for line in order.lines:
        for part in line.parts:
            stock.take_off(here, line, part, part.packs, at=at)
        here.lines.pop(line.id, None)
    order.lines, order.by_number, order.fields = [], {}, {}
    update(here, order, replace(wanted, lines=()), at=at)
    for each in wanted.lines:
        add_line(here, order, each, at=at)
    changed(here, order, at=at)


def cancellations(body: Json, order: Order) -> dict[int, int]:
    """Packs to cancel by line id; the rows name a line by id or number, one without a quantity cancels its line."""
    found: dict[int, int] = {}
    for row in fields.objects(body["orderLines"], where="orderLines"):
        id, key = fields.key_of(row.get("orderLine"), where="orderLine")
        line = next((each for each in order.lines if each.id == id), None) if id is not None else order.by_number.get(str(key.get("lineNumber")))
        if line is None:
            raise unknown("Order Line", f"lineNumber = [{key.get('lineNumber') if id is None else id}]")
        wanted: Any = row.get("canceledPackQuantity", line.open)
        found[line.id] = found.get(line.id, 0) + fields.packs_of(wanted, where="canceledPackQuantity")
    return found
