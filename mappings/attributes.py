"""The memory of what orders carry: which names are known, which are new, and what a person decided about each (R159)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from mappings.models import SeenAttribute
from mappings.models.attributes import Decision, Sort
from mappings.signals import attribute_decided
from portal.accounts.models import User
from portal.accounts.permissions import Action, check
from portal.audit.trail import record
from portal.connections.models import Integration
from portal.ledger.models import SalesOrder

SETTLING = timedelta(days=1)  # what orders carry on the first day is how they are, and no news
MOST = 300  # names remembered for one integration; beyond it somebody writes values where names belong
Name = tuple[Sort, str]
# Rows are touched in one order, so that two workers never wait for each other in a circle.
COUNT = """
WITH mine AS (
    SELECT seen.id, told.times FROM mappings_seenattribute AS seen
      JOIN unnest(%s::varchar[], %s::varchar[], %s::bigint[]) AS told (sort, name, times) ON seen.sort = told.sort AND seen.name = told.name
     WHERE seen.integration_id = %s ORDER BY seen.id FOR UPDATE OF seen)
UPDATE mappings_seenattribute AS seen SET times = seen.times + mine.times, last_seen_at = greatest(seen.last_seen_at, %s)
  FROM mine WHERE seen.id = mine.id
"""


def known(integration: Integration) -> set[Name]:
    """Every name that is remembered."""
    rows = SeenAttribute.objects.filter(integration=integration).values_list("sort", "name")
    return {(Sort(sort), name) for sort, name in rows}


def settled(integration: Integration, *, at: datetime) -> bool:
    """Orders of it have been watched for a day: only then is a name nobody saw before worth a question."""
    return SeenAttribute.objects.filter(integration=integration, first_seen_at__lte=at - SETTLING).exists()


def remember(names: Iterable[Name], integration: Integration, *, order: SalesOrder, is_news: bool, at: datetime) -> list[SeenAttribute]:
    """Keep new names; those that nobody else kept in the same moment, by name. Beyond MOST nothing more is kept."""
    room = MOST - SeenAttribute.objects.filter(integration=integration).count()
    fresh = []
    for sort, name in sorted(names)[: max(0, room)]:
        seen = {"first_seen_at": at, "last_seen_at": at, "order": order, "is_news": is_news}
        row, created = SeenAttribute.objects.get_or_create(integration=integration, sort=sort, name=name, defaults=seen)
        fresh += [row] if created else []
    return fresh


def count(times: Mapping[Name, int], integration: Integration, *, at: datetime) -> None:
    """Add what a batch carried to the counters, in one statement."""
    if not times:
        return
    sorts, names = [str(sort) for sort, _ in times], [name for _, name in times]
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [sorts, names, list(times.values()), integration.pk, at])


def total(names: Iterable[Iterable[Name]]) -> Counter[Name]:
    """How many orders carried each."""
    return Counter(name for several in names for name in several)


def listed(integration: Integration | None, *, undecided: bool) -> list[SeenAttribute]:
    """For the page: those nobody decided about first, news before what was there from the beginning."""
    rows = SeenAttribute.objects.filter(integration__removed_at=None).select_related("integration", "order", "decided_by")
    if integration is not None:
        rows = rows.filter(integration=integration)
    if undecided:
        rows = rows.filter(decision="")
    return list(rows.order_by(F("decided_at").desc(nulls_first=True), "-is_news", "integration__name", "sort", "name")[: 2 * MOST])


def decide(row: SeenAttribute, decision: Decision | None, *, by: User, reason: str, at: datetime | None = None) -> SeenAttribute:
    """Use or ignore it; None takes the decision back. NotAllowedError for everybody but those who set integrations up."""
    check(by, Action.EDIT_CONNECTION)
    if not reason.strip():
        raise ValidationError("Say why: the next person who reads this list will ask.")
    with transaction.atomic():
        held = SeenAttribute.objects.select_for_update(of=("self",)).select_related("integration").get(pk=row.pk)
        old, held.decision = held.decision, decision or ""
        held.decided_at, held.decided_by = (at or timezone.now(), by) if decision else (None, None)
        held.reason = reason.strip()[:200] if decision else ""
        held.save(update_fields=["decision", "decided_at", "decided_by", "reason"])
        record("attribute.decided", held, by=by, old={"decision": old}, new={"decision": str(held.decision)}, reason=reason.strip())
        if decision:
            attribute_decided.send(SeenAttribute, attribute=held, by=by)
    return held
