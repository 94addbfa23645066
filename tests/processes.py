"""Which processes a process has started, read from /proc."""

from __future__ import annotations

from pathlib import Path


def parent_of(pid: int) -> int:
    """0 when it is gone or only waits to be reaped."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return 0 if state == "Z" else int(parent)


def is_alive(pid: int) -> bool:
    return parent_of(pid) != 0


def family(pid: int) -> dict[int, str]:
    """Everything it started, and what those started: number and command line."""
    parents = {int(path.name): parent_of(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdigit()}
    found: dict[int, str] = {}
    level = {pid}
    while level := {child for child, parent in parents.items() if parent in level}:
        found |= {child: command_of(child) for child in level}
    return found


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""
