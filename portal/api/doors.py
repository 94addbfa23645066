"""What every API view has: who may come in, how much it reads, and how a refusal looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.http import Http404
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from connectors.canonical import System
from portal.accounts.permissions import allowed
from portal.api.models import ApiToken
from portal.api.problems import Conflict, TooLarge, answer
from portal.api.reading import CarefulJSONParser
from portal.api.scopes import PERSON, Scope
from portal.api.tokens import PersonAuthentication, TokenAuthentication
from portal.connections.models import Connection
from portal.connections.models.connection import OWNED

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
FOR_TOKENS = "Only a token may {}: sign in with the token of an integration."
NOT_IN_SCOPE = "This token may not {}. An admin can issue one that may."


def may(request: Request, scope: Scope) -> str:
    """Why the caller may not; empty when they may."""
    if isinstance(request.auth, ApiToken):
        return "" if scope.value in request.auth.scopes else NOT_IN_SCOPE.format(scope.label)
    action = PERSON[scope]
    if action is None:
        return FOR_TOKENS.format(scope.label)
    verdict = allowed(request.user, action)
    return "" if verdict.yes else verdict.why


class HasScope(BasePermission):
    """The view's own scope for the method."""

    message = "You may not do this."

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        scope = view.scopes.get("GET" if request.method == "HEAD" else request.method)
        self.message = may(request, scope) if scope else ""
        return not self.message


class Door(APIView):
    """`scopes`: method → what the caller must be allowed to do; a method without one is open to whoever is signed in."""

    authentication_classes = (TokenAuthentication, PersonAuthentication)
    permission_classes = (HasScope,)
    parser_classes = (CarefulJSONParser,)
    scopes: ClassVar[Mapping[str, Scope]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > settings.API_MOST_BYTES:
            raise TooLarge(f"The body is larger than {settings.API_MOST_BYTES // 1024 // 1024} MB. Send it in parts.")
        super().initial(request, *args, **kwargs)

    def get_exception_handler(self) -> Any:
        return answer


def account_of(request: Request) -> Connection | None:
    """The account the token speaks for; None: all of them."""
    return request.auth.connection if isinstance(request.auth, ApiToken) else None


def named_account(request: Request, *systems: System) -> Connection:
    """The account in whose name things are handed in. Conflict when the token has none that can take them."""
    account = account_of(request)
    if account is None or account.removed_at is not None:
        raise Conflict("This token speaks for no account. Issue one that names the account whose orders these are.")
    if systems and account.system not in systems:
        names = " or ".join(system.label for system in systems)
        raise Conflict(f"{account} is an account at {account.system_label}. Things are handed in for an account at {names}.")
    return account


def writer_of(request: Request, owns: str) -> None:
    """Conflict where the caller's account is not the one that writes this to its shop (R1)."""
    account = account_of(request)
    if account is None or getattr(account, owns):
        return
    other = Connection.objects.present().filter(shop=account.shop, **{owns: True}).exclude(pk=account.pk).first() if account.shop else None
    who = f"{other} does that" if other is not None else "it is switched off for this account"
    raise Conflict(f"{account} does not write the {OWNED[owns]} of its shop: {who}. Two writers would undo each other.")


def sees_people(request: Request) -> bool:
    """Whether names, addresses and e-mails are shown."""
    return not may(request, Scope.PERSONAL_READ)


class Nowhere(Door):
    """Every address below /api/v1/ that is none: refused like anything else, not with a page."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise Http404
