"""The order as Veeqo is asked to create it, and the comparison of what it made of it.

Prices are net of tax, `tax_rate` is a fraction, and a payment block is what marks the order as paid.
https://developers.veeqo.com
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from connectors.canonical import WarehouseLine, WarehouseOrder
from connectors.errors import ContractError, Rejected
from connectors.ports import Account
from connectors.reading import decimal, text
from connectors.veeqo.customers import deliver_to
from connectors.veeqo.shipments import part, rows_of

PAYMENT_TYPES = ("none", "cash", "credit_card", "bank_transfer", "paypal", "paypal_express", "sagepay", "checkmo", "online_finance")
DEFAULT_PAYMENT = "online_finance"
PLACES = Decimal("0.0001")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Item:
    """One line for Veeqo: everything ordered of one sellable, because allocations name the sellable and not the line."""

    sellable_id: int
    sku: str
    quantity: int
    unit_net: Decimal
    tax_rate: Decimal

    @property
    def net(self) -> Decimal:
        return self.unit_net * self.quantity


def merged(lines: Sequence[tuple[int, WarehouseLine]]) -> tuple[Item, ...]:
    """Lines of one sellable become one, its price (and tax rate) weighted by units, to four places."""
    grouped: dict[int, list[WarehouseLine]] = {}
    for sellable_id, line in lines:
        grouped.setdefault(sellable_id, []).append(line)
    return tuple(merge(sellable_id, group) for sellable_id, group in grouped.items())


def merge(sellable_id: int, lines: list[WarehouseLine]) -> Item:
    quantity = sum(line.quantity for line in lines)
    net = sum((line.unit_net * line.quantity for line in lines), Decimal(0))
    tax = sum((line.unit_net * line.quantity * line.tax_rate for line in lines), Decimal(0))
    same_rate = len({line.tax_rate for line in lines}) == 1
    rate = lines[0].tax_rate if same_rate or not net else tax / net
    return Item(sellable_id, lines[0].sku, quantity, rounded(net / quantity if quantity else Decimal(0)), rounded(rate))


def rounded(number: Decimal) -> Decimal:
    return number.quantize(PLACES, rounding=ROUND_HALF_EVEN)


def money(amount: Decimal) -> str:
    """Text with two to four places."""
    whole_cents = amount.quantize(CENT)
    return f"{whole_cents:f}" if whole_cents == amount else f"{rounded(amount):f}"


def id_number(value: str, *, what: str) -> int:
    if not value.strip().isdecimal():
        raise Rejected(f"The {what} “{value}” is not one of Veeqo's ids, so the order was not sent.", code="bad_code", fields=(what,))
    return int(value)


def order_body(order: WarehouseOrder, items: Sequence[Item], *, customer: Mapping[str, Any], email: str, account: Account) -> dict[str, Any]:
    """The body of `POST /orders`. `customer` is `customer_id` or `customer_attributes`. No mail goes out to the buyer."""
    body: dict[str, Any] = {
        "channel_id": id_number(order.store_code, what="store"),
        "number": order.number,
        **({"delivery_method_id": id_number(order.ship_service_code, what="delivery method")} if order.ship_service_code else {}),
        **customer,
        "send_notification_email": False,
        "total_discounts": "0.00",
        "delivery_cost": money(order.shipping_net),
        "total_tax": money(order.total_tax),
        "deliver_to_attributes": deliver_to(order.shipping_address, email=email),
        "line_items_attributes": [line_body(item) for item in items],
    }
    if is_paid(order):
        body["payment_attributes"] = payment_body(order, account=account)
    if order.note:
        body["customer_note_attributes"] = {"text": order.note}
    if order.internal_note:
        body["employee_notes_attributes"] = [{"text": order.internal_note}]
    return {"order": body}


def line_body(item: Item) -> dict[str, Any]:
    return {"sellable_id": item.sellable_id, "quantity": item.quantity, "price_per_unit": money(item.unit_net), "tax_rate": float(item.tax_rate)}


def is_paid(order: WarehouseOrder) -> bool:
    """Veeqo cannot be told to hold an order; without a payment it stays in `awaiting_payment`, where nobody packs it."""
    return order.paid and not order.on_hold


def payment_body(order: WarehouseOrder, *, account: Account) -> dict[str, str]:
    method = order.payment_method if order.payment_method in PAYMENT_TYPES else account.option("payment_type", DEFAULT_PAYMENT)
    return {"payment_type": method, **({"reference_number": order.payment_reference} if order.payment_reference else {})}


def expected_total(order: WarehouseOrder, items: Sequence[Item]) -> Decimal:
    return sum((item.net for item in items), Decimal(0)) + order.shipping_net + order.total_tax


def differences(order: WarehouseOrder, items: Sequence[Item], *, made: Mapping[str, Any]) -> tuple[str, ...]:
    """Sentences about what Veeqo stored otherwise than it was asked; what it does not tell is not judged."""
    found = [
        unlike("order number", order.number, text(made.get("number"))),
        unlike("store", order.store_code, text(part(made, "channel").get("id"))),
        unlike("delivery method", order.ship_service_code, text(part(made, "delivery_method").get("id"))),
        unlike("currency", order.currency, text(made.get("currency_code"))),
        unlike_amount("total", expected_total(order, items), made.get("total_price"), tolerance=CENT * max(1, len(items))),
        *line_differences(items, made=made),
    ]
    if is_paid(order) and text(made.get("status")) == "awaiting_payment":
        found.append("Veeqo still waits for a payment although the order was sent as paid.")
    return tuple(sentence for sentence in found if sentence)


def line_differences(items: Sequence[Item], *, made: Mapping[str, Any]) -> list[str]:
    lines = rows_of(made, "line_items")
    if not lines:
        return []
    quantities: dict[str, Decimal] = {}
    prices: dict[str, Any] = {}
    for line in lines:
        sellable = text(part(line, "sellable").get("id")) or text(line.get("sellable_id"))
        quantities[sellable] = quantities.get(sellable, Decimal(0)) + (number(line.get("quantity")) or 0)
        prices[sellable] = line.get("price_per_unit")
    found = []
    for item in items:
        key = str(item.sellable_id)
        found.append(unlike_amount(f"quantity of {item.sku}", Decimal(item.quantity), quantities.get(key, Decimal(0)), tolerance=Decimal(0)))
        found.append(unlike_amount(f"price of {item.sku}", item.unit_net, prices.get(key), tolerance=CENT / 2))
    extra = set(quantities) - {str(item.sellable_id) for item in items} - {""}
    if extra:
        found.append(f"Veeqo's order has lines that were not sent (sellable {', '.join(sorted(extra))}).")
    return found


def unlike(what: str, sent: str, told: str) -> str:
    return f"Veeqo's {what} is {told}, but {sent} was sent." if told and sent and told != sent else ""


def unlike_amount(what: str, sent: Decimal, told: Any, *, tolerance: Decimal) -> str:
    read = number(told)
    return f"Veeqo's {what} is {read:f}, but {sent:f} was sent." if read is not None and abs(read - sent) > tolerance else ""


def number(value: Any) -> Decimal | None:
    try:
        return decimal(value, what="number")
    except ContractError:
        return None
