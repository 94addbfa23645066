"""Customers and their addresses; they cannot be deleted."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.veeqo.answers import ALL_HEADERS, asked_page, invalid, listed, stamp
from connectors.sandbox.veeqo.fields import mapping, sent, text
from connectors.sandbox.veeqo.models import Json
from connectors.sandbox.veeqo.store import State, need, state

bp = Blueprint("veeqo_customers", __name__)
PLACE = ("first_name", "last_name", "company", "address1", "address2", "city", "country", "state", "zip", "phone", "email")
ADDRESS_REST: Json = {"tax_id": None, "is_default": None, "validated": None, "residential": None, "validation_message": None}
ADDRESS_REST |= {"verified": True, "location_found": True}
PLAIN = ("email", "phone", "mobile", "notes")
NOTES_LENGTH = 255


def add_address(here: State, wanted: Json, *, customer_id: int | None) -> Json:
    """An address of a customer; any part of it may be null or empty."""
    made: Json = {"id": here.next_id("address"), "short_name": None} | {name: text(wanted.get(name)) for name in PLACE} | ADDRESS_REST
    here.addresses[made["id"]] = made
    customer = here.customers.get(customer_id or 0)
    if customer is not None:
        customer["shipping_addresses"] = [*customer["shipping_addresses"][-4:], made]
        customer["last_used_shipping_address"] = made
    return made


def find_address(here: State, id: object) -> Json:
    return need(here.addresses, id)


def check_email(here: State, email: str | None, *, own_id: int = 0) -> None:
    """Whether e-mails are unique is not documented: the setting `unique_emails` decides."""
    if here.settings.unique_emails and email and here.emails.get(email.lower(), own_id) != own_id:
        raise invalid("Email has already been taken")


def add_customer(here: State, wanted: Json) -> Json:
    email = text(wanted.get("email"))
    if not email:
        raise invalid("Email can't be blank")
    check_email(here, email)
    check_notes(wanted)
    at = stamp(here.now())
    made: Json = {"id": here.next_id("customer"), "created_at": at, "updated_at": at, "remote_id": None, "delivery_method": None}
    made |= {"price_list": None, "customer_type": str(wanted.get("customer_type") or "retail"), "company_name": None}
    made |= {"shipping_addresses": [], "last_used_shipping_address": None, "billing_address": None} | dict.fromkeys(PLAIN)
    here.customers[made["id"]] = made
    update_customer(here, made, wanted)
    return made


def check_notes(wanted: Json) -> None:
    if len(str(wanted.get("notes") or "")) > NOTES_LENGTH:
        raise invalid("Notes is too long (maximum is 255 characters)")
    if wanted.get("billing_address_attributes") is not None:
        mapping(wanted["billing_address_attributes"], name="Billing address")


def update_customer(here: State, customer: Json, wanted: Json) -> None:
    customer |= {name: text(wanted[name]) for name in PLAIN if name in wanted}
    billing = wanted.get("billing_address_attributes")
    if billing:
        customer["billing_address"] = add_address(here, billing, customer_id=None)
        customer["company_name"] = text(billing.get("company"))
    place = customer["billing_address"] or {}
    customer["full_name"] = " ".join(part for part in (place.get("first_name"), place.get("last_name")) if part)
    customer["contact_data"] = {"email": customer["email"], "phone": customer["phone"]}
    if customer["email"]:
        here.emails.setdefault(customer["email"].lower(), customer["id"])
    here.customer_words.put(customer["id"], f"{customer['email'] or ''} {customer['full_name']} {customer['phone'] or ''}")


@bp.get("/customers")
def list_customers() -> Response:
    """The header stops at 100 pages and later pages repeat the 100th, as reported in 2024 (setting `customers_page_cap`)."""
    here = state()
    words, kind = request.args.get("query", "").strip(), request.args.get("customer_type", "")
    found = sorted(here.customer_words.find(words), reverse=True) if words else list(reversed(here.customers))
    rows = [id for id in found if not kind or here.customers[id]["customer_type"] == kind]
    page = asked_page(default=12, most=here.settings.max_page_size)
    cap = here.settings.customers_page_cap
    return listed(rows, page=page, render=lambda id: here.customers[id], headers=ALL_HEADERS, page_cap=cap)


@bp.post("/customers")
def create_customer() -> tuple[Response, int]:
    return jsonify(add_customer(state(), sent("customer"))), 201


@bp.get("/customers/<int:id>")
def show_customer(id: int) -> Response:
    return jsonify(need(state().customers, id))


@bp.put("/customers/<int:id>")
def edit_customer(id: int) -> Response:
    here, wanted = state(), sent("customer")
    customer = need(here.customers, id)
    if "email" in wanted:
        check_email(here, text(wanted["email"]), own_id=id)
        here.emails.pop((customer["email"] or "").lower(), None)
    check_notes(wanted)
    update_customer(here, customer, wanted)
    customer["updated_at"] = stamp(here.now())
    return jsonify(customer)
