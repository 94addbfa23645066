"""The account's lines as the shop reads them: TL02."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from flask import Blueprint, Response

from connectors.sandbox.mirakl.answers import Args, number, stamp
from connectors.sandbox.mirakl.fields import moment, one_of, repeated
from connectors.sandbox.mirakl.models import Json, Order, Transaction
from connectors.sandbox.mirakl.seek import asked, direction, place_of, seek_page
from connectors.sandbox.mirakl.settings import Settings
from connectors.sandbox.mirakl.store import Shop, shop, state

bp = Blueprint("mirakl_transactions", __name__, url_prefix="/api/sellerpayment/transactions_logs")
PAYMENT_STATES = ("PENDING", "PAYABLE", "PAID", "NOT_APPLICABLE", "RESERVE")
MOST = 2000
Test = Callable[[Transaction], bool]
READERS: dict[str, Callable[[Transaction], str | None]] = {
    "payment_state": lambda entry: entry.payment_state,
    "transaction_type": lambda entry: entry.kind,
    "order_line_id": lambda entry: entry.entities.get("order_line", {}).get("id"),
    "seller_billing_cycle_id": lambda entry: entry.cycle_id,
    "order_reference_for_seller": lambda entry: entry.order.seller_reference if entry.order else None,
    "order_reference_for_customer": lambda entry: entry.order.customer_reference if entry.order else None,
    "accounting_document_number": lambda entry: entry.document,
}
MOMENTS: dict[str, Callable[[Transaction], datetime]] = {
    "dateCreated": lambda entry: entry.created_at,
    "lastUpdated": lambda entry: entry.updated_at,
}


@bp.get("", endpoint="TL02")
def list_transactions() -> Response:
    """Newest first unless asked otherwise; there is no `last_updated_to`."""
    args, mine, settings = asked(), shop(), state().settings
    criterion, descending = direction(args, allowed=tuple(MOMENTS), default="dateCreated,DESC")
    tests = filters(args)
    found = [entry for entry in sources(mine, args) if all(test(entry) for test in tests)]
    moment_of = MOMENTS[criterion]
    render = lambda entry: transaction_view(entry, mine, settings)  # noqa: E731
    return seek_page(found, args, place=lambda entry: place_of(moment_of(entry), entry.id), render=render, descending=descending, most=MOST)


def sources(mine: Shop, args: Args) -> Iterable[Transaction]:
    """The smallest set that an index can give."""
    order_ids, since = repeated(args, "order_id"), moment(args, "last_updated_from")
    if order_ids:
        return [mine.transactions[id] for each in dict.fromkeys(order_ids) for id in mine.order_transactions.get(each, ())]
    if since:
        return [mine.transactions[id] for id in mine.transactions_changed.since(since)]
    return mine.transactions.values()


def filters(args: Args) -> list[Test]:
    one_of(repeated(args, "payment_state"), "payment_state", allowed=PAYMENT_STATES)
    wanted = {name: repeated(args, name) for name in READERS}
    return [having(READERS[name], values) for name, values in wanted.items() if values] + periods(args)


def having(read: Callable[[Transaction], str | None], values: list[str]) -> Test:
    return lambda entry: read(entry) in values


def periods(args: Args) -> list[Test]:
    start, end = moment(args, "date_created_from"), moment(args, "date_created_to")
    since, paid_from, paid_to = moment(args, "last_updated_from"), moment(args, "transaction_date_from"), moment(args, "transaction_date_to")
    tests: list[Test] = []
    if start:
        tests.append(lambda entry: entry.created_at >= start)
    if end:
        tests.append(lambda entry: entry.created_at <= end)
    if since:
        tests.append(lambda entry: entry.updated_at >= since)
    if paid_from:
        tests.append(lambda entry: entry.order is not None and entry.order.debited_at is not None and entry.order.debited_at >= paid_from)
    if paid_to:
        tests.append(lambda entry: entry.order is not None and entry.order.debited_at is not None and entry.order.debited_at <= paid_to)
    return tests


def transaction_view(entry: Transaction, mine: Shop, settings: Settings) -> Json:
    cycle = mine.cycles.get(entry.cycle_id or "")
    return {
        "id": entry.id,
        "type": entry.kind,
        "amount": number(entry.amount),
        "amount_credited": number(max(entry.amount, entry.amount * 0)),
        "amount_debited": number(max(-entry.amount, entry.amount * 0)),
        "balance": number(entry.balance),
        "psp_balance": number(entry.balance),
        "currency_iso_code": settings.currency,
        "payment_state": entry.payment_state,
        "date_created": stamp(entry.created_at),
        "last_updated": stamp(entry.updated_at),
        "seller_billing_cycle_id": entry.cycle_id,
        "payment_voucher_number": cycle["payment_voucher_number"] if cycle else None,
        "accounting_document_number": entry.document,
        "accounting_document_creation_date": stamp(cycle["date_created"]) if cycle else None,
        "pay_out_psp_code": "NOT_SPECIFIED",
        "entities": {"domain": "PRODUCT", **order_entities(entry.order), **entry.entities},
    }


def order_entities(order: Order | None) -> Json:
    """Only what applies: a fee of the shop has no order."""
    if order is None:
        return {}
    references = {"order_reference_for_customer": order.customer_reference, "order_reference_for_seller": order.seller_reference}
    about: Json = {"id": order.id, "commercial_id": order.commercial_id, "creation_date": stamp(order.created_at)}
    about |= {"payment_info": {"payment_type": "CARD", "imprint_number": None}, "references": references}
    paid = {"number": f"TR-{order.commercial_id}", "date": stamp(order.debited_at)}
    return {"channel": {"code": order.channel}, "order": about, "transaction_info": paid}
