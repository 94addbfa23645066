"""Ties finance to the approvals, the inbox and the pages of cases."""

from __future__ import annotations

from django.urls import reverse


def connect() -> None:
    """Called when the portal starts."""
    from exceptions.actions import register
    from exceptions.details import add_link, add_states
    from portal.reconciliation.finance import case_actions, cases, periods, write_offs

    periods.connect()
    write_offs.connect()
    for action in case_actions.ACTIONS:
        register(action)
    add_link("variance", variance_url)
    add_link("entry", lambda pk: reverse("reconciliation:entry", args=[int(pk)]))
    add_states("variance", cases.states)
    add_states("entry", cases.charge_states)


def variance_url(rest: str) -> str:
    """To the difference, by its account, side, currency and subject."""
    account, side, currency, subject = rest.split(":", 3)
    return f"{reverse('reconciliation:differences')}?account={account}&side={side}&currency={currency}&subject={subject}"
