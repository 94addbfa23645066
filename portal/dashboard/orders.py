"""The list of orders: newest first, or those that wait longest; narrowed by stage, store and connection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db import connection as database
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django_tables2 import Column

from connectors.ports import Side
from portal.connections.models import Connection
from portal.dashboard import stages
from portal.ledger.models import OPEN_STAGES, STILL_OPEN, SalesOrder
from portal.ui import tables
from portal.ui.paging import Page, page_of
from portal.ui.templatetags.ui import badge as badge_of

NEWEST, WAITING = "", "waiting"
ORDERINGS = {NEWEST: ("-placed_at", "-id"), WAITING: ("stage_at", "id")}
COLUMNS = ("number", "state", "stage", "stage_note", "stage_at", "store_code", "currency", "total", "placed_at", "connection")
MOST_STORES = 200
NOTE = 90
STILL_OPEN_WORDS = "still open on the channel"
# Walks from store to store along the index instead of reading every order.
STORES = """
WITH RECURSIVE store AS (
  (SELECT store_code FROM ledger_salesorder ORDER BY store_code LIMIT 1)
  UNION ALL
  SELECT (SELECT store_code FROM ledger_salesorder WHERE store_code > store.store_code ORDER BY store_code LIMIT 1)
    FROM store WHERE store.store_code IS NOT NULL)
SELECT store_code FROM store WHERE store_code <> '' LIMIT %s
"""


def store_codes() -> list[str]:
    """Every store that has an order, in order."""
    with database.cursor() as cursor:
        cursor.execute(STORES, [MOST_STORES])
        return [row[0] for row in cursor.fetchall()]


class OrderFilter(forms.Form):
    """What the list is narrowed by; anything it does not understand is left out."""

    stage = forms.ChoiceField(choices=stages.CHOICES, required=False)
    store = forms.ChoiceField(required=False)
    connection = forms.ChoiceField(label="Channel", required=False)
    order = forms.ChoiceField(label="Sorted by", choices=[(NEWEST, "newest first"), (WAITING, "longest in its stage first")], required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.names = {one.pk: one for one in Connection.objects.all() if one.has_side(Side.CHANNEL)}
        self.fields["store"].choices = [("", "every store"), *((code, code) for code in store_codes())]  # type: ignore[attr-defined]
        self.fields["connection"].choices = [("", "every channel"), *((str(pk), str(one)) for pk, one in self.names.items())]  # type: ignore[attr-defined]
        self.is_valid()

    def value(self, name: str) -> str:
        return str(self.cleaned_data.get(name) or "")

    @property
    def narrows(self) -> bool:
        return any(self.value(name) for name in ("stage", "store", "connection"))

    def page(self, cursor: str) -> Page[SalesOrder]:
        """One page of the orders that fit, each with its connection; one query."""
        page: Page[SalesOrder] = page_of(self._fitting(), order=self.ordering, cursor=cursor)
        for order in page.rows:
            order.connection = self.names.get(order.connection_id) or order.connection
        return page

    @property
    def stages(self) -> list[str]:
        """Only what is not finished waits; so “longest first” without a stage means all of that."""
        return stages.stages_of(self.value("stage") or (stages.OPEN if self.value("order") == WAITING else ""))

    @property
    def ordering(self) -> tuple[str, str]:
        ended = self.value("stage") == stages.STILL_OPEN or set(self.stages) - set(OPEN_STAGES)
        return ORDERINGS[NEWEST if ended else self.value("order")]

    def every(self) -> Iterator[SalesOrder]:
        """All that fit, newest first, for a file."""
        return self._fitting().order_by(*ORDERINGS[NEWEST]).iterator(chunk_size=2000)

    def _fitting(self) -> QuerySet[SalesOrder]:
        orders = SalesOrder.objects.only(*COLUMNS)
        if self.value("stage") == stages.STILL_OPEN:
            orders = orders.filter(STILL_OPEN)
        if self.stages:
            orders = orders.filter(stage__in=self.stages)
        if self.value("store"):
            orders = orders.filter(store_code=self.value("store"))
        if self.value("connection"):
            orders = orders.filter(connection=int(self.value("connection")))
        return orders


class BriefLink(tables.LinkColumn):
    """An order number is not broken."""

    kind = "brief"


class BriefTime(tables.TimeColumn):
    """Nor is a moment."""

    kind = "brief"


class StageColumn(tables.BadgeColumn):
    """The stage, and why it is there."""

    def render(self, value: Any, record: Any, bound_column: Any) -> SafeString:
        badge, note = super().render(value, record, bound_column), record.stage_note
        if record.is_still_open:
            badge = format_html("{} {}", badge, badge_of(STILL_OPEN_WORDS, "wait"))
        return format_html('<span>{}<br><span class="quiet">{}</span></span>', badge, Truncator(note).chars(NOTE)) if note else badge


class OrderTable(tables.LeanTable):
    """Orders as the list and the search show them."""

    caption = "Orders"
    nothing = "No order."
    number = BriefLink(verbose_name="Order", linkify=lambda record: reverse("dashboard:order", args=[record.pk]))
    stage = StageColumn(tones=stages.TONES)
    stage_at = BriefTime(verbose_name="Since", form="relative")
    store_code = Column(verbose_name="Store")
    connection = Column(verbose_name="Channel")
    total = tables.MoneyColumn()
    placed_at = BriefTime(verbose_name="Placed")

    class Meta:
        row_attrs = {"data-row": ""}


class HitTable(OrderTable):
    """Search results, each with what it was found by."""

    caption = "Orders that fit"
    how = Column(verbose_name="Found by")

    class Meta:
        row_attrs = {"data-row": ""}
        sequence = ("number", "how", "...")
