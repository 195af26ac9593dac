"""The whole job on real logs: backtest beside the baselines, a forecast, explanations, verification.

    make real DATA=<folder>                                  # the full job, into ./runs/real
    python bench/real.py DATA --sets movietweetings          # one log
    python bench/real.py DATA --sets online_retail_ii --reduced --json   # minutes: the path, not the quality

DATA holds one folder a log, each with `events.parquet` and `items.parquet`. A run that was killed goes on
where it stopped.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trail.model.settings import ModelSettings
from trail.operations import backtest, forecast, init, verify
from trail.project import CONFIG, BacktestSettings, ForecastSettings, Project, load_project, save_project


@dataclass(frozen=True)
class Log:
    """A log and how it is evaluated.

    Attributes:
        country: Whose holidays move it.
        noun: What one unit of weight is called.
        until: End of the last test period, where the log's last days are thin.
        origins: Weekly test origins.
    """

    country: str
    noun: str
    until: str
    origins: int


LOGS = {
    "online_retail_ii": Log("GB", "orders", "2011-12-09", 12),
    "movietweetings": Log("US", "ratings", "2013-11-06", 8),
}
#: A model of about three minutes: it walks the real path and says nothing of quality.
SMALL = ModelSettings(
    examples=320,
    explained=280,
    language_epochs=1,
    priors=("decayed", "lightgbm"),
    shortlist=200,
    validation_origins=2,
    validation_rows=80,
    evaluations=1,
)


def project_for(name: str, data: Path, folder: Path, *, reduced: bool) -> Project:
    """Returns the project of a log, made by `init` unless it is there."""
    if (folder / CONFIG).is_file():
        return load_project(folder)
    log = LOGS[name]
    source = data / name
    init(
        folder,
        [str(source / "events.parquet")],
        [str(source / "items.parquet")],
        country=log.country,
        noun=log.noun,
    )
    project = replace(
        load_project(folder),
        backtest=BacktestSettings(
            origins=2 if reduced else log.origins, validation=0 if reduced else 4, until=log.until
        ),
        forecast=ForecastSettings(explained=10 if reduced else 50),
    )
    if reduced:
        project = replace(project, model=SMALL, history=30)
    save_project(project, folder)
    return project


def job(name: str, data: Path, folder: Path, *, reduced: bool) -> dict[str, Any]:
    """Runs the whole job on one log and returns its figures."""
    begin = time.perf_counter()
    project = project_for(name, data, folder, reduced=reduced)
    tried = backtest(folder, report=_tell)
    made = forecast(folder, at=project.backtest.end, model=tried.model, report=_tell)
    snapshot = folder / "snapshots" / f"{project.backtest.end:%Y-%m-%d}"
    explained = made.snapshot.explanations.to_pylist()
    return {
        "log": name,
        "reduced": reduced,
        "seconds": round(time.perf_counter() - begin),
        "verdict": list(tried.verdict.sentences),
        "table": tried.table,
        "explained": len(explained),
        "by the model": sum(each["source"] == "model" for each in explained),
        "verified": verify(snapshot).holds,
        "texts": [each["text"] for each in explained[:10]],
        "page": str(tried.page),
    }


def _tell(stage: str, done: float, total: float) -> None:
    if done == total:
        print(f"{time.strftime('%H:%M:%S')} {stage}: done", file=sys.stderr, flush=True)


def main() -> None:
    """Runs the logs asked for, one after the other."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", choices=LOGS, default=list(LOGS))
    parser.add_argument("--folder", type=Path, default=Path("runs/real"))
    parser.add_argument("--reduced", action="store_true", help="a small model and two origins")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    for name in asked.sets:
        found = job(name, asked.data, asked.folder / name, reduced=asked.reduced)
        if asked.json:
            print(json.dumps(found, default=str))
            continue
        for key, value in found.items():
            shown = (
                value if not isinstance(value, list) else "\n  " + "\n  ".join(str(each) for each in value)
            )
            print(f"{key}: {shown}")


if __name__ == "__main__":
    main()
