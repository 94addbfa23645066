"""What a test or a demo may set, mostly what the public record leaves open."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

QUOTAS = {"standard": 150, "plus": 150, "pro": 450, "enterprise": 1000}  # requests of all apps in one window
WINDOW_S = 30.0
CHOICES = {"plan": tuple(QUOTAS), "signature": ("off", "standard", "xbc"), "refused_rate": ("headers", "bare")}


@dataclass
class Settings:
    """The simulator's switches; each default is the record's."""

    plan: str = "standard"
    rate_scale: float = 1.0  # of the quota; 0 switches the limit off
    refused_rate: str = "headers"  # or "bare": a 429 without the rate headers
    xml_without_accept: bool = True  # v2 answers XML to whoever does not ask for JSON
    stock_delay_s: float = 20.0  # an adjustment is seen so much later
    hook_delay_s: float = 0.0  # a new hook is active so much later (up to a minute in life)
    loopback_hooks: bool = True  # destinations on this computer, which the vendor could not reach
    signature: str = "off"
    bad_signatures: bool = False
    stamp_age_s: float = 0.0  # signed stamps are so much older than the moment they are sent
    status_by_shipment: bool = True  # shipments move the order's status
    sell_from_stock: bool = True  # an order takes its units off the level at once

    def change(self, wanted: dict[str, Any]) -> None:
        """Set the named switches; an unknown name or word is an error, so that a typo cannot pass for a setting."""
        unknown = sorted(set(wanted) - {each.name for each in fields(self)})
        if unknown:
            raise ValueError(f"no such setting: {', '.join(unknown)}")
        for name, value in wanted.items():
            if name in CHOICES and value not in CHOICES[name]:
                raise ValueError(f"{name} is one of {', '.join(CHOICES[name])}, not {value}")
            setattr(self, name, value)
