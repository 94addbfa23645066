"""A trickle of orders at the simulators: most go through, some have the faults of a real day."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import requests

from portal.sandbox_ports import url_of

CONTROL = "/__sandbox__"
STEP_S = 4.0
MARKETPLACES, EVERY = ("mirakl", "mirakl-fr"), 5  # one order there for so many in the shop
UNKNOWN_SKU, UNKNOWN_AFTER = "LAMP-OAK", 6  # sold by the marketplaces alone; by then the warehouse's catalogue has been read
NAMES = (
    ("Ana", "Lee"),
    ("Ben", "Osei"),
    ("Chloe", "Marsh"),
    ("Dev", "Patel"),
    ("Elif", "Kaya"),
    ("Femi", "Bello"),
    ("Greta", "Holm"),
    ("Hugo", "Blanc"),
)
TOWNS = {  # by country
    "GB": (
        ("Leeds", "LS1 4AP", "12 High Street"),
        ("York", "YO1 7HH", "3 Stonegate"),
        ("Bath", "BA1 1LZ", "8 Cheap Street"),
        ("Hull", "HU1 2AA", "41 Whitefriargate"),
    ),
    "DE": (("Berlin", "10115", "Invalidenstraße 9"), ("Hamburg", "20095", "Mönckebergstraße 7"), ("Leipzig", "04109", "Markt 1")),
}
STORES = ("uk", "uk", "outlet", "eu")  # the third half as often as the first; the last one has a warehouse of its own

# what may be odd about an order, and how often out of a hundred
ODDITIES: tuple[tuple[int, str], ...] = ((6, "no street"), (10, "express"), (6, "payment pending"), (3, "no delivery method"))


def post(vendor: str, path: str, body: dict[str, Any]) -> Any:
    response = requests.post(f"{url_of(vendor)}{CONTROL}/{path}", json=body, timeout=30)
    response.raise_for_status()
    return response.json() if response.content else None


def summary(vendor: str) -> dict[str, Any]:
    response = requests.get(f"{url_of(vendor)}{CONTROL}/summary", timeout=30)
    response.raise_for_status()
    found: dict[str, Any] = response.json()
    return found


def basket(chance: random.Random, skus: Sequence[str]) -> dict[str, Any]:
    """One checkout, as the shop's simulator takes it; odd now and then."""
    first, last = chance.choice(NAMES)
    store = chance.choice(STORES)
    country = "DE" if store == "eu" else "GB"
    city, postcode, street = chance.choice(TOWNS[country])
    address = {"firstName": first, "lastName": last, "streetName": street, "city": city, "postalCode": postcode, "country": country}
    lines = [{"sku": sku, "quantity": chance.choice((1, 1, 1, 2))} for sku in chance.sample(list(skus), chance.choice((1, 1, 2)))]
    wish: dict[str, Any] = {
        "count": 1,
        "lines": lines,
        "store": store,
        "shipping_method": chance.choice(("standard", "eu-standard") if country == "DE" else ("standard", "standard", "collect")),
        "shipping_address": address,
        "email": f"{first}.{last}@example.com".lower(),
        "payment": "settled",
    }
    return make_odd(wish, draw_oddity(chance))


def draw_oddity(chance: random.Random) -> str:
    drawn, upto = chance.randrange(100), 0
    for share, name in ODDITIES:
        upto += share
        if drawn < upto:
            return name
    return ""


def make_odd(wish: dict[str, Any], oddity: str) -> dict[str, Any]:
    if oddity == "no street":
        del wish["shipping_address"]["streetName"]
    elif oddity == "express":
        wish["shipping_method"] = "express"
    elif oddity == "payment pending":
        wish["payment"] = "pending"
    elif oddity == "no delivery method":
        wish["shipping_method"] = None
    return wish


def trickle(skus: Sequence[str], *, seed: int, orders: int | None = None, after_each: Callable[[int], None] = lambda placed: None) -> None:
    """Place an order every few seconds, settle what is pending after a while; for ever, or `orders` of them."""
    chance = random.Random(seed)
    pending: list[tuple[float, str]] = []
    placed = 0
    while orders is None or placed < orders:
        wish = basket(chance, skus)
        made = post("commercetools", "orders", wish)["orders"]
        if wish["payment"] == "pending":
            pending += [(time.monotonic() + 60, order["id"]) for order in made]
        for due_at, order in [one for one in pending if one[0] <= time.monotonic()]:
            post("commercetools", f"orders/{order}/settle", {})
            pending.remove((due_at, order))
        placed += 1
        if placed == UNKNOWN_AFTER:
            for vendor in MARKETPLACES:
                post(vendor, "place", {"count": 2, "lines": {UNKNOWN_SKU: 1}})
        if placed % EVERY == 0:
            post(chance.choice(MARKETPLACES), "place", {"lines": dict.fromkeys(chance.sample(list(skus), 1), 1)})
        if placed % EVERY == 2:
            post("xoro", "orders", {"ref": f"US-{seed}-{placed}", "lines": dict.fromkeys(chance.sample(list(skus), 1), 1)})
        after_each(placed)
        time.sleep(STEP_S * chance.uniform(0.5, 1.5))
