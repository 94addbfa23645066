"""Ties the operations pages to approvals and to the inbox."""

from __future__ import annotations


def connect() -> None:
    from exceptions.approved import DO_WITHOUT_CASE
    from exceptions.signals import case_resolved
    from portal.sync.operations.marks import on_case_resolved
    from portal.sync.operations.starting import approved

    DO_WITHOUT_CASE["run"] = approved
    case_resolved.connect(on_case_resolved, dispatch_uid="corridor stops what nobody tries any longer")
