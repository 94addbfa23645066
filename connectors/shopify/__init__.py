"""Shopify (https://shopify.dev/docs/api/admin-graphql): orders, refunds, returns, stock and variants of one shop."""

from connectors.canonical import System
from connectors.ports import Ability, Field, Side
from connectors.registry import Vendor
from connectors.shopify.connector import connect
from connectors.shopify.feeds import FEEDS
from connectors.shopify.publishing import MOST
from connectors.shopify.settings import OPTION_FIELDS, PLACEHOLDER

VENDOR = Vendor(
    system=System.SHOPIFY,
    sides=frozenset({Side.CHANNEL}),
    base_url=PLACEHOLDER,
    account_label="Shop (demo.myshopify.com)",
    connect=connect,
    credential_fields=(
        Field(
            "access_token",
            "Admin API access token",
            "Of a custom app of this shop. Not needed where tokens are asked for.",
            required=False,
            secret=True,
        ),
        Field("client_id", "Client ID", "Of the app, where tokens are asked for.", required=False),
        Field("client_secret", "Client secret", "Of the app: webhooks are signed with it.", required=False, secret=True),
        Field(
            "previous_secret",
            "Previous client secret",
            "For an hour after it was changed, webhooks may still be signed with it.",
            required=False,
            secret=True,
        ),
    ),
    option_fields=OPTION_FIELDS,
    feeds=FEEDS,
    abilities=frozenset({Ability.CONFIRM_SHIPMENT, Ability.PUBLISH_STOCK, Ability.WEBHOOKS}),
    rate_per_s=10.0,  # the cost bucket is what counts; this only keeps bursts apart
    burst=10.0,
    stock_batch=MOST,
)
