"""What is stopped now, flow by flow: messages that wait for a fix, and SKUs that collide (R81)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Sum

from exceptions.models import ExceptionCase
from portal.connections.models import Connection
from portal.sync.models import OutboundMessage, State
from portal.sync.routes import ROUTES

COLLISIONS = "use a SKU that stands for two products"


@dataclass(frozen=True)
class Blocked:
    """One flow to (or, for SKUs, of) one system."""

    where: str
    what: str
    number: int
    since: datetime
    kind: str = ""  # of the cases to open in the inbox


def blocked() -> list[Blocked]:
    """Oldest first; three queries."""
    parked = OutboundMessage.objects.filter(state=State.PARKED).values("connection_id", "kind")
    rows = list(parked.annotate(number=Count("pk"), since=Min("created_at")))
    cases = ExceptionCase.objects.filter(kind="E12", is_open=True).values("connection_id")
    doubles = list(cases.annotate(number=Sum("items_open"), since=Min("opened_at")))
    names = dict(Connection.objects.filter(pk__in={row["connection_id"] for row in (*rows, *doubles)}).values_list("pk", "name"))
    found = [Blocked(names[row["connection_id"]], ROUTES[row["kind"]].label, row["number"], row["since"]) for row in rows]
    found += [Blocked(names.get(row["connection_id"], ""), COLLISIONS, row["number"], row["since"], "E12") for row in doubles]
    return sorted(found, key=lambda one: one.since)
