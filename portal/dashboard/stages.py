"""How a stage looks: its badge, and which stages are a backlog."""

from __future__ import annotations

from portal.ledger.models import OPEN_STAGES, Stage

TONES: dict[str, str] = {
    Stage.RECEIVED: "info",
    Stage.IGNORED: "quiet",
    Stage.HELD: "wait",
    Stage.BLOCKED: "bad",
    Stage.QUEUED: "info",
    Stage.WITH_HUB: "info",
    Stage.PART_SHIPPED: "wait",
    Stage.SHIPPED: "wait",
    Stage.DONE: "good",
    Stage.CANCELLED: "quiet",
    Stage.ABANDONED: "quiet",
}
OPEN = "open"  # every stage that is not an end
STILL_OPEN = "still_open"  # shipped, and the channel lists it as open (R71)
CHOICES: list[tuple[str, str]] = [
    ("", "every stage"),
    (OPEN, "not finished yet"),
    (STILL_OPEN, "shipped, still open on the channel"),
    *((stage.value, str(stage.label)) for stage in Stage),
]


def stages_of(choice: str) -> list[str]:
    """The stages a choice of the filter stands for; none: all."""
    if choice == OPEN:
        return [stage.value for stage in OPEN_STAGES]
    return [choice] if choice in Stage.values else []
