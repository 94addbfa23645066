"""Mishaps of this vendor that the bench does not have: another writer just before ours, and an error after storing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request

from connectors.sandbox.commercetools.collection import dump
from connectors.sandbox.commercetools.errors import OVERLOADED, ApiError
from connectors.sandbox.kit import ADMIN

WRITES = ("POST", "DELETE")


@dataclass
class Mishap:
    """So many matching writes go wrong this way."""

    path: str = ""
    times: int = 1
    status: int = 500

    def spend(self, path: str) -> bool:
        if self.times <= 0 or not re.search(self.path, path):
            return False
        self.times -= 1
        return True


@dataclass
class Mishaps:
    """The mishaps in force."""

    rivals: list[Mishap] = field(default_factory=list)
    afterwards: list[Mishap] = field(default_factory=list)

    def clear(self) -> None:
        self.rivals.clear()
        self.afterwards.clear()

    def rival_strikes(self) -> bool:
        """Does another writer change the document just before this update?"""
        return any(mishap.spend(request.path) for mishap in self.rivals)

    def fail_after(self, response: Response) -> Response:
        """The write is stored, and the answer is an error all the same."""
        if request.path.startswith(ADMIN) or request.method not in WRITES or response.status_code >= 400:
            return response
        for mishap in self.afterwards:
            if mishap.spend(request.path):
                code, message = OVERLOADED.get(mishap.status, ("BadGateway", "Bad gateway."))
                return failure(ApiError(mishap.status, code, message))
        return response


def failure(error: ApiError) -> Response:
    response = Response(dump(error.body()), error.status, content_type="application/json; charset=utf-8")
    if error.status == 429:
        response.headers["Retry-After"] = "1"
    return response


def as_mishap(body: dict[str, Any]) -> Mishap:
    return Mishap(path=body.get("path", ""), times=int(body.get("times", 1)), status=int(body.get("status", 500)))
