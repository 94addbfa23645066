"""What a shop's customers and staff do: order, pay, edit, cancel, hold, refund, send goods back, change goods and stock."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from connectors.sandbox.shopify.models import (
    Doc,
    FulfilmentLine,
    FulfilmentOrder,
    Line,
    Order,
    Refund,
    RefundLine,
    Return,
    Variant,
)
from connectors.sandbox.shopify.sending import changed
from connectors.sandbox.shopify.store import State

CHANCE = random.Random(11)
PEOPLE = (("Ada", "Quill"), ("Bo", "Marsh"), ("Cleo", "Finch"), ("Dan", "Rowe"), ("Eve", "Hart"), ("Finn", "Lowe"))
PLACES = (
    ("1 Test St", "Austin", "Texas", "TX", "78701"),
    ("22 Mill Rd", "Portland", "Oregon", "OR", "97201"),
    ("7 Bay Ave", "Miami", "Florida", "FL", "33101"),
)
PAID = ("PAID", "PARTIALLY_REFUNDED", "REFUNDED")
RESTOCKS = ("NO_RESTOCK", "CANCEL", "RETURN")


def place_orders(here: State, wish: Doc) -> list[Order]:
    """`count` orders; `spread_s` puts their moments that far back, evenly."""
    count, spread_s = int(wish.get("count", 1)), float(wish.get("spread_s", 0))
    ages = [spread_s * (count - 1 - at) / max(1, count - 1) for at in range(count)]
    goods = list(here.variants)
    return [place(here, wish, goods=goods, age_s=age) for age in ages]


def place(here: State, wish: Doc, *, goods: Sequence[int], age_s: float = 0.0) -> Order:
    at = here.now() - timedelta(seconds=age_s)
    number, here.number = here.number, here.number + 1
    id = here.next_id("order")
    first, last = CHANCE.choice(PEOPLE)
    email = wish.get("email", f"{first}.{last}@example.test".lower())
    order = Order(
        id,
        wish.get("name", f"#{number}"),
        number,
        at,
        at,
        wish.get("currency", "USD"),
        [line_of(here, told) for told in wished_lines(wish, goods)],
        None if wish.get("without_address") else address_of(first, last) | wish.get("address", {}),
        {"id": id + 10**9, "email": email, "firstName": first, "lastName": last, "displayName": f"{first} {last}", "phone": None},
        financial=wish.get("financial", "PAID"),
        shipping=Decimal(str(wish.get("shipping", "0.00"))),
        shipping_title=wish.get("shipping_title", "Standard"),
        source=wish.get("source", "web"),
        note=wish.get("note"),
        tags=list(wish.get("tags", [])),
        po_number=wish.get("po_number"),
    )
    here.orders[id] = order
    here.by_name[order.name.lstrip("#").lower()].append(id)
    allot(here, order, place_named(here, wish.get("location")))
    here.touch(order, at=at)
    here.hooks.tell("orders/create", id)
    return order


def address_of(first: str, last: str) -> Doc:
    street, city, province, code, postcode = CHANCE.choice(PLACES)
    person = {"firstName": first, "lastName": last, "company": None, "address1": street, "address2": None, "phone": None}
    return person | {"city": city, "province": province, "provinceCode": code, "zip": postcode, "country": "United States", "countryCodeV2": "US"}


def wished_lines(wish: Doc, goods: Sequence[int]) -> list[Doc]:
    if "lines" in wish:
        lines = [dict(each) for each in wish["lines"]]
    else:
        if not goods:
            raise ValueError("there is nothing to order; seed the demo first")
        chosen = CHANCE.sample(goods, min(len(goods), int(wish.get("line_count", CHANCE.randint(1, 3)))))
        lines = [{"variant": id, "quantity": int(wish.get("quantity", CHANCE.randint(1, 2)))} for id in chosen]
    if wish.get("missing_sku"):
        lines[0] |= {"sku_shown": None}
    if wish.get("empty_sku"):
        lines[0] |= {"sku_shown": ""}
    return lines


def line_of(here: State, told: Doc) -> Line:
    """A line by SKU or variant; `custom` has no variant, `sku_shown` replaces the SKU that the order shows."""
    known = here.with_sku(told["sku"]) if told.get("sku") else []
    variant = here.variants.get(told["variant"]) if "variant" in told else known[0] if known else None
    if variant is None and not told.get("custom") and "sku_shown" not in told:
        raise ValueError(f"no such SKU: {told.get('sku')}")
    sku = told.get("sku_shown", variant.sku if variant else told.get("sku"))
    title = told.get("title") or (f"{here.products[variant.product_id].title} - {variant.title}" if variant else "Custom item")
    price = Decimal(str(told.get("price", variant.price if variant else "10.00")))
    units = int(told.get("quantity", 1))
    deleted = bool(told.get("variant_deleted"))
    shipped = bool(told.get("requires_shipping", True))
    return Line(here.next_id("line"), None if deleted or variant is None else variant.id, sku, title, units, price, units, requires_shipping=shipped)


def place_named(here: State, name: Any) -> int:
    found = [place.id for place in here.locations.values() if not name or place.name == name]
    if not found:
        raise ValueError(f"no such location: {name}" if name else "there is no location; seed the demo first")
    return found[0]


def allot(here: State, order: Order, location_id: int) -> None:
    """A fulfilment order at one place, and its stock committed."""
    at = order.created_at
    made = FulfilmentOrder(here.next_id("fulfilment_order"), order.id, location_id, at, at)
    for line in order.lines:
        if line.requires_shipping:
            made.lines.append(FulfilmentLine(here.next_id("fulfilment_line"), line.id, line.current, line.current))
            commit(here, line, location_id, line.current)
    if made.lines:
        here.fulfilment_orders[made.id] = made
        order.fulfilment_order_ids.append(made.id)
        here.touch(made, at=at)


def commit(here: State, line: Line, location_id: int, units: int) -> None:
    """Units sold leave available and are committed; a negative number gives them back."""
    variant = here.variants.get(line.variant_id or 0)
    level = here.levels.get((variant.item_id, location_id)) if variant else None
    if level is not None and units:
        level.set("available", level.units["available"] - units)
        level.set("committed", level.units["committed"] + units)
        here.touch_level(level, at=here.now())


def find(here: State, reference: Any) -> Order:
    """An order by its id or its name."""
    text = str(reference).lstrip("#").lower()
    known = here.by_name.get(text)
    if known:
        return here.orders[known[-1]]
    if not text.isdecimal() or int(text) not in here.orders:
        raise ValueError(f"no such order: {reference}")
    return here.orders[int(text)]


def pay(here: State, order: Order, word: str = "PAID") -> None:
    order.financial = word
    if word == "PAID":
        here.hooks.tell("orders/paid", order.id)
    changed(here, order)


def edit(here: State, order: Order, wish: Doc) -> None:
    """`quantity` of a line (0 removes it), or `add` a line, or the `address`, `note`, `tags`."""
    if "quantity" in wish:
        line = chosen_line(order, wish)
        reduce(here, order, line, line.current - int(wish["quantity"]))
        here.hooks.tell("orders/edited", order.id)
    if "add" in wish:
        add_line(here, order, line_of(here, wish["add"]))
        here.hooks.tell("orders/edited", order.id)
    if "address" in wish:
        order.address = (order.address or {}) | wish["address"]
    order.note, order.tags = wish.get("note", order.note), list(wish.get("tags", order.tags))
    changed(here, order)


def chosen_line(order: Order, wish: Doc) -> Line:
    if "sku" in wish:
        return next(line for line in order.lines if line.sku == wish["sku"])
    return order.lines[int(wish.get("line", 0))]


def reduce(here: State, order: Order, line: Line, units: int) -> None:
    """Take units off a line (a negative number adds), and off what places are asked to send."""
    line.current -= units
    if units < 0:
        line.quantity = max(line.quantity, line.current)
    for row in here.of_order(order, "fulfilment_orders"):
        for part in row.lines:
            if part.line_id == line.id and units and row.status not in ("CLOSED", "CANCELLED"):
                taken = min(part.remaining, units) if units > 0 else units
                part.remaining, part.total, units = part.remaining - taken, part.total - taken, units - taken
                commit(here, line, row.location_id, -taken)
        if row.lines and not any(part.remaining for part in row.lines):
            row.status = "CLOSED"
        here.touch(row, at=here.now())


def add_line(here: State, order: Order, line: Line) -> None:
    order.lines.append(line)
    still = [row for row in here.of_order(order, "fulfilment_orders") if row.status in ("OPEN", "IN_PROGRESS")]
    if not still:
        made = FulfilmentOrder(here.next_id("fulfilment_order"), order.id, place_named(here, None), here.now(), here.now())
        here.fulfilment_orders[made.id] = made
        order.fulfilment_order_ids.append(made.id)
        still = [made]
    still[0].lines.append(FulfilmentLine(here.next_id("fulfilment_line"), line.id, line.current, line.current))
    commit(here, line, still[0].location_id, line.current)
    here.touch(still[0], at=here.now())


def cancel(here: State, order: Order, *, reason: str = "CUSTOMER") -> None:
    """Cancel what was not sent; paid money goes back, stock is available again."""
    if order.cancelled_at:
        raise ValueError(f"{order.name} is cancelled already")
    at = here.now()
    for row in here.of_order(order, "fulfilment_orders"):
        for part in row.lines:
            commit(here, order.line(part.line_id), row.location_id, -part.remaining)
            part.remaining = 0
        row.status = "CLOSED" if row.status == "CLOSED" else "CANCELLED"
        here.touch(row, at=at)
    for line in order.lines:
        line.current = line.fulfilled
    order.cancelled_at, order.cancel_reason, order.closed_at = at, reason, at
    order.financial = "REFUNDED" if order.financial in PAID else "VOIDED"
    here.hooks.tell("orders/cancelled", order.id)
    changed(here, order)


def hold(here: State, order: Order, *, reason: str) -> None:
    """Put what is open on hold, or (no reason) release it."""
    for row in here.of_order(order, "fulfilment_orders"):
        if row.status in ("OPEN", "IN_PROGRESS", "ON_HOLD"):
            row.status, row.hold_reason = ("ON_HOLD", reason) if reason else ("OPEN", "")
            here.touch(row, at=here.now())
    changed(here, order)


def refund(here: State, order: Order, wish: Doc) -> Refund:
    """Give money back for units (all of the first line unless told), with what becomes of them: cancel, return, no_restock."""
    line = chosen_line(order, wish)
    units = int(wish.get("quantity", line.current))
    restock = str(wish.get("restock", "return" if line.fulfilled else "cancel")).upper()
    if restock not in RESTOCKS or not 0 < units <= line.current:
        raise ValueError(f"{units} units of {line.current} cannot be refunded as {restock}")
    sent_back = book_return(here, order, line, units, wish) if wish.get("with_return") else None
    place = here.fulfilment_orders[order.fulfilment_order_ids[0]].location_id if order.fulfilment_order_ids else None
    value = Decimal(str(wish.get("amount", line.price * units)))
    told = RefundLine(here.next_id("refund_line"), line.id, units, restock, place if restock != "NO_RESTOCK" else None, value)
    made = Refund(here.next_id("refund"), order.id, here.now(), str(wish.get("note", "")), [told], value, sent_back.id if sent_back else None)
    take_off(here, order, line, units=units, restock=restock)
    here.refunds[made.id] = made
    order.refund_ids.append(made.id)
    whole = sum((each.amount for each in here.of_order(order, "refunds")), Decimal(0))
    order.financial = "REFUNDED" if whole >= order.total else "PARTIALLY_REFUNDED"
    here.hooks.tell("refunds/create", made.id)
    changed(here, order)
    return made


def take_off(here: State, order: Order, line: Line, *, units: int, restock: str) -> None:
    """What a refund does to the line: units never sent are no longer to be sent; units sent are sent, and back."""
    if restock == "CANCEL":
        reduce(here, order, line, min(units, line.unfulfilled))
        return
    line.current -= units
    line.fulfilled = max(0, line.fulfilled - units)
    variant = here.variants.get(line.variant_id or 0)
    if restock == "RETURN" and variant is not None and order.fulfilment_order_ids:
        level = here.levels.get((variant.item_id, here.fulfilment_orders[order.fulfilment_order_ids[0]].location_id))
        if level is not None:
            level.set("available", level.units["available"] + units)
            here.touch_level(level, at=here.now())


def book_return(here: State, order: Order, line: Line, units: int, wish: Doc) -> Return:
    """A return that was asked for, or is open: goods are on their way back."""
    status = str(wish.get("return_status", "OPEN")).upper()
    part = (here.next_id("return_line"), line.id, units, str(wish.get("reason", "SIZE_TOO_SMALL")).upper())
    name = f"{order.name}-R{len(order.return_ids) + 1}"
    made = Return(here.next_id("return"), order.id, name, status, here.now(), [part])
    here.returns[made.id] = made
    order.return_ids.append(made.id)
    here.hooks.tell("returns/request", made.id)
    return made


def delete_variant(here: State, variant: Variant) -> None:
    """A merchant deletes a variant: old order lines keep their SKU, and lose the variant."""
    here.rename(variant, None)
    here.products[variant.product_id].variant_ids.remove(variant.id)
    del here.variants[variant.id]
    here.changed["variant"].drop(variant.id)
    for place in here.locations:
        here.levels.pop((variant.item_id, place), None)
        here.items_at[place].drop(variant.item_id)
    del here.variant_of_item[variant.item_id]


def all_of(orders: Sequence[Order]) -> list[Doc]:
    return [
        {"id": order.id, "name": order.name, "lines": [{"id": line.id, "sku": line.sku, "quantity": line.quantity} for line in order.lines]}
        for order in orders
    ]
