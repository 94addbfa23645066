"""What a test or a demo may set, mostly the questions that the public record leaves open."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

LIMITS = {"api": 240, "webhooks": 120, "callbacks": 240}  # calls a minute and company
MOST_BYTES = 8 * 1024 * 1024
CHOICES = {
    "form": ("flat", "attributes"),
    "run_id_key": ("data.flow_run_id", "data.id", "flow_run_id", "id", "none"),
    "over_per_page": ("clamp", "refuse"),
    "date_filter": ("epoch_ms", "any"),
    "log_levels": ("upper", "lower", "number"),
    "bearer_keys": ("no", "yes"),
}


@dataclass
class Settings:
    """The simulator's switches; each default is what the documentation or a public client says, where they do."""

    form: str = "flat"  # or JSON:API-like, with `attributes`
    run_id_key: str = "data.flow_run_id"  # where the answer to a start has the run
    integer_ids: bool = False  # runs are numbered, not named
    bearer_keys: str = "no"  # whether an API key is also taken after "Bearer "
    html_without_accept: bool = True  # errors are pages to whoever does not ask for JSON
    rate_scale: float = 1.0  # of the limits; 0 switches them off
    retry_after: bool = True  # whether a 429 says how long
    most_per_page: int = 200
    over_per_page: str = "clamp"
    date_filter: str = "epoch_ms"
    log_levels: str = "upper"
    retry_status: int = 0  # the answer to a retry, if it is not there for API keys: 404, 405, 403
    disabled_status: int = 422  # the answer to a trigger of a flow that is off
    callback_failure_status: int = 500
    callback_timeout_s: float = 60.0
    token_life_s: float = 86_400.0
    payload_life_s: float = 72 * 3600.0
    log_life_s: float = 7 * 86_400.0
    tracked_life_s: float = 90 * 86_400.0
    shape_retries: int = 3  # more tries of a failing shape
    shape_retry_s: float = 1.0
    concurrent: int = 10  # runs at the same time; more wait
    portal_timeout_s: float = 30.0

    def change(self, wanted: dict[str, Any]) -> None:
        """Set the named switches; an unknown name or word is an error, so that a typo cannot pass for a setting."""
        unknown = sorted(set(wanted) - {each.name for each in fields(self)})
        if unknown:
            raise ValueError(f"no such setting: {', '.join(unknown)}")
        for name, value in wanted.items():
            if name in CHOICES and value not in CHOICES[name]:
                raise ValueError(f"{name} is one of {', '.join(CHOICES[name])}, not {value}")
            setattr(self, name, value)
