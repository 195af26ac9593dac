"""A stand-in for what writes texts, in a module of its own: the process that runs it imports nothing else."""

from __future__ import annotations

import os
import time
from pathlib import Path

from trail.errors import DataError


def _log(folder: Path, item: str) -> None:
    with (folder / "calls").open("a") as file:
        file.write(f"{item}\n")


class Passing(str):
    """A text that may soon be a better one."""

    __slots__ = ()
    passing = True


def write(folder: Path, snapshot: str, item: str) -> str:
    """What the process that writes runs; what it does is said by the item's name."""
    _log(folder, item)
    kind = item.split("-", maxsplit=1)[0]
    if kind == "slow":
        until = folder / "go"
        while not until.exists():
            time.sleep(0.01)
    elif kind == "nap":
        time.sleep(0.1)
    elif kind == "hang":
        time.sleep(60)
    elif kind == "die":
        os._exit(1)
    elif kind == "wrong":
        raise DataError("the log changed", expected="the log that it was made from")
    kinds = {"passing": Passing}
    return kinds.get(kind, str)(f"{snapshot}/{item} by {os.getpid()}")
