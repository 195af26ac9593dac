"""A process that answers evenly."""

from __future__ import annotations

import gc
import sys

#: Seconds after which a thread that computes lets another one go on: the interpreter's own .005 is felt in every answer.
_TURN = 0.001


def calm() -> None:
    """Has a started server pause less, seldom and short.

    What is loaded by now is not walked again by the garbage collection, and threads take turns more often.
    """
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(_TURN)
