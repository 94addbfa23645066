"""What the options of a Patchworks account say, read once."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from connectors.canonical import Flow, FlowRole
from connectors.ports import Account

PULL, START, WEBHOOK, CALLBACK = "pull", "start", "webhook", "callback"
API_KEY, LOGIN = "api_key", "login"
DEFAULTS = {
    "auth_mode": API_KEY,
    "authorization_prefix": "",
    "login_field": "username",
    "start_base_url": "",
    "dashboard_url": "https://app.wearepatchworks.com",
    "start_path": "/flows/{flow_id}/start/raw",
    "retry_path": "/flow-runs/{run_id}/retry",
    "date_filter_format": "epoch_ms",
    "per_page": "100",
    "overlap_min": "60",
    "flows": "",
    "dispatch_by": PULL,
    "dispatch_flow": "",
    "stock_by": PULL,
    "stock_flow": "",
    "hmac_header": "X-HMAC-HASH",
    "hmac_encoding": "hex",
    "callback_timeout_s": "90",
    "alert_on_warning": "false",
    "data_pools": "",
    "start_at": "",
}
ROLES = {role.value: role for role in FlowRole} | {"dispatch_out": FlowRole.DESPATCH_OUT}


@dataclass(frozen=True)
class Known:
    """What the settings say of one flow."""

    role: FlowRole = FlowRole.OTHER
    expect_every_min: int = 0
    max_duration_min: int = 0


class Settings:
    """The account's options, with the defaults of the card."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def text(self, name: str) -> str:
        return self.account.option(name, DEFAULTS[name]).strip()

    def number(self, name: str) -> int:
        told = self.text(name)
        return int(told) if told.isdecimal() else int(DEFAULTS[name])

    @property
    def core(self) -> str:
        return self.account.base_url.rstrip("/")

    @property
    def start(self) -> str:
        """The Start API: the option, else the Core API's address with “start” in its place."""
        return (self.text("start_base_url") or self.core.replace("core", "start", 1)).rstrip("/")

    @property
    def alerts(self) -> bool:
        return self.account.flag("alert_on_warning")

    def known(self) -> dict[str, Known]:
        """Flows by id: “412:orders_in:15:10, 413:despatch_out” (role, a run at least every … minutes, a run takes at most … minutes)."""
        found: dict[str, Known] = {}
        for entry in self.text("flows").split(","):
            flow, role, every, most = [*(part.strip() for part in entry.split(":")), "", "", ""][:4]
            if flow:
                found[flow] = Known(ROLES.get(role, FlowRole.OTHER), whole(every), whole(most))
        for name, role in (("dispatch_flow", FlowRole.DESPATCH_OUT), ("stock_flow", FlowRole.STOCK_OUT)):
            if flow := self.text(name):
                found.setdefault(flow, Known(role))
        return found

    def flow(self, reference: str, name: str, *, enabled: bool = True, deployed: bool = True, state: str = "") -> Flow:
        known = self.known()
        mine = known.get(reference, Known())
        return Flow(
            reference, name or f"Flow {reference}", enabled, deployed, state, mine.role, mine.expect_every_min, mine.max_duration_min,
            named=reference in known, link=f"{self.dashboard}/process-flows/{reference}" if self.dashboard else "",
        )  # fmt: skip

    @property
    def dashboard(self) -> str:
        return self.text("dashboard_url").rstrip("/")

    def run_link(self, run: str) -> str:
        """The run's page: https://app.wearepatchworks.com/flow-run-logs/{run_id}"""
        return f"{self.dashboard}/flow-run-logs/{run}" if self.dashboard else ""

    def pools(self) -> dict[str, str]:
        """Data pools by id, and what their keys are: “17:orders”."""
        pairs = [entry.partition(":") for entry in self.text("data_pools").split(",")]
        return {pool.strip(): what.strip() or "orders" for pool, _, what in pairs if pool.strip()}


def whole(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def is_web(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).netloc)
