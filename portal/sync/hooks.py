"""The second door to the corridor: what a vendor posts is verified, stored, and only then answered.

A genuine call brings items, or only says that something changed; then the feeds it names are read at once. An account whose
vendor signs nothing has an address that cannot be guessed, and a call there means no more than “look now” (R8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from connectors.canonical import CHANGED, Received
from connectors.errors import AccessDenied, ConnectorError
from connectors.ports import Ability
from portal.connections.connect import connect
from portal.connections.hooks import connection_of
from portal.connections.models import Connection
from portal.sync.bells import ring
from portal.sync.models import Cursor
from portal.sync.receive import receive

log = structlog.get_logger(__name__)


class RefusedError(Exception):
    """The call is not taken; `status` says how."""

    def __init__(self, status: int, word: str) -> None:
        super().__init__(word)
        self.status, self.word = status, word


@csrf_exempt
@login_not_required
def hook(request: HttpRequest, key: str) -> JsonResponse:
    """Take one call of a vendor. The answer says nothing that the caller does not know."""
    try:
        if request.method != "POST":
            raise RefusedError(405, "post only")
        connection = connection_of(key)
        if connection is None:
            raise RefusedError(404, "unknown address")
        body = whole_body(request)
        fresh = take(connection, dict(request.headers), body)
    except RefusedError as error:
        log.info("webhook refused", status=error.status, why=error.word)
        return JsonResponse({"status": error.word}, status=error.status)
    return JsonResponse({"status": "stored" if fresh else "known"})


def whole_body(request: HttpRequest) -> bytes:
    """The bytes as they came; refused where they are too many, or fewer than promised."""
    promised = request.META.get("CONTENT_LENGTH") or ""
    if not promised.isdigit():
        raise RefusedError(411, "say how long it is")
    if int(promised) > settings.HOOK_MOST_BYTES:
        raise RefusedError(413, "too large")
    try:
        body = request.body
    except RequestDataTooBig as error:
        raise RefusedError(413, "too large") from error
    except (UnreadablePostError, OSError) as error:
        raise RefusedError(400, "cut short") from error
    if len(body) != int(promised):
        raise RefusedError(400, "cut short")
    return body


def take(connection: Connection, headers: Mapping[str, str], body: bytes) -> int:
    """Verify and store; how much of it was new."""
    items = genuine(connection, headers, body)
    told = [item for item in items if item.topic != CHANGED]
    now = timezone.now()
    with transaction.atomic():
        fresh = receive(told, connection=connection, door="webhook", at=now) if told else 0
        if fresh:
            transaction.on_commit(lambda: ring("interpret", connection.pk))
        if feeds := {item.subject for item in items if item.topic == CHANGED}:
            fresh += look_now(connection, sorted(feeds))
    return fresh


def genuine(connection: Connection, headers: Mapping[str, str], body: bytes) -> Sequence[Received]:
    """The items of the call. Refused (401) where the signature is wrong or too old, (400) where it is not what the vendor sends."""
    if Ability.WEBHOOKS not in connection.vendor.abilities:
        return [Received(CHANGED, "", feed.name, b"") for feed in connection.vendor.feeds if not feed.full]
    try:
        found: Sequence[Received] = connect(connection).receive_webhook(headers, body)
    except AccessDenied as error:
        raise RefusedError(401, "signature refused") from error
    except ConnectorError as error:
        raise RefusedError(400, "not understood") from error
    return found


def look_now(connection: Connection, feeds: Sequence[str]) -> int:
    """Make these feeds due and ring for them; how many will be read."""
    due = Cursor.objects.filter(connection=connection, feed__in=feeds).update(started_at=None)
    transaction.on_commit(lambda: ring("poll", connection.pk))
    return max(due, 1)
