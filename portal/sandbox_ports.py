"""Where each vendor's simulator listens, so that the demo's connections can point there."""

from __future__ import annotations

from django.conf import settings

# Each vendor's place behind settings.SANDBOX_PORT. Never reorder: connections in the database keep the address.
PLACES = {
    "commercetools": 1,
    "veeqo": 2,
    "mirakl": 3,
    "deposco": 4,
    "xoro": 5,
    "patchworks": 6,
    "shopify": 7,
    "bigcommerce": 8,
    "mirakl-fr": 9,  # a second operator of the same vendor
}


def port_of(vendor: str) -> int:
    return settings.SANDBOX_PORT + PLACES[vendor]


def url_of(vendor: str) -> str:
    return f"http://127.0.0.1:{port_of(vendor)}"
