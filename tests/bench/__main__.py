"""Measure everything, print the table, keep it in build/bench.json: `python -m tests.bench [--scale quick|full] [name …]`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("LOCKSTEP_LOG_LEVEL", "ERROR")
SCALES = {"quick": 1, "full": 10}  # times 100,000 open cases; the archive is in inbox.py


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from tests.bench import calls, corridor, finance, inbox, memory, pace, snapshot, stock_delay
    from tests.bench.database import own_database
    from tests.bench.table import keep, show

    benches = {module.__name__.rpartition(".")[2]: module.rows for module in (inbox, finance, calls, corridor, pace, snapshot, stock_delay, memory)}
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", choices=[*benches, []], help="Only these; default: all.")
    parser.add_argument("--scale", choices=SCALES, default="quick")
    asked = parser.parse_args()
    found = []
    with own_database():
        for name in asked.names or benches:
            found += benches[name](SCALES[asked.scale])
            call_command("flush", verbosity=0, interactive=False)
    sys.stdout.write(show(found) + "\n")
    keep(found, Path("build/bench.json"))


if __name__ == "__main__":
    main()
