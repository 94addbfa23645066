"""What a test or a demo may set, mostly the questions that the vendor's documentation leaves open."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass
class Settings:
    """The simulator's switches; each default is the behaviour that was seen or published, where one is known."""

    # Limits. About four requests a second were seen, shared by the whole account and so by both APIs.
    rate_scale: float = 1.0
    per_s: float = 4.0
    retry_after: bool = False  # whether a 429 carries Retry-After: not confirmed

    # Tokens.
    expires_in_s: int = 3600
    rotate_refresh: bool = False  # a refresh hands out a new refresh token and ends the old one
    bad_client_status: int = 401  # 400 was thought possible, too
    scopes: list[str] | None = None  # what the app may ask for; None is everything
    env: str = "acme-ua"

    # REST: reading.
    detail: str = "mixed"  # a detail is "bare", "wrapped" in its own name, or mixed: wrapped where the id is even
    nested_cut: int = 10  # rows of a collection inside a detail; 0 shows all
    ignored_filters: list[str] = field(
        default_factory=lambda: ["outboundShipments.orderNumber", "outboundShipments.customerOrderNumber", "items.upc"],
    )
    max_page_size: int = 100  # not confirmed; a larger page is clamped
    external_line_numbers: str = "mixed"  # "filled", "blank", or mixed: blank in every package but the first
    receipts_log: bool = True  # False: GET /receipts stays empty although the lines show what was received

    # REST: writing.
    created_status: int = 201
    updated_status: int = 200
    max_lines: int = 100
    returns_licensed: bool = True
    busy_s: float = 0.0  # a written order refuses the next write with 409 for so long
    bulk_takes_s: float = 0.0

    # Legacy.
    legacy_nulls: str = "nil"  # {"@nil": "true"}; or "null"
    legacy_singles: str = "list"  # or "object": a list of one is shown as its one element
    gateway: bool = True  # an encoded space in a path is a bare 400
    inventory_page_size: int = 500  # not confirmed
    tenant_code: str = ""  # if set, X-Tenant-Code has to say it
    atp_counts_demand: bool = True  # available to promise is unallocated less open demand; False: just unallocated
    legacy_zone_h: int = -4  # legacy timestamps carry this offset; REST ones say Z

    # Warehouse.
    auto_wave_s: float | None = None  # wave and release a new order by itself so much later
    auto_ship_s: float | None = None  # pick, pack and ship it so much later
    auto_ship_packages: int = 1
    carrier: str = "UPS"  # what ships when neither the order nor the warehouse says otherwise
    service: str = "UPS Ground"

    def change(self, wanted: dict[str, Any]) -> None:
        """Set the named switches; an unknown name is an error, so that a typo cannot pass for a setting."""
        known = {each.name for each in fields(self)}
        unknown = sorted(set(wanted) - known)
        if unknown:
            raise ValueError(f"no such setting: {', '.join(unknown)}")
        for name, value in wanted.items():
            setattr(self, name, value)
