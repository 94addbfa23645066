"""Files what an audit finds: a case each while they are few, one case for all when so many have the same cause."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from exceptions.cases import CaseEntry, NewCase, open_cases
from exceptions.ignoring import raised
from exceptions.models import CaseItem

EACH = 25  # beyond that it is not so many faults but one: two catalogues that were never joined
MOST = 5000  # things listed in one case; all are counted
BATCH = 500


@dataclass
class Filing:
    """Cases of one kind. `together` makes the case for many, from their number. What is in an open case already stays in it."""

    kind: str
    together: Callable[[int], NewCase]
    at: datetime
    waiting: list[NewCase] = field(default_factory=list)
    number: int = 0
    listed: int = 0

    def add(self, cases: Sequence[NewCase]) -> None:
        """Each with exactly one item. What was called a false alarm is left out."""
        cases = raised(cases)
        self.number += len(cases)
        self.waiting += cases
        if self.number > EACH:
            self._file_together()

    def close(self) -> None:
        """No more come."""
        if self.number > EACH:
            self._file_together()
        else:
            open_cases([one for one in self.waiting if self._home(one) in (None, one.fingerprint)])
        self.waiting = []

    def _file_together(self) -> None:
        alone = self._homes()
        entries = [one.items[0] for one in self.waiting if alone.get(one.items[0].subject, "") != one.fingerprint]
        self.waiting = []
        for start in range(0, len(entries), BATCH):
            some = entries[start : start + BATCH][: max(0, MOST - self.listed)]
            self.listed += len(some)
            self._open(some)

    def _open(self, entries: Sequence[CaseEntry]) -> None:
        if entries:
            case = self.together(self.number)
            open_cases([NewCase(case.kind, case.fingerprint, case.cause, case.at, entries, connection=case.connection,
                                integration=case.integration, evidence=case.evidence)])  # fmt: skip

    def _homes(self) -> dict[str, str]:
        """Subject → fingerprint of the open case it is in."""
        subjects = [one.items[0].subject for one in self.waiting]
        items = CaseItem.objects.filter(subject__in=subjects, cleared_at=None, case__kind=self.kind, case__is_open=True)
        return dict(items.values_list("subject", "case__fingerprint"))

    def _home(self, one: NewCase) -> str | None:
        return self._homes().get(one.items[0].subject)
