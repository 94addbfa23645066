"""What sets one operator apart, and the questions that the vendor's documentation leaves open."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

Json = dict[str, Any]
DEFAULT_SHOP_ID = 2310
HOUR_S = 3600.0
CARRIERS: list[Json] = [
    {"code": "DPD-UK", "label": "DPD (UK)", "standard_code": "DPD", "tracking_url": "https://track.dpd.example/{trackingId}"},
    {"code": "EVRI", "label": "Evri", "standard_code": None, "tracking_url": "https://track.evri.example/{trackingId}"},
    {"code": "RM", "label": "Royal Mail", "standard_code": None, "tracking_url": None},
]
SHIPPING_TYPES: list[Json] = [
    {"code": "STD", "label": "Standard", "standard_code": "CU_ADD-STD", "mandatory_tracking": False, "delivery_by_operator": False},
    {"code": "EXP", "label": "Express", "standard_code": "CU_ADD-EXP", "mandatory_tracking": True, "delivery_by_operator": False},
    {"code": "OPS", "label": "Collected by the marketplace", "standard_code": None, "mandatory_tracking": False, "delivery_by_operator": True},
]


@dataclass
class Settings:
    """The simulator's switches. Times of the order's life are multiplied by `time_scale` (1/3600: an hour passes in a second)."""

    # The operator.
    name: str = "Sandbox Market"
    currency: str = "GBP"
    country: str = "GBR"
    channel: str = "UK"
    api_key: str = ""  # empty: `API_KEY`; give each operator its own where several run
    shops: dict[int, str] = field(default_factory=lambda: {DEFAULT_SHOP_ID: "Our Shop", DEFAULT_SHOP_ID + 1: "Our Second Shop"})
    carriers: list[Json] = field(default_factory=lambda: [dict(each) for each in CARRIERS])
    shipping_types: list[Json] = field(default_factory=lambda: [dict(each) for each in SHIPPING_TYPES])
    alternative_carriers: bool = True  # False: the flag disable_seller_alternative_carrier
    multi_shipment: bool = False
    returns: bool = True
    partial_acceptance: bool = True
    order_tax_mode: str = "TAX_INCLUDED"
    payment_workflow: str = "PAY_ON_ACCEPTANCE"
    order_acceptance: str = "NOT_AUTOMATIC"  # or "AUTOMATIC", "BOTH"
    address_available_at: str = "acceptance"  # or "created", "shipping"
    emails: str = "order"  # an anonymised address for each "order", for each "customer" (repeats), or "none"

    # The life of an order, times time_scale; None: only by a control endpoint.
    time_scale: float = 1.0
    acceptance_window_s: float | None = 24 * HOUR_S
    staging_s: float = 0.0
    debit_delay_s: float | None = 60.0
    receive_after_s: float | None = 96 * HOUR_S
    close_after_s: float | None = 14 * 24 * HOUR_S
    refund_delay_s: float | None = 60.0
    import_wait_s: float = 2.0  # as WAITING, then as long again as RUNNING
    auto_refusal_zeroes_stock: bool = False
    orders_lower_stock: bool = True
    refusal_restores_stock: bool = False

    # Limits: the published maximum frequencies, over a window divided by rate_scale; 0 switches them off.
    rate_scale: float = 1.0
    pages_counted: bool = False  # whether each further page of a read is a call of its own
    injected_retry_after_s: int = 1

    # Answers that are not documented.
    max_over_100: str = "refuse"  # or "clamp"
    foreign_shop: int = 403  # or 404
    coded_errors: str = "list"  # OR21's published codes: {"errors": [{code, field, message}]}; "message": only the text
    hidden_address: str = "nulls"  # an object of nulls, "null", or "missing"
    update_overlap_s: float = 60.0  # how far start_update_date is moved back
    late_tracking: str = "missing"  # OR23 after SHIPPED: only while no carrier is set, "always" or "never"
    balance_check: bool = True
    duplicate_window_s: float = 60.0  # the same OF01/OF24 file within it gives the same import id
    stock_imports: bool = True  # False: an operator that does not have STO01 yet
    warehouses: list[str] = field(default_factory=list)
    return_auto_accept: bool = False
    compliance_in_progress: bool = False  # RT26 also while IN_PROGRESS
    compliance_closes: bool = False
    compliance_refunds: bool = False
    returns_off_status: int = 404
    deletion_keys: str = "shipment"  # ST06 answers shipment_success, or, as in the vendor's example, "deletion"_success

    def change(self, wanted: dict[str, Any]) -> None:
        """Set the named switches; an unknown name is an error, so that a typo cannot pass for a setting."""
        unknown = sorted(set(wanted) - {each.name for each in fields(self)})
        if unknown:
            raise ValueError(f"no such setting: {', '.join(unknown)}")
        for name, value in wanted.items():
            setattr(self, name, value)
        self.shops = {int(id): name for id, name in self.shops.items()}

    def scaled(self, seconds: float | None) -> float | None:
        return None if seconds is None else seconds * self.time_scale

    def shipping_type(self, code: str) -> Json:
        return next((each for each in self.shipping_types if each["code"] == code), {"code": code, "label": code})
