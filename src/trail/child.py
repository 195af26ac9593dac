"""What a process does first that works for another one; a module of its own, which loads nothing else."""

from __future__ import annotations

import multiprocessing
import os
import threading
from typing import Any


def settle() -> None:
    """Lets a process of `multiprocessing` make way for its parent, and end with it even where that is killed outright."""
    os.nice(10)
    threading.Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)
