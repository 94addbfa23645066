"""The vendor's bad days on demand."""

from __future__ import annotations

from dataclasses import dataclass, field

NAMES = (
    "throttled",  # as if the bucket were empty
    "internal_error",  # a top-level error and no data
    "shop_inactive",
    "max_cost",
    "half_data",  # the data and an error beside it
    "lost_create",  # a fulfilment is made, and the answer is an internal error
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
