"""What a test or a demo may set, mostly the questions that the public record leaves open."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

# Calls that nobody outside the vendor has seen. A path left out is a call that does not exist; a path may hold
# {order_number} or {wave_number}, which then need not be in the body.
PROPOSED_PATHS = {
    "so_update": "salesorder/update",
    "so_cancel": "salesorder/cancel",
    "so_release": "salesorder/release",
    "wave_void": "wave/voidwave",
    "ship_confirm": "wave/confirmshipment",
    "inv_adjust": "inventory/adjustinventory",
}
CHOICES = {
    "throttle_by": ("tenant", "key"),
    "bad_key": ("401", "redirect", "html"),
    "total_pages": ("true", "one", "more", "zero"),
    "past_the_end": ("empty", "repeat"),
    "open_name": ("Open", "Draft"),
    "duplicate_refs": ("accept", "refuse"),
    "ambiguous_upc": ("first", "refuse"),
    "spelling": ("Qty", "QtyOrdered"),
    "wave_mode": ("full_orders", "full_lines", "available"),
    "short_close": ("wave", "order"),
}
THROTTLES = ("refused", "empty", "html", "unavailable")


@dataclass
class Settings:
    """The simulator's switches; each default is what public integrations have seen, where they have."""

    # Where and who.
    path_prefix: str = "/api/xerp"
    write_paths: dict[str, str] = field(default_factory=dict)  # by the names of PROPOSED_PATHS; none exists at first
    bad_key: str = "401"  # or a redirect to a login page, or the login page itself

    # Limits: about 2 a second, and no 429.
    rate_scale: float = 1.0
    burst: float = 2.0
    throttle_by: str = "tenant"
    throttle_as: list[str] = field(default_factory=lambda: list(THROTTLES))  # taken in turns

    # Reading.
    max_per_page: int = 500
    total_pages: str = "true"  # or a lie
    past_the_end: str = "empty"  # or "repeat": the last page again and again
    time_zone: str = "UTC"  # the tenant's, for stamps out and for stamps in that name none
    spelling: str = "Qty"  # or "QtyOrdered": the other names for the same ideas
    text_numbers: bool = False  # every other row has its numbers as text
    wide_rows: bool = False  # 100 header fields and 50 custom fields for each header and line
    row_bytes: int = 0  # for wide rows: fills the custom fields up to about so much for each order
    open_readable: bool = True  # in one tenant `status=Open` returned nothing
    wave_fields: list[str] = field(default_factory=lambda: ["WaveNumber", "StatusName", "StoreName"])

    # Orders.
    order_prefix: str = "DMO"
    open_name: str = "Open"  # or "Draft": the status before release
    duplicate_refs: str = "accept"  # of ThirdPartyRefNo
    ambiguous_upc: str = "first"  # the item that a UPC of two items stands for
    auto_release_s: float | None = None  # release orders so many seconds after they were entered
    auto_wave_s: float | None = None  # put released orders on a wave so many seconds later

    # Waves and confirmation.
    wave_mode: str = "available"
    wave_size: int = 1  # orders on one wave
    create_locked_wave: bool = False
    force_void_wave: bool = False
    disable_multishipment: bool = False
    short_close: str = "wave"  # or "order": what a final short confirmation closes beside its wave lines
    invoice_delay_s: float | None = 30.0  # an order stays Shipped so long before it is Invoiced; None is for ever

    def change(self, wanted: dict[str, Any]) -> None:
        """Set the named switches; an unknown name or word is an error, so that a typo cannot pass for a setting."""
        known = {each.name for each in fields(self)}
        unknown = sorted(set(wanted) - known)
        if unknown:
            raise ValueError(f"no such setting: {', '.join(unknown)}")
        for name, value in wanted.items():
            if name in CHOICES and value not in CHOICES[name]:
                raise ValueError(f"{name} is one of {', '.join(CHOICES[name])}, not {value}")
        strange = set(wanted.get("write_paths", ())) - set(PROPOSED_PATHS) | set(wanted.get("throttle_as", ())) - set(THROTTLES)
        if strange:
            raise ValueError(f"no such path or throttle: {', '.join(sorted(strange))}")
        for name, value in wanted.items():
            setattr(self, name, value)
