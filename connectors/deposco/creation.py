"""The order as Deposco is asked to take it, within the sizes it was seen to insist on.

https://api.deposco.com, sales orders
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.canonical import Address, WarehouseLine, WarehouseOrder, round_money
from connectors.deposco.items import optional
from connectors.deposco.settings import COMPANY, ORDER_SOURCE, Settings
from connectors.deposco.shapes import Row, nested, number_of, sku_of
from connectors.errors import Rejected
from connectors.reading import text

NAME_SIZE, EMAIL_SIZE = 30, 50
HOLD, NEW = "Hold", "New"
CENT = Decimal("0.01")


def service_of(code: str) -> dict[str, str]:
    """`UPS|UPS Ground` is the carrier and its service; without a bar it is the service alone."""
    vendor, bar, via = code.partition("|")
    both = {"shipVendor": vendor.strip(), "shipVia": via.strip()} if bar else {"shipVia": code.strip()}
    return {name: value for name, value in both.items() if value}


def order_body(order: WarehouseOrder, lines: Sequence[tuple[int, WarehouseLine]], *, status: str, settings: Settings) -> Row:
    """The body of `POST /orders/salesOrders`; `lines` come with their places, because a long order is sent in parts."""
    company = order.store_code if settings.text("store_as") == COMPANY else settings.company
    source = order.store_code if settings.text("store_as") == ORDER_SOURCE else settings.text("order_source")
    facility = order.warehouse_code or settings.text("ship_from")
    body: Row = {
        "businessUnit": {"businessKey": {"code": company}},
        "number": order.number,
        "orderStatus": status,
        "customerOrderNumber": order.number,
        **service_of(order.ship_service_code),
        "shipToContact": contact(order.shipping_address, email=order.email),
        "shipToAddress": address(order.shipping_address),
        **({"orderSource": source} if source else {}),
        **({"placedDate": order.placed_at} if order.placed_at else {}),
        **({"shipFromFacility": {"businessKey": {"number": facility}}} if facility else {}),
        **(totals(order) if sends_prices(order, settings) else {}),
        "orderLines": {"data": [line_body(place, line, order, company=company, settings=settings) for place, line in lines]},
    }
    if order.billing_address is not None:
        body |= {"billToContact": contact(order.billing_address, email=order.email), "billToAddress": address(order.billing_address)}
    notes = [{"title": title, "body": note} for title, note in (("Customer note", order.note), ("Note", order.internal_note)) if note]
    return {**body, "notes": notes} if notes else body


def sends_prices(order: WarehouseOrder, settings: Settings) -> bool:
    """Deposco's orders have no currency, so prices in another one than the tenant's would be taken for its own."""
    return settings.flag("send_prices") and settings.text("currency") in ("", order.currency)


def totals(order: WarehouseOrder) -> Row:
    net = round_money(sum((line.unit_net * line.quantity for line in order.lines), Decimal(0)), order.currency)
    shipping = round_money(order.shipping_net, order.currency)
    return {
        "orderSubtotal": net,
        "orderShippingTotal": shipping,
        "orderTaxTotal": order.total_tax,
        "orderTotal": net + shipping + order.total_tax,
    }


def line_body(place: int, line: WarehouseLine, order: WarehouseOrder, *, company: str, settings: Settings) -> Row:
    """Single units: a pack of one. The line's number is its place, the same every time."""
    item = {"number": line.sku, "businessUnit.code": company}
    pack = {"item.number": line.sku, "quantity": 1, "item.businessUnit.code": company}
    body: Row = {
        "lineNumber": str(place),
        "item": {"id": int(line.item_reference)} if number_of(line.item_reference) else {"businessKey": item},
        "pack": {"businessKey": pack},
        "orderPackQuantity": line.quantity,
    }
    if line.channel_line:
        body["customerLineNumber"] = line.channel_line
    if line.title:
        body["description"] = line.title[:255]
    if sends_prices(order, settings):
        body["unitPrice"] = line.unit_net
        body["taxCost"] = round_money(line.unit_net * line.quantity * line.tax_rate, order.currency)
    return body


def contact(person: Address, *, email: str) -> dict[str, str]:
    """Names of at most 30 characters. A longer e-mail address is left out: cut, it would be somebody else's."""
    mail = person.email or email
    told = {
        "firstName": person.first_name[:NAME_SIZE],
        "lastName": (person.last_name or ("" if person.first_name else person.company))[:NAME_SIZE],
        "phone": person.phone,
        "email": mail if len(mail) <= EMAIL_SIZE else "",
    }
    return {name: value for name, value in told.items() if value}


def address(place: Address) -> dict[str, str]:
    """The company goes below the street, so that `line1` stays what carriers check."""
    lines = [each for each in (place.line1, place.line2, place.company) if each]
    told = {f"line{at}": line for at, line in enumerate(lines, start=1)}
    told |= {"city": place.city, "stateProvince": place.region, "postalCode": place.postcode, "country": place.country}
    return {name: value for name, value in told.items() if value}


def shortened(order: WarehouseOrder) -> list[str]:
    """Sentences about what of the address did not fit."""
    found = []
    for name in (order.shipping_address.first_name, order.shipping_address.last_name):
        if len(name) > NAME_SIZE:
            found.append(f"The name “{name}” was cut to {NAME_SIZE} characters, which is all Deposco takes.")
    mail = order.shipping_address.email or order.email
    if len(mail) > EMAIL_SIZE:
        found.append(f"The e-mail address was left out: Deposco takes {EMAIL_SIZE} characters, and it has {len(mail)}.")
    return found


def check(order: WarehouseOrder) -> None:
    """What Deposco would refuse in words nobody understands. Rejected."""
    if not order.lines:
        raise Rejected(f"Order {order.number} has no lines, so there is nothing to ship.", code="no_lines")
    unnamed = next((line for line in order.lines if not line.sku), None)
    if unnamed is not None:
        raise Rejected(f"A line of order {order.number} has no SKU ({unnamed.title or 'without a title'}).", code="unknown_sku", fields=("",))


def differences(order: WarehouseOrder, made: Mapping[str, Any], *, settings: Settings) -> tuple[str, ...]:
    """Sentences about what Deposco stored otherwise than it was asked; what it does not tell is not judged (R46)."""
    sent = {str(place): line for place, line in enumerate(order.lines, start=1)}
    found = []
    for row in nested(made, "orderLines")[0]:
        line = sent.get(text(row.get("lineNumber")))
        if line is None:
            found.append(f"Deposco's order has a line that was not sent ({sku_of(row) or 'no SKU'}).")
            continue
        found.append(unlike(f"quantity of {line.sku}", Decimal(line.quantity), row.get("orderPackQuantity"), tolerance=Decimal(0)))
        if sends_prices(order, settings):
            found.append(unlike(f"price of {line.sku}", line.unit_net, row.get("unitPrice"), tolerance=CENT / 2))
    if sends_prices(order, settings):
        found.append(unlike("total", totals(order)["orderTotal"], made.get("orderTotal"), tolerance=CENT / 2))
    if settings.flag("send_prices") and not sends_prices(order, settings):
        found.append(f"Prices were left out: they are in {order.currency}, and Deposco counts in {settings.text('currency')}.")
    return tuple(sentence for sentence in found if sentence)


def unlike(what: str, sent: Decimal, told: Any, *, tolerance: Decimal) -> str:
    read = optional(told)
    return f"Deposco's {what} is {read:f}, but {sent:f} was sent." if read is not None and abs(read - sent) > tolerance else ""
