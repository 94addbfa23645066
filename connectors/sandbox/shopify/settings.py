"""What a test or a demo may set, mostly what the public record leaves open."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

VERSIONS = ("2025-10", "2026-01", "2026-04", "2026-07", "2026-10", "2027-01", "unstable")  # the oldest serves what is older still
DIRECTIVE_FROM, DIRECTIVE_REQUIRED_FROM = "2026-01", "2026-04"
RESTORE_RATES = {"standard": 100.0, "advanced": 200.0, "plus": 1000.0, "enterprise": 2000.0}
BUCKET_SECONDS = 20.0  # the bucket holds so many seconds of the restore rate
MOST_COST = 1000
CHOICES = {"plan": tuple(RESTORE_RATES), "throttle_status": (200, 429), "default_status": ("any", "open"), "token_form": ("static", "short")}


@dataclass
class Settings:
    """The simulator's switches; each default is the record's."""

    plan: str = "standard"
    rate_scale: float = 1.0  # of the restore rate; 0 switches the limit off
    throttle_status: int = 200  # some report 429
    linear_cost: bool = False  # each row of a connection costs what it holds
    default_status: str = "any"  # of a search for orders that names none
    search_lag_s: float = 0.0  # a search sees a change so much later
    token_form: str = "static"  # or "short": tokens are asked for, and end
    token_life_s: float = 86_400.0
    bad_signatures: bool = False  # webhooks are signed with a wrong secret
    bad_signature_rate: float = 0.0
    rotated_signing: bool = False  # webhooks are signed with the secret before the last rotation
    auto_close: bool = False  # an order that is paid and sent is archived

    def change(self, wanted: dict[str, Any]) -> None:
        """Set the named switches; an unknown name or word is an error, so that a typo cannot pass for a setting."""
        unknown = sorted(set(wanted) - {each.name for each in fields(self)})
        if unknown:
            raise ValueError(f"no such setting: {', '.join(unknown)}")
        for name, value in wanted.items():
            if name in CHOICES and value not in CHOICES[name]:
                raise ValueError(f"{name} is one of {', '.join(map(str, CHOICES[name]))}, not {value}")
            setattr(self, name, value)
