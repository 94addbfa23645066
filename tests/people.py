"""The seven people every test knows: one for each role, and Nell who has none."""

from __future__ import annotations

from portal.accounts import memberships
from portal.accounts.models import User
from portal.accounts.roles import Role

PASSWORD = "walk in lockstep"

# username: first name, roles
PEOPLE: dict[str, tuple[str, tuple[Role, ...]]] = {
    "cora": ("Cora", (Role.CX,)),
    "finn": ("Finn", (Role.FIN,)),
    "omar": ("Omar", (Role.OPS,)),
    "mira": ("Mira", (Role.MER,)),
    "ada": ("Ada", (Role.ADM,)),
    "aldo": ("Aldo", (Role.AUD,)),
    "nell": ("Nell", ()),
}


def make(username: str, *roles: Role, lead: bool = False, first_name: str = "", time_zone: str = "UTC") -> User:
    """A person with these roles, whose password is PASSWORD."""
    user = User.objects.create_user(username, password=PASSWORD, first_name=first_name, time_zone=time_zone)
    for role in roles:
        memberships.give(user, role, lead=lead)
    return user


def person(username: str) -> User:
    """One of the seven, made when first asked for."""
    found = User.objects.filter(username=username).first()
    first_name, roles = PEOPLE[username]
    return found or make(username, *roles, first_name=first_name)


def everybody() -> dict[str, User]:
    return {username: person(username) for username in PEOPLE}
