"""Gives up a difference: with a reason, up to the currency's limit alone, beyond it with a second person."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from exceptions.approved import DO_WITHOUT_CASE
from portal.accounts import approvals
from portal.accounts.approvals import ApprovalError
from portal.accounts.models import ApprovalRequest, User
from portal.accounts.permissions import Action, check
from portal.audit.trail import record
from portal.reconciliation.finance.entries import alone
from portal.reconciliation.finance.matching import match_account, statement_accounts, tolerance_of
from portal.reconciliation.finance.models import Discrepancy, WriteOff
from portal.reconciliation.finance.periods import FinanceError
from portal.reconciliation.finance.words import Reason

DO = "write_off_difference"


def left(row: Discrepancy) -> Decimal:
    """What is still open of the difference."""
    return row.difference + row.written_off


def write_off(row: Discrepancy, *, reason: str, note: str, by: User) -> str:
    """Do it, or ask for the second person; the sentence says which."""
    if not left(row):
        raise FinanceError("Nothing is left of this difference.")
    if not note.strip():
        raise FinanceError("Say why: whoever looks at it later reads it.")
    amount = -left(row)
    verdict = check(by, Action.WRITE_OFF, beyond_limit=abs(amount) > tolerance_of(row.currency).write_off_limit)
    wish = {
        "do": DO, "connection": row.connection_id, "side": row.side, "subject": row.subject, "currency": row.currency, "amount": f"{amount:f}",
        "reason": Reason(reason).value, "note": note.strip()[:300],
    }  # fmt: skip
    if verdict.needs_approval:
        summary = f"Write off {abs(amount):.2f} {row.currency} of {row.label} ({row.get_side_display()}, {Reason(reason).label})."
        approvals.ask(Action.WRITE_OFF, by=by, verdict=verdict, arguments=wish, summary=summary[:300], reason=note)
        return f"Asked. Nothing has happened yet: {verdict.why}"
    with alone():
        keep(wish, by=by, approved_by=None)
    return f"{abs(amount):.2f} {row.currency} written off."


def keep(wish: dict[str, Any], *, by: User, approved_by: User | None) -> WriteOff:
    at = timezone.now()
    values = {name: wish[name] for name in ("side", "subject", "currency", "reason", "note")}
    made = WriteOff.objects.create(connection_id=wish["connection"], amount=Decimal(wish["amount"]), by=by, approved_by=approved_by, at=at, **values)
    record("difference.written_off", made, by=by, new={"amount": wish["amount"], "reason": wish["reason"]}, reason=wish["note"])
    match_account(wish["connection"], is_statement=wish["connection"] in statement_accounts(), at=at)
    return made


@transaction.atomic
def carry_out(request: ApprovalRequest) -> str:
    """Runs when the second person has approved; refused if the difference has changed meanwhile."""
    wish = request.arguments
    with alone():
        row = Discrepancy.objects.filter(
            connection=wish["connection"], side=wish["side"], subject=wish["subject"], currency=wish["currency"]
        ).first()  # fmt: skip
        if row is None or -left(row) != Decimal(wish["amount"]):
            raise ApprovalError("The difference is not what it was when this was asked. Refuse it and look again.")
        keep(wish, by=request.requester, approved_by=request.decided_by)
    return f"{abs(Decimal(wish['amount'])):.2f} {wish['currency']} of {row.label} are written off."


def connect() -> None:
    DO_WITHOUT_CASE[DO] = carry_out
