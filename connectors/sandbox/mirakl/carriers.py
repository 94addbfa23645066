"""Who carries a parcel: the rules that OR23 and the shipments share."""

from __future__ import annotations

from connectors.sandbox.mirakl.answers import Refused
from connectors.sandbox.mirakl.fields import text
from connectors.sandbox.mirakl.models import Json
from connectors.sandbox.mirakl.settings import Settings

NO_CARRIER: Json = {"carrier_code": None, "carrier_name": None, "carrier_standard_code": None, "tracking_number": None, "tracking_url": None}


def read_tracking(body: Json, settings: Settings, *, url_field: str) -> Json:
    """The tracking as stored. A registered carrier's name and address are the operator's; an empty string is "not given"."""
    code, name = text(body, "carrier_code"), text(body, "carrier_name")
    tracking_number = text(body, "tracking_number") or None
    if code:
        return registered(code, tracking_number, settings)
    if not name:
        raise Refused(400, "A carrier code or a carrier name is required")
    if not settings.alternative_carriers:
        raise Refused(400, "The carrier is not registered and unregistered carriers are not allowed")
    return {
        "carrier_code": None,
        "carrier_name": name,
        "carrier_standard_code": text(body, "carrier_standard_code") or None,
        "tracking_number": tracking_number,
        "tracking_url": text(body, url_field) or None,
    }


def registered(code: str, tracking_number: str | None, settings: Settings) -> Json:
    """Codes are compared exactly: a blank more, or another case, is another code."""
    carrier = next((each for each in settings.carriers if each["code"] == code), None)
    if carrier is None:
        raise Refused(400, f"Carrier with code {code} does not exist")
    template = carrier.get("tracking_url")
    if template and "{trackingId}" in template and not tracking_number:
        raise Refused(400, "The tracking number is mandatory for this carrier")
    return {
        "carrier_code": code,
        "carrier_name": carrier["label"],
        "carrier_standard_code": carrier.get("standard_code"),
        "tracking_number": tracking_number,
        "tracking_url": template.replace("{trackingId}", tracking_number or "") if template else None,
    }
