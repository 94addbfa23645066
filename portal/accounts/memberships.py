"""The only writers of roles: they keep Django's `is_staff` (may open the admin's pages) in step with them."""

from __future__ import annotations

from django.db import transaction

from portal.accounts.models import Membership, User
from portal.accounts.roles import Role

# The admin shows settings and mappings; what each role may change there is asked again, page by page.
ADMIN_PAGES = frozenset({Role.ADM, Role.OPS, Role.MER, Role.FIN, Role.AUD})


@transaction.atomic
def give(user: User, role: Role, *, lead: bool = False) -> Membership:
    """The role is theirs from the next request on."""
    membership, _ = Membership.objects.update_or_create(user=user, role=role, defaults={"lead": lead})
    keep_in_step(user)
    return membership


@transaction.atomic
def take(user: User, role: Role) -> None:
    """The role is gone from the next request on."""
    Membership.objects.filter(user=user, role=role).delete()
    keep_in_step(user)


def keep_in_step(user: User) -> None:
    user.__dict__.pop("leading", None)
    is_staff = user.is_superuser or bool(user.roles & ADMIN_PAGES)
    if user.is_staff != is_staff:
        user.is_staff = is_staff
        user.save(update_fields=["is_staff"])
