"""Where an order stands and who acts now, in one plain sentence (R42, R154)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from connectors.canonical import OrderState
from exceptions.models import ExceptionCase
from portal.connections.models import Health
from portal.dashboard.cases import case_url
from portal.dashboard.journey import Journey
from portal.dashboard.lines import Lines
from portal.dashboard.stages import TONES
from portal.ledger.expect import Expected
from portal.ledger.models import Expectation, Stage
from portal.ui.words import duration

NOBODY = "Nobody needs to act"
# Stage -> (where it stands, who acts while no case is open)
WORDS: dict[str, tuple[str, str]] = {
    Stage.RECEIVED: ("It has arrived from {channel} and is about to be checked", f"{NOBODY}: it goes on by itself"),
    Stage.IGNORED: ("It takes no part", NOBODY),
    Stage.HELD: ("It waits for its payment", f"{NOBODY} until {{hold}}: it goes on by itself when the payment arrives"),
    Stage.BLOCKED: ("It has not been sent to the warehouse", "It goes on by itself once what it lacks is there"),
    Stage.QUEUED: ("It is on its way to {hub}", f"{NOBODY}: it goes by itself"),
    Stage.WITH_HUB: ("{hub} has it, and nothing has shipped yet", "The warehouse acts now"),
    Stage.PART_SHIPPED: ("{shipped} of {wanted} units have shipped", "The warehouse acts now"),
    Stage.SHIPPED: ("It has shipped, and {channel} has not been seen to show it yet", f"{NOBODY}: the channel is told by itself"),
    Stage.DONE: ("It has shipped, and {channel} shows it", NOBODY),
    Stage.CANCELLED: ("It is cancelled", NOBODY),
    Stage.ABANDONED: ("A person stopped it", NOBODY),
}
AWAY = {Health.DOWN: "is not answering", Health.DENIED: "refuses our credential"}
MISSED = {  # what should have happened, where nobody has a case of it
    Expected.IN_HUB: "{hub} should have had it",
    Expected.PAYMENT: "The payment should have settled",
    Expected.SHIPPED: "It should have shipped",
    Expected.SHOWN: "{channel} should have shown the dispatch",
    Expected.ACCEPTED: "It should have been accepted",
    Expected.CANCELLED_IN_HUB: "{hub} should have cancelled it",
    Expected.CAPTURED: "The payment should have been taken",
    Expected.FULFILLED: "It is paid and should have shipped",
    Expected.MONEY_BACK: "The money should have been given back",
    Expected.REFUNDED: "The money should have been given back",
}
CANCELLED = (OrderState.CANCELLED.value, OrderState.REFUSED.value)


@dataclass(frozen=True)
class Standing:
    """`where`, why, and who acts: each a sentence. `case` is the one to open first."""

    where: str
    why: str
    actor: str
    tone: str
    since: datetime
    case: ExceptionCase | None = None

    @property
    def case_url(self) -> str:
        return case_url(self.case) if self.case else ""


def standing_of(journey: Journey, lines: Lines) -> Standing:
    order = journey.order
    where, actor = (part.format(**_facts(journey, lines)) for part in WORDS[order.stage])
    case = next(iter(journey.open_cases), None)
    tone = TONES[order.stage]
    why = order.stage_note
    if order.state in CANCELLED and order.stage not in (Stage.CANCELLED, Stage.ABANDONED, Stage.IGNORED):
        where, actor, tone = f"{journey.channel} has cancelled it, and the warehouse is being told", f"{NOBODY}: it goes by itself", "wait"
    if case is not None:
        actor, tone, why = _case_actor(case), "bad", case.cause
    elif order.stage in (Stage.QUEUED, Stage.SHIPPED) and (hindrance := _hindrance(journey)):
        why = hindrance
    elif late := _late(journey):
        why, tone = late, "wait"
    return Standing(f"{where}.", _sentence(why), f"{actor}.", tone, order.stage_at, case)


def _facts(journey: Journey, lines: Lines) -> dict[str, object]:
    hold = journey.order.hold_until
    return {
        "channel": journey.channel,
        "hub": journey.hub or "the warehouse",
        "hold": said(hold) if hold else "then",
        "shipped": lines.shipped,
        "wanted": lines.wanted,
    }


def _case_actor(case: ExceptionCase) -> str:
    """“Operations acts now”, or the person who has it, or why it rests."""
    team = str(case.team.label)
    if case.incident_id is not None:
        return "It waits for a connection that is down; its incident is being worked on"
    if case.snoozed_until is not None:
        return f"{team} has put it off until {said(case.snoozed_until)}"
    if case.assignee is not None:
        return f"{case.assignee.called} ({team}) acts now"
    return f"{team} acts now"


def _hindrance(journey: Journey) -> str:
    """Why something that should go by itself does not."""
    target = journey.hub if journey.order.stage == Stage.QUEUED else journey.channel
    if target is not None and target.health in AWAY:
        since = f" since {said(target.health_since)}" if target.health_since else ""
        return f"{target} {AWAY[Health(target.health)]}{since}. It goes when the connection is back"
    waiting = next((one for one in journey.messages if one.state in ("queued", "parked") and one.note), None)
    return waiting.note if waiting else ""


def _late(journey: Journey) -> str:
    """Something is overdue though no case is open (yet)."""
    order = journey.order
    missed = min(
        (one for one in journey.expectations if one.kind in MISSED and _is_overdue(one, journey.at)), key=lambda one: one.due_at, default=None
    )
    if missed is not None:
        what = MISSED[Expected(missed.kind)].format(channel=journey.channel, hub=journey.hub or "The warehouse")
        return f"{what} {duration(journey.at - missed.due_at)} ago"
    if order.stage in (Stage.WITH_HUB, Stage.PART_SHIPPED) and order.ship_by and order.ship_by < journey.at:
        return f"It should have shipped {duration(journey.at - order.ship_by)} ago"
    return ""


def _is_overdue(one: Expectation, at: datetime) -> bool:
    return one.met_at is None and one.dropped_at is None and one.due_at < at


def said(moment: datetime) -> str:
    """A time of day in the reader's zone; with the day, unless it is today."""
    local = timezone.localtime(moment)
    return f"{local:%H:%M}" if local.date() == timezone.localdate() else f"{local.day} {local:%b %H:%M}"


def _sentence(words: str) -> str:
    words = words.strip()
    return words if not words or words[-1] in ".!?…" else f"{words}."
