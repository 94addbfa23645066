#!/usr/bin/env python
"""Django's command line, with the embedded database held open for as long as a command runs."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run one command; a missing setting or a database that will not start is one sentence and exit code 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from portal import embedded

    try:
        with embedded.held_for(sys.argv, server=settings.EMBEDDED):
            execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, embedded.DatabaseError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
