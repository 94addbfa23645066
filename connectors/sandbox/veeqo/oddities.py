"""The vendor's oddities on demand: answers that real accounts have given and that a reader must survive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.sandbox.veeqo.models import Json


def without_allocations(order: Json) -> None:
    order["allocations"] = []


def with_plain_tracking(order: Json) -> None:
    for allocation in order["allocations"]:
        shipment = allocation["shipment"]
        if shipment and shipment["tracking_number"]:
            shipment["tracking_number"] = shipment["tracking_number"]["tracking_number"]


def with_unknown_status(order: Json) -> None:
    order["status"] = "awaiting_amazon_stock"


def with_unknown_keys(order: Json) -> None:
    order |= {"fulfilment_score": 0.5, "is_beta?": True, "experiments": {"new_picker": None}}


def without_people(order: Json) -> None:
    order |= dict.fromkeys(("customer", "deliver_to", "billing_address", "payment", "customer_note"))


ORDER_ODDITIES: dict[str, Callable[[Json], None]] = {
    "no_allocations": without_allocations,
    "plain_tracking": with_plain_tracking,
    "unknown_status": with_unknown_status,
    "unknown_keys": with_unknown_keys,
    "no_people": without_people,
}
# These act on the whole answer: a write that is done but answered by a gateway's 504; list headers gone or wrong; page 1 again and again.
ANSWER_ODDITIES = ("timeout_after_write", "no_page_headers", "wrong_page_headers", "repeated_page")
NAMES = (*ORDER_ODDITIES, *ANSWER_ODDITIES)


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

    def disfigure(self, order: Json) -> Json:
        if self.left:
            for name, change in ORDER_ODDITIES.items():
                if self.take(name):
                    change(order)
        return order
