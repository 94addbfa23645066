"""Veeqo's card: what a connection to it needs, what it can do, how fast it may be asked.

Veeqo drains 5 calls a second and overflows after about 56 at once: https://developers.veeqo.com
"""

from __future__ import annotations

from connectors.canonical import System
from connectors.ports import Ability, Field, Side
from connectors.registry import Vendor
from connectors.veeqo.connector import VeeqoConnector
from connectors.veeqo.creation import DEFAULT_PAYMENT, PAYMENT_TYPES
from connectors.veeqo.customers import DEFAULT_DOMAIN
from connectors.veeqo.feeds import FEEDS

CREDENTIALS = (
    Field(
        "api_key",
        "API key",
        "Of a Veeqo user made for this portal alone: refreshing the key there stops the connection.",
        required=False,
        secret=True,
    ),
    Field("access_token", "Access token", "Instead of a key, for a public app that signed in by OAuth.", required=False, secret=True),
)
OPTIONS = (
    Field("start_at", "Start", "Orders and stock changed before this moment (ISO 8601) are not read.", required=False),
    Field("channel_ids", "Stores to follow", "Ids of Veeqo stores, separated by commas. Empty: every store.", required=False),
    Field(
        "overlap_hours",
        "Look back (hours)",
        "How far each poll looks back. Empty: 2 hours, more for a company west of UTC, 14 while its time zone is not known.",
        required=False,
        kind="int",
    ),
    Field(
        "date_form",
        "Form of dates",
        "How moments are written in filters. The first is Veeqo's documented form.",
        default="plain",
        choices=(("plain", "2026-10-02 07:00:00"), ("iso", "2026-10-02T07:00:00Z")),
    ),
    Field(
        "delivery_method",
        "Delivery method for orders without one",
        "Its id in Veeqo, for orders that pass without a mapped delivery method. Empty: the first one Veeqo lists.",
        required=False,
    ),
    Field(
        "payment_type",
        "Kind of payment",
        "Sent for paid orders whose own kind Veeqo does not list.",
        default=DEFAULT_PAYMENT,
        choices=tuple((each, each.replace("_", " ")) for each in PAYMENT_TYPES),
    ),
    Field(
        "placeholder_domain",
        "Domain for missing e-mail addresses",
        "A no-reply domain of your own. Veeqo wants an address for every customer.",
        default=DEFAULT_DOMAIN,
    ),
    Field(
        "guest_domains",
        "Addresses not passed on",
        "E-mail domains, separated by commas, whose buyers are entered as guests with a stand-in address. Empty: addresses go as they are.",
        required=False,
    ),
    Field(
        "standing_customers",
        "One customer for a store",
        "Veeqo customers who take all orders of a store: 35250=5501, 35251=5502. Empty: each buyer is a customer.",
        required=False,
    ),
    Field("cancel_note", "Note when cancelling fails", "Leave a note for the warehouse when Veeqo refuses to cancel.", default="1", kind="bool"),
    Field("allocate", "Reserve at the mapped warehouse", "Otherwise Veeqo allocates by the store's own ranking.", default="0", kind="bool"),
    Field("look_back_min", "Look for lost orders (minutes)", "How far back the newest orders are searched by number.", default="120", kind="int"),
    Field("sweep_days", "Read orders again (days)", "Orders no older than this are read again every four hours.", default="30", kind="int"),
    Field("returns_days", "Read returns again (days)", "Returns on orders no older than this are read again daily.", default="60", kind="int"),
    Field("app_url", "Address of Veeqo's pages", "For the links to orders.", default="https://app.veeqo.com", kind="url"),
)

VENDOR = Vendor(
    system=System.VEEQO,
    sides=frozenset({Side.HUB}),
    base_url="https://api.veeqo.com",
    connect=VeeqoConnector,
    credential_fields=CREDENTIALS,
    option_fields=OPTIONS,
    feeds=FEEDS,
    abilities=frozenset({Ability.CREATE_ORDER, Ability.CANCEL_ORDER, Ability.RELEASE_ORDER, Ability.SAVE_VARIANT}),
    account_label="Veeqo account",
    rate_per_s=4.0,
    burst=40.0,
)
