"""What the operator's customers do: they place orders, from offers or for SKUs that nobody knows."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from connectors.sandbox.mirakl.lifecycle import LEAD_TIME, register, release, stepper
from connectors.sandbox.mirakl.models import STAGING, Json, Line, Offer, Order
from connectors.sandbox.mirakl.store import Shop, State

PEOPLE = (  # civility, first name, last name, street, zip, city, phone
    ("Mrs", "Ada", "Fielding", "4 Mill Lane", "LS6 2AB", "Leeds", "0113 496 0000"),
    ("Mr", "Ben", "Okafor", "19 Harbour Row", "BS1 5TY", "Bristol", "0117 496 0011"),
    ("Ms", "Chloé", "Martin", "7 Castle Street", "EH1 2NG", "Edinburgh", "0131 496 0022"),
    ("Mr", "Dafydd", "Rhys-Jones", "Flat 3, 88 Quay Road", "CF10 4PZ", "Cardiff", "029 2018 0033"),
    ("Mrs", "Eve", "O'Malley", "2 Orchard Close", "BT7 1AA", "Belfast", "028 9018 0044"),
)
COUNTRIES = {"GBR": "United Kingdom", "FRA": "France", "DEU": "Germany", "ESP": "Spain", "ITA": "Italy", "NLD": "Netherlands"}
WORDS = "abcdefghijklmnopqrstuvwxyz0123456789"


def address(state: State, person: tuple[str, ...], *, shipping: bool) -> Json:
    civility, first, last, street, zip_code, city, phone = person
    country = state.settings.country
    found: Json = {"civility": civility, "firstname": first, "lastname": last, "company": None, "company_2": None}
    found |= {"street_1": street, "street_2": None, "zip_code": zip_code, "city": city, "state": None}
    found |= {"country": COUNTRIES.get(country, country), "country_iso_code": country, "phone": phone, "phone_secondary": None}
    return found | ({"additional_info": "blue door"} if shipping else {})


def customer(state: State, wish: Json, *, number: int) -> tuple[Json, str | None]:
    """A customer and the anonymised address that the marketplace gives for them, or none."""
    turn = int(wish.get("customer", number)) % len(PEOPLE)
    person = PEOPLE[turn]
    found: Json = {"customer_id": f"C-{90311 + turn}", "civility": person[0], "firstname": person[1], "lastname": person[2], "locale": "en_GB"}
    found |= {"billing_address": address(state, person, shipping=False), "shipping_address": address(state, person, shipping=True)}
    for name in ("billing_address", "shipping_address"):
        found[name] |= wish.get(name) or wish.get("address") or {}
    return found, email(state, turn)


def email(state: State, turn: int) -> str | None:
    if state.settings.emails == "none":
        return None
    if state.settings.emails == "customer":
        return f"c{turn:04d}.relay@notification.mirakl.net"
    return f"{''.join(state.random.choices(WORDS, k=9))}.{''.join(state.random.choices(WORDS, k=4))}@notification.mirakl.net"


def place(state: State, shop: Shop, wish: Json, *, at: datetime) -> Order:
    """One order; see `control.place_orders` for what may be wished."""
    settings, number = state.settings, state.next_id("order")
    commercial_id = str(wish.get("commercial_id") or f"{wish.get('prefix', 'W-')}{number}")
    order_id = free_id(state, commercial_id)
    who, relay = customer(state, wish, number=number)
    workflow, channel = wish.get("payment_workflow") or settings.payment_workflow, wish.get("channel", settings.channel)
    kind, mode = wish.get("shipping_type", "STD"), wish.get("order_tax_mode") or settings.order_tax_mode
    order = Order(order_id, commercial_id, shop.id, at, at, who, relay, settings.currency, mode, workflow, channel, kind)
    order.customer_reference = str(wish.get("reference") or commercial_id)
    order.deadline = (at + LEAD_TIME).replace(hour=21, minute=59, second=59, microsecond=999000)
    order.center, order.no_address = str(wish.get("center", "DEFAULT")), bool(wish.get("no_address"))
    if "email" in wish:
        order.email = wish["email"]
    if wish.get("accept_within_s") is not None:
        order.refuse_at = at + timedelta(seconds=float(wish["accept_within_s"]))
    for index, line_wish in enumerate(line_wishes(wish), start=1):
        order.lines.append(make_line(state, shop, order, {**wish, **line_wish}, index=index, at=at))
    register(shop, order)
    staging = settings.scaled(float(wish.get("staging_s", settings.staging_s)))
    state.later(staging, stepper(state, shop, order, expected=STAGING, step=release), start=at)
    return order


def free_id(state: State, commercial_id: str) -> str:
    """One logistic order per shop: -A, and on where the basket has one already, at this shop or another."""
    taken = [each.orders for each in state.shops.values()]
    letter = next(each for each in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if not any(f"{commercial_id}-{each}" in orders for orders in taken))
    return f"{commercial_id}-{letter}"


def line_wishes(wish: Json) -> list[Json]:
    """`lines` as a list of wishes or as {sku: quantity}, or a single `sku`."""
    lines = wish.get("lines") or [{"sku": wish["sku"]}]
    if isinstance(lines, dict):
        return [{"sku": sku, "quantity": quantity} for sku, quantity in lines.items()]
    return list(lines)


def make_line(state: State, shop: Shop, order: Order, wish: Json, *, index: int, at: datetime) -> Line:
    """From the offer of this SKU; a SKU without an offer is what a customer bought before it was deleted."""
    sku, quantity = str(wish["sku"]), int(wish.get("quantity", 1))
    offer = shop.by_sku.get(sku) or Offer(0, sku, f"X-{sku}", sku, "", Decimal("10.00"), at, at)
    if state.settings.orders_lower_stock:
        offer.quantity, offer.updated_at = max(0, offer.quantity - quantity), at
    taxes = [(str(each["code"]), Decimal(str(each["rate"]))) for each in wish.get("taxes", [{"code": "VAT20", "rate": 20}])]
    shipping = wish.get("shipping_price", "3.90" if index == 1 else "0")
    return Line(
        id=f"{order.id}-{index}",
        index=index,
        offer_id=offer.id,
        sku=sku,
        product_sku=offer.product_sku,
        title=offer.title,
        category=offer.category,
        quantity=quantity,
        price_unit=Decimal(str(wish.get("price", offer.price))),
        shipping_price=Decimal(str(shipping)),
        taxes=taxes,
        commission_rate=Decimal(str(wish.get("commission", 15))),
        commission_tax_rate=Decimal(str(wish.get("commission_tax", 20))),
        created_at=at,
        updated_at=at,
    )
