"""The operator's profile: rules of its marketplace that no call of the API tells, entered from its seller agreement (D2, D4)."""

from __future__ import annotations

from connectors.ports import Field

PROFILE = "profile"
YES_NO = (("true", "yes"), ("false", "no"))


def _rule(name: str, label: str, help_text: str = "", *, default: str = "", kind: str = "text", choices: tuple[tuple[str, str], ...] = ()) -> Field:
    return Field(name, label, help_text, default=default, required=False, choices=choices, kind=kind, group=PROFILE)


def _limit(name: str, label: str, help_text: str) -> Field:
    return _rule(name, f"Limit: {label} (%)", f"{help_text} Empty: the operator has no such limit.", kind="percent")


PROFILE_FIELDS = (
    _rule(
        "acceptance_hours",
        "Acceptance window (hours)",
        "How long the operator waits before it refuses an order by itself. Mirakl's API does not tell it: ask the operator.",
        default="24",
        kind="hours",
    ),
    _rule(
        "window_runs",
        "The window runs",
        "When the operator's clock ticks. If you are not sure, leave it at day and night: that deadline is the earliest.",
        default="always",
        choices=(("always", "day and night"), ("days", "on working days only, around the clock"), ("hours", "in working hours only")),
    ),
    _rule(
        "working_days",
        "Working days of the operator",
        "For example Mon-Fri, or Mon-Fri, Sun. In the time zone of this account.",
        default="Mon-Fri",
        kind="working_days",
    ),
    _rule(
        "working_hours",
        "Working hours of the operator",
        "For example 09:00-17:30. Used where the window runs in working hours only.",
        default="09:00-17:00",
        kind="working_hours",
    ),
    _rule(
        "holidays",
        "Holidays of the operator",
        "Days on which its clock stands still: 2026-12-25 for one year, 12-25 for every year. Separated by commas.",
        kind="holidays",
    ),
    _rule(
        "partial_acceptance",
        "Single lines may be refused",
        "Whether the operator allows this shop to accept one line of an order and refuse another. Mirakl's API does not tell it.",
        default="true",
        choices=YES_NO,
        kind="bool",
    ),
    _rule(
        "address_at",
        "Address is used from",
        "Some operators show a stand-in before the real address.",
        default="told",
        choices=(("told", "as soon as it is told"), ("acceptance", "after acceptance"), ("shipping", "when the order is to be shipped")),
    ),
    _rule(
        "multi_shipment",
        "Several shipments for an order",
        "By itself: asks the platform's configuration, and uses them only for parts and for several parcels.",
        default="auto",
        choices=(("auto", "where needed and possible"), ("on", "always"), ("off", "never")),
    ),
    _rule(
        "tier",
        "Calls are allowed as to",
        "A partner user (“External Partner”) may read orders every 15 minutes only; polls that come sooner then ask nothing.",
        default="seller",
        choices=(("seller", "a user of the shop"), ("partner", "a partner user")),
    ),
    _rule(
        "kpi_days",
        "Rates are counted over (days)",
        "The period the operator's own figures cover, back from today.",
        default="30",
        kind="period",
    ),
    _limit("limit_refusal", "refused orders", "Orders we refused, or that the operator refused because nobody answered in time."),
    _limit("limit_late_acceptance", "not answered in time", "Orders the operator refused by itself when its window was over."),
    _limit("limit_late_shipment", "shipped late", "Orders that left after their shipping deadline."),
    _limit("limit_unshipped", "not shipped yet", "Orders past their shipping deadline that have not left."),
    _limit("limit_incident", "incidents", "Orders for which the customer opened an incident."),
    _limit("limit_stock_refund", "refunded for lack of stock", "Orders refunded or cancelled because the goods were not there."),
)
