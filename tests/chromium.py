"""Makes sure that the browser tests find a Chromium: root gets one installed, everybody else is told how."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL = (("apt-get", "update", "-qq"), ("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"))
HOW = "The browser tests need Chromium: install it (on Debian: sudo apt-get install chromium) and run `make test` again."


def path() -> str | None:
    """Where the system's Chromium is; LOCKSTEP_CHROMIUM names another one."""
    return next(filter(None, map(shutil.which, (os.environ.get("LOCKSTEP_CHROMIUM", ""), *NAMES))), None)


def main() -> int:
    if path():
        return 0
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.stderr.write(f"{HOW}\n")
        return 1
    sys.stderr.write("Installing Chromium for the browser tests …\n")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in INSTALL:
        if subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False).returncode:
            sys.stderr.write(f"{HOW}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
