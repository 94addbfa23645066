"""Control endpoints for money: the operator closes a cycle, pays it or fails to, and charges the shop by hand."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, Response, jsonify

from connectors.sandbox.kit import ADMIN
from connectors.sandbox.mirakl.answers import Refused, number
from connectors.sandbox.mirakl.billing import close_cycle, cycle_view, new_invoice, pay_out
from connectors.sandbox.mirakl.control import asked, misused, shop_of
from connectors.sandbox.mirakl.payouts import PAYABLE, write
from connectors.sandbox.mirakl.store import state

bp = Blueprint("mirakl_money_control", __name__, url_prefix=ADMIN)
for kind in (ValueError, KeyError, Refused):
    bp.register_error_handler(kind, misused)
CHARGES = {  # kind: (sign, kind of its tax)
    "MANUAL_CREDIT": (1, "MANUAL_CREDIT_VAT"),
    "MANUAL_INVOICE": (-1, "MANUAL_INVOICE_VAT"),
    "SELLER_PENALTY_FEE": (-1, "SELLER_PENALTY_FEE_TAX"),
    "SUBSCRIPTION_FEE": (-1, "SUBSCRIPTION_VAT"),
}


@bp.post("/close-cycle")
def close() -> tuple[Response, int]:
    """`{"pay_out": "PAID" | "TO_PAY" | "FAILED", "failure_reason"}`: bill everything that is payable now."""
    here, wanted = state(), asked()
    mine, at = shop_of(here, wanted.get("shop_id")), here.now()
    cycle = close_cycle(here, mine, at=at)
    if wanted.get("pay_out", "PAID") != "TO_PAY":
        pay_out(here, mine, cycle, wanted.get("pay_out", "PAID"), reason=wanted.get("failure_reason"), at=at)
    return jsonify(cycle_view(here, mine, cycle)), 201


@bp.post("/pay-out")
def pay() -> Response:
    """`{"cycle_id", "state": "PAID" | "FAILED", "failure_reason"}`: the bank transfer of a cycle."""
    here, wanted = state(), asked()
    mine = shop_of(here, wanted.get("shop_id"))
    cycle = mine.cycles[wanted["cycle_id"]]
    pay_out(here, mine, cycle, wanted["state"], reason=wanted.get("failure_reason"), at=here.now())
    return jsonify(cycle_view(here, mine, cycle))


@bp.post("/charge")
def charge() -> tuple[Response, int]:
    """`{"kind", "amount", "tax", "description", "order_id"}`: a credit, an invoice, a penalty or the subscription; payable at once."""
    here, wanted = state(), asked()
    mine, at = shop_of(here, wanted.get("shop_id")), here.now()
    sign, tax_kind = CHARGES[wanted["kind"]]
    net, tax = Decimal(str(wanted["amount"])), Decimal(str(wanted.get("tax", 0)))
    order = mine.orders[wanted["order_id"]] if "order_id" in wanted else None
    write(here, mine, wanted["kind"], sign * net, at=at, payment_state=PAYABLE, order=order)
    write(here, mine, tax_kind, sign * tax, at=at, payment_state=PAYABLE, order=order)
    if wanted["kind"].startswith("MANUAL_"):
        detail = {"description": wanted.get("description", "By hand"), "quantity": 1, "amount_excl_taxes": number(net)}
        detail |= {"order_id": wanted.get("order_id"), "taxes": [{"code": "TAXDEFAULT", "amount": number(tax)}]}
        new_invoice(here, mine, wanted["kind"], net=net, tax=tax, details=[detail], at=at)
    return jsonify(payable=number(mine.balances[PAYABLE])), 201
