"""What a run of the simulator may choose where the vendor's record leaves several answers open."""

from __future__ import annotations

from dataclasses import dataclass, field

PROJECT = "demo-shop"
CLIENT_ID, CLIENT_SECRET = "ops-client", "ops-secret"
READER_ID, READER_SECRET = "reader-client", "reader-secret"
SHOP_CLIENT_ID = "shop-client"  # the storefront's own client: never ours, so its writes are not an echo


@dataclass(frozen=True)
class ApiClient:
    """One API client: its secret and the scopes it was given."""

    secret: str
    scopes: tuple[str, ...]


def default_clients() -> dict[str, ApiClient]:
    reads = ("view_orders", "view_products", "view_messages", "view_payments", "view_states", "view_types", "view_stores", "view_channels")
    return {
        CLIENT_ID: ApiClient(CLIENT_SECRET, (f"manage_project:{PROJECT}",)),
        READER_ID: ApiClient(READER_SECRET, tuple(f"{scope}:{PROJECT}" for scope in reads)),
    }


@dataclass
class Settings:
    """The defaults are the record's own advice for a simulator."""

    project_key: str = PROJECT
    clients: dict[str, ApiClient] = field(default_factory=default_clients)
    expires_in_s: int = 172_800
    scope_required: bool = False  # may a token request leave `scope` out? The record is unsure
    messages_enabled: bool = False  # messages are not stored until the project says so
    message_delay_s: float = 1.5  # a message shows this long after its change …
    message_jitter_s: float = 0.5  # … give or take this, so that messages also show out of order
    stock_lag_s: float = 2.0  # stock moved by orders shows this much later (up to 10 s in life)
    reserve_on_order: str = "decrement"  # or "reserve": quantityOnStock stays, availableQuantity falls
    cancel_releases_stock: bool = False
    no_op_raises_version: bool = False
    sync_info: str = "replace"  # or "append": a second entry for the same channel
    advised_to_returned: bool = False  # older texts allowed Advised → Returned
    inventory_needs_product: bool = False
    search_active: bool = False
    catalogue_model: str = "Classic"  # or "Modular"
    id_seed: int = 1
    rate_per_s: float = 0.0  # the vendor publishes no limit; a number here makes 429s
    rate_scale: float = 1.0
