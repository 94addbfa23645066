"""Money back: OR28 after the debit, OR30 before shipping. One call is taken whole or refused whole."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from flask import Blueprint, Response, jsonify

from connectors.sandbox.mirakl import payouts
from connectors.sandbox.mirakl.answers import Refused, number, stamp
from connectors.sandbox.mirakl.fields import amount, boolean, count, objects, sent, text
from connectors.sandbox.mirakl.lifecycle import everything_gone, look_again, touch
from connectors.sandbox.mirakl.models import AFTER_SHIPPING, CANCELED, CENT, SHIPPING, ZERO, Json, Line, Order, Refund
from connectors.sandbox.mirakl.order_view import tax_rows
from connectors.sandbox.mirakl.reference import usable_reasons
from connectors.sandbox.mirakl.store import Shop, State, shop, state

bp = Blueprint("mirakl_refunds", __name__, url_prefix="/api/orders")
NO_FUNDS = "The shop does not have a sufficient payable balance for the refund"


def named_line(mine: Shop, item: Json, *, path: str) -> tuple[Order, Line]:
    id = text(item, "order_line_id", path=path, must=True)
    order = mine.orders.get(mine.line_orders.get(id, ""))
    if order is None:
        raise Refused(404, f"Order line with id {id} does not exist")
    return order, next(line for line in order.lines if line.id == id)


def check_terms(body: Json, item: Json, order: Order, *, kind: str, path: str) -> None:
    """What both calls demand of a reason, a currency and a tax mode."""
    code = text(item, "reason_code", path=path, must=True)
    if code not in usable_reasons(kind):
        raise Refused(400, f"The reason with code {code} and type {kind} does not exist")
    currency, mode = text(item, "currency_iso_code", path=path), text(body, "order_tax_mode")
    if currency and currency != order.currency:
        raise Refused(400, f"The currency must be {order.currency}")
    if mode and mode != order.tax_mode:
        raise Refused(400, f"The order tax mode must be {order.tax_mode}")


def amounts(item: Json, line: Line, *, path: str) -> tuple[Decimal, Decimal]:
    """Goods and shipping, each within what is left of the line."""
    goods, shipping = amount(item, "amount", path=path, must=True) or ZERO, amount(item, "shipping_amount", path=path, must=True) or ZERO
    given = sum((each.amount for each in line.refunds), ZERO) + sum((Decimal(str(each["amount"])) for each in line.cancelations), ZERO)
    given_shipping = sum((each.shipping_amount for each in line.refunds), ZERO)
    given_shipping += sum((Decimal(str(each["shipping_amount"])) for each in line.cancelations), ZERO)
    if goods < 0 or shipping < 0 or goods + shipping <= 0:
        raise Refused(400, "The amount must be positive")
    if goods > line.price - given or shipping > line.shipping_price - given_shipping:
        raise Refused(400, "The amount exceeds what is left to refund on the order line")
    return goods, shipping


def commission_of(line: Line, money: Decimal) -> tuple[Decimal, Decimal]:
    """The share of the commission that goes back with it."""
    share = money / line.total if line.total else ZERO
    return (line.commission_fee * share).quantize(CENT), (line.commission_tax * share).quantize(CENT)


@bp.put("/refund", endpoint="OR28")
def refund() -> Response:
    here, mine, body, at = state(), shop(), sent(), state().now()
    read = [read_refund(here, mine, body, item, at=at) for item in objects(body, "refunds", most=1000)]
    if len({line.id for _, line, _ in read}) < len(read):
        raise Refused(400, "A refund is already being processed on this order line")
    check_funds(here, mine, read)
    for order, line, made in read:
        line.refunds.append(made)
        payouts.on_refund(here, mine, order, line, made, at=at)
        touch(mine, order, at=at, lines=[line])
        settle_later(here, mine, order, line, made, at=at)
    return jsonify(order_tax_mode=read[0][0].tax_mode, refunds=[answer_view(order, line, made) for order, line, made in read])


def read_refund(here: State, mine: Shop, body: Json, item: Json, *, at: datetime) -> tuple[Order, Line, Refund]:
    path = "refunds."
    order, line = named_line(mine, item, path=path)
    if order.state not in {SHIPPING} | AFTER_SHIPPING or not line.live:
        raise Refused(400, "Order is not in the expected state")
    if line.debited_at is None:
        raise Refused(400, "The order line has not been debited")
    if any(each.state != "REFUNDED" for each in line.refunds):
        raise Refused(400, "A refund is already being processed on this order line")
    check_terms(body, item, order, kind="REFUND", path=path)
    goods, shipping = amounts(item, line, path=path)
    fee, fee_tax = commission_of(line, goods + shipping)
    id, group, units = here.uuid(), here.uuid(), count(item, "quantity", path=path) or 0
    made = Refund(id, group, at, units, goods, shipping, text(item, "reason_code"), fee, fee_tax)
    made.excluded = bool(boolean(item, "excluded_from_shipment", path=path)) and order.state == SHIPPING
    made.taxes = item.get("taxes") or tax_rows(goods, line, mode=order.tax_mode)
    made.shipping_taxes = item.get("shipping_taxes") or tax_rows(shipping, line, mode=order.tax_mode)
    return order, line, made


def check_funds(here: State, mine: Shop, read: list[tuple[Order, Line, Refund]]) -> None:
    if not here.settings.balance_check:
        return
    needed = sum((made.amount + made.shipping_amount - made.commission - made.commission_tax for _, _, made in read), ZERO)
    if needed > payouts.funds(mine, read[0][0]):
        raise Refused(400, NO_FUNDS)


def settle_later(here: State, mine: Shop, order: Order, line: Line, made: Refund, *, at: datetime) -> None:
    """WAITING_REFUND, then WAITING_REFUND_PAYMENT, then REFUNDED."""
    delay = here.settings.scaled(here.settings.refund_delay_s)
    half = None if delay is None else delay / 2

    def pay(moment: datetime) -> None:
        if made.state == "WAITING_REFUND_PAYMENT":
            pay_refund(here, mine, order, line, made, at=moment)

    def prepare(moment: datetime) -> None:
        if made.state == "WAITING_REFUND":
            made.state = "WAITING_REFUND_PAYMENT"
            touch(mine, order, at=moment, lines=[line])
            here.later(half, pay, start=moment)

    here.later(half, prepare, start=at)


def pay_refund(here: State, mine: Shop, order: Order, line: Line, made: Refund, *, at: datetime) -> None:
    """The money is back. What is refunded whole before shipping will not be shipped."""
    made.state, made.paid_at, made.number = "REFUNDED", at, f"RF-{made.id[:8]}"
    if sum(each.amount + each.shipping_amount for each in line.refunds if each.paid_at) >= line.total and line.state != "INCIDENT_OPEN":
        line.state = "REFUNDED"
    touch(mine, order, at=at, lines=[line])
    if order.state == SHIPPING and all(each.state == "REFUNDED" for each in order.live_lines):
        everything_gone(here, mine, order, at=at)
    look_again(here, mine, order, at=at)


def answer_view(order: Order, line: Line, made: Refund) -> Json:
    return {
        "refund_id": made.id,
        "order_refund_id": made.group_id,
        "order_line_id": line.id,
        "quantity": made.quantity,
        "amount": number(made.amount),
        "shipping_amount": number(made.shipping_amount),
        "reason_code": made.reason_code,
        "currency_iso_code": order.currency,
        "excluded_from_shipment": made.excluded,
        "taxes": made.taxes,
        "shipping_taxes": made.shipping_taxes,
        "fees": [],
    }


@bp.put("/cancel", endpoint="OR30")
def cancel_lines() -> Response:
    here, mine, body, at = state(), shop(), sent(), state().now()
    items = objects(body, "cancelations", most=1000)
    read = [read_cancelation(here, mine, body, item, at=at) for item in items]
    for order, line, made in read:
        line.cancelations.append(made)
        give_back(here, mine, order, line, made, at=at)
        if line.to_ship == 0:
            line.state = CANCELED
        touch(mine, order, at=at, lines=[line])
        look_again(here, mine, order, at=at)
    answers = [{"cancelation_id": made["id"], "order_line_id": line.id, "currency_iso_code": order.currency, **made} for order, line, made in read]
    return jsonify(order_tax_mode=read[0][0].tax_mode, cancelations=answers)


def read_cancelation(here: State, mine: Shop, body: Json, item: Json, *, at: datetime) -> tuple[Order, Line, Json]:
    path = "cancelations."
    order, line = named_line(mine, item, path=path)
    if order.state != SHIPPING or not line.live:
        raise Refused(400, "Order is not in the expected state")
    check_terms(body, item, order, kind="CANCELATION", path=path)
    goods, shipping = amounts(item, line, path=path)
    units = count(item, "quantity", path=path, must=True) or 0
    if not 1 <= units <= line.to_ship - line.shipment_units:
        raise Refused(400, "The quantity exceeds what is left to ship on the order line")
    fee, fee_tax = commission_of(line, goods + shipping)
    made: Json = {"id": here.uuid(), "created_date": stamp(at), "reason_code": text(item, "reason_code"), "quantity": units}
    made |= {"amount": number(goods), "shipping_amount": number(shipping)}
    made |= {"taxes": tax_rows(goods, line, mode=order.tax_mode), "shipping_taxes": tax_rows(shipping, line, mode=order.tax_mode), "fees": []}
    tax = {"code": "TAXDEFAULT", "amount": number(fee_tax), "rate": number(line.commission_tax_rate)}
    made |= {"commission_amount": number(fee), "commission_taxes": [tax], "commission_total_amount": number(fee + fee_tax)}
    return order, line, made


def give_back(here: State, mine: Shop, order: Order, line: Line, made: Json, *, at: datetime) -> None:
    """A line that was paid for is paid back: the account says so with the same words as for a refund."""
    if line.debited_at is None:
        return
    fee, whole = Decimal(str(made["commission_amount"])), Decimal(str(made["commission_total_amount"]))
    goods, shipping = Decimal(str(made["amount"])), Decimal(str(made["shipping_amount"]))
    entry = Refund(made["id"], made["id"], at, made["quantity"], goods, shipping, made["reason_code"], fee, whole - fee)
    payouts.on_refund(here, mine, order, line, entry, at=at)
