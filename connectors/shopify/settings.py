"""The options of one Shopify connection, read once into what the code asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connectors.ports import Account, Field
from connectors.reading import moment
from connectors.shopify.values import host

STATIC, CLIENT_CREDENTIALS = "static", "client_credentials"
PLACEHOLDER = "https://your-shop.myshopify.com"
DIRECTIVE_FROM = "2026-01"  # @idempotent is known from here on, and required from 2026-04: https://shopify.dev/docs/api/usage/versioning
YES_NO = (("true", "yes"), ("false", "no"))

OPTION_FIELDS = (
    Field("start_at", "Start at", "Nothing changed before this time is read (ISO 8601, UTC). Empty: everything.", required=False),
    Field("api_version", "API version", "Shopify supports each for about a year.", default="2026-10", required=False),
    Field(
        "token_mode",
        "Access token",
        "Kept for good (a custom app), or asked for with client ID and secret and renewed when it ends.",
        default=STATIC,
        required=False,
        choices=((STATIC, "the one entered here"), (CLIENT_CREDENTIALS, "asked for with client ID and secret")),
    ),
    Field("overlap_s", "Overlap (seconds)", "Each look begins this long before the end of the last one.", default="900", required=False, kind="int"),
    Field(
        "page_size",
        "Orders a page",
        "1 to 250. Shopify charges by size; too costly pages are made smaller.",
        default="25",
        required=False,
        kind="int",
    ),
    Field(
        "store_as",
        "An order's store is",
        "",
        default="shop",
        required=False,
        choices=(("shop", "the shop"), ("source", "the sales channel it came through (web, pos …)")),
    ),
    Field("default_service", "Ship service where an order names none", "As of drafts, tills and apps.", default="Standard", required=False),
    Field(
        "notify_customer",
        "Shopify mails the customer",
        "Once for each dispatch, when it is shown. Never when a tracking number is filled in later.",
        default="true",
        required=False,
        choices=YES_NO,
        kind="bool",
    ),
    Field("default_location", "Location where none is named", "Number or name. Empty: the shop's only location.", required=False),
    Field(
        "stock_name",
        "A published level becomes",
        "",
        default="available",
        required=False,
        choices=(("available", "available"), ("on_hand", "on hand")),
    ),
    Field(
        "compare",
        "Write stock only if it is as last read",
        "What another writer changed meanwhile is then read again first, not overwritten blindly.",
        default="true",
        required=False,
        choices=YES_NO,
        kind="bool",
    ),
    Field("carriers", "Carriers", "Names as customers see them, separated by commas, for mapping: Shopify has no list of its own.", required=False),
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
    def version(self) -> str:
        return self.text("api_version")

    @property
    def directive(self) -> bool:
        """Whether this version knows @idempotent ("unstable" sorts behind every date)."""
        return self.version >= DIRECTIVE_FROM

    @property
    def base_url(self) -> str:
        """The shop's address; made from the shop's name where only that was filled in."""
        base = self.account.base_url.rstrip("/")
        return f"https://{self.shop}" if base == PLACEHOLDER and self.shop else base

    @property
    def shop(self) -> str:
        """The shop's domain, else whatever the account is called."""
        name = self.account.account.strip().removeprefix("https://").rstrip("/")
        return f"{name}.myshopify.com" if name and "." not in name and " " not in name else name

    @property
    def shop_code(self) -> str:
        return self.shop or host(self.account.base_url)
