"""Answers what mappings cannot know by themselves: which orders wait for a code, which used a row, and what a change would have meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from mappings.errors import UnmappedCode
from mappings.models import Mapping
from mappings.orders import OrderLink, Waiting
from mappings.whatif import Change, Outlook
from portal.sync.kinds import Moot, NotYet
from portal.sync.models import DeliveryAttempt, OutboundMessage, State
from portal.sync.translate import translate

MESSAGES = ("create_order", "confirm_shipment")


class CorridorOrders:
    """The corridor's answers (`mappings.orders.Orders`)."""

    def waiting(self, keys: Collection[str]) -> dict[str, Waiting]:
        rows = OutboundMessage.objects.filter(state=State.PARKED, waiting_for__in=list(keys), order__isnull=False)
        values: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        orders: dict[str, set[int]] = defaultdict(set)
        for key, order, total, currency in rows.values_list("waiting_for", "order_id", "order__total", "order__currency"):
            if order not in orders[key]:
                values[key][currency] += total
                orders[key].add(order)
        return {key: Waiting(len(found), dict(values[key])) for key, found in orders.items()}

    def used(self, kind: str, mapping_id: int, *, since: datetime, limit: int) -> list[OrderLink]:
        rows = attempts_with(kind, [mapping_id], since=since).order_by("-started_at").select_related("message__order")[:limit]
        found = [(row.message.order, row.started_at) for row in rows]
        return [OrderLink(order.number, reverse("dashboard:order", args=[order.pk]), at) for order, at in found if order is not None]

    def count_used(self, kind: str, mapping_ids: Collection[int], *, since: datetime) -> int:
        return attempts_with(kind, mapping_ids, since=since).values("message__order").distinct().count()


def attempts_with(kind: str, mapping_ids: Collection[int], *, since: datetime) -> QuerySet[DeliveryAttempt]:
    """Attempts that were translated with any of the rows."""
    about = Q(pk__in=[])
    for mapping_id in mapping_ids:
        about |= Q(mapping_uses__contains=[{"mapping_kind": kind, "mapping_id": mapping_id}])
    return DeliveryAttempt.objects.filter(about, started_at__gte=since, message__order__isnull=False)


class TriedError(Exception):
    """Ends a trial: everything it wrote is taken back."""


def outlook(row: Mapping, orders: int) -> Outlook:
    """Translate the newest messages as they are, and again with the row in place; nothing is sent and nothing is kept."""
    messages = OutboundMessage.objects.filter(kind__in=MESSAGES, integration=getattr(row, "integration", None)).select_related(
        "order", "order__connection", "integration", "integration__hub", "integration__channel", "connection"
    )
    newest = list(messages.order_by("-pk")[:orders])
    at = timezone.now()
    before, known_as = {message.pk: answer_of(message, at) for message in newest}, row.pk
    after = dict(before)
    try:
        with transaction.atomic():
            table = type(row)._default_manager
            table.filter(pk=row.pk).delete()
            table.bulk_create([row])
            after = {message.pk: answer_of(message, at) for message in newest}
            raise TriedError
    except (TriedError, IntegrityError):
        row.pk = known_as  # nothing was kept, the row's new number least of all
    return compared(newest, before, after)


def answer_of(message: OutboundMessage, at: datetime) -> tuple[bool, str]:
    """Whether it can be translated, and the codes used (or the reason why not)."""
    try:
        request = translate(message, at=at)
    except (UnmappedCode, NotYet, Moot) as error:
        return False, str(error) if isinstance(error, UnmappedCode) else error.note
    return True, ", ".join(dict.fromkeys(use.label or use.value for use in request.uses))


def compared(messages: list[OutboundMessage], before: dict[int, tuple[bool, str]], after: dict[int, tuple[bool, str]]) -> Outlook:
    found = Outlook(tried=len(messages))
    for message in messages:
        (went, now), (goes, then) = before[message.pk], after[message.pk]
        if (went, now) == (goes, then):
            continue
        url = reverse("dashboard:order", args=[message.order_id]) if message.order_id else ""
        change = Change(str(message.order or message.subject), now, then, url)
        (found.changes if went and goes else found.passes if goes else found.fails).append(change)
    return found
