"""Everything that happened to an order, newest first: what came in, what went out, every try, every case, every person's act."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse

from portal.audit.models import AuditEvent
from portal.dashboard.cases import case_url
from portal.dashboard.journey import Journey
from portal.dashboard.personal import SEEN, hide
from portal.ledger.models import SalesOrder
from portal.sync.models import InboundState, OutboundMessage, State
from portal.sync.routes import ROUTES

MOST = 80
MOST_ACTS = 30
OUTCOMES = {  # an attempt's outcome -> what it says, and its tone
    "done": ("done", "good"),
    "looked": ("looked, not sent", "info"),
    "Unavailable": ("not answering", "bad"),
    "RateLimited": ("asked to wait", "wait"),
    "OutcomeUnknown": ("no answer", "wait"),
    "Rejected": ("refused", "bad"),
    "AccessDenied": ("credential refused", "bad"),
    "ContractError": ("answer not understood", "bad"),
    "UnmappedCode": ("code not mapped", "bad"),
}
MESSAGE_TONES = {
    State.QUEUED: "info", State.IN_FLIGHT: "info", State.SENT: "good", State.CONFIRMED: "good", State.PARKED: "bad", State.SUPERSEDED: "quiet",
    State.ABANDONED: "quiet",
}  # fmt: skip


@dataclass(frozen=True)
class Happening:
    """One line of the history. `evidence` leads to the exchanged requests and answers."""

    at: datetime
    what: str
    word: str = ""
    tone: str = "quiet"
    note: str = ""
    url: str = ""
    evidence: str = ""


def history(journey: Journey, *, shows_evidence: bool, shows_people: bool) -> list[Happening]:
    """Vendors quote names and addresses in their refusals; those are hidden like all the rest."""
    every = [*_inbound(journey), *_outbound(journey), *_attempts(journey, shows_evidence=shows_evidence), *_cases(journey), *_acts(journey.order)]
    newest = sorted(every, key=lambda one: one.at, reverse=True)[:MOST]
    return newest if shows_people else [replace(one, note=hide(one.note, journey.order)) if one.note else one for one in newest]


def label_of(message: OutboundMessage) -> str:
    """“Create the warehouse order”."""
    route = ROUTES.get(message.kind)
    words = (route.label if route else "") or message.kind.replace("_", " ")
    return words[:1].upper() + words[1:]


def _inbound(journey: Journey) -> Iterator[Happening]:
    for one in journey.inbound:
        tone = "bad" if one.state == InboundState.FAILED else "quiet"
        yield Happening(one.received_at, f"News from {one.connection}", one.get_state_display(), tone, one.note)


def _outbound(journey: Journey) -> Iterator[Happening]:
    for one in journey.messages:
        if not any(attempt.message_id == one.pk for attempt in journey.attempts):
            yield Happening(one.created_at, f"{label_of(one)}: {one.connection}", one.get_state_display(), MESSAGE_TONES[State(one.state)], one.note)


def _attempts(journey: Journey, *, shows_evidence: bool) -> Iterator[Happening]:
    for one in journey.attempts:
        word, tone = OUTCOMES.get(one.outcome, (one.outcome, "wait"))
        evidence = reverse("dashboard:attempt", args=[journey.order.pk, one.pk]) if shows_evidence else ""
        what = f"{label_of(one.message)}: {one.message.connection}, try {one.number}"
        yield Happening(one.ended_at, what, word, tone, one.sentence, evidence=evidence)


def _cases(journey: Journey) -> Iterator[Happening]:
    for case in journey.cases:
        name = f"{case.kind} {case.rule.name}"
        yield Happening(case.opened_at, f"Case opened for {case.team.label}: {name}", note=case.cause, url=case_url(case))
        if case.resolved_at is not None:
            how = case.get_resolution_display() or "closed"
            yield Happening(case.resolved_at, f"Case closed: {name}", how, "good", case.resolution_note, url=case_url(case))


def _acts(order: SalesOrder) -> Iterator[Happening]:
    """What people did to it, from the audit trail; never what they corrected, which may be personal data."""
    events = AuditEvent.objects.filter(subject_type=order._meta.label_lower, subject_id=str(order.pk)).exclude(action=SEEN)
    for event in events.order_by("-pk")[:MOST_ACTS]:
        what = event.action.rpartition(".")[2].replace("_", " ")
        yield Happening(event.at, f"{event.actor_label}: {what}", note=event.reason)
