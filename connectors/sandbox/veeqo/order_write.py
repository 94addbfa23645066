"""Making and editing orders: what is required, what is refused, what is quietly taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.sandbox.veeqo.answers import invalid, stamp
from connectors.sandbox.veeqo.customers import add_address, add_customer, find_address
from connectors.sandbox.veeqo.fields import boolean, decimal, due, integer, mapping, objects, reference, sent, text
from connectors.sandbox.veeqo.fulfilment import fit_allocations, schedule_allocation, schedule_shipping, serve_waiting
from connectors.sandbox.veeqo.lifecycle import CANCELLED, allocated, changed
from connectors.sandbox.veeqo.models import Json, Line, Order
from connectors.sandbox.veeqo.store import State, living, need

AMOUNTS = ("total_discounts", "total_tax", "delivery_cost", "additional_order_level_taxless_discount")


@dataclass(frozen=True)
class SentLine:
    """One element of `line_items_attributes`, read and checked; `given` names what was sent."""

    sellable_id: int
    quantity: int
    price: Decimal
    tax_rate: Decimal
    discount: Decimal
    options: Any
    given: frozenset[str] = field(default_factory=frozenset)


def read_line(here: State, row: Json, *, known: Line | None) -> SentLine:
    """`sellable_id`, `quantity` and `price_per_unit` are required; on an edit the existing line fills what is not sent."""
    sellable_id = known.sellable_id if known else living(here, row.get("sellable_id")).id
    quantity = row.get("quantity", known.quantity if known else None)
    price = row.get("price_per_unit", str(known.price) if known else None)
    if quantity is None:
        raise invalid("Line items quantity can't be blank")
    if price is None:
        raise invalid("Line items price per unit can't be blank")
    units = integer(quantity, name="Line items quantity")
    if units < 1:
        raise invalid("Line items quantity must be greater than 0")
    return SentLine(
        sellable_id,
        units,
        decimal(price, name="Line items price per unit"),
        decimal(row.get("tax_rate") or 0, name="Line items tax rate"),
        decimal(row.get("taxless_discount_per_unit") or 0, name="Line items taxless discount per unit"),
        row.get("additional_options"),
        frozenset(row),
    )


def new_line(here: State, wanted: SentLine, *, at: datetime) -> Line:
    own = (wanted.sellable_id, wanted.quantity, wanted.price, wanted.tax_rate, wanted.discount, wanted.options)
    return Line(here.next_id("line"), *own, created_at=at, updated_at=at)


def create(here: State, *, by: Json) -> Order:
    """POST /orders. There is no idempotency: the same number twice makes two orders, unless the setting refuses it."""
    wanted = sent("order")
    if wanted.get("channel_id") is None:
        raise invalid("Channel can't be blank")
    channel_id = need(here.channels, wanted["channel_id"])["id"]
    rows = objects(wanted.get("line_items_attributes"), name="Line items")
    if not rows:
        raise invalid("Line items can't be blank")
    lines = [read_line(here, row, known=None) for row in rows]
    method_id = delivery_method(here, wanted)
    given = read_amounts(wanted)
    number = text(wanted.get("number")) or None
    if number and here.settings.duplicate_numbers == "refuse" and here.by_number.get(number):
        raise invalid("Number has already been taken")
    payment = read_payment(wanted)
    customer_note, notes = read_notes(wanted)
    at = here.now()
    deliver_to, customer_id = people(here, wanted)
    order_id = here.next_id("order")
    made = Order(order_id, number or f"#P-{order_id}", channel_id, customer_id, method_id, dict(by), at, at, [])
    made.lines = [new_line(here, line, at=at) for line in lines]
    made.given, made.deliver_to, made.due_date = given, deliver_to, due(wanted.get("due_date"))
    made.send_email = boolean(wanted.get("send_notification_email"))
    put_payment(here, made, payment, by=by, at=at)
    put_notes(here, made, customer_note, notes, by=by, at=at)
    register(here, made, at=at)
    return made


def delivery_method(here: State, wanted: Json) -> int | None:
    if wanted.get("delivery_method_id") is None:
        if here.settings.delivery_method_required:
            raise invalid("Delivery method can't be blank")
        return None
    return int(need(here.delivery_methods, wanted["delivery_method_id"])["id"])


def people(here: State, wanted: Json) -> tuple[Json, int]:
    """Customer and address, each by id or by attributes; nothing is made unless all of it is right."""
    customer, address = wanted.get("customer_attributes"), wanted.get("deliver_to_attributes")
    if wanted.get("customer_id") is None and not customer:
        raise invalid("Customer can't be blank")
    if wanted.get("deliver_to_id") is None and not address:
        raise invalid("Deliver to can't be blank")
    deliver_to = mapping(address, name="Deliver to") if address else find_address(here, wanted["deliver_to_id"])
    if wanted.get("customer_id") is not None:
        customer_id = need(here.customers, wanted["customer_id"])["id"]
    else:
        customer_id = add_customer(here, mapping(customer, name="Customer"))["id"]
    return (add_address(here, deliver_to, customer_id=customer_id) if address else deliver_to), customer_id


def read_amounts(wanted: Json) -> dict[str, Decimal]:
    return {name: decimal(wanted[name], name=name) for name in AMOUNTS if wanted.get(name) is not None}


def read_payment(wanted: Json) -> Json | None:
    """A payment block marks the order as paid; no amount is sent. Its type is free text, but has to be there."""
    if wanted.get("payment_attributes") is None:
        return None
    payment = mapping(wanted["payment_attributes"], name="Payment")
    if not payment.get("payment_type"):
        raise invalid("Payment payment type can't be blank")
    return payment


def put_payment(here: State, order: Order, payment: Json | None, *, by: Json, at: datetime) -> None:
    if payment is None:
        return
    order.payment = {
        "id": here.next_id("payment"),
        "payment_type": str(payment["payment_type"]),
        "reference_number": text(payment.get("reference_number")),
        "created_at": stamp(at),
        "updated_at": stamp(at),
        "order_id": order.id,
        "card_number": None,
        "created_by_id": by["id"],
    }


def read_notes(wanted: Json) -> tuple[str | None, list[str]]:
    """The buyer's note, and the internal ones (plural name, a list)."""
    buyer = wanted.get("customer_note_attributes")
    own = objects(wanted.get("employee_notes_attributes"), name="Employee notes")
    return (text(mapping(buyer, name="Customer note").get("text")) if buyer else None), [str(each.get("text", "")) for each in own]


def put_notes(here: State, order: Order, customer_note: str | None, notes: list[str], *, by: Json, at: datetime) -> None:
    if customer_note is not None:
        order.customer_note = {"id": here.next_id("note"), "text": customer_note, "order_id": order.id}
    for note in notes:
        add_note(here, order, note, by=by, at=at)


def add_note(here: State, order: Order, note: str, *, by: Json, at: datetime) -> Json:
    made = {"id": here.next_id("note"), "text": note, "order_id": order.id, "created_at": stamp(at), "created_by": dict(by)}
    order.employee_notes.append(made)
    return made


def register(here: State, order: Order, *, at: datetime) -> None:
    """Put a new order into every index and let the warehouse see it."""
    here.orders[order.id] = order
    here.order_ids.add(order.id)
    here.by_number[order.number].append(order.id)
    here.orders_created.touch(order.id, at=at)
    here.orders_changed.touch(order.id, at=at)
    index_words(here, order)
    changed(here, order, at=at, change="created")
    schedule_allocation(here, order, at=at)


def index_words(here: State, order: Order) -> None:
    customer = here.customers.get(order.customer_id or 0, {})
    address = order.deliver_to or {}
    words = [order.number, customer.get("email"), customer.get("full_name"), address.get("first_name"), address.get("last_name")]
    words += [here.sellables[line.sellable_id].sku for line in order.lines]
    here.order_words.put(order.id, " ".join(word for word in words if word))


def edit(here: State, order: Order, *, by: Json) -> Order:
    """PUT /orders/{id}. `number`, `status` and `tag_list` are not writable and quietly ignored."""
    wanted, at = sent("order"), here.now()
    if order.status == CANCELLED:
        raise invalid("Order is cancelled")
    rows = objects(wanted.get("line_items_attributes"), name="Line items")
    known = {line.sellable_id: line for line in order.lines}
    lines = [read_line(here, row, known=known.get(reference(row.get("sellable_id")))) for row in rows]
    refuse_shipped_away(here, order, lines)
    payment, (customer_note, notes) = read_payment(wanted), read_notes(wanted)
    amounts = {name: value for name, value in read_amounts(wanted).items() if name == "total_discounts"}
    edit_parties(here, order, wanted)
    order.given |= amounts
    put_payment(here, order, payment, by=by, at=at)
    put_notes(here, order, customer_note, notes, by=by, at=at)
    if lines:
        put_lines(here, order, lines, at=at)
    order.updated_by = dict(by)
    index_words(here, order)
    changed(here, order, at=at, change="edit")
    freed = fit_allocations(here, order, at=at)
    schedule_allocation(here, order, at=at)
    schedule_shipping(here, order, at=at)
    for sellable_id in freed:
        serve_waiting(here, sellable_id, at=at)
    return order


def edit_parties(here: State, order: Order, wanted: Json) -> None:
    """Store, address, delivery method and due date; unknown ids are refused before anything changes."""
    channel = need(here.channels, wanted["channel_id"]) if wanted.get("channel_id") is not None else None
    method = need(here.delivery_methods, wanted["delivery_method_id"]) if wanted.get("delivery_method_id") is not None else None
    address = find_address(here, wanted["deliver_to_id"]) if wanted.get("deliver_to_id") is not None else None
    if wanted.get("deliver_to_attributes"):
        fresh = mapping(wanted["deliver_to_attributes"], name="Deliver to")
        address = add_address(here, fresh, customer_id=order.customer_id)
    order.channel_id = channel["id"] if channel else order.channel_id
    order.delivery_method_id = method["id"] if method else order.delivery_method_id
    order.deliver_to = address or order.deliver_to
    if "due_date" in wanted:
        order.due_date = due(wanted["due_date"])


def refuse_shipped_away(here: State, order: Order, lines: list[SentLine]) -> None:
    """What has left the house cannot be edited out of the order."""
    if not lines:
        return
    wanted = {line.sellable_id: line.quantity for line in lines}
    for sellable_id, units in allocated(order, shipped_only=True).items():
        replaced = here.settings.put_lines == "replace"
        if wanted.get(sellable_id, 0 if replaced else units) < units:
            raise invalid("Line items have already been shipped")


def put_lines(here: State, order: Order, lines: list[SentLine], *, at: datetime) -> None:
    """Lines are matched by variant; whether a missing one is removed is a setting (`put_lines`)."""
    known = {line.sellable_id: line for line in order.lines}
    for wanted in lines:
        line = known.get(wanted.sellable_id)
        if line is None:
            order.lines.append(new_line(here, wanted, at=at))
            continue
        line.quantity, line.price, line.updated_at = wanted.quantity, wanted.price, at
        line.tax_rate = wanted.tax_rate if "tax_rate" in wanted.given else line.tax_rate
        line.discount = wanted.discount if "taxless_discount_per_unit" in wanted.given else line.discount
        line.options = wanted.options if "additional_options" in wanted.given else line.options
    if here.settings.put_lines == "replace":
        kept = {wanted.sellable_id for wanted in lines}
        for line in [each for each in order.lines if each.sellable_id not in kept]:
            order.lines.remove(line)
            here.waiting[line.sellable_id].discard(order.id)
