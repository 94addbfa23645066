"""The simulators in a process of their own, so that neither their work nor their memory counts as the portal's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Apart:
    """What the corridor of the tests needs to know of a simulator that runs elsewhere."""

    url: str


@contextmanager
def simulators_apart(*, rate_scale: float = 0) -> Iterator[tuple[Any, Any]]:
    """A shop and a warehouse (`Apart`), as the tests' corridor takes them; `rate_scale` times its own limit is the warehouse's, 0: none."""
    command = [sys.executable, "-m", "tests.bench.simulators", str(rate_scale)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        shop, warehouse = json.loads(process.stdout.readline())
        try:
            yield Apart(shop), Apart(warehouse)
        finally:
            process.kill()


def main() -> None:
    from connectors.sandbox import commercetools, veeqo
    from connectors.sandbox.kit import serve

    shop, warehouse = serve(commercetools.build(rate_scale=0)), serve(veeqo.build(rate_scale=float(sys.argv[1])))
    sys.stdout.write(json.dumps([shop.url, warehouse.url]) + "\n")
    sys.stdout.flush()
    sys.stdin.read()  # until whoever started us is gone


if __name__ == "__main__":
    main()
