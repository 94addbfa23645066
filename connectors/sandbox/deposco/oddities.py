"""The vendor's oddities on demand: answers that real tenants have given and that a client must survive."""

from __future__ import annotations

from dataclasses import dataclass, field

NAMES = (
    "concurrent_update",  # 409 to a REST write
    "blank_200",  # legacy: 200 without a body, nothing was done
    "blank_after_write",  # legacy: 200 without a body, although it was done
    "wrong_type",  # JSON that calls itself XML
    "absent_measure",  # legacy stock: one row without availableToPromise or atpQty
    "unknown_status",  # a status word that no list names
    "unknown_keys",
    "repeated_page",  # a list's continuation shows the page before it again
    "no_next_link",  # a list that is not complete names no next page
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
