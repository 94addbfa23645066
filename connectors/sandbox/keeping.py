"""Keeps a simulator's world between runs, so that the demo goes on where it stood: a file of ours, read back by ourselves alone."""

from __future__ import annotations

import _thread
import copyreg
import io
import pickle
import threading
from pathlib import Path
from typing import Any

import cloudpickle
from flask import Flask

# Locks are not part of the world: a new one takes the place of each.
copyreg.pickle(_thread.LockType, lambda _: (threading.Lock, ()))
copyreg.pickle(_thread.RLock, lambda _: (threading.RLock, ()))

BENCH = "bench"
UNREADABLE = (pickle.UnpicklingError, AttributeError, ImportError, EOFError, IndexError, KeyError, TypeError)


class Saver(cloudpickle.Pickler):
    """Leaves the bench (faults, call log, clock) out: it belongs to the run, not to the world."""

    def __init__(self, file: io.BytesIO, bench: Any) -> None:
        super().__init__(file)
        self.bench = bench

    def persistent_id(self, thing: Any) -> str | None:
        return BENCH if thing is self.bench else None


class Loader(pickle.Unpickler):
    """Puts the new run's bench where the old one was."""

    def __init__(self, file: io.BytesIO, bench: Any) -> None:
        super().__init__(file)
        self.bench = bench

    def persistent_load(self, name: str) -> Any:
        return self.bench


def save(app: Flask, path: Path) -> None:
    """Write the world to a file, whole or not at all."""
    bench, written = app.extensions["bench"], io.BytesIO()
    with bench.lock:
        Saver(written, bench).dump(app.extensions["state"])
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(written.getvalue())
    fresh.replace(path)


def load(app: Flask, path: Path) -> bool:
    """Put a saved world into a fresh simulator; False when there is none, or it was written by another version."""
    if not path.exists():
        return False
    try:
        world = Loader(io.BytesIO(path.read_bytes()), app.extensions["bench"]).load()
    except UNREADABLE:
        return False
    state = app.extensions["state"]
    vars(state).clear()
    vars(state).update(vars(world))
    return True
