"""Ties finance to the approvals, the inbox and the pages of cases."""

from __future__ import annotations


def connect() -> None:
    """Called when the portal starts."""
    from exceptions.actions import register
    from exceptions.details import add_states
    from portal.reconciliation.finance import case_actions, cases, periods, write_offs

    periods.connect()
    write_offs.connect()
    for action in case_actions.ACTIONS:
        register(action)
    add_states("variance", cases.states)
    add_states("entry", cases.charge_states)
