"""Proving the key, and telling the administrator what of this account would surprise us."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.errors import ContractError, Rejected
from connectors.ports import Account, Verification
from connectors.reading import text
from connectors.veeqo.client import Client, Row
from connectors.veeqo.codes import DIRECT
from connectors.veeqo.dates import DEFAULT_FORM, MARGIN_H, UNKNOWN_ZONE_H, bound_text, overlap_h
from connectors.veeqo.shipments import part

MAILING_TOGGLES = {  # a store's setting -> what it does
    "send_notification_emails_to_customers": "sends notification e-mails to customers",
    "default_send_shipment_email": "sends an e-mail when an order ships",
}


def verify(client: Client, account: Account) -> Verification:
    """Four reads: the company, the user of the key, the stores, and whether a date filter is obeyed."""
    company = client.read_or_none("/current_company", root="company")
    if company is None or not text(company.get("id")):
        raise ContractError("Veeqo answered without naming a company. Is the address of the connection right?")
    user, stores, settings = whoami(client), client.whole_list("/channels"), part(company, "settings")
    zone, name = text(settings.get("timezone")), text(company.get("name")) or text(company.get("id"))
    facts = {"company": text(company.get("id")), "user": user, "time_zone": zone, "currency": text(settings.get("currency_code"))}
    warnings = [*mail_warnings(stores), *store_warnings(stores), *zone_warnings(zone, account)]
    if settings.get("auto_allocation_enabled") is False:
        warnings.append("Automatic allocation is off in Veeqo: orders wait there until somebody allocates them.")
    if not obeys_dates(client, account):
        warnings.append("Veeqo ignored a date filter in a trial. Choose the other form of dates in the options, or polls will stop with an error.")
    sentence = f"Connected to Veeqo as {user}, {name}." if user else f"Connected to Veeqo, {name}."
    return Verification(sentence, facts={key: value for key, value in facts.items() if value}, warnings=tuple(warnings))


def whoami(client: Client) -> str:
    """The login of the key's user; not every key may ask."""
    try:
        user = client.read_or_none("/current_user", root="user") or {}
    except (Rejected, ContractError):
        return ""
    return text(user.get("login")) or text(user.get("name")) or text(user.get("id"))


def mail_warnings(stores: list[Row]) -> list[str]:
    """Marketplaces forbid mails to their buyers, and our orders ask for none; the store's own settings can still send some."""
    return [
        f"The store “{text(store.get('name'))}” {does} by itself. Switch that off in Veeqo if the sales channel writes to the customer."
        for store in stores
        for toggle, does in MAILING_TOGGLES.items()
        if store.get(toggle) is True and text(store.get("type_code")) == DIRECT
    ]


def store_warnings(stores: list[Row]) -> list[str]:
    if any(text(store.get("type_code")) == DIRECT and not store.get("deleted_at") for store in stores):
        return []
    return ["There is no store of the type “direct” in Veeqo. Create one for each sales channel before orders are sent."]


def zone_warnings(zone: str, account: Account) -> list[str]:
    if account.option("overlap_hours"):
        return []
    hours = overlap_h(zone, at=datetime.now(UTC)) if zone else UNKNOWN_ZONE_H
    if hours <= MARGIN_H:
        return []
    why = f"its time zone is {zone}" if zone else "it does not tell its time zone"
    return [f"Polls look back {hours} hours, because {why} and Veeqo does not say in which zone it reads dates."]


def obeys_dates(client: Client, account: Account) -> bool:
    """Nothing can have changed after the day after tomorrow."""
    future = bound_text(datetime.now(UTC) + timedelta(days=3), form=account.option("date_form", DEFAULT_FORM))
    return not client.sheet("/orders", [("updated_at_min", future)], 1).rows
