"""The addresses and choices of one connection: two APIs at two addresses, and what Deposco leaves to its tenants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from connectors.ports import Account, Field
from connectors.reading import moment, whole

MIXED, REST, LEGACY = "mixed", "rest", "legacy"
COMPANY, ORDER_SOURCE, TRADING_PARTNER = "company", "order_source", "trading_partner"
PROMISED, UNALLOCATED, TOTAL = "availableToPromise", "unallocated", "total"
RELEASED, WAVED = "released", "waved"
SIGN_IN = "/oauth2/token"
DEFAULTS = {
    "api": MIXED,
    "api_version": "latest",
    "legacy_per_s": "2",
    "store_as": COMPANY,
    "lock_from": RELEASED,
    "available": PROMISED,
    "send_prices": "1",
    "page_size": "50",
    "overlap_s": "600",
    "look_back_days": "14",
    "look_back_min": "120",
    "legacy_days": "30",
    "legacy_changed_field": "updatedDateTime",
}


@dataclass(frozen=True)
class Settings:
    """The account as Deposco's two APIs need it."""

    account: Account

    def text(self, name: str) -> str:
        return self.account.option(name, DEFAULTS.get(name, "")).strip()

    def number(self, name: str) -> int:
        return whole(self.text(name), what=f"option {name}")

    def flag(self, name: str) -> bool:
        return self.account.flag(name, default=DEFAULTS.get(name) == "1")

    def words(self, name: str) -> tuple[str, ...]:
        """A list given with commas."""
        return tuple(each.strip() for each in self.text(name).split(",") if each.strip())

    @property
    def company(self) -> str:
        """The merchant inside the tenant, a business unit by its code."""
        return self.account.account.strip()

    @property
    def is_legacy(self) -> bool:
        return self.text("api") == LEGACY

    @property
    def has_stock(self) -> bool:
        """Only the legacy API tells stock."""
        return self.text("api") != REST

    @property
    def rest_url(self) -> str:
        """The API address; one without a path gets the version."""
        base = self.account.base_url.rstrip("/")
        return base if urlsplit(base).path else f"{base}/{self.text('api_version')}"

    @property
    def token_url(self) -> str:
        """The sign-in address; by default `auth.` where the API's host begins with `api.`, else the API's own host."""
        base = (self.account.auth_url or self.origin.replace("://api.", "://auth.", 1)).rstrip("/")
        return base if base.endswith(SIGN_IN) else f"{base}{SIGN_IN}"

    @property
    def legacy_url(self) -> str:
        """`…/integration/{company}`; by default at the REST API's own host, which is Deposco's gateway."""
        base = (self.text("legacy_url") or self.origin).rstrip("/")
        if "/integration/" in f"{base}/" and not base.endswith("/integration"):
            return base
        code = self.text("legacy_company") or self.company
        return f"{base.removesuffix('/integration')}/integration/{code}"

    @property
    def origin(self) -> str:
        """The API address without its version."""
        base = self.account.base_url.rstrip("/")
        return base.removesuffix("/latest").removesuffix("/beta")

    @property
    def overlap(self) -> timedelta:
        return timedelta(seconds=self.number("overlap_s"))

    @property
    def start_at(self) -> datetime | None:
        chosen = self.text("start_at")
        return moment(chosen, what="option start_at") if chosen else None


CREDENTIAL_FIELDS = (
    Field("client_id", "Client ID", "Of the app registered with Deposco. Not needed where only the legacy API is used.", required=False),
    Field("client_secret", "Client secret", "Belongs to the client ID.", required=False, secret=True),
    Field(
        "refresh_token",
        "Refresh token",
        "Handed out once when the app is installed in the environment. Leave it empty for a service app.",
        required=False,
        secret=True,
    ),
    Field("legacy_user", "Legacy user", "The API user of the integration API, the only one that tells stock.", required=False),
    Field("legacy_password", "Legacy password", "Belongs to the legacy user.", required=False, secret=True),
)

OPTION_FIELDS = (
    Field("start_at", "Start", "Orders and stock changed before this moment (ISO 8601) are not read.", required=False),
    Field(
        "api",
        "APIs",
        "Which of Deposco's APIs the tenant has. Stock comes from the legacy one in any case.",
        default=DEFAULTS["api"],
        choices=((MIXED, "REST for orders, legacy for stock"), (REST, "REST only, without stock"), (LEGACY, "legacy for everything")),
    ),
    Field("env", "Environment", "Of a service app, for example acme-ua; Deposco puts it into the token.", required=False),
    Field("scope", "Scopes", "Asked for with the token, separated by blanks. Empty: what the portal needs.", required=False),
    Field(
        "api_version",
        "REST version",
        "Added to an API address without a path.",
        default=DEFAULTS["api_version"],
        choices=(("latest", "latest"), ("beta", "beta")),
    ),
    Field("legacy_url", "Legacy address", "https://{tenant}.deposco.com/integration/{code}. Empty: on the API's host.", required=False, kind="url"),
    Field("legacy_company", "Legacy company code", "Where it differs from the company code.", required=False),
    Field("tenant_code", "Tenant code", "Sent as X-Tenant-Code to the legacy API, where a tenant wants it.", required=False),
    Field("legacy_per_s", "Legacy calls a second", "About two are safe.", default=DEFAULTS["legacy_per_s"], kind="int"),
    Field(
        "store_as",
        "A store is",
        "What a mapped store stands for on an order. Trading partners exist on legacy orders only.",
        default=DEFAULTS["store_as"],
        choices=((COMPANY, "a company"), (ORDER_SOURCE, "an order source"), (TRADING_PARTNER, "a trading partner")),
    ),
    Field("order_source", "Order source", "Written on every order, unless the store is the order source.", required=False),
    Field("ship_from", "Facility to ship from", "For orders without a mapped one. Empty: Deposco decides.", required=False),
    Field("returns_facility", "Facility for returns", "Where announced returns go. Needed to announce any.", required=False),
    Field("facilities", "Facilities to follow", "Numbers separated by commas. Empty: all.", required=False),
    Field(
        "ship_services", "Ship services", "UPS|UPS Ground, FedEx|2Day: Deposco has no list of its own; those seen lately are added.", required=False
    ),
    Field("send_prices", "Send prices", "Net prices, tax and totals on orders.", default=DEFAULTS["send_prices"], kind="bool"),
    Field("currency", "Currency of prices", "Deposco's orders name none: prices in another one are left out. Empty: all are sent.", required=False),
    Field(
        "lock_from",
        "Locked from",
        "Deposco takes changes until the order is released; some houses want none once it is on a wave.",
        default=DEFAULTS["lock_from"],
        choices=((RELEASED, "release"), (WAVED, "wave")),
    ),
    Field(
        "available",
        "Units that may be sold",
        "The measure of the stock snapshot that counts as available.",
        default=DEFAULTS["available"],
        choices=((PROMISED, "available to promise"), (UNALLOCATED, "unallocated"), (TOTAL, "on hand")),
    ),
    Field("page_size", "Rows in a page", "Asked for in lists of the REST API.", default=DEFAULTS["page_size"], kind="int"),
    Field("overlap_s", "Look back (seconds)", "How far each poll looks back.", default=DEFAULTS["overlap_s"], kind="int"),
    Field(
        "look_back_days",
        "Look back without filters (days)",
        "How old an order may be that is still read when Deposco ignores a date filter.",
        default=DEFAULTS["look_back_days"],
        kind="int",
    ),
    Field(
        "look_back_min",
        "Look for lost orders (minutes)",
        "How far back orders are searched when Deposco ignores the number.",
        default=DEFAULTS["look_back_min"],
        kind="int",
    ),
    Field("legacy_days", "First legacy reading (days)", "How far back orders are read without a start.", default=DEFAULTS["legacy_days"], kind="int"),
    Field("legacy_changed_field", "Legacy field of changes", "By which changed orders are searched.", default=DEFAULTS["legacy_changed_field"]),
)
