"""What the inbox refuses, each with a sentence for the person."""

from __future__ import annotations


class CaseError(Exception):
    """It cannot be done with this case now; the text says why."""


class CaseBusyError(CaseError):
    """Somebody else is doing something with it at this moment."""
