"""The access log: one JSON object a request, with nothing in it that opens anything."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from typing import Any

from trail.service.keys import redacted

_LOG = logging.getLogger("trail.access")
_LONGEST_PATH = 512


def log_request(scope: Mapping[str, Any], path: str, status: int | None, began: float) -> None:
    """Writes the line of a request that is over.

    The query is left out, since people put keys and searches there; a key in the path is struck out; every character
    beyond plain ASCII is escaped, so that no line can be forged and no terminal told anything.

    Args:
        scope: The request.
        path: What was asked for, as it came.
        status: What it was answered with; null if it went away before.
        began: When it came, by `time.perf_counter`.
    """
    if not _LOG.isEnabledFor(logging.INFO):
        return
    state, key_id = scope["state"], scope["state"].get("key_id")
    path = redacted(path)[:_LONGEST_PATH]
    # by hand, and as a record of its own: a third of the time of `json.dumps` and of `info`, which looks for its caller
    line = (
        f'{{"id": "{state["request_id"]}", "method": {json.dumps(scope["method"])}, "path": {json.dumps(path)}, '
        f'"status": {status or "null"}, "ms": {(time.perf_counter() - began) * 1000:.2f}, '
        f'"key": {json.dumps(key_id)}}}'
    )
    _LOG.handle(logging.LogRecord(_LOG.name, logging.INFO, __file__, 0, line, None, None))
