"""The mappings."""

from __future__ import annotations

from django.apps import AppConfig


class MappingsConfig(AppConfig):
    """Announces saved mappings, so that what waited for them goes."""

    name = "mappings"
    verbose_name = "Mappings"

    def ready(self) -> None:
        from mappings import announce

        announce.connect()
