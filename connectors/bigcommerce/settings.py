"""The options of one BigCommerce connection, read once into what the code asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from connectors.ports import Account, Field
from connectors.reading import moment

YES_NO = (("true", "yes"), ("false", "no"))

OPTION_FIELDS = (
    Field("start_at", "Start at", "Nothing changed before this time is read (ISO 8601, UTC). Empty: everything.", required=False),
    Field(
        "import_status_ids",
        "Statuses that are shipped from",
        "Numbers of order statuses, separated by commas. Orders in a status before these wait as if unpaid.",
        default="9, 11",
        required=False,
    ),
    Field("overlap_s", "Overlap (seconds)", "Each look begins this long before the end of the last one.", default="900", required=False, kind="int"),
    Field("page_size", "Orders a page", "1 to 250.", default="50", required=False, kind="int"),
    Field("channel_ids", "Only these channels", "Channel numbers, separated by commas. Empty: every channel.", required=False),
    Field("default_service", "Ship service where an order names none", "", default="Standard", required=False),
    Field("default_location", "Location where none is named", "Number or code. Empty: the store's only location.", required=False),
    Field("hook_header", "Secret header of webhooks", "Name of the header set on the hooks.", default="X-Portal-Secret", required=False),
    Field(
        "signature",
        "Webhook signature",
        "Checked besides the secret header. Standard: webhook-id, webhook-timestamp and webhook-signature.",
        default="off",
        required=False,
        choices=(("off", "not checked"), ("standard", "Standard Webhooks"), ("xbc", "X-BC-Webhook-Signature")),
    ),
    Field("read_at_once", "Read the order a webhook names at once", "", default="false", required=False, choices=YES_NO, kind="bool"),
    Field("custom_carriers", "Further carriers", "Names as customers see them, separated by commas, for mapping.", required=False),
)
DEFAULTS = {field.name: field.default for field in OPTION_FIELDS}


@dataclass(frozen=True)
class Settings:
    """An account's options with their defaults laid under them."""

    account: Account

    def text(self, name: str) -> str:
        return self.account.option(name, DEFAULTS[name]).strip()

    def flag(self, name: str) -> bool:
        return self.account.flag(name, default=DEFAULTS[name] == "true")

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in self.text(name).split(",") if word.strip())

    def number(self, name: str, *, least: int, most: int) -> int:
        """A whole number within its bounds; the default where the text is none."""
        written = self.text(name)
        return max(least, min(most, int(written if written.isdigit() else DEFAULTS[name])))

    @property
    def start_at(self) -> datetime | None:
        written = self.text("start_at")
        return moment(written, what="option start_at") if written else None

    @property
    def statuses(self) -> frozenset[int]:
        return frozenset(int(word) for word in self.words("import_status_ids") if word.isdigit())

    @property
    def store(self) -> str:
        """The store hash; also taken from "stores/abc123"."""
        return self.account.account.strip().strip("/").removeprefix("stores/")

    @property
    def base_url(self) -> str:
        """The store's own address, whether the connection names it whole or without the store."""
        base = self.account.base_url.rstrip("/")
        for version in ("/v2", "/v3"):
            base = base.removesuffix(version)
        return (
            base
            if "/stores/" in urlsplit(base).path + "/" and not base.endswith("/stores")
            else f"{base.removesuffix('/stores')}/stores/{quote(self.store)}"
        )
