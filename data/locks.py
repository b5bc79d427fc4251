"""Who may work in a folder: one writer alone, or any number of readers."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = ".lock"
STAGING = ".new-"
"""Folders in which files are written before they are moved into place."""


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until nobody else works in the folder, make it if need be, and clear what a killed run left there."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(f"{STAGING}*"):
            shutil.rmtree(left)
        yield


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Wait until no writer works in the folder, and keep writers out. A folder without a lock never had one."""
    try:
        lock = (folder / LOCK).open()
    except FileNotFoundError:
        yield
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield
