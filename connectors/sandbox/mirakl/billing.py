"""Billing cycles and the operator's invoices: SBC11, IV01, IV02."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request

from connectors.sandbox.mirakl.answers import Refused, number, offset_page, stamp
from connectors.sandbox.mirakl.fields import commas, moment, one_of, repeated
from connectors.sandbox.mirakl.models import ZERO, Json, Transaction
from connectors.sandbox.mirakl.payouts import PAID, PAYABLE, restate, write
from connectors.sandbox.mirakl.seek import asked, direction, place_of, seek_page
from connectors.sandbox.mirakl.store import Shop, State, shop, state

bp = Blueprint("mirakl_billing", __name__, url_prefix="/api")
PAY_OUT_STATES = ("TO_PAY", "FAILED", "PAID")
INVOICE_TYPES = ("AUTO_INVOICE", "MANUAL_INVOICE", "MANUAL_CREDIT", "ALL")
SUMMED = {  # key of the summary, without its _incl_tax: kinds of transactions in it; the second ones are their taxes
    "total_payable_orders": (("ORDER_AMOUNT", "ORDER_SHIPPING_AMOUNT"), ("ORDER_AMOUNT_TAX", "ORDER_SHIPPING_AMOUNT_TAX")),
    "total_commissions": (("COMMISSION_FEE",), ("COMMISSION_VAT",)),
    "total_refund_orders": (
        ("REFUND_ORDER_AMOUNT", "REFUND_ORDER_SHIPPING_AMOUNT"),
        ("REFUND_ORDER_AMOUNT_TAX", "REFUND_ORDER_SHIPPING_AMOUNT_TAX"),
    ),
    "total_refund_commissions": (("REFUND_COMMISSION_FEE",), ("REFUND_COMMISSION_VAT",)),
    "total_subscription": (("SUBSCRIPTION_FEE",), ("SUBSCRIPTION_VAT",)),
    "total_seller_penalty_fees": (("SELLER_PENALTY_FEE",), ("SELLER_PENALTY_FEE_TAX",)),
    "total_other_credits": (("MANUAL_CREDIT",), ("MANUAL_CREDIT_VAT",)),
    "total_other_invoices": (("MANUAL_INVOICE",), ("MANUAL_INVOICE_VAT",)),
}
CHARGED = {  # what the operator invoices to the shop: (kinds of the fee, kinds of its tax)
    "Commissions of completed orders": (("COMMISSION_FEE", "REFUND_COMMISSION_FEE"), ("COMMISSION_VAT", "REFUND_COMMISSION_VAT")),
    "Subscription": (("SUBSCRIPTION_FEE",), ("SUBSCRIPTION_VAT",)),
    "Penalty fees": (("SELLER_PENALTY_FEE",), ("SELLER_PENALTY_FEE_TAX",)),
}


def total(entries: Iterable[Transaction], kinds: tuple[str, ...]) -> Decimal:
    return sum((entry.amount for entry in entries if entry.kind in kinds), ZERO)


def close_cycle(here: State, mine: Shop, *, at: datetime) -> Json:
    """Everything payable is due now: it gets the cycle's id, the operator's invoice is written, and a pay-out is to follow."""
    entries = [mine.transactions[id] for id in mine.open_transactions if mine.transactions[id].payment_state == PAYABLE]
    id, voucher = here.uuid(), f"{here.next_id('voucher'):06d}"
    for entry in entries:
        restate(mine, entry, PAID, at=at)
        entry.cycle_id, entry.document = id, voucher.zfill(12)
        del mine.open_transactions[entry.id]
    amount = sum((entry.amount for entry in entries), ZERO)
    charged = -sum((total(entries, fees + taxes) for fees, taxes in CHARGED.values()), ZERO)
    cycle: Json = {"id": id, "date_created": at, "payment_voucher_number": voucher, "pay_out": {"state": "TO_PAY"}}
    cycle |= {"amount": max(amount, ZERO), "charged": charged, "summary": summed(entries)}
    mine.cycles[id] = cycle
    if charged:
        add_invoice(here, mine, entries, cycle, charged=charged, at=at)
    return cycle


def summed(entries: list[Transaction]) -> Json:
    found: Json = {}
    for name, (kinds, taxes) in SUMMED.items():
        net, tax = total(entries, kinds), total(entries, taxes)
        inside = name in ("total_payable_orders", "total_refund_orders") and not tax
        found[f"{name}_incl_tax"] = number(net + tax)
        found[f"{name}_excl_tax"] = number(net - tax_inside(entries, kinds) if inside else net)
    return found


def tax_inside(entries: list[Transaction], kinds: tuple[str, ...]) -> Decimal:
    """The tax that prices hold where they are with it."""
    tax = ZERO
    for entry in entries:
        if entry.kind in kinds and entry.order is not None:
            line = next(each for each in entry.order.lines if each.id == entry.entities["order_line"]["id"])
            rates = sum((rate for _, rate in line.taxes), ZERO)
            tax += (entry.amount * rates / (100 + rates)).quantize(Decimal("0.01"))
    return tax


def add_invoice(here: State, mine: Shop, entries: list[Transaction], cycle: Json, *, charged: Decimal, at: datetime) -> None:
    details = []
    for description, (fees, taxes) in CHARGED.items():
        net, tax = -total(entries, fees), -total(entries, taxes)
        if net or tax:
            rows = [{"code": "TAXDEFAULT", "amount": number(tax)}]
            details.append({"description": description, "quantity": 1, "amount_excl_taxes": number(net), "taxes": rows})
    tax = -sum((total(entries, taxes) for _, taxes in CHARGED.values()), ZERO)
    invoice = new_invoice(here, mine, "AUTO_INVOICE", net=charged - tax, tax=tax, details=details, at=at)
    started = max((each["date_created"] for each in mine.cycles.values() if each is not cycle), default=at)
    invoice |= {"cycle": cycle, "start_time": stamp(started), "end_time": stamp(at)}


def new_invoice(here: State, mine: Shop, kind: str, *, net: Decimal, tax: Decimal, details: list[Json], at: datetime) -> Json:
    invoice: Json = {"id": here.uuid(), "invoice_id": here.next_id("invoice"), "type": kind, "at": at, "net": net, "tax": tax, "details": details}
    mine.invoices[invoice["id"]] = invoice
    return invoice


def pay_out(here: State, mine: Shop, cycle: Json, to: str, *, reason: str | None, at: datetime) -> None:
    """The bank transfer of a cycle worked, or failed."""
    one_of([to], "state", allowed=PAY_OUT_STATES)
    if cycle["pay_out"]["state"] == "PAID":
        raise ValueError(f"cycle {cycle['id']} is paid")
    cycle["pay_out"] = {"state": to}
    if to == "PAID":
        cycle["pay_out"] |= {"reference": f"BACS-{cycle['payment_voucher_number']}", "transaction_date": stamp(at)}
        entry = write(here, mine, "PAYMENT", -cycle["amount"], at=at, payment_state=PAID)
        if entry is not None:
            entry.cycle_id = cycle["id"]
            del mine.open_transactions[entry.id]
    if to == "FAILED":
        cycle["pay_out"]["failure_reason"] = reason or "INCOMPLETE_KYC"


@bp.get("/seller-billing-cycles", endpoint="SBC11")
def list_cycles() -> Response:
    args, here, mine = asked(), state(), shop()
    ids, currencies = repeated(args, "id"), repeated(args, "currency")
    states = one_of(repeated(args, "pay_out_state"), "pay_out_state", allowed=PAY_OUT_STATES)
    start, end = moment(args, "start_date"), moment(args, "end_date")
    _, descending = direction(args, allowed=("dateCreated",), default="dateCreated,ASC")
    found = [
        each
        for each in mine.cycles.values()
        if (not ids or each["id"] in ids)
        and (not states or each["pay_out"]["state"] in states)
        and (not currencies or here.settings.currency in currencies)
        and (start is None or each["date_created"] >= start)
        and (end is None or each["date_created"] <= end)
    ]
    place = lambda each: place_of(each["date_created"], each["id"])  # noqa: E731
    return seek_page(found, args, place=place, render=lambda each: cycle_view(here, mine, each), descending=descending, most=1000)


def cycle_view(here: State, mine: Shop, cycle: Json) -> Json:
    about: Json = {"shop_id": mine.id, "shop_name": mine.name, "shop_corporate_name": f"{mine.name} Ltd"}
    return {
        "id": cycle["id"],
        "date_created": stamp(cycle["date_created"]),
        "currency_iso_code": here.settings.currency,
        "payment_voucher_number": cycle["payment_voucher_number"],
        "amount_transferred_to_seller": number(cycle["amount"]),
        "amount_transferred_to_operator": number(cycle["charged"]),
        "pay_out_psp_code": "NOT_SPECIFIED",
        "pay_out": cycle["pay_out"],
        "shop": about | {"shop_model": "MARKETPLACE", "shop_operator_internal_id": f"S-{mine.id}"},
        "summary": cycle["summary"],
    }


@bp.get("/invoices", endpoint="IV01")
def list_invoices() -> Response:
    """The operator's invoices to the shop; AUTO_INVOICE unless asked for another `type`."""
    args, here, mine = request.args, state(), shop()
    kind = one_of([args.get("type", "AUTO_INVOICE")], "type", allowed=INVOICE_TYPES)[0]
    cycles, ids, status = set(repeated(args, "seller_billing_cycle_id")), set(repeated(args, "invoice_id")), args.get("payment_status")
    start, end = moment(args, "start_date"), moment(args, "end_date")
    currencies = commas(args, "currency")
    found = [
        each
        for each in mine.invoices.values()
        if kind in ("ALL", each["type"])
        and (not cycles or each.get("cycle", {}).get("id") in cycles)
        and (not ids or str(each["invoice_id"]) in ids)
        and (not status or payment_view(each)["state"] == status)
        and (not currencies or here.settings.currency in currencies)
        and (start is None or each["at"] >= start)
        and (end is None or each["at"] <= end)
    ]
    if args.get("order") == "desc":
        found.reverse()
    return offset_page(found, "invoices", render=lambda each: invoice_view(here, mine, each), clamp=here.settings.max_over_100 == "clamp")


def payment_view(invoice: Json) -> Json:
    """An invoice is paid when its cycle is; a cycle that is to be paid leaves it pending."""
    paid: Json = invoice.get("cycle", {}).get("pay_out", {"state": "PAID"})
    if paid["state"] == "TO_PAY":
        return {"state": "PENDING"}
    return {name: value for name, value in paid.items() if name != "failure_reason"}


def invoice_view(here: State, mine: Shop, invoice: Json) -> Json:
    cycle: dict[str, Any] | None = invoice.get("cycle")
    shown: Json = {
        "invoice_id": invoice["invoice_id"],
        "id": invoice["id"],
        "type": invoice["type"],
        "state": "COMPLETE",
        "date_created": stamp(invoice["at"]),
        "issue_date": stamp(invoice["at"]),
        "due_date": stamp(invoice["at"]),
        "currency_iso_code": here.settings.currency,
        "total_amount_excl_taxes": number(invoice["net"]),
        "total_amount_incl_taxes": number(invoice["net"] + invoice["tax"]),
        "total_taxes": [{"code": "TAXDEFAULT", "amount": number(invoice["tax"])}],
        "details": invoice["details"],
        "payment": payment_view(invoice),
        "issuing_user": {"type": "BATCH" if cycle else "OPERATOR", "information": "Automatic action" if cycle else "Back office"},
        "shop_id": mine.id,
        "shop_name": mine.name,
    }
    if cycle is None:
        return shown
    moved = {"amount_transferred": number(cycle["amount"]), "amount_transferred_to_operator": number(cycle["charged"])}
    return shown | {"start_time": invoice["start_time"], "end_time": invoice["end_time"], "seller_billing_cycle_id": cycle["id"], "summary": moved}


@bp.get("/invoices/<document_id>", endpoint="IV02")
def download_invoice(document_id: str) -> Response:
    invoice = next((each for each in shop().invoices.values() if document_id in (each["id"], str(each["invoice_id"]))), None)
    if invoice is None:
        raise Refused(404)
    answer = Response(b"%PDF-1.4\n% An invoice of the sandbox\n%%EOF\n", mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="invoice-{invoice["invoice_id"]}.pdf"'
    return answer
