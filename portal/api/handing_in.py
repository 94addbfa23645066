"""Takes what a flow hands in: stored as it came, before it is answered; read by the corridor like everything else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from connectors.canonical import Received, System
from portal.api.doors import named_account
from portal.api.idempotency import once
from portal.api.problems import Unprocessable, flat
from portal.connections.models import Connection
from portal.sync.bells import ring
from portal.sync.models import InboundMessage
from portal.sync.receive import event_id, receive

MOST = 500


@dataclass(frozen=True)
class Resource:
    """`topic`: what the connector reads it as; `key`: the fields that name one thing."""

    topic: str
    body: type[Serializer]
    key: tuple[str, ...] = ("externalId",)


@dataclass
class Item:
    """One thing of a batch on its way in."""

    name: str
    received: Received | None = None
    errors: dict[str, list[str]] | None = None


def hand_in(request: Request, resource: Resource) -> Response:
    """One object or a list of them; the same again is a duplicate, and harmless. Each item of a list has a result of its own."""
    account = named_account(request, System.PATCHWORKS)
    given = request.data
    if not isinstance(given, dict | list):
        raise Unprocessable("Hand in one object, or a list of them.", {"body": ["Neither an object nor a list."]})
    many = isinstance(given, list)
    if many and not 0 < len(given) <= MOST:
        raise Unprocessable(f"A list has 1 to {MOST} items.", {"body": [f"It has {len(given)}."]})
    return once(request, lambda: answer_for(account, resource, list(given) if isinstance(given, list) else [given], request=request, many=many))


def answer_for(account: Connection, resource: Resource, given: Sequence[Any], *, request: Request, many: bool) -> Response:
    now = timezone.now()
    items = [read(one, resource, at=now) for one in given]
    if not many and items[0].errors is not None:
        raise Unprocessable("Some fields are not right; nothing was kept.", items[0].errors)
    results = store(account, resource, items, at=now)
    if not many:
        return Response(results[0], status=status.HTTP_200_OK if results[0]["status"] == "duplicate" else status.HTTP_201_CREATED)
    failed = sum(1 for one in items if one.errors is not None)
    body = {"results": results, "stored": len(items) - failed, "failed": failed}
    code = 200 if not failed or request.query_params.get("partial_as_200") == "true" else 422 if failed == len(items) else 207
    return Response(body, status=code)


def read(one: Any, resource: Resource, *, at: datetime) -> Item:
    """Check one item. What is kept is what came, with the moment beside it."""
    form = resource.body(data=one)
    if not form.is_valid():
        return Item(name_of(one, resource), errors=flat(form.errors))
    name = name_of(one, resource)
    plain = json.dumps(one, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    kept = json.dumps({"received_at": at.isoformat(), "item": one}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    event = f"{name}@{hashlib.sha256(plain.encode('utf-8', 'surrogatepass')).hexdigest()}"
    return Item(name, Received(topic=resource.topic, event_id=event, subject=name, body=kept, changed_at=at))


def name_of(one: Any, resource: Resource) -> str:
    return "/".join(str(one.get(field, "")) for field in resource.key)[:160] if isinstance(one, dict) else ""


def store(account: Connection, resource: Resource, items: Sequence[Item], *, at: datetime) -> list[dict[str, Any]]:
    """Store the good ones in one transaction and ring the bell; a result for each, in order."""
    good = [one.received for one in items if one.received is not None]
    ids = [event_id(one) for one in good]
    with transaction.atomic():
        known = set(stored(account, resource, ids).values_list("event_id", flat=True))
        receive(list(dict(zip(ids, good, strict=True)).values()), connection=account, door="api", at=at)
        if set(ids) - known:
            transaction.on_commit(lambda: ring("interpret", account.pk))
    rows = dict(stored(account, resource, ids).values_list("event_id", "pk"))
    result = result_for(rows, known)
    return [result(one) for one in items]


def stored(account: Connection, resource: Resource, ids: Sequence[str]) -> Any:
    return InboundMessage.objects.filter(connection=account, topic=resource.topic, event_id__in=ids)


def result_for(rows: dict[str, int], known: set[str]) -> Callable[[Item], dict[str, Any]]:
    seen = set(known)

    def result(one: Item) -> dict[str, Any]:
        if one.received is None:
            errors = one.errors or {}
            field = next(iter(errors), "")
            return {
                "external_id": one.name,
                "status": "error",
                "code": "invalid",
                "field": field,
                "message": " ".join(errors.get(field, [])),
                "errors": errors,
            }
        event = event_id(one.received)
        word = "duplicate" if event in seen else "stored"
        seen.add(event)
        return {"external_id": one.name, "status": word, "id": f"in_{rows[event]}"}

    return result
