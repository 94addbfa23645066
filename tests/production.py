"""Runs one manage.py command on the settings of production, with keys made for this one run."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parent.parent


def environment() -> dict[str, str]:
    """What a production machine sets; the database is not asked by a check."""
    return {
        "LOCKSTEP_PRODUCTION": "true",
        "LOCKSTEP_SECRET_KEY": secrets.token_urlsafe(64),
        "LOCKSTEP_CREDENTIALS_KEY": Fernet.generate_key().decode(),
        "LOCKSTEP_HOSTS": "lockstep.example.com",
        "DATABASE_URL": "postgresql://lockstep@127.0.0.1/lockstep",
    }


if __name__ == "__main__":
    os.chdir(ROOT)
    os.execve(sys.executable, [sys.executable, "manage.py", *sys.argv[1:]], {**os.environ, **environment()})  # noqa: S606
