"""One person for each role, with a password for the demo only."""

from __future__ import annotations

from portal.accounts.models import Membership, User
from portal.accounts.roles import Role

PASSWORD = "lockstep-demo"  # noqa: S105 - of the demo; production never creates these people
PEOPLE = (
    ("cora", "Cora Finch", Role.CX),
    ("finn", "Finn Adeyemi", Role.FIN),
    ("omar", "Omar Haddad", Role.OPS),
    ("mira", "Mira Lindqvist", Role.MER),
    ("ada", "Ada Okafor", Role.ADM),
    ("aldo", "Aldo Ricci", Role.AUD),
)


def create_people() -> None:
    """Add those who are missing; a person who exists keeps what was changed."""
    for username, name, role in PEOPLE:
        first, last = name.split()
        user, created = User.objects.get_or_create(
            username=username,
            defaults={"first_name": first, "last_name": last, "email": f"{username}@lockstep.example", "time_zone": "Europe/London"},
        )
        if created:
            user.set_password(PASSWORD)
            user.is_staff = role == Role.ADM
            user.is_superuser = role == Role.ADM
            user.save()
        Membership.objects.get_or_create(user=user, role=role, defaults={"lead": role in (Role.OPS, Role.CX)})


def logins() -> str:
    """What the terminal says about who may log in."""
    listed = ", ".join(f"{username} ({role.label})" for username, _, role in PEOPLE)
    return f"Log in as {listed}; the password of all is {PASSWORD}."
