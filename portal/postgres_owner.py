"""Whom the embedded PostgreSQL runs as: it refuses root, so root lends it to an account without rights."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UNPRIVILEGED = "nobody"
OUTSIDE = Path("/var/lib/lockstep")


@dataclass(frozen=True)
class Owner:
    """The account that owns the data and runs the server."""

    uid: int
    gid: int
    lent: bool  # started by root for somebody else

    @property
    def process(self) -> dict[str, Any]:
        """What `subprocess` needs to run a program as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.lent else {}

    def reachable(self, binaries: Path) -> Path:
        """The programs, copied to where this account may run them when the checkout lies in a closed folder."""
        if not self.lent or is_open(binaries / "postgres"):
            return binaries
        install = binaries.parent
        copy = OUTSIDE / f"programs-{digest(install)}"
        if not copy.exists():
            OUTSIDE.mkdir(mode=0o755, parents=True, exist_ok=True)
            making = copy.with_name(f"{copy.name}.{os.getpid()}")
            shutil.copytree(install, making, symlinks=True)
            for path in (making, *making.rglob("*")):
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | (0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644))
            making.rename(copy)
        return copy / binaries.name


def owner_of(folder: Path) -> Owner:
    """The account for the data in `folder`; for root also makes sure that this account can get there."""
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid(), lent=False)
    account = pwd.getpwnam(UNPRIVILEGED)
    if not folder.exists() and not is_open(folder.parent):
        # Opening somebody's home folder to everyone is not ours to do: the data goes where it can be reached, and a link stays here.
        home = OUTSIDE / f"data-{digest(folder)}"
        OUTSIDE.mkdir(mode=0o755, parents=True, exist_ok=True)
        folder.unlink(missing_ok=True)
        folder.symlink_to(home)
    return Owner(account.pw_uid, account.pw_gid, lent=True)


def open_to(owner: Owner, folder: Path) -> None:
    """Make a folder that only this account may enter; refuse one that somebody else put there before us."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if owner.lent and folder.lstat().st_uid == 0:
        os.chown(folder, owner.uid, owner.gid)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner.uid or found.st_mode & 0o077:
        raise PermissionError(f"{folder} belongs to somebody else: remove it and start again")


def is_open(path: Path) -> bool:
    """May everybody get to this path?"""
    needed = (path, *path.resolve().parents) if path.is_file() else (path.resolve(), *path.resolve().parents)
    return all(one.stat().st_mode & 0o001 for one in needed)


def digest(path: Path) -> str:
    return hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:16]
