"""Ties the comparisons to the corridor and the inbox."""

from __future__ import annotations


def connect() -> None:
    """Called when the portal starts."""
    from portal.reconciliation import proofs  # noqa: F401 - importing it registers what closes the cases
    from portal.reconciliation.snapshots import on_full_reading
    from portal.sync.signals import full_reading_done

    full_reading_done.connect(on_full_reading, dispatch_uid="a full reading is kept with what it corrected")
