"""What a person can set in motion from a case of the comparisons."""

from __future__ import annotations


def connect() -> None:
    from exceptions.actions import register
    from portal.reconciliation.case_actions import add_alias, link_counterpart, send_product

    for module in (add_alias, send_product, link_counterpart):
        register(module.ACTION)
