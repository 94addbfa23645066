"""Why an operator charged a fee or a penalty: found from the cases of its order, tied by a person, or disputed (E31)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet

from portal.accounts.models import User
from portal.audit.trail import record
from portal.ledger.models import SalesOrder
from portal.reconciliation.finance.entries import run
from portal.reconciliation.finance.models import Cause, Entry
from portal.reconciliation.finance.periods import FinanceError
from portal.reconciliation.finance.words import EXPLAINED_FEES

Keep = Callable[[Entry], Cause]
CHARGED = ("fee", "penalty")
FAULTS = ("E01", "E02", "E04", "E05", "E17", "E18", "E19", "E23", "E16", "E26")  # what an operator charges for, the likeliest first
# A charge that names an order is explained by what went wrong with that order.
FIND = """
INSERT INTO reconciliation_cause (entry_id, order_id, label, disputed, at)
SELECT DISTINCT ON (e.id) e.id, e.order_id, left(c.kind || ' #' || c.id || ': ' || c.cause, 200), false, %(at)s
  FROM reconciliation_entry AS e
  JOIN exceptions_caseitem AS i ON i.subject = 'order:' || e.order_id OR i.subject IN
       (SELECT 'shipment:' || s.id FROM ledger_shipment AS s WHERE s.order_id = e.order_id)
  JOIN exceptions_exceptioncase AS c ON c.id = i.case_id AND c.kind = ANY(%(faults)s)
 WHERE e.kind = ANY(%(charged)s) AND e.amount < 0 AND e.order_id IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM reconciliation_cause AS k WHERE k.entry_id = e.id)
 ORDER BY e.id, array_position(%(faults)s, c.kind::text), c.id
"""


def find_causes(*, at: datetime) -> int:
    return run(FIND, {"at": at, "faults": list(FAULTS), "charged": list(CHARGED)})


def without_cause() -> QuerySet[Entry]:
    """Money charged that nothing explains."""
    charged = Entry.objects.filter(kind__in=CHARGED, amount__lt=0, cause=None)
    return charged.exclude(vendor_kind__in=EXPLAINED_FEES)


def tie(entry: Entry, number: str, *, by: User, at: datetime) -> Cause:
    """A person knows which order it is for."""
    found = SalesOrder.objects.filter(connection=entry.connection_id, number_key=number.strip().upper())[:2]
    if len(found) != 1:
        raise FinanceError(f"{entry.connection} has no order {number.strip()}, or more than one. Nothing was tied.")
    return keep(entry, f"Order {found[0].number}, tied by {by.called}", by=by, at=at, order=found[0])


def dispute(entry: Entry, note: str, *, by: User, at: datetime) -> Cause:
    return keep(entry, f"Disputed by {by.called}: {note.strip()}", by=by, at=at, disputed=True)


def keep(entry: Entry, label: str, *, by: User, at: datetime, order: SalesOrder | None = None, disputed: bool = False) -> Cause:
    values = {"label": label[:200], "by": by, "at": at, "order": order, "disputed": disputed}
    made, is_new = Cause.objects.get_or_create(entry=entry, defaults=values)
    if not is_new:
        raise FinanceError(f"It has its cause already: {made.label}.")
    record("charge.explained", entry, by=by, new={"cause": made.label})
    return made
