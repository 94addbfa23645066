"""Lines of the shop's account (TL02) and billing cycles (SBC11). https://developer.mirakl.com"""

from __future__ import annotations

from decimal import Decimal

from connectors.canonical import PayoutLine
from connectors.errors import ContractError
from connectors.mirakl.client import Row, part
from connectors.mirakl.lines import ZERO, first_number
from connectors.reading import moment, need, text

CYCLE = "cycle"  # what a billing cycle is wrapped in, to tell it from an account line
RULES = (  # (part of the type's name, our word); the first that fits
    ("PENALTY", "penalty"),
    ("PAYMENT", "payout"),
    ("RESERVE", "reserve"),
    ("COMMISSION", "commission"),
    ("REFUND", "refund"),
    ("SHIPPING_AMOUNT_TAX", "tax"),
    ("SHIPPING_AMOUNT", "shipping"),
    ("ORDER_AMOUNT_TAX", "tax"),
    ("ORDER_AMOUNT", "order"),
    ("ORDER_FEE", "order"),
    ("_VAT", "fee"),
)


def kind_of(word: str) -> str:
    """Our word for a type. Subscriptions, manual and one-off documents, and types nobody has heard of yet, are fees."""
    return next((kind for part_, kind in RULES if part_ in word), "fee")


def parse_payout(body: Row) -> PayoutLine:
    return parse_cycle(part(body, CYCLE)) if CYCLE in body else parse_line(body)


def parse_line(body: Row) -> PayoutLine:
    """One movement: `amount` is signed, credited less debited."""
    reference, word = text(need(body, "id", what="account line")), text(body.get("type"))
    entities = part(body, "entities")
    return PayoutLine(
        reference=reference,
        kind=kind_of(word),
        vendor_kind=word,
        amount=amount_of(body, reference),
        currency=text(body.get("currency_iso_code")).upper(),
        at=moment(body.get("date_created") or need(body, "last_updated", what=f"account line {reference}"), what="date_created of an account line"),
        order_reference=text(part(entities, "order").get("id")),
        order_line=text(part(entities, "order_line").get("id")),
        cycle=text(body.get("seller_billing_cycle_id")),
        state=text(body.get("payment_state")),
        note=note_of(body, entities),
    )


def amount_of(body: Row, reference: str) -> Decimal:
    told = first_number(body.get("amount"))
    if told is not None:
        return told
    credited, debited = first_number(body.get("amount_credited")), first_number(body.get("amount_debited"))
    if credited is None and debited is None:
        raise ContractError(f"The account line {reference} has no amount.")
    return (credited or ZERO) - (debited or ZERO)


def note_of(body: Row, entities: Row) -> str:
    told = {
        "refund": text(part(entities, "refund").get("id")),
        "document": text(body.get("accounting_document_number")),
        "item": text(part(entities, "one_off_item").get("description")),
        "transaction": text(part(entities, "transaction_info").get("number")),
    }
    return ", ".join(f"{name} {value}" for name, value in told.items() if value)


def parse_cycle(body: Row) -> PayoutLine:
    """A billing cycle: what the operator transfers to us for it. Its own kind, for TL02 tells the payment as a line, too."""
    reference = text(need(body, "id", what="billing cycle"))
    paid = part(body, "pay_out")
    told = {"bank": text(paid.get("reference")), "failed": text(paid.get("failure_reason")), "voucher": text(body.get("payment_voucher_number"))}
    return PayoutLine(
        reference=f"cycle:{reference}",
        kind="cycle",
        vendor_kind="BILLING_CYCLE",
        amount=first_number(body.get("amount_transferred_to_seller")) or ZERO,
        currency=text(body.get("currency_iso_code")).upper(),
        at=moment(need(body, "date_created", what=f"billing cycle {reference}"), what="date_created of a billing cycle"),
        cycle=reference,
        state=text(paid.get("state")),
        note=", ".join(f"{name} {value}" for name, value in told.items() if value),
    )
