"""Notices when orders carry a custom field, a tag or a payment method nobody has seen before, and asks its owner what to do with it (R159).

Names are compared once a batch with those remembered; an order costs a query only when it brings a new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from connectors import canonical
from exceptions.cases import CaseEntry, clear_items, open_case
from exceptions.details import add_link
from exceptions.kinds import Severity
from exceptions.models import ExceptionCase
from mappings import attributes
from mappings.attributes import Name
from mappings.models import SeenAttribute
from mappings.models.attributes import Sort
from mappings.signals import attribute_decided
from portal.connections.models import Integration
from portal.ledger.models import SalesOrder
from portal.sync.models import Cursor, InboundMessage

PREFIX = "attribute"
# Fields that a shop or an operator invents; the rest are the vendor's own, which every order may or may not fill.
INVENTED = re.compile(r"^(custom\.|field\.|CustomField)")
OF_A_LINE = re.compile(r"^line\..*\.")  # "line.<id>.<name>": the id is no name
KEY_OF_TAG = re.compile(r"^[^:=]+")  # "gift:yes" and "gift=no" are one tag
NAMED = 8
LONGEST = 120


@dataclass
class Watch:
    """What a batch knows of one integration: the names remembered, and those it met."""

    integration: Integration
    known: set[Name]
    met: list[set[Name]] = field(default_factory=list)


_watches: ContextVar[dict[int, Watch] | None] = ContextVar("order attributes met in this batch", default=None)


@contextmanager
def watching() -> Iterator[None]:
    """Names met inside are counted at its end, in one statement for each integration."""
    mine: dict[int, Watch] = {}
    token = _watches.set(mine)
    try:
        yield
    finally:
        _watches.reset(token)
    for pk in sorted(mine):
        attributes.count(attributes.total(mine[pk].met), mine[pk].integration, at=timezone.now())


def names_of(seen: canonical.SalesOrder) -> set[Name]:
    """What the order carries, by name."""
    found = {(Sort.FIELD, OF_A_LINE.sub("line.", name)) for name, value in seen.extra.items() if value}
    found |= {(Sort.TAG, key.group().strip()) for tag in seen.tags if (key := KEY_OF_TAG.match(tag.strip()))}
    found |= {(Sort.PAYMENT, payment.method) for payment in seen.payments if payment.method}
    return {(sort, name.replace("\x00", "")[:LONGEST]) for sort, name in found if name.strip()}


def watch(order: SalesOrder, seen: canonical.SalesOrder, message: InboundMessage, *, at: datetime) -> None:
    """Remember what is new, and raise it unless everything is new still."""
    if order.integration is None or not (carried := names_of(seen)):
        return
    watches = _watches.get()
    mine = watch_of(order.integration, watches if watches is not None else {})
    mine.met.append(carried)
    fresh = carried - mine.known
    if not fresh:
        return
    is_news = bool(mine.known) and was_read_before(message) and attributes.settled(order.integration, at=at)
    rows = attributes.remember(fresh, order.integration, order=order, is_news=is_news, at=at)
    mine.known |= fresh
    wanted = [row for row in rows if row.sort != Sort.FIELD or INVENTED.match(row.name)]
    if is_news and wanted:
        ask_for_decision(wanted, order, order.integration, at=at)


def watch_of(integration: Integration, watches: dict[int, Watch]) -> Watch:
    if integration.pk not in watches:
        watches[integration.pk] = Watch(integration, attributes.known(integration))
    return watches[integration.pk]


def was_read_before(message: InboundMessage) -> bool:
    """The channel's orders had been read to their end once when this one came: what it brings is news."""
    feeds = [feed.name for feed in message.connection.vendor.feeds if feed.topic == "orders" and not feed.full]
    if not feeds:
        return True
    done = Cursor.objects.filter(connection=message.connection_id, feed__in=feeds, first_done_at__lt=message.received_at)
    return done.exists()


def ask_for_decision(rows: list[SeenAttribute], order: SalesOrder, integration: Integration, *, at: datetime) -> ExceptionCase:
    """E24, the mapping task of those who set integrations up. One case for what one order brought; nothing waits for it."""
    names = ", ".join(str(row) for row in rows[:NAMED]) + (f" and {len(rows) - NAMED} more" if len(rows) > NAMED else "")
    what = "an attribute" if len(rows) == 1 else f"{len(rows)} attributes"
    return open_case(
        "E24",
        fingerprint=f"{PREFIX}:{rows[0].pk}",
        cause=f"Orders of {integration.channel} carry {what} not seen before: {names}. First on order {order.number}, which goes on as usual. "
        "Decide under Mappings, Order attributes, whether filters shall use it or it may be ignored.",
        items=[CaseEntry(subject=f"{PREFIX}:{row.pk}", label=str(row), at=at, keys=(row.name,)) for row in rows],
        connection=integration.channel,
        integration=integration,
        evidence={"attributes": [str(row) for row in rows], "first on": order.number},
        severity=Severity.S3,
        at=at,
    )


def on_decided(sender: object, *, attribute: SeenAttribute, by: Any, **_: Any) -> None:
    """The decision is the proof; its case closes with it."""
    proof = {"decided": f"{attribute}: {attribute.get_decision_display()}", "by": by.called}
    clear_items("E24", subjects=[f"{PREFIX}:{attribute.pk}"], proof=proof, at=timezone.now())


def connect() -> None:
    attribute_decided.connect(on_decided, dispatch_uid="corridor closes the case of a decided attribute")
    add_link(PREFIX, lambda pk: f"{reverse('mappings:attributes')}#attribute-{pk}")
