"""What a test or a demo may set, mostly the questions that the vendor's documentation leaves open."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

CHANGES = ("allocation", "shipment", "unshipment", "tracking", "pick", "tag", "note", "return", "hold", "payment", "edit", "cancel", "merge")


@dataclass
class Settings:
    """The simulator's switches; each default is the vendor's documented or observed behaviour where one is known."""

    # Limits. Documented bucket 100, seen to overflow after about 56.
    rate_scale: float = 1.0
    capacity: float = 56
    paid_plan: bool = False  # suppliers and purchase orders answer 403 without it

    # Uniqueness: not documented for either.
    duplicate_numbers: str = "accept"  # or "refuse"
    unique_emails: bool = True

    # Reading and searching.
    hide_cancelled: bool = True
    iso_dates: bool = True  # False: ISO-8601 bounds are ignored like any other unparseable date
    naive_zone: str = "UTC"  # the zone in which "YYYY-MM-DD HH:MM:SS" is read
    search_lag_s: float = 0.0
    max_page_size: int = 100
    past_the_end: str = "empty"  # or "error": 404 after the last page
    customers_page_cap: int = 100  # pages after it repeat it; 0 switches the cap off

    # Orders.
    delivery_method_required: bool = True
    put_lines: str = "merge"  # or "replace": the sent list replaces all lines
    silent_changes: list[str] = field(default_factory=list)  # of CHANGES: those that leave order.updated_at alone
    merged_away: str = "open"  # or "cancelled": what an order reads as after it was merged into another

    # Warehouse.
    auto_allocate: bool = True
    alloc_delay_s: float = 0.0
    reallocate_on_stock: bool = True  # stock that becomes free goes to the orders waiting for it, oldest first
    delete_allocation: str = "one"  # or "all": the vendor's note says that a delete removes all of the order's allocations
    auto_ship_s: float | None = None  # ship allocated, paid orders so many seconds after they become ready
    auto_ship_carrier_id: int = 1
    tracking_delay_s: float = 0.0  # for auto-ship: the number follows the shipment so much later

    def change(self, wanted: dict[str, Any]) -> None:
        """Set the named switches; an unknown name is an error, so that a typo cannot pass for a setting."""
        known = {each.name for each in fields(self)}
        unknown = sorted(set(wanted) - known)
        if unknown:
            raise ValueError(f"no such setting: {', '.join(unknown)}")
        for name, value in wanted.items():
            setattr(self, name, value)
