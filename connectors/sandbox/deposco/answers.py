"""How the REST API answers: its error body, its references, its timestamps, its nested collections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify, request

from connectors.sandbox.deposco.models import Item, Json, Pack

CONCURRENT = "The resource was updated by a concurrent request. Please retry when the resource is not in use."


class Refused(Exception):
    """A request turned down; REST wraps the sentence into `errors`."""

    def __init__(self, status: int, message: str, *, missing: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.missing = missing  # "item" or "pack": the legacy import names these apart


def invalid(message: str) -> Refused:
    return Refused(400, message)


def unknown(kind: str, key: str, *, missing: str = "") -> Refused:
    """A business key that names nothing: "Item with business key number = [SKU-9] not found"."""
    return Refused(404, f"{kind} with business key {key} not found", missing=missing)


def refusal(refused: Refused) -> tuple[Response, int]:
    return jsonify(errors=[{"errorMessage": refused.message}]), refused.status


def empty(status: int) -> Response:
    """No body at all."""
    answer = Response(b"", status)
    answer.headers.pop("Content-Type", None)
    if status != 204:
        answer.headers["Content-Length"] = "0"
    return answer


def too_many(*, retry_after: bool) -> Response:
    answer = empty(429)
    if retry_after:
        answer.headers["Retry-After"] = "1"
    return answer


def stamp(at: datetime | None) -> str | None:
    """ISO-8601 in UTC, to the second, with Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def link(path: str) -> str:
    """An address of this server under the API version that was called."""
    version = request.path.split("/")[1]
    version = version if version in ("latest", "beta") else "latest"
    return f"{request.host_url}{version}/{path}"


def entity(path: str, id: int, key: Json) -> Json:
    """A reference: `path` is its collection. The business key's dots are part of the names."""
    return {"id": id, "businessKey": key, "href": link(f"{path}/{id}")}


def item_ref(item: Item) -> Json:
    return entity("items", item.id, {"number": item.number, "businessUnit.code": item.company})


def pack_ref(item: Item, pack: Pack) -> Json:
    key = {"item.number": item.number, "quantity": pack.quantity, "item.businessUnit.code": item.company}
    return entity(f"items/{item.id}/packs", pack.id, key)


def nested(rows: Sequence[Any], render: Callable[[Any], Json], *, cut: int, path: str) -> Json:
    """A collection inside a detail: cut, and with a link to a second page that nobody can reach."""
    shown = rows[:cut] if cut else rows
    found: Json = {"data": [render(row) for row in shown], "complete": len(shown) == len(rows)}
    if not found["complete"]:
        found["links"] = [{"rel": "next", "href": link(f"{path}?searchId=nested-2")}]
    return found
