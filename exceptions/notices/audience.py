"""Who is told of a case: the lists of its integration, its team, and the people who asked for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from exceptions.models import ExceptionCase
from exceptions.models.notices import NoticeWish
from portal.accounts.models import User
from portal.connections.models import Integration
from portal.connections.patterns import is_excluded

Target = tuple[str, int]  # (address, 0), or ("", wish) for a chat tool


@dataclass
class Audience:
    """Every list and every wish, read once for a batch of cases."""

    integrations: list[Integration] = field(default_factory=list)
    wishes: list[NoticeWish] = field(default_factory=list)

    @classmethod
    def now(cls) -> Audience:
        wanted = NoticeWish.objects.select_related("user").prefetch_related("user__memberships")
        return cls(list(Integration.objects.present()), list(wanted))

    def instant(self, case: ExceptionCase) -> set[Target]:
        """Everybody who is to be told of it at once."""
        found: set[Target] = set()
        for integration in self.integrations:
            if integration.instant_errors and concerns(case, integration) and not is_excluded(case.cause, integration.exclude_patterns):
                found |= {(address, 0) for address in integration.instant_emails}
        for wish in self.wishes:
            if cares(wish, case):
                found |= {(address, 0) for address in addresses_of(wish) if wish.instant}
                found |= {("", wish.pk)} if wish.webhook_sealed else set()
        return found


def concerns(case: ExceptionCase, integration: Integration) -> bool:
    """Its own cases, and those of an account it stands on that belong to no integration in particular."""
    if case.integration_id is not None:
        return case.integration_id == integration.pk
    return case.connection_id is not None and case.connection_id in (integration.channel_id, integration.hub_id)


def cares(wish: NoticeWish, case: ExceptionCase) -> bool:
    if case.severity > wish.severity:
        return False
    if wish.team:
        return case.owner == wish.team
    user = wish.user
    return isinstance(user, User) and user.is_active and (case.assignee_id == user.pk or case.team in user.roles)


def addresses_of(wish: NoticeWish) -> Iterable[str]:
    if wish.user is not None:
        return [wish.user.email] if wish.user.email else []
    return list(wish.addresses)
