"""What others may listen to."""

from __future__ import annotations

from django.dispatch import Signal

# Sent when a full feed was read to its end: `cursor` (with what was compared and corrected), `feed`, `connection`, `gone` (SKUs it lists no
# more), `first` (there was no reading to compare with), `at`.
full_reading_done = Signal()
