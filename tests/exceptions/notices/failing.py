"""An error of an integration, as the corridor raises it."""

from __future__ import annotations

from datetime import datetime, timedelta

from exceptions.cases import CaseEntry, open_case
from exceptions.models import ExceptionCase
from portal.connections.models import Integration
from tests.exceptions.conftest import NOON

LATE = NOON + timedelta(minutes=1)
SAYS_NO = "WEB-1: the warehouse says no."


def fail(
    integration: Integration, *, fingerprint: str = "order:1", kind: str = "E04", cause: str = SAYS_NO, items: int = 1, at: datetime = NOON
) -> ExceptionCase:
    entries = [CaseEntry(f"order:{fingerprint}:{number}", f"WEB-{number}", at) for number in range(items)]
    return open_case(kind, fingerprint=fingerprint, cause=cause, items=entries, integration=integration, connection=integration.hub, at=at)
