"""The inbox."""

from __future__ import annotations

from django.apps import AppConfig


class ExceptionsConfig(AppConfig):
    """Registers what the inbox itself can do with a case and what happens on a second person's yes."""

    name = "exceptions"
    verbose_name = "Inbox"

    def ready(self) -> None:
        from exceptions import approved, look_again

        approved.connect()
        look_again.connect()
