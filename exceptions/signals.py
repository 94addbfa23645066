"""What the rest of the portal can listen to; sent inside the transaction of the change."""

from __future__ import annotations

from django.dispatch import Signal

# `case`, `by` (None: the portal itself), `at`. `case.resolution` says how; “stop trying” means: do not send what it held up.
case_resolved = Signal()

# `case`, `by`, `at`: a person put it back.
case_reopened = Signal()
