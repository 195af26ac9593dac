"""Cards for 100,000 items from 10 million events: `cards_at` beside hand-written SQL and pandas.

    python bench/signals.py [--events N] [--items N] [--repeats N] [--threads N]

Every contender runs in a process of its own on the same Parquet files, and its clock runs from the files
to an Arrow table of every signal; the shortest of the repeats counts. At the end the tables are compared.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from signals_data import write_files
from signals_pandas import pandas_cards
from signals_sql import sql_cards
from trail.engine import connect
from trail.events import Horizon, open_items, open_log
from trail.signals import SIGNALS, cards_at

CUTOFF = datetime(2024, 3, 4, tzinfo=UTC)
NAMES = [signal.name for signal in SIGNALS]


def trail_cards(folder: Path, threads: int) -> Callable[[], pa.Table]:
    connection = connect(threads=threads)
    clock = time.perf_counter()
    log = open_log(connection, folder / "events.parquet")
    items = open_items(connection, folder / "items.parquet")
    print(f"opening and measuring the log, once a log: {time.perf_counter() - clock:.2f} s", file=sys.stderr)
    return lambda: cards_at(log, items, CUTOFF, Horizon(7)).table


def own_process(*arguments: str) -> None:
    """Runs this script again: a child starts with the peak memory of its parent, so the parent stays small."""
    subprocess.run([sys.executable, __file__, *arguments], check=True)


CONTENDERS: dict[str, Callable[[Path, int], Callable[[], pa.Table]]] = {
    "cards_at": trail_cards,
    "SQL by hand": lambda folder, threads: sql_cards(folder, threads, CUTOFF),
    "pandas": lambda folder, _: pandas_cards(folder, CUTOFF),
}


def run_one(name: str, folder: Path, repeats: int, threads: int) -> None:
    """Times one contender in this process; writes its table and its figures into the folder."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    job, seconds, work = CONTENDERS[name](folder, threads), [], []
    for _ in range(repeats):
        clock, used = time.perf_counter(), time.process_time()
        table = job()
        seconds.append(time.perf_counter() - clock)
        work.append(time.process_time() - used)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pq.write_table(table.select(["item_id", *NAMES]), folder / f"{name}.parquet")
    figures = {"seconds": seconds, "cpu": min(work), "peak_mb": peak / 1024, "imports_mb": before / 1024}
    (folder / f"{name}.json").write_text(json.dumps(figures))


def disagreements(folder: Path, names: list[str]) -> list[str]:
    """Returns the signals in which a contender's table differs from the first one's by more than 1e-9."""
    first, *others = [pq.read_table(folder / f"{name}.parquet").sort_by("item_id") for name in names]
    found = []
    for name, table in zip(names[1:], others, strict=True):
        if not table["item_id"].equals(first["item_id"]):
            found.append(f"{name}: other items")
            continue
        for signal in NAMES:
            left, right = (np.asarray(each[signal].to_numpy(), np.float64) for each in (first, table))
            if not np.allclose(left, right, rtol=1e-9, atol=1e-9, equal_nan=True):
                found.append(f"{name}: {signal}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--one", nargs=2, metavar=("CONTENDER", "FOLDER"), help=argparse.SUPPRESS)
    parser.add_argument("--write", metavar="FOLDER", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.write:
        write_files(Path(asked.write), events=asked.events, items=asked.items, cutoff=CUTOFF)
        return 0
    if asked.one:
        run_one(asked.one[0], Path(asked.one[1]), asked.repeats, asked.threads)
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own_process("--events", str(asked.events), "--items", str(asked.items), "--write", name)
        options = ["--repeats", str(asked.repeats), "--threads", str(asked.threads)]
        for contender in CONTENDERS:
            own_process(*options, "--one", contender, name)
        figures = {each: json.loads((folder / f"{each}.json").read_text()) for each in CONTENDERS}
        wrong = disagreements(folder, list(CONTENDERS))
    own = min(figures["cards_at"]["seconds"])
    print(f"{asked.events:,} events, {asked.items:,} items, {len(NAMES)} signals, {asked.threads} threads")
    for contender, figure in figures.items():
        best = min(figure["seconds"])
        rate, all_of = asked.events / best, " ".join(f"{each:.2f}" for each in figure["seconds"])
        print(
            f"{contender:12} {best:7.2f} s {rate:14,.0f} events/s  {best / own:6.2f} x cards_at"
            f"  cpu {figure['cpu']:6.2f} s"
            f"  peak {figure['peak_mb']:6,.0f} MB ({figure['imports_mb']:,.0f} MB of imports)  [{all_of}]"
        )
    print("disagreements beyond 1e-9:", "; ".join(wrong) or "none")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
