"""Who is told of a case: the lists of its integration, its team, and the people who asked for it; nobody's case goes to the admins (R30)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from exceptions.models import ExceptionCase
from exceptions.models.notices import NoticeWish
from portal.accounts.models import Membership, User
from portal.accounts.roles import Role
from portal.connections.models import Integration
from portal.connections.patterns import is_excluded

UNASKED = 2  # S1 and S2 are told to people who have set nothing
Target = tuple[str, int]  # (address, 0), or ("", wish) for a chat tool


@dataclass
class Audience:
    """Every list and every wish, read once for a batch of cases. `silent`: by team, the members who have set nothing."""

    integrations: list[Integration] = field(default_factory=list)
    wishes: list[NoticeWish] = field(default_factory=list)
    silent: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def now(cls) -> Audience:
        wanted = NoticeWish.objects.select_related("user").prefetch_related("user__memberships")
        return cls(list(Integration.objects.present()), list(wanted), members_without_wish())

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
        return found | self.by_default(case, told=bool(found))

    def by_default(self, case: ExceptionCase, *, told: bool) -> set[Target]:
        """What is bad reaches the owning team though nobody has set anything; the admins where there is nobody else (R30)."""
        if case.severity > UNASKED:
            return set()
        has_said = any(wish.team == case.owner and (wish.instant or wish.webhook_sealed) for wish in self.wishes)
        members = [] if has_said else self.silent.get(case.owner, [])
        return {(address, 0) for address in (members or ([] if told else self.silent.get(Role.ADM, [])))}


def members_without_wish() -> dict[str, list[str]]:
    """Team → the addresses of its members who have not said what they want to be told."""
    found: dict[str, list[str]] = {}
    rows = Membership.objects.filter(user__is_active=True, user__notice_wish=None).exclude(user__email="")
    for role, address in rows.order_by("pk").values_list("role", "user__email"):
        found.setdefault(role, []).append(address)
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
