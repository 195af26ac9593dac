"""Does the whole job on real logs, from files to a verified forecast, and prints the figures for the log.

python bench/real.py ../shared/data                     two logs in full
python bench/real.py ../shared/data online_retail_ii --reduced
python bench/real.py ../shared/data online_retail_ii --reduced --twice    the same job again: are the files equal?
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from trail import operations
from trail.evaluate.summary import markdown, summarise
from trail.events import parse_moment
from trail.project import BacktestSettings, load_project, save_project
from trail.snapshots import FILES, Snapshot


@dataclass(frozen=True)
class Log:
    """How a log is run: the country of its holidays, what it counts, where its tests end, how many, days ahead."""

    country: str
    noun: str
    until: str
    origins: int
    days: int = 7

    @property
    def reduced_until(self) -> str:
        """Where the tests of a reduced run end: at the first full test origin, which they must not look past."""
        return f"{parse_moment(self.until) - timedelta(days=self.days * self.origins):%Y-%m-%d}"


LOGS = {
    "online_retail_ii": Log("GB", "orders", "2011-12-09", 12),
    "movietweetings": Log("US", "ratings", "2013-11-06", 8),
    "ml_1m": Log("US", "ratings", "2000-12-27", 12),
    "amazon_beauty_2014": Log("US", "reviews", "2014-06-30", 12, days=28),
    "github_stars": Log("", "stars", "2026-08-10", 12),
}
#: The logs that are run where none is named.
USUAL = ("online_retail_ii", "movietweetings")
#: Two origins, a few hundred examples, a shortlist of 200: the real path in minutes, not its quality.
REDUCED = {
    "examples": 320,
    "explained": 400,
    "language_epochs": 1,
    "priors": ("decayed", "lightgbm"),
    "shortlist": 200,
    "validation_origins": 2,
    "validation_rows": 80,
    "evaluations": 1,
}
#: Weeks that a reduced run learns from.
REDUCED_HISTORY = 14
EXPLAINED = 20


def make_project(name: str, data: Path, folder: Path, *, reduced: bool) -> None:
    """Writes the project of a log, unless it is there."""
    if (folder / "trail.toml").exists():
        return
    log, source = LOGS[name], data / name
    operations.init(
        folder,
        [str(source / "events.parquet")],
        [str(source / "items.parquet")],
        horizon_days=log.days,
        country=log.country,
        noun=log.noun,
    )
    project = load_project(folder)
    if reduced:
        tests = BacktestSettings(origins=2, validation=0, until=log.reduced_until)
    else:
        tests = BacktestSettings(origins=log.origins, validation=4, until=log.until)
    model = replace(project.model, **REDUCED) if reduced else project.model
    history = REDUCED_HISTORY if reduced else project.history
    save_project(replace(project, backtest=tests, model=model, history=history), folder)


def run(name: str, data: Path, folder: Path, *, reduced: bool = False, use_model: bool = True) -> Snapshot:
    """Runs plan, backtest (which trains), forecast and verify; prints figures and times."""
    make_project(name, data, folder, reduced=reduced)
    start = time.perf_counter()

    def lap(what: str) -> None:
        print(f"{what}: {time.perf_counter() - start:.0f} s since the start", flush=True)

    planned = operations.plan(folder)
    print(f"\n## {name}\n\n{planned.facts}\n{[each.what for each in planned.troubles]}")
    lap("plan")
    names = ("last_window", *REDUCED["priors"]) if reduced else ()
    tried = operations.backtest(folder, names=names, use_model=use_model)
    print(markdown(summarise(tried.results.rows), "test", "active"))
    print("\n".join(tried.verdict.sentences))
    lap("train and backtest")
    made = operations.forecast(
        folder,
        at=load_project(folder).backtest.end,
        explained=EXPLAINED,
        model=tried.model,
        by="trail" if use_model else "best",
    )
    lap("forecast")
    texts = made.snapshot.explanations
    written = sum(each.source == "model" for each in texts)
    print(
        f"{written} of {len(texts)} explanations written by the model, {len(texts) - written} plain renderings"
    )
    checked = operations.verify(made.snapshot.folder)
    print(f"verify: {'holds' if checked.holds else checked.problems}, {checked.claims} claims")
    lap("verify")
    return made.snapshot


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of the logs")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(LOGS)}; default {', '.join(USUAL)}")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where the projects go")
    parser.add_argument("--reduced", action="store_true", help="two origins, few examples")
    parser.add_argument("--no-model", action="store_true", help="baselines only")
    parser.add_argument(
        "--twice", action="store_true", help="run again from nothing and compare every sealed file"
    )
    asked = parser.parse_args()
    for name in asked.names or USUAL:
        folder = asked.runs / (f"{name}-reduced" if asked.reduced else name)
        made = [
            run(name, asked.data, each, reduced=asked.reduced, use_model=not asked.no_model)
            for each in ([folder] if not asked.twice else [folder / "once", folder / "again"])
        ]
        for file in FILES if asked.twice else ():
            once, again = (each.manifest.files[file] for each in made)
            print(f"{file}: {'the same bytes twice' if once == again else f'{once[:12]}, then {again[:12]}'}")


if __name__ == "__main__":
    main()
