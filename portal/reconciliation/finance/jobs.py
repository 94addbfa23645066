"""What the workers run: take in, book, match, raise, report; one bell, harmless if rung twice."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.utils import timezone

from portal.reconciliation.finance.booking import book
from portal.reconciliation.finance.cases import raise_cases
from portal.reconciliation.finance.causes import find_causes
from portal.reconciliation.finance.entries import alone, collect
from portal.reconciliation.finance.matching import match
from portal.reconciliation.finance.periods import verify_all
from portal.reconciliation.finance.reports import make_all

log = structlog.get_logger(__name__)


def tie_out(*, at: datetime) -> None:
    """Take in what is new, book it and judge it. A close waits for this, not for the reports."""
    with alone():
        collect(at=at)
        book(at=at)
        match(at=at)
        find_causes(at=at)


def work(*, at: datetime) -> None:
    """All of it, in order."""
    tie_out(at=at)
    raise_cases(at=at)
    make_all(at=at)


def count_money() -> None:
    work(at=timezone.now())


def verify_closes() -> None:
    """Once a day: every signed period against its hash and its entries."""
    for close, wrong in verify_all().items():
        log.error("a closed period no longer agrees", close=close, wrong=wrong)
