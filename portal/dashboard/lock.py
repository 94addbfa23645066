"""Whether an edit would still reach the warehouse, and until when: what CX must know before promising one (R45)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.ports import Ability
from portal.connections.models import Connection
from portal.dashboard.journey import Journey
from portal.ledger.models import HubOrder, Stage
from portal.sync.models import ExternalReference

ENDED = {Stage.CANCELLED, Stage.ABANDONED, Stage.IGNORED, Stage.DONE, Stage.SHIPPED}
NEWEST, ENOUGH = 50, 5  # how many orders the warehouse's pace is read from, and the fewest that say anything
LOOKS_BACK = timedelta(days=30)


@dataclass(frozen=True)
class Pace:
    """How long after it got an order the warehouse begins to work on it: one order in ten by `early`, half of them by `usual`."""

    early: timedelta
    usual: timedelta
    orders: int


@dataclass(frozen=True)
class Lock:
    """`word` and its tone for the badge, the sentence for the person on the telephone; since when, or from when and when as a rule."""

    word: str
    tone: str
    sentence: str
    locked_at: datetime | None = None
    from_at: datetime | None = None
    usual_at: datetime | None = None
    pace: Pace | None = None


def lock_of(journey: Journey) -> Lock:
    order, hub = journey.order, journey.hub
    locked = min((one.locked_at for one in journey.living_hub_orders if one.locked_at), default=None)
    if locked is not None:
        return Lock("locked", "bad", f"{hub} has begun to work on it. An edit will not reach the parcel: do not promise one.", locked)
    if order.stage in ENDED:
        return Lock("closed", "quiet", "There is nothing left to edit.")
    pace = pace_of(hub, at=journey.at) if hub is not None else None
    if journey.living_hub_orders or order.sent_snapshot:
        told = f"{hub or 'The warehouse'} has it but has not begun. {what_arrives(journey)} ask the warehouse before you promise one."
        since = arrived_at(journey)
        if pace is None or since is None:
            return Lock("with the warehouse", "wait", told)
        return Lock("with the warehouse", "wait", told, from_at=since + pace.early, usual_at=since + pace.usual, pace=pace)
    return Lock("open", "good", f"The warehouse does not have it yet. An edit in {journey.channel} still counts.", pace=pace)


def what_arrives(journey: Journey) -> str:
    """What of an edit still gets there, up to the colon before what to do about the rest."""
    if journey.hub is not None and Ability.LOWER_ORDER in journey.hub.vendor.abilities:
        return f"Units taken off in {journey.channel} are cancelled there. Any other edit does not get there by itself:"
    return f"An edit in {journey.channel} does not get there by itself:"


def arrived_at(journey: Journey) -> datetime | None:
    """When the warehouse got it, as far as we know."""
    known = [one.created_at for one in journey.references] + [one.seen_at for one in journey.living_hub_orders]
    return min(known, default=None)


def pace_of(hub: Connection, *, at: datetime) -> Pace | None:
    """Read from the orders the warehouse began last; None while too few are known. Two queries."""
    begun = HubOrder.objects.filter(connection=hub, seen_at__gte=at - LOOKS_BACK, order__isnull=False).exclude(locked_at=None)
    rows = begun.order_by("-seen_at").values_list("order_id", "locked_at")[:NEWEST]
    locked = {f"order:{pk}": locked_at for pk, locked_at in rows if locked_at is not None}
    sent = ExternalReference.objects.filter(connection=hub, kind="order", subject__in=locked).values_list("subject", "created_at")
    waits = sorted(locked[subject] - since for subject, since in sent if locked[subject] >= since)
    if len(waits) < ENOUGH:
        return None
    return Pace(waits[len(waits) // 10], waits[len(waits) // 2], len(waits))
