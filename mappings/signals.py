"""What others may listen to."""

from __future__ import annotations

from django.dispatch import Signal

# Sent in the transaction of the change with `keys` (those of every UnmappedCode that the rows may answer) and `by` (a person or None).
# A row may also have ended or start later: whoever waits tries again and sees.
mapping_saved = Signal()

# Sent in the transaction of the decision with `attribute` (the SeenAttribute) and `by`.
attribute_decided = Signal()
