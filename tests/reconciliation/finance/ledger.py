"""A marketplace account with its orders and statement, and a shop beside it, written straight into the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from portal.connections.models import Connection, Health
from portal.ledger.models import PayoutLine, Refund, SalesOrder, Stage
from portal.reconciliation.finance import jobs
from portal.reconciliation.finance.models import Period
from portal.reconciliation.finance.words import Basis
from tests.reconciliation.conftest import Sides

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
OCTOBER, NOVEMBER = datetime(2026, 10, 5, 9, 0, tzinfo=UTC), datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
VENDOR_KINDS = {
    "order": "ORDER_AMOUNT", "shipping": "ORDER_SHIPPING_AMOUNT", "tax": "ORDER_AMOUNT_TAX", "commission": "COMMISSION_FEE",
    "refund": "REFUND_ORDER_AMOUNT", "penalty": "SELLER_PENALTY_FEE", "fee": "MANUAL_INVOICE", "payout": "PAYMENT", "reserve": "RESERVE_FUNDING",
}  # fmt: skip


class Books(Sides):
    """`account` is at a marketplace operator; `sold` and `line` fill it, `count` is what the worker does."""

    def __init__(self) -> None:
        super().__init__()
        fine = {"verified_at": NOW, "enabled": True, "health": Health.OK, "last_ok_at": NOW}
        self.account = Connection.objects.create(
            name="Harbour & Home", system="mirakl", base_url="https://mkp.example.test", account="2310", options={"acceptance_hours": "24"}, **fine
        )

    def sold(self, number: str, total: str, *, at: datetime = OCTOBER, **more: Any) -> SalesOrder:
        given = {
            "connection": self.account, "integration": None, "reference": number, "total": Decimal(total), "stage": Stage.DONE, "state": "complete",
            "payment_state": "not_told", "placed_at": at, "changed_at": at, "stage_at": at, "seen_at": at, **more,
        }  # fmt: skip
        return self.order(number, **given)

    def line(self, kind: str, amount: str, order: SalesOrder | None = None, *, at: datetime = OCTOBER, **more: Any) -> PayoutLine:
        self.numbers += 1
        given = {"vendor_kind": VENDOR_KINDS[kind], "currency": "GBP", "order": order, "order_reference": order.reference if order else "", **more}
        return PayoutLine.objects.create(connection=self.account, reference=f"t{self.numbers}", kind=kind, amount=Decimal(amount), at=at, **given)

    def cycle(self, key: str, amount: str, *, at: datetime, state: str = "PAID") -> PayoutLine:
        """The operator closed a cycle, and says that it pays so much."""
        return PayoutLine.objects.create(
            connection=self.account, reference=f"cycle:{key}", kind="cycle", vendor_kind="BILLING_CYCLE", amount=Decimal(amount), currency="GBP",
            at=at, cycle=key, state=state,
        )  # fmt: skip

    def refund(self, order: SalesOrder, amount: str, *, at: datetime = OCTOBER) -> Refund:
        self.numbers += 1
        return Refund.objects.create(
            connection=order.connection, order=order, reference=f"r{self.numbers}", amount=Decimal(amount), currency="GBP", at=at
        )

    def count(self, *, at: datetime = NOW) -> None:
        jobs.work(at=at)

    def month(self, key: str = "2026-10", *, account: Connection | None = None) -> Period:
        return Period.objects.get(connection=account or self.account, basis=Basis.MONTH, key=key)

    def october(self) -> SalesOrder:
        """One order, sold, charged, settled and paid out in October; all of it agrees."""
        order = self.sold("M-1", "50.00")
        self.line("order", "46.10", order, cycle="c1", state="PAID")
        self.line("shipping", "3.90", order, cycle="c1", state="PAID")
        self.line("commission", "-7.50", order, cycle="c1", state="PAID")
        self.cycle("c1", "42.50", at=OCTOBER + timedelta(days=6))
        self.line("payout", "-42.50", at=OCTOBER + timedelta(days=7), cycle="c1", state="PAID")
        return order
