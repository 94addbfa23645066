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
    with all_apart(rate_scale=rate_scale) as (shop, warehouse, _):
        yield shop, warehouse


@contextmanager
def all_apart(*, rate_scale: float = 0) -> Iterator[list[Any]]:
    """The same, and a Deposco site."""
    command = [sys.executable, "-m", "tests.bench.simulators", str(rate_scale)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield [Apart(url) for url in json.loads(process.stdout.readline())]
        finally:
            process.kill()


def main() -> None:
    from connectors.sandbox import commercetools, deposco, veeqo
    from connectors.sandbox.kit import serve

    apps = (commercetools.build(rate_scale=0), veeqo.build(rate_scale=float(sys.argv[1])), deposco.build(rate_scale=0))
    sys.stdout.write(json.dumps([serve(app).url for app in apps]) + "\n")
    sys.stdout.flush()
    sys.stdin.read()  # until whoever started us is gone


if __name__ == "__main__":
    main()
