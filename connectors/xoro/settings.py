"""The choices of one connection: what Xoro leaves to its tenants, and what its public record leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.canonical import Code, CodeKind
from connectors.errors import Rejected
from connectors.ports import Account
from connectors.reading import whole

ITEM_NUMBER, UPC = "item_number", "upc"
SALE_STORE, SHIP_STORE = "sale_store", "ship_store"
AVAILABLE = ("ATSQty", "AvailableQty", "NetAvailable", "OnHandQty")
DEFAULTS = {
    "path_prefix": "/api/xerp",
    "order_statuses": "Released, Partially Shipped, Shipped, Invoiced, Closed, Cancelled",
    "wave_statuses": "released, picked, packed",
    "store_as": SALE_STORE,
    "item_identifier": ITEM_NUMBER,
    "available_from": "ATSQty",
    "page_size": "100",
    "max_pages": "2000",
    "overlap_s": "900",
    "sweep_days": "30",
}
LISTED = {  # Xoro has no call that lists these: the connection's options name them
    CodeKind.STORE: "sale_stores",
    CodeKind.WAREHOUSE: "stores",
    CodeKind.CARRIER: "carriers",
    CodeKind.SHIP_SERVICE: "ship_services",
}


@dataclass(frozen=True)
class Settings:
    """The account's options with their defaults."""

    account: Account

    def text(self, name: str) -> str:
        return self.account.option(name, DEFAULTS.get(name, "")).strip()

    def words(self, name: str) -> tuple[str, ...]:
        """A list given with commas."""
        return tuple(each.strip() for each in self.text(name).split(",") if each.strip())

    def number(self, name: str) -> int:
        return whole(self.text(name), what=f"option {name}")

    @property
    def prefix(self) -> str:
        """The path before the controller; nothing where the base address ends with it already."""
        prefix = "/" + self.text("path_prefix").strip("/")
        return "" if urlsplit(self.account.base_url.rstrip("/")).path.endswith(prefix) else prefix

    @property
    def zone(self) -> ZoneInfo:
        """The tenant's, in which Xoro writes and reads its stamps."""
        try:
            return ZoneInfo(self.account.time_zone or "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise Rejected(f"The connection's time zone “{self.account.time_zone}” is none that we know.", fields=("time_zone",)) from error

    @property
    def by_upc(self) -> bool:
        return self.text("item_identifier") == UPC

    def codes(self, kind: CodeKind) -> tuple[Code, ...]:
        names = self.words(LISTED[kind]) if kind in LISTED else ()
        return tuple(Code(kind, name, name) for name in dict.fromkeys(names))
