"""The codes that live in Veeqo: stores, delivery methods, warehouses, carriers. Mapped by id, because staff edit the names."""

from __future__ import annotations

from collections.abc import Callable

from connectors.canonical import Code, CodeKind
from connectors.errors import ContractError, Rejected
from connectors.reading import text
from connectors.veeqo.client import Client, Row
from connectors.veeqo.shipments import known_carriers

DIRECT = "direct"  # the only kind of store orders can be created in by the API
CLOSED = frozenset({"inactive", "deleted", "archived"})


def stores(client: Client) -> tuple[Code, ...]:
    rows = [row for row in client.whole_list("/channels", [("type_code", DIRECT)]) if text(row.get("type_code")) in (DIRECT, "")]
    return tuple(code(row, CodeKind.STORE) for row in rows)


def delivery_methods(client: Client) -> tuple[Code, ...]:
    return tuple(code(row, CodeKind.SHIP_SERVICE) for row in client.whole_list("/delivery_methods"))


def warehouses(client: Client) -> tuple[Code, ...]:
    return tuple(code(row, CodeKind.WAREHOUSE) for row in client.whole_list("/warehouses"))


def carriers(client: Client) -> tuple[Code, ...]:
    """The live list where it answers (it is not documented), filled up from the published table."""
    try:
        live = [code(row, CodeKind.CARRIER) for row in client.whole_list("/carriers")]
    except (Rejected, ContractError):
        live = []
    told = {entry.value for entry in live}
    return (*live, *(entry for entry in known_carriers() if entry.value not in told))


def code(row: Row, kind: CodeKind) -> Code:
    active = not row.get("deleted_at") and text(row.get("state")).lower() not in CLOSED
    return Code(kind, text(row.get("id")), text(row.get("name")), active=active)


LISTS: dict[CodeKind, Callable[[Client], tuple[Code, ...]]] = {
    CodeKind.STORE: stores,
    CodeKind.SHIP_SERVICE: delivery_methods,
    CodeKind.WAREHOUSE: warehouses,
    CodeKind.CARRIER: carriers,
}
