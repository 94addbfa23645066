"""BigCommerce (https://developer.bigcommerce.com/docs): orders, refunds, stock and variants of one store."""

from connectors.bigcommerce.connector import connect
from connectors.bigcommerce.feeds import FEEDS
from connectors.bigcommerce.settings import OPTION_FIELDS
from connectors.bigcommerce.stock import MOST
from connectors.canonical import System
from connectors.ports import Ability, Field, Side
from connectors.registry import Vendor

VENDOR = Vendor(
    system=System.BIGCOMMERCE,
    sides=frozenset({Side.CHANNEL}),
    base_url="https://api.bigcommerce.com",
    account_label="Store hash",
    connect=connect,
    credential_fields=(
        Field("auth_token", "Access token", "Of an API account with Orders, Products, Store Inventory and Order Transactions.", secret=True),
        Field("hook_secret", "Hook secret", "Value of the secret header set on the webhooks.", required=False, secret=True),
        Field("client_secret", "Client secret", "Of the same API account; webhooks may be signed with it.", required=False, secret=True),
    ),
    option_fields=OPTION_FIELDS,
    feeds=FEEDS,
    abilities=frozenset({Ability.CONFIRM_SHIPMENT, Ability.PUBLISH_STOCK, Ability.WEBHOOKS}),
    rate_per_s=4.0,  # Standard and Plus: 150 calls in 30 s, shared by all apps of the store
    burst=10.0,
    stock_batch=MOST,
)
