"""What a person can set in motion from a case of the corridor: the buttons, each in a module of its own."""

from __future__ import annotations


def connect() -> None:
    """Put every button into the inbox's table."""
    from exceptions.actions import register
    from portal.sync.case_actions import (
        accept_payment,
        cancel_order,
        correct_order,
        decide_lines,
        flows,
        map_code,
        record_contact,
        retry,
        returns,
        verify_connection,
    )

    for module in (retry, correct_order, map_code, cancel_order, verify_connection, accept_payment, record_contact):
        register(module.ACTION)
    for action in (returns.MATCH, returns.DISPOSE, returns.PAY, returns.WRITE_OFF):
        register(action)
    register(decide_lines.ACCEPT_ACTION)
    register(decide_lines.REFUSE_ACTION)
    for action in (flows.PUSH, flows.RERUN, flows.RERUN_PARTIAL):
        register(action)
