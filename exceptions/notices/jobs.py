"""What the workers run to tell people; harmless if rung twice, late or never."""

from __future__ import annotations

from django.utils import timezone

from exceptions.notices import composing, daily, outbox


def tell() -> None:
    """Every minute: new messages into the outbox, then whatever is in it on its way."""
    at = timezone.now()
    composing.compose(at=at)
    daily.send_summaries(at=at)
    outbox.send_due(at=at)
