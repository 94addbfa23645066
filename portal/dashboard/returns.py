"""The list of returns, the triangle of one, and the report for finance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_tables2 import Column

from connectors.ports import Side
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.connections.models import Connection
from portal.dashboard.orders import STILL_OPEN_WORDS, BriefLink, BriefTime
from portal.ledger.models import OPEN_FLOWS, FlowState, ReturnFlow
from portal.ui import tables
from portal.ui.paging import Page, page_of
from portal.ui.templatetags.ui import badge as badge_of

OWNER = Role.CX  # the one team that owns returns from the parcel to the money (R89); others act where a case says so
TONES = {
    FlowState.PENDING.value: "quiet",
    FlowState.ARRIVED.value: "wait",
    FlowState.REFUND_DUE.value: "bad",
    FlowState.UNAUTHORISED.value: "bad",
    FlowState.GOODS_MISSING.value: "bad",
    FlowState.DONE.value: "good",
    FlowState.CANCELLED.value: "quiet",
}
OPEN = "open"
NEWEST = ("-began_at", "-id")
ACTORS = {  # who moves next
    FlowState.PENDING.value: "The customer sends the goods; the warehouse books them in when they come.",
    FlowState.ARRIVED.value: "The warehouse says which of the goods are sellable.",
    FlowState.REFUND_DUE.value: "The money goes back by itself where the channel can be told; else CX gives it back there.",
    FlowState.UNAUTHORISED.value: "The warehouse or CX says whose goods these are, or what becomes of them.",
    FlowState.GOODS_MISSING.value: "The customer sends the goods, or Finance writes them off.",
    FlowState.DONE.value: "Nobody has to do anything.",
    FlowState.CANCELLED.value: "Nobody has to do anything.",
}


def owners() -> str:
    """The team that owns returns, and who leads it."""
    leads = [user.called for user in User.objects.filter(is_active=True, memberships__role=OWNER, memberships__lead=True).order_by("pk")[:3]]
    return f"{OWNER.label}, led by {' and '.join(leads)}" if leads else str(OWNER.label)


class ReturnFilter(forms.Form):
    """What the list is narrowed by; anything it does not understand is left out."""

    state = forms.ChoiceField(choices=[("", "open and closed"), (OPEN, "open"), *FlowState.choices], required=False)
    warehouse = forms.ChoiceField(required=False)
    channel = forms.ChoiceField(required=False)
    q = forms.CharField(label="Order, RMA or SKU", required=False, max_length=120)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        every = list(Connection.objects.all())
        self.names = {one.pk: one for one in every}
        for name, side in (("warehouse", Side.HUB), ("channel", Side.CHANNEL)):
            choices = [("", f"every {name}"), *((str(one.pk), str(one)) for one in every if one.has_side(side))]
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.is_valid()

    def value(self, name: str) -> str:
        return str(self.cleaned_data.get(name) or "")

    @property
    def narrows(self) -> bool:
        return any(self.value(name) for name in self.fields)

    def page(self, cursor: str) -> Page[ReturnFlow]:
        page: Page[ReturnFlow] = page_of(self.fitting(), order=NEWEST, cursor=cursor)
        return page

    def every(self) -> Iterator[ReturnFlow]:
        return self.fitting().order_by(*NEWEST).iterator(chunk_size=2000)

    def fitting(self) -> QuerySet[ReturnFlow]:
        flows = ReturnFlow.objects.select_related("connection", "order", "integration__hub")
        if self.value("state"):
            flows = flows.filter(state__in=OPEN_FLOWS if self.value("state") == OPEN else [self.value("state")])
        if self.value("warehouse"):
            hub = int(self.value("warehouse"))
            flows = flows.filter(Q(integration__hub=hub) | Q(connection=hub))
        if self.value("channel"):
            flows = flows.filter(connection=int(self.value("channel")))
        if self.value("q"):
            word = self.value("q").strip()
            flows = flows.filter(Q(number__iexact=word) | Q(rma__iexact=word) | Q(sku__iexact=word) | Q(hub_sku__iexact=word))
        return flows


class StateColumn(tables.BadgeColumn):
    """The missing side; and that the sale is still open on the channel (R71)."""

    def render(self, value: Any, record: Any, bound_column: Any) -> SafeString:
        badge = super().render(value, record, bound_column)
        return format_html("{} {}", badge, badge_of(STILL_OPEN_WORDS, "wait")) if record.order is not None and record.order.is_still_open else badge


class UnitsColumn(Column):
    """“1 of 2”."""

    kind = "number"


class ReturnTable(tables.LeanTable):
    """Returned lines, each with its three sides."""

    caption = "Returns"
    number = BriefLink(verbose_name="Order", linkify=lambda record: reverse("dashboard:return", args=[record.pk]), empty_values=())
    state = StateColumn(tones=TONES)
    sku = Column(verbose_name="SKU")
    authorised = tables.NumberColumn(verbose_name="Authorised")
    received = tables.NumberColumn(verbose_name="Came back")
    owed = tables.MoneyColumn(verbose_name="Owed")
    refunded = tables.MoneyColumn(verbose_name="Money back")
    rma = Column(verbose_name="RMA")
    connection = Column(verbose_name="Channel")
    began_at = BriefTime(verbose_name="Since", form="relative")

    class Meta:
        row_attrs = {"data-row": ""}

    def render_number(self, record: ReturnFlow) -> str:
        return record.number or record.rma or "no order"


@dataclass(frozen=True)
class Corner:
    """One side of the triangle: its words, and whether it agrees with the others."""

    name: str
    figure: str
    note: str
    tone: str


def corners(flow: ReturnFlow) -> list[Corner]:
    """Authorised above, goods to the left, money to the right."""
    looked = f"{flow.sellable or 0} sellable, {flow.damaged or 0} damaged" if flow.sellable is not None or flow.damaged is not None else ""
    missing = f", {flow.missing} missing" if flow.missing else ""
    matched = bool(flow.decisions.get("matched"))
    decided = matched or bool(flow.decisions.get("disposition"))
    here = flow.received >= flow.authorised > 0 or bool(flow.decisions.get("written_off"))
    return [
        Corner(
            "Authorised",
            f"{flow.authorised} of {flow.sold}" if flow.sold else "by nobody",
            "accepted by a person" if matched else flow.rma or ("no return on the channel" if not flow.authorised else ""),
            "good" if flow.authorised >= flow.received or decided else "bad",
        ),
        Corner(
            "Goods back",
            str(flow.received),
            (looked or ("not assessed yet" if flow.received and flow.unassessed else "")) + missing,
            "bad" if flow.state == FlowState.GOODS_MISSING else "good" if here or decided else "wait",
        ),
        Corner(
            "Money back",
            f"{flow.refunded:.2f} {flow.currency}".strip(),
            f"of {flow.owed:.2f} owed" if flow.owed else "nothing is owed yet" if not flow.refunded else "",
            "bad" if flow.state == FlowState.REFUND_DUE else "good" if flow.owed and flow.refunded >= flow.owed else "wait",
        ),
    ]


@dataclass(frozen=True)
class Total:
    """One line of finance's report; sums are never made across currencies."""

    channel: str
    state: str
    currency: str
    lines: int
    units: int
    owed: Decimal
    refunded: Decimal

    @property
    def open_sum(self) -> Decimal:
        return max(Decimal(0), self.owed - self.refunded)


def totals(form: ReturnFilter) -> list[Total]:
    """By channel, state and currency."""
    groups = form.fitting().select_related(None).order_by().values("connection", "state", "currency")
    rows = groups.annotate(lines=Count("pk"), units=Sum("received"), owed_sum=Sum("owed"), back=Sum("refunded"))
    found = [
        Total(
            str(form.names[row["connection"]]),
            str(FlowState(row["state"]).label),
            row["currency"],
            row["lines"],
            row["units"],
            row["owed_sum"],
            row["back"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda total: (total.channel, total.state, total.currency))
