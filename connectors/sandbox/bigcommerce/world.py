"""What a store's customers and staff do: order, pay, edit, cancel, refund, ship by hand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from connectors.sandbox.bigcommerce.answers import money, rfc
from connectors.sandbox.bigcommerce.inventory import apply
from connectors.sandbox.bigcommerce.models import STATUSES, Doc, Order, OrderProduct, Refund, Variant
from connectors.sandbox.bigcommerce.orders import changed, set_status
from connectors.sandbox.bigcommerce.store import State

CHANCE = random.Random(12)
PEOPLE = (("Ada", "Quill"), ("Bo", "Marsh"), ("Cleo", "Finch"), ("Dan", "Rowe"), ("Eve", "Hart"))
PLACES = (("1 Test St", "Austin", "Texas", "78701"), ("22 Mill Rd", "Portland", "Oregon", "97201"), ("7 Bay Ave", "Miami", "Florida", "33101"))


def place_orders(here: State, wish: Doc) -> list[Order]:
    """`count` orders; `spread_s` puts their moments that far back, evenly."""
    count, spread_s = int(wish.get("count", 1)), float(wish.get("spread_s", 0))
    goods = list(here.variants)
    return [place(here, wish, goods=goods, age_s=spread_s * (count - 1 - at) / max(1, count - 1)) for at in range(count)]


def place(here: State, wish: Doc, *, goods: Sequence[int], age_s: float = 0.0) -> Order:
    at = here.now() - timedelta(seconds=int(age_s))
    person = CHANCE.choice(PEOPLE)
    addresses = [address_of(here, person) | wish.get("address", {}) for _ in range(int(wish.get("addresses", 1)))]
    billing = {name: value for name, value in addresses[0].items() if name not in ("id", "shipping_method")}
    order = Order(
        here.next_id("order"),
        int(wish.get("status_id", 11)),
        str(wish.get("payment_status", "captured")),
        at,
        at,
        str(wish.get("currency", "USD")),
        [],
        addresses,
        billing,
        shipping=Decimal(str(wish.get("shipping", "0"))),
        external_order_id=str(wish.get("external_order_id", "")),
        channel_id=int(wish.get("channel_id", 1)),
        customer_message=str(wish.get("message", "")),
    )
    for turn, told in enumerate(wished_lines(wish, goods)):
        order.products.append(line_of(here, told, addresses[turn % len(addresses)]["id"]))
    if wish.get("missing_sku"):
        order.products[0].sku = ""
    here.orders[order.id] = order
    here.touch(order, at=at)
    here.hooks.tell_order("created", order.id)
    if order.status_id != 0:
        set_stock_sold(here, order, -1)
    return order


def address_of(here: State, person: tuple[str, str]) -> Doc:
    street, city, region, postcode = CHANCE.choice(PLACES)
    first, last = person
    told = {"id": here.next_id("address"), "first_name": first, "last_name": last, "company": "", "street_1": street, "street_2": "", "city": city}
    told |= {"state": region, "zip": postcode, "country": "United States", "country_iso2": "US", "phone": "", "shipping_method": "Ground"}
    return told | {"email": f"{first}.{last}@example.test".lower()}


def wished_lines(wish: Doc, goods: Sequence[int]) -> list[Doc]:
    if "lines" in wish:
        return [dict(each) for each in wish["lines"]]
    if not goods:
        raise ValueError("there is nothing to order; seed the demo first")
    chosen = CHANCE.sample(goods, min(len(goods), int(wish.get("line_count", CHANCE.randint(1, 3)))))
    return [{"variant": id, "quantity": int(wish.get("quantity", CHANCE.randint(1, 2)))} for id in chosen]


def line_of(here: State, told: Doc, address_id: int) -> OrderProduct:
    """A line by SKU or variant; `type` digital or giftcertificate is not shipped; `custom` is in no catalogue."""
    known = here.with_sku(told["sku"]) if told.get("sku") else []
    variant = here.variants.get(told["variant"]) if "variant" in told else known[0] if known else None
    if variant is None and not told.get("custom"):
        raise ValueError(f"no such SKU: {told.get('sku')}")
    units, price = int(told.get("quantity", 1)), Decimal(str(told.get("price", variant.price if variant else "10")))
    product = here.products[variant.product_id] if variant else None
    return OrderProduct(
        here.next_id("line"),
        product.id if product else 0,
        variant.id if variant else 0,
        address_id,
        product.name if product else str(told.get("name", "Custom item")),
        variant.sku if variant else str(told.get("sku", "")),
        variant.upc if variant else "",
        units,
        price,
        kind=str(told.get("type", "physical")),
        options=variant.options if variant else [],
    )


def set_stock_sold(here: State, order: Order, sign: int) -> None:
    """Take an order's units off the first place, or put them back."""
    if not here.settings.sell_from_stock:
        return
    for each in order.products:
        move(here, here.variants.get(each.variant_id), sign * (each.quantity - each.refunded))


def move(here: State, variant: Variant | None, units: int) -> None:
    levels = here.levels_of(variant.id) if variant else []
    if levels and units:
        apply(here, levels[0], units, relative=True, sold=True)


def find(here: State, reference: Any) -> Order:
    if str(reference).isdecimal() and int(reference) in here.orders:
        return here.orders[int(reference)]
    raise ValueError(f"no such order: {reference}")


def move_to(here: State, order: Order, wish: Doc) -> None:
    """Another status, another payment status."""
    order.payment_status = str(wish.get("payment_status", order.payment_status))
    if "status_id" in wish:
        set_status(here, order, int(wish["status_id"]))
    changed(here, order)


def edit(here: State, order: Order, wish: Doc) -> None:
    """`quantity` of a line (0 removes it), `add` a line, the `address` of the first."""
    if "quantity" in wish:
        line = chosen(order, wish)
        units = int(wish["quantity"])
        move(here, here.variants.get(line.variant_id), line.quantity - units)
        line.quantity = units
        if units == 0:
            order.products.remove(line)
    if "add" in wish:
        order.products.append(line_of(here, wish["add"], order.addresses[0]["id"]))
    order.addresses[0] |= wish.get("address", {})
    changed(here, order)


def chosen(order: Order, wish: Doc) -> OrderProduct:
    if "sku" in wish:
        return next(each for each in order.products if each.sku == wish["sku"])
    return order.products[int(wish.get("line", 0))]


def cancel(here: State, order: Order) -> None:
    if order.status_id == 5:
        raise ValueError(f"{order.id} is cancelled already")
    set_stock_sold(here, order, 1)
    set_status(here, order, 5)
    changed(here, order)


def refund(here: State, order: Order, wish: Doc) -> Refund:
    """Units of a line (all of the first unless told), or an `amount` of the whole order."""
    made = Refund(here.next_id("refund"), order.id, here.now(), str(wish.get("reason", "size")), Decimal(0), [])
    if "amount" in wish:
        made.amount = Decimal(str(wish["amount"]))
        made.items.append({"item_type": "ORDER", "item_id": order.id, "quantity": 1, "requested_amount": float(made.amount), "reason": made.reason})
    else:
        line = chosen(order, wish)
        units = int(wish.get("quantity", line.quantity - line.refunded))
        if not 0 < units <= line.quantity - line.refunded:
            raise ValueError(f"{units} units cannot be refunded")
        made.amount = line.price * units
        line.refunded += units
        told = {"item_type": "PRODUCT", "item_id": line.id, "quantity": units, "requested_amount": float(made.amount), "reason": made.reason}
        made.items.append(told)
    here.refunds[made.id] = made
    order.refund_ids.append(made.id)
    order.refunded += made.amount
    whole = order.refunded >= order.total
    order.payment_status = "refunded" if whole else "partially refunded"
    here.hooks.tell_order("refund/created", order.id, refund={"refund_id": made.id})
    set_status(here, order, 4 if whole else 14)
    changed(here, order)
    return made


def order_told(here: State, order: Order) -> Doc:
    """One order as the store's own screens would show it."""
    shipments = [{"id": id, "items": here.shipments[id].items, **here.shipments[id].told} for id in order.shipment_ids]
    facts = {"id": order.id, "status_id": order.status_id, "status": STATUSES[order.status_id], "payment_status": order.payment_status}
    lines = [vars(each) | {"price": money(each.price)} for each in order.products]
    return facts | {"modified": rfc(order.modified_at), "lines": lines, "shipments": shipments, "refunded": money(order.refunded)}
