"""Invented rows for the style page, so that every component is seen full, empty and wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django_tables2 import Column

from portal.ui import charts, tables


class SampleForm(forms.Form):
    """One field of each sort; sent empty, so that the mistakes show."""

    name = forms.CharField(label="Name of the connection", help_text="What your team calls it.")
    store = forms.ChoiceField(choices=[("", "choose …"), ("uk", "UK web shop"), ("de", "German web shop")])
    email = forms.EmailField(label="Instant error e-mail", required=False)
    note = forms.CharField(widget=forms.Textarea, required=False)
    enabled = forms.BooleanField(label="Run on schedule", required=False, help_text="Off: nothing runs except by hand.")


class SampleTable(tables.LeanTable):
    """The list as other apps declare it."""

    caption = "Orders that wait"
    reference = tables.LinkColumn(linkify=lambda record: f"#{record['reference']}")
    channel = Column()
    state = tables.BadgeColumn(tones={"sent": "good", "waits": "wait", "refused": "bad"})
    lines = tables.NumberColumn()
    value = tables.MoneyColumn()
    placed_at = tables.TimeColumn(verbose_name="Placed")


# severity, title, orders, value, minutes until due, owner, state
CASES = (
    ("S1", "Carrier “DPD Local” has no code at Mirakl FR", 47, 4812.5, 12, "Operations", "wait"),
    ("S1", "Oversold: SKU 00431-BLK by 3 units", 3, 267.0, -180, "CX", "bad"),
    ("S2", "Order UK-20418 lacks postcode and telephone", 1, 89.99, 180, "CX", "info"),
    ("S3", "Catalogue drift: 214 SKUs differ between Veeqo and commercetools", 0, None, 2880, "Merchandising", "info"),
    ("S4", "Default SKU used twice today", 2, -31.4, None, "Merchandising", "good"),
)
# reference, channel, state, lines, value, currency, hours ago
ORDERS = (
    ("UK-20418", "commercetools UK", "waits", 3, 189.9, "GBP", 1),
    ("UK-20417", "commercetools UK", "sent", 12, 1204.0, "GBP", 2),
    ("FR-00093-A", "Mirakl FR", "refused", 1, -31.4, "EUR", 5000),
)


def cases(now: datetime) -> list[dict[str, Any]]:
    names = ("severity", "title", "orders", "value", "due_at", "owner", "state")
    return [dict(zip(names, (*row[:4], row[4] and now + timedelta(minutes=row[4]), *row[5:]), strict=True)) for row in CASES]


def orders(now: datetime) -> list[dict[str, Any]]:
    names = ("reference", "channel", "state", "lines", "value", "currency", "placed_at")
    return [dict(zip(names, (*row[:6], now - timedelta(hours=row[6])), strict=True)) for row in ORDERS]


def drawings() -> dict[str, charts.Chart]:
    return {
        "bars": charts.bar_chart(
            "Open cases by team",
            [
                charts.Mark("Operations", 47, tone="bad"),
                charts.Mark("CX", 18, tone="wait"),
                charts.Mark("Merchandising", 9),
                charts.Mark("Finance", 4),
            ],
            columns=("Team", "Open"),
        ),
        "line": charts.line_chart(
            "Orders into the warehouse by hour",
            [charts.Mark(f"{hour:02}:00", value) for hour, value in enumerate((12, 9, 14, 31, 58, 72, 64, 81, 77, 90, 43, 20), start=8)],
            columns=("Hour", "Orders"),
        ),
        "waterfall": charts.waterfall(
            "Payout of cycle 2026-31, EUR",
            [
                charts.Mark("Opening", 1200, tone="total"),
                charts.Mark("Sales", 9400, tone="good"),
                charts.Mark("Commission", -1410, tone="bad"),
                charts.Mark("Refunds", -620, tone="bad"),
                charts.Mark("Penalty", -75, tone="bad"),
                charts.Mark("Paid out", 8495, tone="total"),
            ],
        ),
    }


EVIDENCE = """POST /orders HTTP/1.1
Authorization: [hidden]
Content-Type: application/json

{"order": {"channel_id": 118, "number": "UK-20418", "delivery_method_id": null}}

HTTP/1.1 422 Unprocessable Entity
{"error_messages": ["Delivery method can't be blank"]}"""
