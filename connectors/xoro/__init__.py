"""Xoro's card: what a connection to it needs, what it can do, how fast it may be asked.

About 2 calls a second, one at a time; more are answered by bad data, so we stay below. https://docs.xorosoft.com
"""

from __future__ import annotations

from connectors.canonical import System
from connectors.ports import Ability, Field, Side
from connectors.registry import Vendor
from connectors.xoro.connector import XoroConnector
from connectors.xoro.feeds import FEEDS
from connectors.xoro.settings import AVAILABLE, DEFAULTS, ITEM_NUMBER, SALE_STORE, SHIP_STORE, UPC

CREDENTIALS = (
    Field("api_key", "API key", "Of a private app made in Xoro, with the scope Inventory and Sales Orders.", required=False, secret=True),
    Field("api_secret", "API secret", "Of the same private app.", required=False, secret=True),
    Field("orders_key", "API key for orders", "Where sales orders and waves have a private app of their own.", required=False, secret=True),
    Field("orders_secret", "API secret for orders", "Of that app.", required=False, secret=True),
    Field("inventory_key", "API key for inventory", "Where stock and items have a private app of their own.", required=False, secret=True),
    Field("inventory_secret", "API secret for inventory", "Of that app.", required=False, secret=True),
)


def option(name: str, label: str, help: str, *, kind: str = "text", choices: tuple[tuple[str, str], ...] = ()) -> Field:
    return Field(name, label, help, default=DEFAULTS.get(name, ""), required=False, kind=kind, choices=choices)


OPTIONS = (
    option("start_at", "Start", "Orders changed before this moment (ISO 8601) are not read, unless they are on a wave."),
    option("path_prefix", "Path prefix", "The path between the address and the calls."),
    option("order_statuses", "Statuses to read", "Xoro gives orders of one status at a time. Separated by commas."),
    option("wave_statuses", "Statuses of open waves", "An order on such a wave is ours to ship. Separated by commas."),
    option(
        "store_as",
        "A store is",
        "Which store of an order is mapped to the warehouse's.",
        choices=((SALE_STORE, "the sale store (SaleStoreName)"), (SHIP_STORE, "the store it ships from (StoreName)")),
    ),
    option(
        "item_identifier",
        "The SKU is",
        "What is taken for an item's SKU, in both directions. Which SKUs of the two sides are the same product is a setting of the integration.",
        choices=((ITEM_NUMBER, "Item number"), (UPC, "UPC")),
    ),
    option("available_from", "Available is", "Which figure of a stock row may be sold.", choices=tuple((each, each) for each in AVAILABLE)),
    option("path_ship_confirm", "Path for confirming shipments", "Off while empty. May hold {order_number} and {wave_number}."),
    option("path_so_cancel", "Path for cancelling orders", "Off while empty. May hold {order_number}."),
    option("stores", "Stores that ship", "Names as in Xoro, separated by commas: stock is read of these, and they can be mapped. Empty: all."),
    option("sale_stores", "Sale stores", "Names as in Xoro, separated by commas, for mapping: Xoro has no list of them."),
    option("carriers", "Carriers", "Names as in Xoro, separated by commas, for mapping: Xoro has no list of them."),
    option("ship_services", "Ship services", "Names as in Xoro, separated by commas, for mapping: Xoro has no list of them."),
    option("page_size", "Rows on a page", "100 to 500. Rows are wide.", kind="int"),
    option("max_pages", "Pages at most", "A longer list stops the reading with an error.", kind="int"),
    option("overlap_s", "Look back (seconds)", "How far each poll looks back.", kind="int"),
    option("sweep_days", "Read orders again (days)", "Orders no older than this are read again every four hours.", kind="int"),
)

VENDOR = Vendor(
    system=System.XORO,
    sides=frozenset({Side.CHANNEL}),
    base_url="https://res.xorosoft.io",
    connect=XoroConnector,
    credential_fields=CREDENTIALS,
    option_fields=OPTIONS,
    feeds=FEEDS,
    abilities=frozenset({Ability.CONFIRM_SHIPMENT, Ability.CANCEL_ORDER}),
    account_label="Xoro tenant",
    rate_per_s=1.6,
    burst=1.0,
)
