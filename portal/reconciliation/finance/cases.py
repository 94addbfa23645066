"""Raises what finance must look at, E30 and E31, and shows when it is solved."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.db.models import QuerySet

from exceptions.cases import CaseEntry, NewCase
from exceptions.models import ExceptionCase
from exceptions.proof import Proof, register
from portal.connections.models import Connection
from portal.reconciliation.filing import Filing
from portal.reconciliation.finance.causes import without_cause
from portal.reconciliation.finance.models import Discrepancy, Entry
from portal.reconciliation.finance.words import Match, Side
from portal.sync.case_actions.held_up import open_subjects

STATEMENT = (Side.SALE, Side.REFUND, Side.COMMISSION, Side.UNTIED, Side.CYCLE)  # the others have E28 and E29
SAID = {
    Side.SALE: "The statement of {account} tells {actual:.2f} {currency} for order {label}; the order says {expected:.2f}.",
    Side.REFUND: "{account} took back {actual:.2f} {currency} for refunds of order {label}; the refunds come to {expected:.2f}.",
    Side.COMMISSION: "{account} charged {actual:.2f} {currency} of commission on order {label}; it had told {expected:.2f}.",
    Side.UNTIED: "{actual:.2f} {currency} in the statement of {account} belong to no order that is known here ({label}).",
    Side.CYCLE: "{label}: {account} pays {actual:.2f} {currency}; the lines of the cycle come to {expected:.2f}.",
}


def unexplained() -> QuerySet[Discrepancy]:
    return Discrepancy.objects.filter(state=Match.UNEXPLAINED, side__in=STATEMENT)


def raise_cases(*, at: datetime) -> None:
    file_variances(at=at)
    file_charges(at=at)


def item_of(row: Discrepancy) -> str:
    """The same order can differ on several sides; each is a thing of its own."""
    return f"variance:{row.connection_id}:{row.side}:{row.currency}:{row.subject}"


def file_variances(*, at: datetime) -> None:
    """E30: beyond tolerance, and too old to be a matter of timing."""
    filings: dict[int, Filing] = {}
    for row in unexplained().select_related("connection").order_by("connection", "pk").iterator(chunk_size=500):
        filing = filings.setdefault(row.connection_id, filing_of("E30", row.connection, at=at))
        sentence = SAID[Side(row.side)].format(
            account=row.connection.name, actual=row.actual, expected=row.expected, label=row.label, currency=row.currency
        )
        entry = CaseEntry(item_of(row), row.label, row.since, value=abs(row.difference + row.written_off), currency=row.currency)
        evidence = {"expected": f"{row.expected:f}", "found": f"{row.actual:f}", "difference": f"{row.difference:f}"}
        filing.add([NewCase("E30", item_of(row), sentence, at, [entry], row.connection, evidence=evidence)])
    for filing in filings.values():
        filing.close()


def filing_of(kind: str, connection: Connection, *, at: datetime) -> Filing:
    words = {"E30": "differences between the statement of {0} and the sales are beyond tolerance.", "E31": "charges of {0} have no known cause."}[
        kind
    ]
    return Filing(
        kind, lambda number: NewCase(kind, f"finance:{connection.pk}", f"{number} {words.format(connection.name)}", at, connection=connection), at
    )


def file_charges(*, at: datetime) -> None:
    """E31: every charge without a cause is shown to a person."""
    filings: dict[int, Filing] = {}
    for entry in without_cause().select_related("connection", "order").order_by("connection", "pk").iterator(chunk_size=500):
        filing = filings.setdefault(entry.connection_id, filing_of("E31", entry.connection, at=at))
        of = f" on order {entry.order.number}" if entry.order else ""
        charged = f"{-entry.amount:.2f} {entry.currency}{of} ({entry.kind}, {entry.vendor_kind})"
        sentence = f"{entry.connection} charged {charged}; nothing known here explains it."
        item = CaseEntry(entry.subject, entry.vendor_kind or entry.kind, entry.at, value=-entry.amount, currency=entry.currency)
        filing.add(
            [NewCase("E31", entry.subject, sentence, at, [item], entry.connection, evidence={"type": entry.vendor_kind, "cycle": entry.cycle})]
        )
    for filing in filings.values():
        filing.close()


@register("E30")
def within_tolerance(case: ExceptionCase) -> Proof | None:
    """The last matching no longer finds these differences unexplained: a line came, or somebody wrote it off."""
    asked = [one for one in open_subjects(case) if one.startswith("variance:")]
    parts = {one: one.split(":", 4) for one in asked}
    found: dict[str, Discrepancy] = {}
    for row in unexplained().filter(subject__in=[part[4] for part in parts.values()]):
        found[item_of(row)] = row
    done = tuple(one for one in asked if one not in found)
    return Proof({"matching": "within tolerance, or the missing line came"}, done) if done else None


@register("E31")
def charge_explained(case: ExceptionCase) -> Proof | None:
    pks = [int(one.partition(":")[2]) for one in open_subjects(case) if one.startswith("entry:")]
    told = Entry.objects.filter(pk__in=pks, cause__isnull=False).select_related("cause")
    by_words: dict[str, list[str]] = defaultdict(list)
    for entry in told:
        by_words["disputed" if entry.cause.disputed else "cause"].append(entry.cause.label)
    done = tuple(entry.subject for entry in told)
    return Proof({word: "; ".join(labels)[:300] for word, labels in by_words.items()}, done) if done else None


def states(subjects: list[str]) -> dict[str, str]:
    """Where each difference stands now, for the case's page."""
    rows = {item_of(row): row for row in Discrepancy.objects.filter(subject__in=[one.split(":", 4)[4] for one in subjects])}
    return {one: f"{rows[one].difference:.2f} {rows[one].currency}, {rows[one].get_state_display()}" if one in rows else "agrees" for one in subjects}


def charge_states(subjects: list[str]) -> dict[str, str]:
    entries = Entry.objects.select_related("cause").in_bulk([int(one.partition(":")[2]) for one in subjects])
    return {entry.subject: entry.cause.label if hasattr(entry, "cause") else "no cause known" for entry in entries.values()}
