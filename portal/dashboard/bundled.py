"""What a case's evidence takes along of each thing it names: every try, with secrets and people hidden, and the mapping versions it used (A11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from exceptions.bundle import Files, add_source
from exceptions.models import ExceptionCase
from mappings.history import said_then
from portal.dashboard.evidence import exchanged
from portal.dashboard.history import label_of
from portal.dashboard.personal import hide
from portal.ledger.models import HubOrder
from portal.sync.models import DeliveryAttempt
from portal.sync.subjects import subject_pk

MOST_TRIES = 20  # the newest of each thing; the older ones say the same

# First word of a thing's name → the messages about it; every other thing has those that carry its name
MESSAGES: dict[str, Callable[[int], Q]] = {
    "order": lambda pk: Q(message__order=pk),
    "message": lambda pk: Q(message=pk),
    "hub_order": lambda pk: Q(message__order__in=HubOrder.objects.filter(pk=pk).values("order")),
}
BY_NAME = ("shipment", "stock")


def register() -> None:
    """Told to the evidence of cases when the portal starts."""
    for prefix in (*MESSAGES, *BY_NAME):
        add_source(prefix, tries_of)


def tries_of(case: ExceptionCase, subject: str) -> Files:
    """Name of the file → one try."""
    named = MESSAGES.get(subject.partition(":")[0])
    tries: QuerySet[DeliveryAttempt] = DeliveryAttempt.objects.filter(named(subject_pk(subject)) if named else Q(message__subject=subject))
    newest = tries.select_related("message__connection", "message__order").order_by("-started_at", "-pk")[:MOST_TRIES]
    return {f"{one.started_at:%Y-%m-%dT%H-%M-%S} {label_of(one.message)}, try {one.number}.json": told(one) for one in newest}


def told(attempt: DeliveryAttempt) -> dict[str, Any]:
    message = attempt.message
    called = exchanged(attempt, message.order, shows_people=False)
    return {
        "what": label_of(message), "to": str(message.connection), "try": attempt.number, "began": attempt.started_at, "ended": attempt.ended_at,
        "outcome": attempt.outcome, "sentence": hide(attempt.sentence, message.order),
        "exchanges": [{"title": one.title, "took_ms": one.duration_ms, "text": one.text} for one in called],
        "mappings": [{**use, "said": said_then(use)} for use in attempt.mapping_uses],
    }  # fmt: skip
