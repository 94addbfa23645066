"""What a token may be allowed to do, and what a signed-in person must be allowed to do for the same."""

from __future__ import annotations

from django.db import models

from portal.accounts.permissions import Action


class Scope(models.TextChoices):
    """One right of a token; the label reads after “may”."""

    ORDERS_READ = "orders:read", "read orders"
    ORDERS_WRITE = "orders:write", "hand orders in"
    SHIPMENTS_READ = "shipments:read", "read shipments"
    SHIPMENTS_WRITE = "shipments:write", "hand shipments in and acknowledge them"
    STOCK_READ = "stock:read", "read the stock a channel must show"
    STOCK_WRITE = "stock:write", "acknowledge stock"
    RETURNS_READ = "returns:read", "read returns and refunds"
    RETURNS_WRITE = "returns:write", "hand returns and refunds in"
    MAPPINGS_READ = "mappings:read", "look mappings up"
    MAPPINGS_WRITE = "mappings:write", "change mappings"
    CASES_READ = "cases:read", "read cases"
    CASES_WRITE = "cases:write", "comment on cases"
    RUNS_READ = "runs:read", "read runs"
    RUNS_WRITE = "runs:write", "report the runs of a flow"
    PERSONAL_READ = "personal:read", "see customers' names and addresses"


NOBODY = None
# scope → the action of section 4.2 that a person signed in by a browser needs; None: for tokens only
PERSON: dict[Scope, Action | None] = {
    Scope.ORDERS_READ: Action.SEE_INBOX,
    Scope.ORDERS_WRITE: NOBODY,
    Scope.SHIPMENTS_READ: Action.SEE_INBOX,
    Scope.SHIPMENTS_WRITE: NOBODY,
    Scope.STOCK_READ: Action.SEE_INBOX,
    Scope.STOCK_WRITE: NOBODY,
    Scope.RETURNS_READ: Action.SEE_INBOX,
    Scope.RETURNS_WRITE: NOBODY,
    Scope.MAPPINGS_READ: Action.SEE_INBOX,
    Scope.MAPPINGS_WRITE: Action.SEE_INBOX,  # which kind they may change is asked with the row
    Scope.CASES_READ: Action.SEE_INBOX,
    Scope.CASES_WRITE: Action.TAKE_PART,
    Scope.RUNS_READ: Action.SEE_INBOX,
    Scope.RUNS_WRITE: NOBODY,
    Scope.PERSONAL_READ: NOBODY,  # people look on the order page, where looking is recorded
}
