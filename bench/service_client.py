"""A client that asks at a constant rate, whatever the answers take, and holds each answer against the sealed tables."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pyarrow.parquet as pq

from trail.engine import write_json
from trail.operations.publishing import POINTER
from trail.snapshots import read_manifest

_TIMEOUT = 30.0


@dataclass(frozen=True)
class Truth:
    """What a sealed snapshot says: by rank, items, expected counts, and counts of the last window."""

    name: str
    items: list[str]
    expected: np.ndarray
    last: np.ndarray

    @classmethod
    def of(cls, folder: Path) -> Truth:
        """Reads the sealed tables."""
        forecast = pq.read_table(folder / "forecast.parquet", columns=["item_id", "expected"])
        cards = pq.read_table(folder / "cards.parquet", columns=["item_id", "count_1"])
        assert cards["item_id"].equals(forecast["item_id"])
        numbers = forecast["expected"].to_numpy(), cards["count_1"].to_numpy()
        return cls(folder.name, forecast["item_id"].to_pylist(), *numbers)

    def wrong(self, hit: dict) -> bool:
        """Whether a row of an answer is not this snapshot's."""
        at = hit["rank"] - 1
        said = (hit["item_id"], hit["expected"], hit["last"])
        return said != (self.items[at], float(self.expected[at]), float(self.last[at]))


@dataclass
class Outcome:
    """What a run of requests came to.

    Attributes:
        seconds: From the moment each request was due to the end of its answer.
        late: By how much the client itself sent each request too late.
        failed: Status or error of those that were not answered with 200.
        mixed: Answers with a row that is not of the snapshot named.
        seals: Answers by the snapshot that they name.
        kinds: Sort of each request.
    """

    seconds: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    failed: Counter = field(default_factory=Counter)
    mixed: int = 0
    seals: Counter = field(default_factory=Counter)
    kinds: list[str] = field(default_factory=list)

    def percentile(self, q: float, kind: str = "") -> float:
        """Returns a percentile of the latency in milliseconds."""
        of = [each for each, sort in zip(self.seconds, self.kinds, strict=True) if kind in ("", sort)]
        return 1000 * float(np.percentile(of, q)) if of else float("nan")


def mixture(project: str, items: Sequence[str], seed: int) -> Iterator[tuple[str, str]]:
    """Yields sorts and addresses without end: lists and their pages, filters, searches, plain texts, items, and the version."""
    rng, base = np.random.default_rng(seed), f"/v1/projects/{quote(project)}"
    filters = ("category=Teapots", "brand=House+3", "price_min=5&price_max=9", "new=true", "risers=true")
    while True:
        draw = rng.random()
        if draw < 0.5:
            yield "list", f"{base}/hits?offset={50 * int(rng.geometric(0.3) - 1)}"
        elif draw < 0.65:
            yield "distinct page", f"{base}/hits?offset={int(rng.integers(0, len(items)))}"
        elif draw < 0.85:
            yield (
                "filter",
                f"{base}/hits?{filters[rng.integers(len(filters))]}&offset={int(rng.integers(0, 200))}",
            )
        elif draw < 0.87:
            yield "plain text", f"{base}/explanations/{quote(items[rng.integers(len(items))])}?by=plain"
        elif draw < 0.91:
            yield "search", f"{base}/hits?search=no.+{int(rng.integers(0, 1000))}"
        elif draw < 0.95:
            yield "version", "/version"  # no work at all: what the machine itself costs at that moment
        else:
            yield "item", f"{base}/items/{quote(items[rng.integers(len(items))])}"


class Connection:
    """One connection that is kept; asks one thing at a time."""

    def __init__(self, port: int, headers: str = "") -> None:
        self._port, self._headers, self._streams = port, headers, None

    async def get(self, path: str) -> tuple[int, bytes]:
        """Asks for an address and returns status and body; a connection that the server let go is opened again."""
        if self._streams is None or self._streams[0].at_eof():
            return await self._asked_anew(path)
        try:
            return await self._asked(path)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            if getattr(error, "partial", b""):
                raise
            return await self._asked_anew(path)

    async def _asked_anew(self, path: str) -> tuple[int, bytes]:
        self.close()
        self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        return await self._asked(path)

    async def _asked(self, path: str) -> tuple[int, bytes]:
        assert self._streams is not None
        reader, writer = self._streams
        writer.write(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{self._headers}\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length"))
        body = await reader.readexactly(length)
        return int(lines[0].split()[1]), body

    def close(self) -> None:
        """Hangs up; the next question opens it again."""
        if self._streams:
            self._streams[1].close()
        self._streams = None


async def asked(
    port: int,
    asking: Iterator[tuple[str, str]],
    truths: dict[str, Truth],
    *,
    rate: float,
    seconds: float,
    headers: str = "",
) -> Outcome:
    """Asks at a constant rate and checks every row of every answer."""
    outcome, free, tasks = Outcome(), list[Connection](), set[asyncio.Task[None]]()
    begin, number = time.perf_counter() + 0.05, int(rate * seconds)
    for at in range(number):
        due = begin + at / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        outcome.late.append(max(0.0, time.perf_counter() - due))
        kind, path = next(asking)
        connection = free.pop() if free else Connection(port, headers)
        task = asyncio.create_task(_one(connection, _Request(kind, path, due), free, outcome, truths))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    for connection in free:
        connection.close()
    return outcome


@dataclass(frozen=True)
class _Request:
    """What is asked, and the moment at which it was due."""

    kind: str
    path: str
    due: float


async def _one(
    connection: Connection,
    request: _Request,
    free: list[Connection],
    outcome: Outcome,
    truths: dict[str, Truth],
) -> None:
    kind = request.kind
    try:
        status, body = await asyncio.wait_for(connection.get(request.path), _TIMEOUT)
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        connection.close()
        outcome.failed[f"{kind}: {type(error).__name__}"] += 1
        return
    outcome.seconds.append(time.perf_counter() - request.due)
    outcome.kinds.append(kind)
    free.append(connection)
    if status != 200:
        outcome.failed[f"{kind}: {status}"] += 1
        return
    found = json.loads(body)
    if "period" not in found:
        return
    truth = truths.get(found["period"]["seal"])
    hits = found["items"] if "items" in found else [found["hit"]]
    outcome.seals[found["period"]["snapshot"]] += 1
    if truth is None or truth.name != found["period"]["snapshot"] or any(map(truth.wrong, hits)):
        outcome.mixed += 1


def truths_of(folders: Sequence[Path]) -> dict[str, Truth]:
    """Returns seal -> what the snapshot says."""
    return {read_manifest(each).seal: Truth.of(each) for each in folders}


def point(project: Path, snapshot: Path) -> None:
    """Lets the pointer name a snapshot, as `trail publish` does once it has verified it."""
    said = {
        "snapshot": snapshot.name,
        "seal": read_manifest(snapshot).seal,
        "published": "2026-03-01T00:00:00+00:00",
    }
    write_json(said, project / POINTER)
