"""The vendor's oddities on demand: answers that tenants have given, or may give, and that a client must survive."""

from __future__ import annotations

from dataclasses import dataclass, field

NAMES = (
    "ask_confirm",  # a write is not done: the server asks what a person would be asked (ConfirmFlag)
    "blank_after_write",  # a write is done, but its answer is an HTML page
    "empty_read",  # a read answers an empty Data
    "remaining_differs",  # a line's QtyRemainingToShip contradicts its other quantities
    "uneven_wave_lists",  # OrderData is shorter than WaveData
    "unknown_status",  # a StatusName that no list names
    "unknown_keys",
)


@dataclass
class Oddities:
    """How often each oddity is still to be shown; None is for ever."""

    left: dict[str, int | None] = field(default_factory=dict)

    def set(self, name: str, times: int | None) -> None:
        if name not in NAMES:
            raise ValueError(f"no such oddity: {name}")
        self.left[name] = times

    def take(self, name: str) -> bool:
        """Whether this oddity strikes now, counted down."""
        if name not in self.left:
            return False
        times = self.left[name]
        if times is not None:
            self.left[name] = times - 1
            if times <= 1:
                del self.left[name]
        return times is None or times > 0
