"""The service at half load for minutes, swapped all the while: does its process grow?

After a warm-up of a third, of each figure (memory of its own, resident memory, open files, threads, mapped files) the
slope over time (Theil-Sen, the median of the slopes between two samples) times the time measured must stay below 5% of
its median, or below a floor where that is smaller: 8 MiB, 4 files, 4 threads, 4 mapped files. And no answer may fail or
be mixed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import psutil
from bench.service import key_header, running
from bench.service_client import Outcome, Truth, asked, mixture, point, truths_of
from bench.service_data import made_project
from scipy.stats import theilslopes

_PORT = 8320
_WARM = 1 / 3
_SHARE = 0.05
_MIB = 1024 * 1024
#: Growth below which nothing is said.
_FLOORS = {"own": 8 * _MIB, "resident": 8 * _MIB, "files": 4, "threads": 4, "mapped": 4}


@dataclass(frozen=True)
class Sample:
    """What a process holds at a moment.

    Attributes:
        at: Seconds since the start.
        own: Bytes of memory that no file backs.
        resident: Bytes of memory, mapped files among them.
        files: Open files and sockets.
        threads: Threads.
        mapped: Mapped files of snapshots.
    """

    at: float
    own: float
    resident: float
    files: int
    threads: int
    mapped: int


def sampled(pid: int, at: float) -> Sample:
    """Looks at a process."""
    folder = Path(f"/proc/{pid}")
    lines = (folder / "status").read_text().splitlines()
    said = dict(line.split(":", 1) for line in lines if ":" in line)
    own, resident = (1024 * int(said[name].split()[0]) for name in ("RssAnon", "VmRSS"))
    maps = {
        line.split(maxsplit=5)[-1] for line in (folder / "maps").read_text().splitlines() if ".arrow" in line
    }
    process = psutil.Process(pid)
    return Sample(at, own, resident, process.num_fds(), process.num_threads(), len(maps))


def growth(samples: list[Sample]) -> dict[str, tuple[float, float, float]]:
    """Returns of each figure its median, how much it grew by its slope, and how much it may; after the warm-up."""
    kept = samples[int(len(samples) * _WARM) :]
    at = np.array([each.at for each in kept])
    found = {}
    for name, floor in _FLOORS.items():
        values = np.array([getattr(each, name) for each in kept], dtype=float)
        slope, median = theilslopes(values, at)[0], float(np.median(values))
        found[name] = (median, float(slope * (at[-1] - at[0])), max(floor, _SHARE * median))
    return found


async def soaked(
    folder: Path,
    days: list[Path],
    pid: int,
    *,
    rate: float,
    seconds: float,
    headers: str = "",
    every: float = 5.0,
) -> tuple[Outcome, list[Sample]]:
    """Asks at a constant rate, swaps and samples, for a while."""
    truths, samples = truths_of(days), []
    items = next(iter(truths.values())).items

    async def turning() -> None:
        at, start = 0, time.perf_counter()
        while True:
            await asyncio.sleep(every)
            at += 1
            point(folder, days[at % len(days)])
            samples.append(sampled(pid, time.perf_counter() - start))

    turner = asyncio.create_task(turning())
    found = await asked(
        _PORT, mixture(folder.name, items, 4), truths, rate=rate, seconds=seconds, headers=headers
    )
    turner.cancel()
    await asyncio.gather(turner, return_exceptions=True)
    return found, samples


async def capacity(folder: Path, truths: dict[str, Truth], headers: str) -> float:
    """Returns the highest rate tried at which nine answers in ten come within a tenth of a second."""
    items, held = next(iter(truths.values())).items, 25.0
    for rate in (50, 100, 200, 400, 800, 1600):
        found = await asked(
            _PORT, mixture(folder.name, items, 3), truths, rate=rate, seconds=4, headers=headers
        )
        if found.failed or found.percentile(90) > 100:
            break
        held = rate
    return held


def soak(
    folder: Path,
    days: list[Path],
    *,
    seconds: float,
    rate: float = 0.0,
    guarded: bool = False,
    every: float = 5.0,
) -> bool:
    """Runs it, prints what was found, and returns whether all held; a rate of 0 is half of what the server manages."""
    point(folder, days[0])
    headers = f"{key_header(folder)}\r\n" if guarded else ""
    with running("guarded" if guarded else "ours", folder, _PORT) as process:
        if not rate:
            rate = asyncio.run(capacity(folder, truths_of(days), headers)) / 2
        asking = soaked(folder, days, process.pid, rate=rate, seconds=seconds, headers=headers, every=every)
        found, samples = asyncio.run(asking)
    failed = sum(found.failed.values())
    print(
        f"{len(found.seconds):,} answers at {rate:g}/s in {seconds / 60:g} minutes, {failed} failed, {found.mixed} mixed, "
        f"{len(found.seals)} snapshots seen, a swap every {every:g} s; median {found.percentile(50):.1f} ms, "
        f"p99 {found.percentile(99):.1f} ms, most {found.percentile(100):.1f} ms"
    )
    (folder / "soak.json").write_text(json.dumps([asdict(each) for each in samples]))
    held = not failed and not found.mixed and len(found.seals) > 1
    for name, (median, grew, may) in growth(samples).items():
        scale, unit = (_MIB, " MiB") if name in ("own", "resident") else (1, "")
        print(
            f"  {name:9s} median {median / scale:8.1f}{unit}, grew by {grew / scale:+6.2f}{unit} (bound {may / scale:.1f}{unit})"
        )
        held &= grew < may
    for kind, times in found.failed.items():
        print(f"  failed: {kind} {times} times")
    return held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument(
        "--rate", type=float, default=0.0, help="requests a second; half of what it manages by default"
    )
    parser.add_argument("--folder", type=Path, help="where the made project lies; a temporary one by default")
    parser.add_argument("--guarded", action="store_true")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = said.folder or Path(temporary) / "shop"
        folder.mkdir(parents=True, exist_ok=True)
        days = made_project(folder, items=said.items, days=4)
        if not soak(folder, days, seconds=60 * said.minutes, rate=said.rate, guarded=said.guarded):
            raise SystemExit("it did not hold")


if __name__ == "__main__":
    main()
