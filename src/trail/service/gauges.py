"""What is counted for Prometheus; labels are routes, methods and statuses of this program, never a client's words."""

from __future__ import annotations

import asyncio
import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REGISTRY = CollectorRegistry()
_METHODS = ("GET", "POST", "HEAD", "OPTIONS")
REQUESTS = Counter("trail_requests", "Requests answered.", ("route", "method", "status"), registry=REGISTRY)
REFUSALS = Counter(
    "trail_refusals",
    "Refusals before a route, or in its stead: no key, too many, too large, too late; by status.",
    ("status",),
    registry=REGISTRY,
)
SECONDS = Histogram(
    "trail_request_seconds",
    "Seconds from a request to the end of its answer.",
    ("route",),
    registry=REGISTRY,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
SWAPS = Counter(
    "trail_snapshots_served", "Snapshots that became the served one.", ("project",), registry=REGISTRY
)
CUTOFF = Gauge(
    "trail_snapshot_cutoff_seconds",
    "Cutoff of the served snapshot, Unix time.",
    ("project",),
    registry=REGISTRY,
)
REFUSED = Gauge(
    "trail_snapshot_refused", "1 while a newer snapshot is not served.", ("project",), registry=REGISTRY
)
WAITING = Gauge("trail_texts_waiting", "Texts being written or waiting.", registry=REGISTRY)
#: Where it stands in a request's state with which status a route was counted.
_COUNTED = "trail.counted"
_FIRST_REFUSAL = 400


class Counted:
    """Counts requests by route.

    Args:
        app: What answers them.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request and counts it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except asyncio.CancelledError:  # by the guard, which says that it took too long
            status = 504
            raise
        finally:
            route, method = _route(scope), scope["method"]
            known = method if method in _METHODS else "other"
            REQUESTS.labels(route, known, str(status)).inc()
            SECONDS.labels(route).observe(time.perf_counter() - start)
            scope.setdefault("state", {})[_COUNTED] = status  # which a scope that was made of it shares


def count_refusal(status: int | None, scope: Scope | None = None) -> None:
    """Counts what a client was told, where it is a refusal that is no route's own.

    Args:
        status: With which it was answered; null if it was not.
        scope: The request, of which a route may have been counted; null where none was understood.
    """
    counted = scope.get("state", {}).get(_COUNTED) if scope is not None else None
    if status is not None and status >= _FIRST_REFUSAL and status != counted:
        REFUSALS.labels(str(status)).inc()


def _route(scope: Scope) -> str:
    """Returns the pattern of the address; one word for all that match none."""
    return str(getattr(scope.get("route"), "path", scope.get("trail.route", "none")))
