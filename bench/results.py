"""Backtests the five development logs with one configuration and writes the page of results from the rows.

python bench/results.py ../shared/data                       every log that has no rows of this code yet, then the page
python bench/results.py ../shared/data ml_1m --no-model      one log, baselines only
python bench/results.py ../shared/data --smaller             a model that learns from less, where a processor has no AMX
python bench/results.py ../shared/data --page                the page alone, from the rows that are there

A log is done once: what is finished is kept under --runs, and a killed run goes on at the log, and inside it at the
training, that it was at. Nothing is set per log but what its data says: dates, days ahead, country. Baselines run on
one core each, so several logs are measured side by side before the model takes all cores for one log at a time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from real import LOGS, make_project
from trail import operations
from trail.cli.values import whole_numbers
from trail.engine import whole_file, write_json
from trail.evaluate import Comparison, Row, compare, read_rows, summarise
from trail.evaluate.ablations import ABLATIONS
from trail.evaluate.methods import Method, label, losses, methods, refitted
from trail.evaluate.summary import markdown
from trail.operations.source import TRAINING, source_hash
from trail.project import load_project, save_project

#: Packages whose code decides a number.
_DECIDING = (*TRAINING, "evaluate", "operations")
#: A model that learns from fewer rows and corrects fewer items, the same for every log, for slow machines.
_SMALLER = {"examples": 4000, "explained": 400, "language_epochs": 1, "shortlist": 500}
_METRICS = ("ndcg@50", "wape", "rmsle", "risers@50")
_HEAD = """# Results

Five real logs that this project was developed on, each with the same command and the same defaults:
`python bench/results.py <folder of the logs>`. Test origins were looked at by no choice; how often by a run is said
with each log. Means over the test origins, items active in the last eight windows. Intervals are 95% t intervals of
the paired differences by origin; bold where the bootstrap agrees that zero is outside.
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
) -> None:
    """Backtests one log and leaves a mark with what made it."""
    make_project(name, data, folder, reduced=False)
    if smaller:
        project = load_project(folder)
        save_project(replace(project, model=replace(project.model, **_SMALLER)), folder)
    done = folder / "results.json"
    code = [source_hash(*_DECIDING), list(names), list(seeds), use_model, smaller]
    if done.is_file() and json.loads(done.read_text())["code"] == code:
        print(f"{name}: done already")
        return
    start = time.perf_counter()
    tried = operations.backtest(folder, names=names, seeds=seeds, use_model=use_model)
    minutes = (time.perf_counter() - start) / 60
    print(f"{name}: {minutes:.0f} minutes\n" + markdown(summarise(tried.results.rows), "test", "active"))
    facts = {
        "code": code,
        "report": tried.folder.name,
        "minutes": minutes,
        "smaller": smaller,
        "sentences": list(tried.verdict.sentences),
    }
    write_json(facts, done)


def ahead(asked: argparse.Namespace, names: Sequence[str]) -> None:
    """Measures the baselines of logs side by side, a process a core; the backtest with the model takes what they kept."""

    def one(name: str) -> None:
        done = asked.runs / name / "results.json"
        if done.is_file() and json.loads(done.read_text())["code"][0] == source_hash(*_DECIDING):
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


def section(name: str, folder: Path) -> str:
    """Returns a log's part of the page: its table, trail beside its rivals, what the backtest says."""
    facts = json.loads((folder / "results.json").read_text())
    rows = read_rows(folder / "reports" / facts["report"] / "rows.parquet")
    origins = sorted({row.origin for row in rows if row.split == "test"})
    log = LOGS[name]
    span = f"from {origins[0]:%Y-%m-%d} to {origins[-1]:%Y-%m-%d}"
    took = f"{len(origins)} origins, {log.days} days ahead, {span}; {facts['minutes']:.0f} minutes."
    if facts["smaller"]:
        took += f" The smaller model: {', '.join(f'{key} = {value}' for key, value in _SMALLER.items())}."
    parts = [f"## {name}", took, markdown(summarise(rows), "test", "active")]
    if any(row.forecaster == "trail" for row in rows):
        parts += ["Trail beside its rivals:\n", beside(rows)]
    return "\n\n".join([*parts, *(f"- {each}" for each in facts["sentences"])])


def beside(rows: Sequence[Row]) -> str:
    """Returns the differences of trail to the best baseline of the test, and to its ablations, as a table."""
    on_test = losses(rows, "test")
    rivals = [each for each in refitted(on_test) if each[0] not in ("trail", *ABLATIONS)]
    best = min(rivals, key=on_test.__getitem__)
    listed: list[Method] = [best, *(each for each in methods(rows) if each[0] in ABLATIONS)]
    lines = ["| beside | " + " | ".join(_METRICS) + " |", "|---|" + "---|" * len(_METRICS)]
    for method in listed:
        found = [compare(rows, "trail", method[0], each, refit=("every", method[1])) for each in _METRICS]
        words = "best baseline of the test" if method == best else "ablation"
        lines.append(f"| {label(method)} ({words}) | " + " | ".join(_cell(each) for each in found) + " |")
    return "\n".join(lines)


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
    parser.add_argument("--to", type=Path, default=Path("docs/results.md"), help="the page")
    asked = parser.parse_args()
    names = () if asked.page else tuple(asked.names or LOGS)
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
        )
    made = [each for each in LOGS if (asked.runs / each / "results.json").is_file()]
    with whole_file(asked.to) as temporary:
        temporary.write_text("\n".join([_HEAD, *(section(each, asked.runs / each) for each in made), ""]))
    print(f"{asked.to}: {', '.join(made) or 'no log'}")


if __name__ == "__main__":
    main()
