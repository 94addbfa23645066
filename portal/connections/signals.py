"""What the rest of the portal can listen to; sent inside the transaction of the change."""

from __future__ import annotations

from django.dispatch import Signal

# `integration`, `by`, `at`: its settings were saved, it was switched on or off, or removed.
integration_changed = Signal()
