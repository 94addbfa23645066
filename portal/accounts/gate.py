"""The door of a view: `@require(Action.X)` or `RequiresAction`; the 403 page says why."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponseBase

from portal.accounts.permissions import Action, NotAllowedError, may_ever

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def enter(request: HttpRequest, action: Action) -> None:
    """Refuse those who could never do it. What is done to one case is asked again, with its owner, by `permissions.check`."""
    verdict = may_ever(request.user, action)
    if not verdict.yes:
        raise NotAllowedError(verdict.why)


def require(action: Action) -> Callable[[View[P]], View[P]]:
    """Decorate a view function."""

    def wrap(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            enter(request, action)
            return view(request, *args, **kwargs)

        return guarded

    return wrap


class RequiresAction:
    """The same for class-based views: set `action`."""

    action: Action

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        enter(request, self.action)
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
