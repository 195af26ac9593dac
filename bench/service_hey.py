"""A second client that is none of ours: hey, from Debian's package of that name."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

#: Connections; each asks so many times a second that they come to the rate together.
_WORKERS = 10


@dataclass(frozen=True)
class Heard:
    """What hey says of a run: seconds by percentile, and answers by status, failures by their words."""

    percentiles: dict[int, float]
    slowest: float
    statuses: dict[str, int]
    errors: str

    @property
    def holds(self) -> bool:
        """Whether every request was answered with 200."""
        return not self.errors and set(self.statuses) == {"200"}

    def __str__(self) -> str:
        answers = ", ".join(f"{number:,} x {status}" for status, number in self.statuses.items())
        middle, most = (f"{1000 * self.percentiles.get(q, float('nan')):.1f}" for q in (50, 99))
        return f"hey: {answers}; median {middle} ms, p99 {most} ms, most {1000 * self.slowest:.1f} ms {self.errors}"


async def heard(url: str, *, rate: float, seconds: float, header: str = "") -> Heard:
    """Has hey ask for one address at a constant rate and returns what it says."""
    command = ["hey", "-z", f"{seconds:g}s", "-c", str(_WORKERS), "-q", f"{rate / _WORKERS:g}"]
    command += ["-H", header] if header else []
    running = await asyncio.create_subprocess_exec(*command, url, stdout=asyncio.subprocess.PIPE)
    said = (await running.communicate())[0].decode()
    if running.returncode:
        raise SystemExit(said)
    return read(said)


def read(said: str) -> Heard:
    """Reads hey's summary."""
    slowest = re.search(r"Slowest:\s+([\d.]+)", said)
    return Heard(
        {int(q): float(value) for q, value in re.findall(r"(\d+)%+ in ([\d.]+) secs", said)},
        float(slowest[1]) if slowest else float("nan"),
        {status: int(number) for status, number in re.findall(r"\[(\d{3})\]\s+(\d+) responses", said)},
        said.partition("Error distribution:")[2].strip(),
    )
