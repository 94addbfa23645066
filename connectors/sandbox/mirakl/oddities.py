"""What real answers have contained and a reader must survive, on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.sandbox.mirakl.models import Json

OPTIONAL: tuple[str, ...] = (
    "order_state_reason_code",
    "acceptance_decision_date",
    "shipping_deadline",
    "delivery_date",
    "channel",
    "references",
    "payment_type",
)
OPTIONAL += ("customer_notification_email", "shipping_company", "shipping_tracking", "order_additional_fields", "promotions", "paymentType")


def with_unknown_state(order: Json) -> None:
    order["order_state"] = "WAITING_FRAUD_REVIEW"


def with_unknown_keys(order: Json) -> None:
    order |= {"sustainability_score": {"grade": "B"}, "x_beta": True}


def with_nulls(order: Json) -> None:
    order |= {name: None for name in OPTIONAL if name in order}


def without_optional(order: Json) -> None:
    for name in OPTIONAL:
        order.pop(name, None)


ORDER_ODDITIES: dict[str, Callable[[Json], None]] = {
    "unknown_state": with_unknown_state,
    "unknown_keys": with_unknown_keys,
    "nulls": with_nulls,
    "missing_optional": without_optional,
}
# The last order of a page comes again on the next one; an error report holds a line that is no CSV; an error has no body.
ANSWER_ODDITIES = ("repeated_order", "broken_report", "empty_error")
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
