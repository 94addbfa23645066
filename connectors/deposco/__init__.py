"""Deposco's card: what a connection to its two APIs needs, what it can do, how fast it may be asked.

About four calls a second, counted for the whole account and so for both APIs together: https://api.deposco.com
"""

from __future__ import annotations

from connectors.canonical import System
from connectors.deposco.connector import DeposcoConnector
from connectors.deposco.feeds import FEEDS
from connectors.deposco.settings import CREDENTIAL_FIELDS, OPTION_FIELDS
from connectors.ports import Ability, Side
from connectors.registry import Vendor

VENDOR = Vendor(
    system=System.DEPOSCO,
    sides=frozenset({Side.HUB}),
    base_url="https://api.deposco.com/latest",
    auth_url="https://auth.deposco.com/oauth2/token",
    connect=DeposcoConnector,
    credential_fields=CREDENTIAL_FIELDS,
    option_fields=OPTION_FIELDS,
    feeds=FEEDS,
    abilities=frozenset({Ability.CREATE_ORDER, Ability.CANCEL_ORDER, Ability.LOWER_ORDER, Ability.RELEASE_ORDER, Ability.ANNOUNCE_RETURN}),
    account_label="Company code (business unit)",
    rate_per_s=3.8,  # a margin, because calls do not arrive as evenly as they leave
    burst=1.9,  # just enough for orders to go before bulk reads
)
