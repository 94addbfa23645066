"""Ties the comparisons to the corridor and the inbox."""

from __future__ import annotations


def connect() -> None:
    """Called when the portal starts."""
