"""Shows dispatches on orders: one update in the common case, re-read and judged anew whenever the order has moved on."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import UUID

from connectors.canonical import DispatchNotice, Done
from connectors.commercetools.client import Client
from connectors.commercetools.deliveries import shippings
from connectors.commercetools.dispatch_plan import Marking, Plan, own_deliveries, plan_dispatch
from connectors.commercetools.orders import unwrapped
from connectors.commercetools.values import Body
from connectors.errors import Conflict, ContractError, Rejected
from connectors.reading import load, text, whole

TRIES = 5
PAUSE_S = 0.1
DUPLICATES = frozenset({"DuplicateField", "DuplicateFieldWithConflictingResource"})


@dataclass
class Dispatcher:
    """Confirms dispatches of one project; remembers the ids of its workflow states."""

    client: Client
    _states: dict[str, str] = field(default_factory=dict)

    def confirm(self, notice: DispatchNotice) -> Done:
        """What the port promises. A stale version, or our delivery having landed meanwhile, leads to reading and judging again."""
        marking = self.marking()
        order: Body | None = seen_order(notice)
        plan = self._plan_seen(order, notice, marking) if order else None
        for attempt in range(TRIES):
            if order is None or plan is None:
                order = self.read(notice.order_reference)
                plan = plan_dispatch(order, notice, marking)
            if not plan.actions:
                return done(order, plan, notice)
            try:
                return done(self._update(order, plan), plan, notice)
            except Conflict:
                pause(attempt)
            except Rejected as error:
                if error.code not in DUPLICATES:
                    raise
                pause(attempt)
            order = plan = None
        raise Conflict(f"The order kept changing in commercetools: {TRIES} attempts to show the dispatch met a newer version.", detail=notice.key)

    def _plan_seen(self, order: Body, notice: DispatchNotice, marking: Marking) -> Plan | None:
        """The plan on what the caller saw; None when it says no, for the order may have changed since."""
        try:
            return plan_dispatch(order, notice, marking)
        except Rejected:
            return None

    def _update(self, order: Body, plan: Plan) -> dict[str, Any]:
        path = f"{self.client.orders_path()}/{quote(text(order.get('id')), safe='')}"
        return self.client.post(path, {"version": whole(order.get("version"), what="version of the order"), "actions": list(plan.actions)})

    def read(self, reference: str) -> dict[str, Any]:
        order = self.client.get(f"{self.client.orders_path()}/{quote(reference, safe='')}")
        if order is None:
            raise Rejected("commercetools does not know this order any more, so its dispatch cannot be shown.", code="ResourceNotFound")
        return order

    def marking(self) -> Marking:
        settings = self.client.settings
        channel = settings.text("sync_channel")
        return Marking(
            shipped_state=settings.state("shipped_state"),
            partial_state=settings.state("partial_state"),
            shipped_transition=self.state_id(settings.text("shipped_transition")),
            partial_transition=self.state_id(settings.text("partial_transition")),
            complete_order=settings.flag("complete_order"),
            sync_channel={"id" if is_uuid(channel) else "key": channel} if channel else {},
            provider=settings.text("tracking_provider"),
        )

    def state_id(self, key: str) -> str:
        """The id of a workflow state, which is all that an order tells of its own."""
        if not key or is_uuid(key):
            return key
        if key not in self._states:
            state = self.client.get(f"/states/key={quote(key, safe='')}")
            if state is None:
                raise Rejected(f"commercetools has no workflow state “{key}”; the connection's options name it.", code="unknown_state", fields=(key,))
            self._states[key] = text(state.get("id"))
        return self._states[key]


def seen_order(notice: DispatchNotice) -> Body | None:
    """The order as the caller last saw it, if those bytes are it."""
    if not notice.seen:
        return None
    try:
        order = unwrapped(load(notice.seen, what="order"))
    except ContractError:
        return None
    return order if order.get("id") == notice.order_reference and order.get("version") else None


def done(order: Body, plan: Plan, notice: DispatchNotice) -> Done:
    ours = own_deliveries(shippings(order), notice.key)
    reference = text(ours[0].get("id")) if ours else notice.key
    return Done(reference, version=text(order.get("version")), found=plan.found, warnings=plan.warnings)


def pause(attempt: int) -> None:
    """Longer each time, and never in step with others who met the same conflict."""
    time.sleep(PAUSE_S * 2**attempt * random.uniform(0.5, 1.5))


def is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
