"""The six roles. A person may hold several, and may lead the team of each."""

from __future__ import annotations

from django.db import models


class Role(models.TextChoices):
    """A team, and what its members are trusted with (`permissions.py`)."""

    CX = "CX", "CX"
    FIN = "FIN", "Finance"
    OPS = "OPS", "Operations"
    MER = "MER", "Merchandising"
    ADM = "ADM", "Admin"
    AUD = "AUD", "Auditor"


# Whom a reader of the page asks when a role is missing.
TEAMS = {
    Role.CX: "customer experience",
    Role.FIN: "finance",
    Role.OPS: "warehouse and fulfilment",
    Role.MER: "merchandising and ecommerce",
    Role.ADM: "integration administration",
    Role.AUD: "audit",
}


def spoken(roles: frozenset[Role] | set[Role] | list[Role]) -> str:
    """The roles as a person says them: “CX, Finance or Operations”."""
    names = [str(role.label) for role in Role if role in roles]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} or {names[-1]}"
