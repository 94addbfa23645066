"""One key, one effect: the answer of the first call is given again, however often and from however many workers it is repeated."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.models import ApiToken, KeptAnswer
from portal.api.problems import Conflict, Unprocessable

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(days=7)
STUCK_AFTER = timedelta(minutes=2)  # a first call that never ended: its worker was killed
MOST = 200


def once(request: Request, act: Callable[[], Response]) -> Response:
    """`act`, or the answer it gave before under the same key. Conflict while the first call runs; 422 for another body under it."""
    key = request.headers.get(HEADER, "").strip()
    if not key or not isinstance(request.auth, ApiToken):
        return act()
    if len(key) > MOST or not key.isprintable():
        raise Unprocessable(f"{HEADER} is at most {MOST} printable characters long.", {HEADER: ["Too long, or not printable."]})
    now = timezone.now()
    mine = KeptAnswer(token=request.auth, key=key, call=call_of(request), digest=digest(request.data), at=now)
    kept = first(mine, at=now)
    if kept is not None:
        return again(kept, mine)
    try:
        response = act()
    except BaseException:
        mine.delete()  # a refusal is not an effect: the corrected call may use the key
        raise
    KeptAnswer.objects.filter(pk=mine.pk).update(status=response.status_code, body=json.dumps(response.data))
    return response


def first(mine: KeptAnswer, *, at: datetime) -> KeptAnswer | None:
    """Write the key down before the work; the row that was there before, if any."""
    KeptAnswer.objects.filter(token=mine.token, key=mine.key, status=0, at__lt=at - STUCK_AFTER).delete()
    KeptAnswer.objects.bulk_create([mine], ignore_conflicts=True)
    kept = KeptAnswer.objects.get(token=mine.token, key=mine.key)
    mine.pk = kept.pk
    return None if kept.at == mine.at and kept.status == 0 and kept.digest == mine.digest else kept


def again(kept: KeptAnswer, mine: KeptAnswer) -> Response:
    if (kept.call, kept.digest) != (mine.call, mine.digest):
        raise Unprocessable("This key was used for another call or another body. Use a new key.", {HEADER: ["Used before."]})
    if kept.status == 0:
        raise Conflict("The first call with this key is still running. Ask again in a moment.")
    return Response(json.loads(kept.body), status=kept.status, headers={"Idempotent-Replayed": "true"})


def call_of(request: Request) -> str:
    return f"{request.method} {request.path}"[:200]


def digest(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()


def forget(*, at: datetime) -> int:
    """Remove answers nobody will ask for again; how many."""
    return KeptAnswer.objects.filter(at__lt=at - KEPT_FOR).delete()[0]
