"""Prints this project's baselines beside the independent reference figures of the shared data page.

python bench/reference.py ../shared/data online_retail_ii movietweetings
"""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import ibis
import numpy as np

from trail.baselines import Blend, Decayed, LastWindow, LightGBMTweedie, SeasonalNaive, WindowedMean
from trail.engine import connect
from trail.evaluate import METRICS, Task, backtest, origins, write_report
from trail.events import EventLog, Horizon, Items, open_items, open_log, parse_moment
from trail.signals import Labelled, cards_at, label

_COLUMNS = ("ndcg@50", "ndcg@10", "recall@50", "spearman", "rmsle", "wape", "risers@50")
#: Set -> (end of the last test period, test origins, figures by forecaster in the order of _COLUMNS).
REFERENCE: dict[str, tuple[str, int, dict[str, tuple[float, ...]]]] = {
    "online_retail_ii": (
        "2011-12-09",
        12,
        {
            "last_window": (0.904, 0.892, 0.677, 0.818, 0.591, 0.415, 0.050),
            "decayed_0.5": (0.916, 0.906, 0.688, 0.838, 0.551, 0.409, 0.340),
            "decayed_1": (0.916, 0.915, 0.677, 0.851, 0.516, 0.379, 0.358),
            "decayed_3": (0.884, 0.876, 0.618, 0.845, 0.534, 0.422, 0.266),
            "lightgbm": (0.905, 0.888, 0.688, 0.862, 0.507, 0.378, 0.411),
            "blend": (0.913, 0.905, 0.680, 0.861, 0.501, 0.370, 0.403),
        },
    ),
    "movietweetings": (
        "2013-11-06",
        8,
        {
            "last_window": (0.829, 0.821, 0.732, 0.359, 0.440, 0.969, 0.003),
            "decayed_0.5": (0.831, 0.813, 0.763, 0.369, 0.403, 0.966, 0.113),
            "decayed_1": (0.797, 0.764, 0.748, 0.400, 0.373, 0.981, 0.110),
            "decayed_3": (0.730, 0.655, 0.698, 0.454, 0.347, 0.998, 0.143),
            "lightgbm": (0.809, 0.788, 0.733, 0.484, 0.369, 0.975, 0.177),
            "blend": (0.806, 0.780, 0.755, 0.469, 0.357, 0.956, 0.151),
        },
    ),
}


def open_set(folder: Path, staging: Path) -> tuple[EventLog, Items]:
    """Rewrites a development set's two files into the contracts of the log and the catalogue."""
    connection = connect(threads=2)
    raw = connection.read_parquet(folder / "events.parquet")
    price = raw.unit_price.cast("float64") if "unit_price" in raw.columns else ibis.null("float64")
    raw.select(
        "item_id",
        "user_id",
        timestamp=raw.timestamp.as_timestamp("s").cast("timestamp('UTC', 6)"),
        weight=raw["count"].cast("float64"),
        kind=ibis.null("string"),
        price=price,
    ).to_parquet(staging / "events.parquet")
    items = connection.read_parquet(folder / "items.parquet")
    items.select(
        *("item_id", "title", "categories", "brand", "description", "price"),
        category=items.categories.split(" | ")[0],
        release=items.release.try_cast("date"),
    ).to_parquet(staging / "items.parquet")
    return open_log(connection, staging / "events.parquet"), open_items(connection, staging / "items.parquet")


def labelled(log: EventLog, items: Items, cutoffs: tuple[datetime, ...]) -> list[Labelled]:
    """Computes the cards and targets of every cutoff."""
    start = time.perf_counter()
    found = [label(log, cards_at(log, items, cutoff, Horizon(7), country="GB")) for cutoff in cutoffs]
    print(f"{len(found)} cutoffs of {len(found[-1].cards):,} items in {time.perf_counter() - start:.0f} s")
    return found


def run(folder: Path, name: str) -> None:
    """Backtests the baselines on one set and prints figure, reference and ratio."""
    end, tests, reference = REFERENCE[name]
    with TemporaryDirectory() as staging:
        log, items = open_set(folder / name, Path(staging))
        cutoffs = origins(log, Horizon(7), test=tests, validation=4, last=parse_moment(end))
        history = labelled(log, items, cutoffs.all)
    forecasters = [
        LastWindow(),
        *(Decayed(options=(half_life,)) for half_life in (0.5, 1.0, 3.0)),
        LightGBMTweedie(),
        Blend(options=(0.5,)),
        WindowedMean(),
        Decayed(),
        SeasonalNaive(),
    ]
    results = backtest(Task.of(history, cutoffs), history, forecasters)
    write_report(results, Path("runs") / f"reference-{name}", title=f"Baselines on {name}")
    print(f"\n{name}: {tests} test origins from {cutoffs.test[0]:%Y-%m-%d}; ours, (reference), ratio")
    print(f"{'':16}" + "".join(f"{column:>24}" for column in _COLUMNS) + f"{'coverage':>12}{'s/origin':>10}")
    for forecaster in forecasters:
        mine = [
            row
            for row in results.rows
            if (row.forecaster, row.split, row.scope) == (forecaster.name, "test", "active")
        ]
        means = {metric: np.mean([r.value for r in mine if r.metric == metric]) for metric in METRICS}
        theirs = reference.get(forecaster.name, (np.nan,) * len(_COLUMNS))
        cells = [
            f"{means[column]:10.3f} ({known:.3f}) {means[column] / known:5.2f}"
            for column, known in zip(_COLUMNS, theirs, strict=True)
        ]
        seconds = np.mean([row.seconds for row in mine])
        print(
            f"{forecaster.name:16}"
            + "".join(f"{cell:>24}" for cell in cells)
            + f"{means['coverage']:12.3f}{seconds:10.2f}"
        )


if __name__ == "__main__":
    for each in sys.argv[2:]:
        run(Path(sys.argv[1]), each)
