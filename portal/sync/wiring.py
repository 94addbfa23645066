"""Ties the corridor to the apps that do not know it: a mapping saved, a connection verified, a case's buttons."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from connectors.canonical import Code, CodeKind
from connectors.ports import Priority
from portal.connections.connect import connect
from portal.connections.models import Connection
from portal.connections.verify import connection_verified


def on_mapping_saved(sender: object, *, keys: list[str], **_: Any) -> None:
    """Send again what waited for the mapping, in the transaction that saves it (A1)."""
    from portal.sync.let_through import mapped
    from portal.sync.release import release
    from portal.sync.stock_after import replan_after_mapping

    at = timezone.now()
    with transaction.atomic():
        release(keys, at=at)
        mapped(keys, at=at)
        replan_after_mapping(keys, at=at)


def on_connection_verified(sender: object, *, connection: Connection, at: datetime, **_: Any) -> None:
    from portal.sync.release import connection_back

    connection_back(connection, at=at)


def ask_for_codes(connection: Connection, kind: CodeKind) -> tuple[Code, ...]:
    """The live list of a system's codes, for whoever chooses a mapping's target."""
    codes: tuple[Code, ...] = connect(connection, priority=Priority.ORDERS).codes(kind)
    return codes


def connect_signals() -> None:
    from exceptions.signals import case_resolved
    from mappings import live, whatif
    from mappings import orders as mapping_orders
    from mappings.signals import mapping_saved
    from portal.connections.signals import integration_changed
    from portal.sync import attribute_watch, case_actions, code_watch, draining, given_up, panels, proofs, stock_replan  # noqa: F401 - importing proofs registers them
    from portal.sync.catalogue import proofs as catalogue_proofs  # noqa: F401
    from portal.sync.catalogue import unblock
    from portal.sync.mapping_questions import CorridorOrders, outlook
    from portal.sync.returns import acts as return_acts
    from portal.sync.returns import proofs as return_proofs  # noqa: F401

    case_resolved.connect(unblock.on_case_resolved, dispatch_uid="corridor releases what a collision blocked")
    from portal.sync.operations.wiring import connect as connect_operations
    from portal.sync.switched import on_integration_changed

    integration_changed.connect(stock_replan.on_integration_changed, dispatch_uid="corridor plans the levels anew")
    case_actions.connect()
    return_acts.connect()
    code_watch.add_links()
    attribute_watch.connect()
    draining.connect()
    connect_operations()
    case_resolved.connect(given_up.on_case_resolved, dispatch_uid="corridor abandons what nobody tries any longer")
    panels.connect()
    live.register(ask_for_codes)
    mapping_orders.register(CorridorOrders())
    whatif.register(outlook)
    integration_changed.connect(on_integration_changed, dispatch_uid="corridor stops or goes on with its integration")
    mapping_saved.connect(on_mapping_saved, dispatch_uid="corridor releases what waited for a mapping")
    connection_verified.connect(on_connection_verified, dispatch_uid="corridor goes on when a connection is verified")
