"""Send again: everything the case holds up goes once more, now."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from exceptions.actions import CaseAction, Data, Preview, PreviewRow
from exceptions.errors import CaseError
from exceptions.models import ExceptionCase
from portal.accounts.models import User
from portal.accounts.permissions import Action
from portal.ledger.models import Stage
from portal.sync.bells import ring
from portal.sync.case_actions.held_up import counted, messages_of, orders_of
from portal.sync.models import InboundMessage, InboundState
from portal.sync.plan_orders import plan_order
from portal.sync.release import release_rows

GROUP_LIMIT = 50  # beyond it a second person must agree
SHOWN = 20


def is_group(case: ExceptionCase) -> bool:
    return case.items_open > 1


def preview(case: ExceptionCase, data: Data) -> Preview:
    messages = messages_of(case).select_related("order", "connection")
    rows = [PreviewRow(str(one.order or one.subject), one.get_state_display(), f"sent to {one.connection}") for one in messages[:SHOWN]]
    return Preview(f"{counted(messages.count(), 'message')} will be sent again, at the other system's pace.", rows)


def run(case: ExceptionCase, by: User, data: Data) -> str:
    """Release what is stopped; an order that never got a message is planned anew."""
    at = timezone.now()
    sent = release_rows(messages_of(case), at=at) + read_again(case)
    for order in orders_of(case).filter(stage__in=(Stage.RECEIVED, Stage.HELD, Stage.BLOCKED)):
        plan_order(order, at=at, by_hand=True)
        sent += 1
    if not sent:
        raise CaseError("There is nothing left to send again: everything this case was about has gone, or waits for something else.")
    return f"{counted(sent, 'message')} on the way. Look again in a minute; the case closes by itself when the other side has them."


def unread(case: ExceptionCase) -> QuerySet[InboundMessage]:
    """What came in and could not be read, where the case is about that."""
    number = case.evidence.get("inbound")
    return InboundMessage.objects.filter(pk=number if isinstance(number, int) else 0, state=InboundState.FAILED)


def read_again(case: ExceptionCase) -> int:
    """Put it back in line; the kept bytes are read once more."""
    connections = list(unread(case).values_list("connection_id", flat=True))
    count = unread(case).update(state=InboundState.NEW, note="")
    for connection_id in connections:
        transaction.on_commit(lambda target=connection_id: ring("interpret", target))  # type: ignore[misc]
    return count


def may_apply(case: ExceptionCase) -> bool:
    unsent = orders_of(case).filter(stage__in=(Stage.RECEIVED, Stage.HELD, Stage.BLOCKED))
    has_unread = "inbound" in case.evidence and unread(case).exists()
    return has_unread or messages_of(case).exists() or unsent.exists()


ACTION = CaseAction(
    name="retry",
    label="Send again",
    action=lambda case: Action.REPLAY_GROUP if is_group(case) else Action.REPLAY_ONE,
    run=run,
    preview=preview,
    applies=may_apply,
    beyond_limit=lambda case: case.items_open > GROUP_LIMIT,
    help="Tries everything this case holds up once more, now.",
    key="r",
)
