"""commercetools (https://docs.commercetools.com/api/): orders, stock and products of one project."""

from connectors.canonical import System
from connectors.commercetools.connector import connect
from connectors.commercetools.feeds import FEEDS
from connectors.commercetools.settings import OPTION_FIELDS
from connectors.ports import Ability, Field, Side
from connectors.registry import Vendor

VENDOR = Vendor(
    system=System.COMMERCETOOLS,
    sides=frozenset({Side.CHANNEL}),
    base_url="https://api.europe-west1.gcp.commercetools.com",
    auth_url="https://auth.europe-west1.gcp.commercetools.com",
    account_label="Project key",
    connect=connect,
    credential_fields=(
        Field("client_id", "Client ID", "Of an API client made for this portal (Merchant Center, Settings, Developer settings)."),
        Field("client_secret", "Client secret", "Shown once, when the API client is made.", secret=True),
    ),
    option_fields=OPTION_FIELDS,
    feeds=FEEDS,
    abilities=frozenset({Ability.CONFIRM_SHIPMENT, Ability.PUBLISH_STOCK, Ability.REFUND}),
    rate_per_s=20.0,  # no limit is published; official guidance is to ramp up gradually and to limit concurrency
    burst=20.0,
    stock_batch=50,
)
