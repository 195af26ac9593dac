"""Backtests the five development logs with one configuration and writes the page of results from the rows.

python bench/results.py ../shared/data                       every log that has no rows of this code yet, then the page
python bench/results.py ../shared/data ml_1m --no-model      one log, baselines only
python bench/results.py ../shared/data --smaller             a model that learns from less, where a processor has no AMX
python bench/results.py ../shared/data --page                the page alone, from the rows that are there

A log is done once: its rows are kept in a folder beside the page, from which the page can be made again without the
log, and a killed run goes on at the log, and inside it at the training, that it was at. Nothing is set per log but
what its data says: dates, days ahead, country. Baselines run on one core each, so several logs are measured side by
side before the model takes all cores for one log at a time.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from pages import kept_of, write_page
from real import LOGS, make_project
from trail import operations
from trail.cli.values import whole_numbers
from trail.engine import write_json
from trail.errors import DataError
from trail.evaluate import METRICS, Comparison, Row, compare, read_rows, summarise
from trail.evaluate.ablations import ABLATIONS
from trail.evaluate.methods import Method, label, methods, refitted
from trail.evaluate.rows import write_rows
from trail.evaluate.scopes import BY_OUTCOME
from trail.evaluate.significance import by_origin
from trail.evaluate.summary import markdown
from trail.model.settings import ModelSettings
from trail.operations.source import TRAINING, source_hash
from trail.project import load_project, save_project

#: Packages whose code decides a number.
_DECIDING = (*TRAINING, "evaluate", "operations")
#: A model that learns from fewer rows and corrects fewer items, the same for every log, for slow machines.
_SMALLER = {"examples": 4000, "explained": 400, "language_epochs": 1, "shortlist": 500}
#: Baselines made in this project as priors of the model, or on the way to one.
OWN = ("blend", "stack", "lightgbm_log", "lightgbm_median")
#: Scopes that are called by the log's own words.
_CATEGORY = "category:"
_METRICS = ("ndcg@50", "wape", "rmsle", "risers@50")
_HEAD = """# Results

Real logs that this project was developed on, made by `python bench/results.py <folder of the logs>` from rows; what was
asked for stands with each log. Test origins were looked at by no choice; how often by a run is said with each log. Means over the
test origins, items active in the last eight windows. Intervals are 95% t intervals of the paired differences by
origin; bold where the bootstrap agrees that zero is outside. Each difference to "the best baseline" is to the one that is best
on the test by that very metric, which no one could have known before: the hardest rival there is. Blend, stack and the trees on
logs were made here, as priors for the model to correct: beside the best of the others stands what priors and model do together.
"""


def run(
    name: str,
    data: Path,
    folder: Path,
    names: Sequence[str],
    *,
    seeds: Sequence[int],
    use_model: bool,
    smaller: bool,
    kept: Path,
) -> None:
    """Backtests one log and keeps its rows with what made them."""
    make_project(name, data, folder, reduced=False)
    project = load_project(folder)
    model = ModelSettings(**(_SMALLER if smaller else {}))
    save_project(replace(project, model=model), folder)  # whatever an earlier run had asked for
    code = [source_hash(*_DECIDING), list(names), list(seeds), use_model, smaller]
    if kept_of(name, kept).get("code") == code:
        print(f"{name}: done already")
        return
    start = time.perf_counter()
    tried = operations.backtest(folder, names=names, seeds=seeds, use_model=use_model)
    minutes = (time.perf_counter() - start) / 60
    print(f"{name}: {minutes:.0f} minutes\n" + markdown(summarise(tried.results.rows), "test", "active"))
    facts = {
        "code": code,
        "minutes": minutes,
        "asked": {"with": list(names), "seeds": list(seeds), "model": _SMALLER if smaller else {}},
        "sentences": list(tried.verdict.sentences),
    }
    write_rows(numbered(tried.results.rows), kept / f"{name}.parquet")
    write_json(facts, kept / f"{name}.json")  # last: it says that the rows are there


def numbered(rows: Sequence[Row]) -> list[Row]:
    """Returns rows whose categories are numbers: their names are the log's own, which is not ours to pass on."""
    names = sorted({row.scope for row in rows if row.scope.startswith(_CATEGORY)})
    return [
        replace(row, scope=f"{_CATEGORY}{names.index(row.scope) + 1}") if row.scope in names else row
        for row in rows
    ]


def ahead(asked: argparse.Namespace, names: Sequence[str]) -> None:
    """Measures the baselines of logs side by side, a process a core; the backtest with the model takes what they kept."""

    def one(name: str) -> None:
        if kept_of(name, asked.to.with_suffix("")).get("code", [""])[0] == source_hash(*_DECIDING):
            return
        command = [sys.executable, __file__, str(asked.data), name, "--no-model", "--runs", str(asked.runs)]
        command += ["--with", asked.methods, "--seeds", asked.seeds, "--to", str(asked.runs / f"{name}.md")]
        log = asked.runs / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as out:
            subprocess.run(
                command, check=True, stdout=out, stderr=out, env=os.environ | {"OMP_NUM_THREADS": "1"}
            )
        print(f"{name}: baselines measured ({log})", flush=True)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, names))


def section(name: str, kept: Path) -> str:
    """Returns a log's part of the page: its table, trail beside its rivals, what the backtest says."""
    facts, rows = kept_of(name, kept), read_rows(kept / f"{name}.parquet")
    origins = sorted({row.origin for row in rows if row.split == "test"})
    log = LOGS[name]
    span = f"from {origins[0]:%Y-%m-%d} to {origins[-1]:%Y-%m-%d}"
    took = f"{len(origins)} origins, {log.days} days ahead, {span}; {facts['minutes']:.0f} minutes."
    asked = facts["asked"]
    took += f" Tried: {', '.join(asked['with'])}; seeds {', '.join(map(str, asked['seeds'])) or 'as by default'}; model "
    took += ", ".join(f"{key} = {value}" for key, value in asked["model"].items()) or "by default"
    if facts["code"][0] != source_hash(*_DECIDING):
        took += ". Rows of an earlier state of the code"
    parts = [f"## {name}", f"{took}.", markdown(summarise(rows), "test", "active").strip()]
    if any(row.forecaster == "trail" for row in rows):
        parts += ["Trail beside its rivals:", beside(rows), covered(rows)]
    return "\n\n".join([*parts, *(f"- {each}" for each in facts["sentences"])])


def beside(rows: Sequence[Row]) -> str:
    """Returns the differences of trail to the best baselines of the test, and to its ablations, as a table."""
    lines = ["| beside | " + " | ".join(_METRICS) + " |", "|---|" + "---|" * len(_METRICS)]
    for words, scope, passed in (
        ("the best baseline", "active", ()),
        ("the best of them but our own mixtures and log trees", "active", OWN),
        ("the best baseline, new items", "new", ()),
    ):
        rivals = [best_of(rows, metric, scope, passed) for metric in _METRICS]
        pairs = zip(_METRICS, rivals, strict=True)
        cells = [
            f"{_difference(rows, metric, rival, scope)} {label(rival)}" if rival else ""
            for metric, rival in pairs
        ]
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    for method in (each for each in methods(rows) if each[0] in ABLATIONS):
        cells = [_difference(rows, metric, method, "active") for metric in _METRICS]
        lines.append(f"| {label(method)} (ablation) | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def best_of(rows: Sequence[Row], metric: str, scope: str, passed: Sequence[str] = ()) -> Method | None:
    """Returns the baseline with the best mean of a metric over the test origins; null where none has a value.

    Args:
        rows: Of a backtest.
        metric: Its name.
        scope: Of the items.
        passed: Baselines that are passed over.
    """
    means = {method: mean_of(rows, method, metric, scope) for method in refitted(methods(rows))}
    known = {
        each: value
        for each, value in means.items()
        if value is not None and each[0] not in ("trail", *ABLATIONS, *passed)
    }
    return max(known, key=lambda each: METRICS[metric].better * known[each]) if known else None


def mean_of(rows: Sequence[Row], method: Method, metric: str, scope: str) -> float | None:
    """Returns a method's mean over the test origins; null where it has no value."""
    found = list(by_origin(rows, method[0], metric, split="test", scope=scope, refit=method[1]).values())
    return fmean(found) if found else None


def covered(rows: Sequence[Row]) -> str:
    """Returns how far trail's ranges were from what they promise: overall, and in the worst groups of items."""
    groups = sorted({row.scope for row in rows} - set(BY_OUTCOME) - {"active", "all"})
    gaps = {each: mean_of(rows, ("trail", "every"), "coverage_gap", each) for each in ("active", *groups)}
    known = {each: value for each, value in gaps.items() if value is not None}
    if "active" not in known:
        return "Coverage was not compared with what the ranges promise."
    low, high = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    return (
        f"Coverage of its ranges less what they promise (aim: within .02, by group within .04): {known['active']:+.3f}; "
        f"from {known[low]:+.3f} ({low}) to {known[high]:+.3f} ({high})."
    )


def _difference(rows: Sequence[Row], metric: str, method: Method, scope: str) -> str:
    try:
        return _cell(compare(rows, "trail", method[0], metric, scope=scope, refit=("every", method[1])))
    except DataError:  # no origin has a value of both
        return ""


def _cell(found: Comparison) -> str:
    text = f"{found.gain:+.1f}% ({found.difference:+.4f}, {found.t_low:+.4f} to {found.t_high:+.4f})"
    return f"**{text}**" if found.winner else text


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder of the logs")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(LOGS)}; default all")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where the projects go")
    parser.add_argument("--with", dest="methods", default="all", help="forecasters to try beside the model")
    parser.add_argument(
        "--seeds", default="", help="seeds of what draws, apart by commas; default the project's"
    )
    parser.add_argument("--smaller", action="store_true", help="learn from fewer rows, correct fewer items")
    parser.add_argument("--no-model", action="store_true", help="without the language model")
    parser.add_argument("--page", action="store_true", help="write the page only")
    parser.add_argument(
        "--to",
        type=Path,
        default=Path("docs/results.md"),
        help="the page; rows go into the folder of that name",
    )
    asked = parser.parse_args()
    names, kept = () if asked.page else tuple(asked.names or LOGS), asked.to.with_suffix("")
    if len(names) > 1 and not asked.no_model:
        ahead(asked, names)
    for name in names:
        run(
            name,
            asked.data,
            asked.runs / name,
            [asked.methods],
            seeds=whole_numbers(asked.seeds, "--seeds"),
            use_model=not asked.no_model,
            smaller=asked.smaller,
            kept=kept,
        )
    write_page(asked.to, _HEAD, LOGS, section)


if __name__ == "__main__":
    main()
