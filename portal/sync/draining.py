"""After a fix was sent on its way: how far it is, what became of each thing, and the button that stops what has not gone (A1)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from exceptions.actions import CaseAction, Data, Preview, PreviewRow
from exceptions.errors import CaseError
from exceptions.models import CaseRun, ExceptionCase
from portal.accounts.models import User
from portal.accounts.permissions import Action
from portal.ledger.models import SalesOrder, Stage
from portal.sync.case_actions.held_up import counted
from portal.sync.claim import lock_orders
from portal.sync.given_up import GIVES_UP
from portal.sync.models import OutboundMessage, State

STARTED_BY = ("map_code", "retry", "correct_order")
SHOWN_FOR = timedelta(hours=12)
SHOWN = 20
ARRIVED, UNDER_WAY = (State.SENT, State.CONFIRMED), (State.QUEUED, State.IN_FLIGHT)
# what a person looks for first: what did not go, then what is going, then the rest
FIRST = Case(
    When(state__in=(State.PARKED, State.ABANDONED), then=Value(0)),
    When(state__in=UNDER_WAY, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


@dataclass(frozen=True)
class Drain:
    """Everything a case sent, by where it stands now."""

    arrived: int
    under_way: int
    stopped: int
    rows: list[OutboundMessage]

    @property
    def total(self) -> int:
        return self.arrived + self.under_way + self.stopped

    @property
    def sentence(self) -> str:
        said = f"{self.arrived} of {self.total} have arrived"
        return (
            said
            + (f", {self.under_way} are on their way" if self.under_way else "")
            + (f", {self.stopped} are stopped" if self.stopped else "")
            + "."
        )


def messages_of(case: ExceptionCase) -> QuerySet[OutboundMessage]:
    """What this case ever held up in the queue, sent or not; what had arrived before it was opened is none of its business."""
    subjects = list(case.items.values_list("subject", flat=True))
    orders = [int(subject.removeprefix("order:")) for subject in subjects if subject.startswith("order:")]
    about = Q(subject__in=subjects) | Q(order__in=orders)
    messages = OutboundMessage.objects.filter(about, kind__in=GIVES_UP.get(case.kind, ())).exclude(state=State.SUPERSEDED)
    return messages.exclude(state__in=ARRIVED, sent_at__lt=case.opened_at)


def drain_of(case: ExceptionCase) -> Drain | None:
    """None while nobody has sent anything from the case lately."""
    since = timezone.now() - SHOWN_FOR
    if case.kind not in GIVES_UP or not CaseRun.objects.filter(case=case, name__in=STARTED_BY, at__gte=since).exclude(outcome="").exists():
        return None
    messages = messages_of(case)
    numbers = Counter(messages.values_list("state", flat=True))
    rows = list(messages.select_related("order", "connection").order_by(FIRST, "pk")[:SHOWN])
    arrived, under_way = (sum(numbers[state] for state in states) for states in (ARRIVED, UNDER_WAY))
    return Drain(arrived, under_way, numbers.total() - arrived - under_way, rows) if numbers else None


def panel(case: ExceptionCase) -> tuple[str, dict[str, Any]] | None:
    drain = drain_of(case)
    return ("sync/drain.html", {"drain": drain}) if drain else None


def waiting(case: ExceptionCase) -> QuerySet[OutboundMessage]:
    return messages_of(case).filter(state=State.QUEUED)


def preview(case: ExceptionCase, data: Data) -> Preview:
    rows = [PreviewRow(str(one.order or one.subject), "waits its turn", "stopped") for one in waiting(case).select_related("order")[:SHOWN]]
    return Preview(f"{counted(waiting(case).count(), 'message')} not sent yet will be stopped. What is being sent, or has gone, stays gone.", rows)


def stop(case: ExceptionCase, by: User, data: Data) -> str:
    """Only what nobody has begun to send; the rows are locked, so none is both stopped and sent."""
    lock_orders(waiting(case).values_list("order_id", flat=True))
    found = list(waiting(case).select_for_update(of=("self",)).order_by("pk").values_list("pk", "order_id", "kind"))
    if not found:
        raise CaseError("Nothing was stopped: everything has gone already.")
    note = f"Stopped by {by.called} from case #{case.pk}; “Send again” lets it go."
    columns = {"state": State.PARKED, "waiting_for": f"stopped:case:{case.pk}", "note": note}
    OutboundMessage.objects.filter(pk__in=[pk for pk, _, _ in found]).update(**columns)
    created = [order for _, order, kind in found if kind == "create_order"]
    SalesOrder.objects.filter(pk__in=created, stage=Stage.QUEUED).update(stage=Stage.BLOCKED, stage_note=note, stage_at=timezone.now())
    return f"{counted(len(found), 'message')} stopped before it went. “Send again” lets it go on."


ACTION = CaseAction(
    name="stop_sending",
    label="Stop what has not gone",
    action=Action.REPLAY_ONE,
    run=stop,
    preview=preview,
    applies=lambda case: drain_of(case) is not None and waiting(case).exists(),
    kinds=frozenset(GIVES_UP),
    help="Holds back what has not been sent yet; what has gone stays gone.",
)


def connect() -> None:
    """Put it on the case page."""
    from exceptions.actions import register
    from exceptions.details import add_progress

    register(ACTION)
    add_progress(panel)
