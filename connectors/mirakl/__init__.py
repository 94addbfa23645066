"""Mirakl (https://developer.mirakl.com): orders, stock, returns and payouts of one shop at one marketplace operator."""

from connectors.canonical import System
from connectors.mirakl.connector import Mirakl
from connectors.mirakl.feeds import FEEDS
from connectors.mirakl.options import OPTION_FIELDS
from connectors.ports import Ability, Field, Side
from connectors.registry import Vendor

VENDOR = Vendor(
    system=System.MIRAKL,
    sides=frozenset({Side.CHANNEL}),
    base_url="https://your-marketplace.mirakl.net",
    account_label="Shop id (empty: the key's own shop)",
    connect=Mirakl,
    credential_fields=(
        Field("api_key", "API key", "Made by a shop user in the operator's back office, tab “API key”; it has that user's roles.", secret=True),
    ),
    option_fields=OPTION_FIELDS,
    feeds=FEEDS,
    abilities=frozenset(
        {
            Ability.DECIDE_ORDER,
            Ability.CONFIRM_SHIPMENT,
            Ability.PUBLISH_STOCK,
            Ability.REFUND,
            Ability.ANNOUNCE_RETURN,
        }
    ),
    rate_per_s=10.0,  # no overall limit is published, only a frequency for each operation
    burst=20.0,
    stock_batch=50_000,
    stock_every_s=61.0,  # STO01 and OF01 at most once a minute
    stock_wait_s=60.0,
)
