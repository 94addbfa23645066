"""Creates the demo's people and connections; what needs the simulators is done by `demo_traffic` once they run."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.demo.people import create_people, logins


class Command(BaseCommand):
    """`manage.py demo`"""

    help = "Create the demo's people and connections (harmless if run again)."

    def handle(self, *args: Any, **options: Any) -> None:
        from django.conf import settings

        if settings.PRODUCTION:
            raise CommandError("The demo's people have a known password, so they are never created in production.")
        from portal.demo.accounts_at_vendors import create_connections
        from portal.demo.erp import create_erp
        from portal.demo.marketplaces import create_marketplaces
        from portal.demo.second_site import create_site

        create_people()
        create_connections()
        create_marketplaces()
        create_erp()
        create_site()
        self.stdout.write(logins())
