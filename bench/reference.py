"""Prints this project's baselines beside the independent reference figures of the shared data page.

python bench/reference.py ../shared/data online_retail_ii movietweetings
python bench/reference.py ../shared/data online_retail_ii --before 4 --with growth lambdarank   (no test origin is seen)
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import ibis
import numpy as np

from trail.baselines import (
    LINE_UP,
    Blend,
    Decayed,
    Forecaster,
    LastWindow,
    LightGBMTweedie,
    SeasonalNaive,
    WindowedMean,
)
from trail.engine import connect
from trail.evaluate import METRICS, Task, backtest, origins, write_report
from trail.events import EventLog, Horizon, Items, open_items, open_log, parse_moment
from trail.signals import Labelled, cards_at, label

_COLUMNS = ("ndcg@50", "ndcg@10", "recall@50", "spearman", "rmsle", "wape", "risers@50")


@dataclass(frozen=True)
class Span:
    """How a set is measured.

    Attributes:
        until: End of the last test period.
        tests: Test origins.
        days: Length of a window.
        country: Of the holidays.
        figures: Independent figures by forecaster in the order of _COLUMNS, where there are any.
    """

    until: str
    tests: int
    days: int = 7
    country: str = "US"
    figures: dict[str, tuple[float, ...]] = field(default_factory=dict)

    def first_test(self) -> datetime:
        """Returns the first test origin: what is chosen before it may not see what follows."""
        return parse_moment(self.until) - self.tests * Horizon(self.days).span


SETS = {
    "online_retail_ii": Span(
        "2011-12-09",
        12,
        country="GB",
        figures={
            "last_window": (0.904, 0.892, 0.677, 0.818, 0.591, 0.415, 0.050),
            "decayed_0.5": (0.916, 0.906, 0.688, 0.838, 0.551, 0.409, 0.340),
            "decayed_1": (0.916, 0.915, 0.677, 0.851, 0.516, 0.379, 0.358),
            "decayed_3": (0.884, 0.876, 0.618, 0.845, 0.534, 0.422, 0.266),
            "lightgbm": (0.905, 0.888, 0.688, 0.862, 0.507, 0.378, 0.411),
            "blend": (0.913, 0.905, 0.680, 0.861, 0.501, 0.370, 0.403),
        },
    ),
    "movietweetings": Span(
        "2013-11-06",
        8,
        figures={
            "last_window": (0.829, 0.821, 0.732, 0.359, 0.440, 0.969, 0.003),
            "decayed_0.5": (0.831, 0.813, 0.763, 0.369, 0.403, 0.966, 0.113),
            "decayed_1": (0.797, 0.764, 0.748, 0.400, 0.373, 0.981, 0.110),
            "decayed_3": (0.730, 0.655, 0.698, 0.454, 0.347, 0.998, 0.143),
            "lightgbm": (0.809, 0.788, 0.733, 0.484, 0.369, 0.975, 0.177),
            "blend": (0.806, 0.780, 0.755, 0.469, 0.357, 0.956, 0.151),
        },
    ),
    "ml_1m": Span("2000-12-27", 12),
    "amazon_beauty_2014": Span("2014-06-30", 12, days=28),
    "github_stars": Span("2026-08-10", 12),
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


def labelled(log: EventLog, items: Items, cutoffs: tuple[datetime, ...], span: Span) -> list[Labelled]:
    """Computes the cards and targets of every cutoff."""
    start, horizon = time.perf_counter(), Horizon(span.days)
    found = [label(log, cards_at(log, items, cutoff, horizon, country=span.country)) for cutoff in cutoffs]
    print(f"{len(found)} cutoffs of {len(found[-1].cards):,} items in {time.perf_counter() - start:.0f} s")
    return found


def plain() -> list[Forecaster]:
    """Returns the forecasters that the independent figures are about, and three more."""
    return [
        LastWindow(),
        *(Decayed(options=(half_life,)) for half_life in (0.5, 1.0, 3.0)),
        LightGBMTweedie(),
        Blend(picks=0),
        WindowedMean(),
        Decayed(),
        SeasonalNaive(),
    ]


def run(
    folder: Path, name: str, forecasters: Sequence[Forecaster], before: int, scope: str = "active"
) -> None:
    """Backtests forecasters on one set and prints figure, reference and ratio.

    Args:
        folder: Of the sets.
        name: Of the set.
        forecasters: With different names.
        before: So many origins before the test span are measured instead of it; 0 for the test span.
        scope: Whose figures are printed: active items, new ones, or another of the report's groups.
    """
    span = SETS[name]
    tests, validation = (before, 0) if before else (span.tests, 4)
    last = span.first_test() if before else parse_moment(span.until)
    with TemporaryDirectory() as staging:
        log, items = open_set(folder / name, Path(staging))
        cutoffs = origins(log, Horizon(span.days), test=tests, validation=validation, last=last)
        history = labelled(log, items, cutoffs.all, span)
    results = backtest(Task.of(history, cutoffs), history, forecasters)
    if not before:
        write_report(results, Path("runs") / f"reference-{name}", title=f"Baselines on {name}")
    print(f"\n{name}: {tests} origins from {cutoffs.test[0]:%Y-%m-%d}; ours, (reference), ratio")
    print(f"{'':16}" + "".join(f"{column:>24}" for column in _COLUMNS) + f"{'coverage':>12}{'s/origin':>10}")
    for forecaster in forecasters:
        mine = [
            row
            for row in results.rows
            if (row.forecaster, row.split, row.scope) == (forecaster.name, "test", scope)
        ]
        means = {metric: np.mean([r.value for r in mine if r.metric == metric]) for metric in METRICS}
        theirs = (span.figures if scope == "active" and not before else {}).get(
            forecaster.name, (np.nan,) * len(_COLUMNS)
        )
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


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="folder of the sets")
    parser.add_argument("sets", nargs="+", choices=SETS)
    parser.add_argument(
        "--with", dest="names", nargs="+", choices=LINE_UP, help="these instead of the plain ones"
    )
    parser.add_argument(
        "--before", type=int, default=0, help="so many origins before the test span, not the span"
    )
    parser.add_argument("--scope", default="active", help="whose figures are printed, such as new")
    asked = parser.parse_args()
    for each in asked.sets:
        forecasters = [LINE_UP[name]() for name in asked.names] if asked.names else plain()
        run(asked.folder, each, forecasters, asked.before, asked.scope)


if __name__ == "__main__":
    main()
