"""The mappings."""

from __future__ import annotations

from django.apps import AppConfig


class MappingsConfig(AppConfig):
    """Announces saved mappings, so that what waited for them goes, and carries out approved imports."""

    name = "mappings"
    verbose_name = "Mappings"

    def ready(self) -> None:
        from mappings import announce, csv_apply  # noqa: F401 - importing csv_apply registers what an approval does

        announce.connect()
