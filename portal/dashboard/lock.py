"""Whether an edit would still reach the warehouse: what CX must know before promising one (R45)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.dashboard.journey import Journey
from portal.ledger.models import Stage

ENDED = {Stage.CANCELLED, Stage.ABANDONED, Stage.IGNORED, Stage.DONE, Stage.SHIPPED}


@dataclass(frozen=True)
class Lock:
    """`word` and its tone for the badge, the sentence for the person on the telephone, and since when."""

    word: str
    tone: str
    sentence: str
    locked_at: datetime | None = None


def lock_of(journey: Journey) -> Lock:
    order, hub = journey.order, journey.hub
    locked = min((one.locked_at for one in journey.living_hub_orders if one.locked_at), default=None)
    if locked is not None:
        return Lock("locked", "bad", f"{hub} has begun to work on it. An edit will not reach the parcel: do not promise one.", locked)
    if order.stage in ENDED:
        return Lock("closed", "quiet", "There is nothing left to edit.")
    if journey.living_hub_orders or order.sent_snapshot:
        return Lock(
            "with the warehouse",
            "wait",
            f"{hub or 'The warehouse'} has it but has not begun. An edit in {journey.channel} does not get there by itself: "
            "ask the warehouse before you promise one.",
        )
    return Lock("open", "good", f"The warehouse does not have it yet. An edit in {journey.channel} still counts.")
