"""Who an order is for, as Veeqo wants it: every customer needs an e-mail address, and marketplaces often give none or a masked one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from connectors.canonical import Address, WarehouseOrder
from connectors.ports import Account
from connectors.reading import text
from connectors.veeqo.client import Client

DEFAULT_DOMAIN = "no-reply.invalid"  # a domain that can belong to nobody
EMAIL = re.compile(r"[^@\s*]+@[^@\s*]+\.[^@\s*.]+")
LOCAL_PART = 64


def email_for(order: WarehouseOrder, account: Account) -> str:
    """The buyer's address as it is, a marketplace's relay address too (R48); a stand-in of our own where there is none to use."""
    email = order.email.strip()
    relays = {each.strip().lower() for each in account.option("guest_domains").split(",") if each.strip()}
    if EMAIL.fullmatch(email) and email.rpartition("@")[2].lower() not in relays:
        return email
    return placeholder(order, account)


def placeholder(order: WarehouseOrder, account: Account) -> str:
    """`order+<store>-<number>@<our domain>`: the same for the same order, and never somebody's address."""
    local = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{order.store_code}-{order.number}")
    if len(local) + len("order+") > LOCAL_PART:
        local = f"{local[:40]}-{hashlib.sha256(order.number.encode()).hexdigest()[:12]}"
    return f"order+{local}@{account.option('placeholder_domain', DEFAULT_DOMAIN)}"


def standing_customer(store: str, account: Account) -> int | None:
    """The customer all orders of a store go to, from `35250=5501, 35251=5502` (or one id for every store)."""
    for entry in account.option("standing_customers").split(","):
        of_store, told, customer = entry.strip().rpartition("=")
        if customer.strip().isdecimal() and (not told or of_store.strip() == store):
            return int(customer)
    return None


def deliver_to(address: Address, *, email: str = "") -> dict[str, str]:
    """The address by Veeqo's names; `country` is ISO 3166-1 alpha-2."""
    named = {
        "first_name": address.first_name,
        "last_name": address.last_name,
        "company": address.company,
        "address1": address.line1,
        "address2": address.line2,
        "city": address.city,
        "state": address.region,
        "zip": address.postcode,
        "country": address.country,
        "phone": address.phone,
    }
    return {**named, "email": email} if email else named


def customer_attributes(order: WarehouseOrder, *, email: str) -> dict[str, object]:
    billing = order.billing_address or order.shipping_address
    return {"email": email, "phone": billing.phone, "billing_address_attributes": deliver_to(billing, email=email)}


def find_customer(client: Client, email: str) -> int | None:
    """The customer with this address (search is fuzzy; capitals do not count). Never paged: the list is unreliable past 10,000 rows."""
    for row in client.sheet("/customers", [("query", email)], 1).rows:
        if email_of(row).lower() == email.lower() and text(row.get("id")).isdecimal():
            return int(text(row.get("id")))
    return None


def email_of(row: Mapping[str, object]) -> str:
    contact = row.get("contact_data")
    return text(row.get("email")) or (text(contact.get("email")) if isinstance(contact, dict) else "")
