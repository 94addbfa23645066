"""What Lockstep expects of a connector, by role; a vendor implements the ports it has abilities for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from connectors.canonical import (
    Code,
    CodeKind,
    Deduped,
    DispatchNotice,
    Done,
    Flow,
    FlowRun,
    HubOrder,
    OrderDecision,
    Page,
    PayoutLine,
    Received,
    Refund,
    RefundRequest,
    ReturnNotice,
    ReturnOrder,
    SalesOrder,
    ShipmentLine,
    StockLevel,
    StockTarget,
    StockVerdict,
    System,
    Variant,
    WarehouseOrder,
)

Canonical = SalesOrder | HubOrder | StockLevel | Variant | ReturnOrder | Refund | PayoutLine | Flow | FlowRun | Deduped


class Side(StrEnum):
    """Which side of the corridor a vendor stands on."""

    CHANNEL = "channel"
    HUB = "hub"


class Ability(StrEnum):
    """What a connector can do; each names the method below that does it."""

    CREATE_ORDER = "create_order"
    CANCEL_ORDER = "cancel_order"
    LOWER_ORDER = "lower_order"
    RELEASE_ORDER = "release_order"
    CONFIRM_SHIPMENT = "confirm_shipment"
    PUBLISH_STOCK = "publish_stock"
    DECIDE_ORDER = "decide_order"
    ANNOUNCE_RETURN = "announce_return"
    REFUND = "refund"
    SAVE_VARIANT = "save_variant"
    WEBHOOKS = "receive_webhook"


class Priority(StrEnum):
    """Who goes first under a vendor's limit."""

    ORDERS = "orders"
    STOCK = "stock"
    BULK = "bulk"


@dataclass(frozen=True)
class Field:
    """One credential or option of a connection, as the admin form shows it. Values are text."""

    name: str
    label: str
    help: str = ""
    default: str = ""
    required: bool = True
    secret: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    kind: str = "text"  # text, int, bool, url; of an operator's rules: hours, percent, period, working_days, working_hours, holidays
    group: str = ""  # "profile": the rules of a marketplace's operator, shown together


@dataclass(frozen=True)
class Feed:
    """Something to poll. `every_s` is the default interval; `full` feeds start from nothing each time and correct drift."""

    name: str
    topic: str
    every_s: int
    priority: Priority = Priority.ORDERS
    full: bool = False
    label: str = ""


@dataclass(frozen=True)
class Account:
    """One account at a vendor, as a connector needs it. `key` names it stably (for shared tokens)."""

    key: str
    base_url: str
    credentials: Mapping[str, str]
    auth_url: str = ""
    account: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    time_zone: str = "UTC"

    def option(self, name: str, default: str = "") -> str:
        return self.options.get(name) or default

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.options.get(name, "")
        return value.lower() in {"1", "true", "yes", "on"} if value else default


@dataclass(frozen=True)
class Verification:
    """What a cheap authenticated read found: who we are there, in one sentence for the administrator."""

    sentence: str
    facts: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@runtime_checkable
class Connector(Protocol):
    """Every vendor: prove the credential, bring what changed, read what came, list the codes that live there.

    Errors of every method: those of `connectors.errors`; nothing else may escape.
    """

    system: System

    def verify(self) -> Verification: ...

    def poll(self, feed: str, cursor: str, *, until: datetime) -> Iterator[Page]:
        """Pages of `feed` after `cursor` ("" = from `start_date` or the beginning), up to `until`. Each page's cursor is safe to keep."""
        ...

    def parse(self, topic: str, body: bytes) -> tuple[Canonical, ...]:
        """Pure: the bytes of one received item → canonical objects. ContractError when they are not what the record promises."""
        ...

    def codes(self, kind: CodeKind) -> tuple[Code, ...]:
        """The live list of that side's own codes of a kind; () where the vendor has no such list."""
        ...

    def take_exchanges(self) -> list:
        """The redacted exchanges since the last call of this method (evidence), and forget them."""
        ...


class SalesChannel(Protocol):
    """Where people buy."""

    def fetch_order(self, reference: str) -> Received | None:
        """One order by the channel's id; None when the channel does not know it."""
        ...

    def confirm_shipment(self, notice: DispatchNotice) -> Done:
        """Show this dispatch on the order, once: `found` when `notice.key` is there already (late tracking is filled in)."""
        ...

    def publish_stock(self, targets: Sequence[StockTarget]) -> Iterable[StockVerdict]:
        """Make the channel show these levels: one verdict for each target, in any order."""
        ...

    def read_stock(self, skus: Sequence[str]) -> Iterable[StockLevel]:
        """The levels the channel shows now for these SKUs."""
        ...


class Marketplace(Protocol):
    """A channel where every order must be accepted."""

    def decide_order(self, decision: OrderDecision) -> Done: ...


class WarehouseHub(Protocol):
    """Where orders are picked, packed and shipped."""

    def fetch_order(self, reference: str) -> Received | None: ...

    def find_orders(self, number: str) -> tuple[Done, ...]:
        """Every order there with exactly this number, cancelled ones included."""
        ...

    def create_order(self, order: WarehouseOrder) -> Done:
        """Create it. Looking for an earlier one is the caller's act (`find_orders`). OutcomeUnknown when the answer was lost."""
        ...

    def cancel_order(self, reference: str, *, reason: str) -> Done:
        """Cancel it; Rejected when it has shipped."""
        ...

    def lower_order(self, reference: str, *, wanted: Sequence[ShipmentLine]) -> Done:
        """Leave the order with no more units of each SKU than wanted. Twice is once; Rejected when it takes no change any more."""
        ...

    def release_order(self, reference: str, *, payment_reference: str) -> Done:
        """Let the warehouse work on an order that was created on hold. Harmless if it was released before."""
        ...

    def read_stock(self, skus: Sequence[str]) -> Iterable[StockLevel]: ...


class Catalogue(Protocol):
    """A system whose products can be written."""

    def find_variants(self, sku: str) -> tuple[Variant, ...]: ...

    def save_variant(self, variant: Variant) -> Done:
        """Create (no reference) or update the variant."""
        ...


class Refunds(Protocol):
    """A channel through which money goes back."""

    def find_refunds(self, order_reference: str) -> tuple[Refund, ...]: ...

    def refund(self, request: RefundRequest) -> Done: ...

    def announce_return(self, notice: ReturnNotice) -> Done: ...


class Webhooks(Protocol):
    """A vendor that calls us."""

    def receive_webhook(self, headers: Mapping[str, str], body: bytes) -> tuple[Received, ...]:
        """The items in a genuine call; one of topic `CHANGED` names a feed to read at once. `errors.AccessDenied` when the signature is
        wrong or too old, `errors.ContractError` when the body is not what the vendor sends."""
        ...


class Limiter(Protocol):
    """Paces calls under a vendor's limit, across processes."""

    def acquire(self, priority: Priority) -> None:
        """Return when one call may be made now; RateLimited when the wait would be unreasonable."""
        ...

    def penalise(self, seconds: float | None) -> None:
        """The vendor said 429: nobody calls for so long (None: it did not say how long)."""
        ...


class TokenStore(Protocol):
    """Shares short-lived access tokens between threads and processes."""

    def get(self, name: str, fetch: Callable[[], tuple[str, float]], *, stale: str = "") -> str:
        """The token kept under `name`, or `fetch()` → (token, lifetime in s), once for all who wait. `stale` is thrown away."""
        ...
