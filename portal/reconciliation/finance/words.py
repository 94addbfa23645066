"""The words of finance, one table each."""

from __future__ import annotations

from django.db import models


class Source(models.TextChoices):
    """Where an entry was read from."""

    PAYOUT = "payout", "line of the marketplace's statement"
    CAPTURE = "capture", "payment taken"
    LABEL = "label", "order the channel calls paid"
    REFUND = "refund", "payment given back"
    SHIPMENT = "shipment", "goods dispatched"


class Basis(models.TextChoices):
    """The two ways to cut time; a month never ends on a cycle."""

    MONTH = "month", "calendar month"
    CYCLE = "cycle", "settlement cycle"


class PeriodState(models.TextChoices):
    OPEN = "open", "open"
    PREPARED = "prepared", "prepared, waits for its reviewer"
    CLOSED = "closed", "closed"


class Part(models.TextChoices):
    """What a figure of a period tells."""

    ACTIVITY = "activity", "what happened in it"
    SETTLED = "settled", "what was settled with it"


class Side(models.TextChoices):
    """What is held against what."""

    SALE = "sale", "Sale against the statement"
    REFUND = "refund", "Refund against the statement"
    COMMISSION = "commission", "Commission told against commission charged"
    SHIPPED = "shipped", "Goods dispatched against payment taken"
    RETURNED = "returned", "Refund told against payment given back"
    UNTIED = "untied", "Statement line without an order"
    CYCLE = "cycle", "Lines of a cycle against the payout"


class Match(models.TextChoices):
    """How well the two sides agree."""

    EXACT = "exact", "exact"
    TOLERATED = "tolerated", "within tolerance"
    TIMING = "timing", "timing"
    UNEXPLAINED = "unexplained", "unexplained"


class Reason(models.TextChoices):
    """Why a difference is written off."""

    ROUNDING = "rounding", "rounding"
    TOO_SMALL = "too_small", "too small to pursue"
    GOODWILL = "goodwill", "goodwill to a customer"
    OPERATOR = "operator", "the operator will not correct it"
    BAD_DEBT = "bad_debt", "money that will not come"


KINDS = {  # an entry's kind → its word on pages; in the order of a waterfall
    "order": "Sales",
    "shipping": "Shipping charged",
    "tax": "Tax charged",
    "capture": "Payments taken",
    "refund": "Refunds",
    "commission": "Commission",
    "fee": "Fees",
    "penalty": "Penalties",
    "reserve": "Reserve held back",
    "shipped": "Goods dispatched",
    "payout": "Paid out",
}
SALE_KINDS = ("order", "shipping", "tax")
EXPLAINED_FEES = ("SUBSCRIPTION_FEE", "SUBSCRIPTION_VAT")  # a contract explains them
TONES = {Match.EXACT: "good", Match.TOLERATED: "good", Match.TIMING: "wait", Match.UNEXPLAINED: "bad"}
STATE_TONES = {PeriodState.OPEN: "info", PeriodState.PREPARED: "wait", PeriodState.CLOSED: "good"}
