"""Backtests the five development logs with one configuration and writes the page of results from the rows.

python bench/results.py ../shared/data                       every log that has no rows of this code yet, then the page
python bench/results.py ../shared/data ml_1m --no-model      one log, baselines only
python bench/results.py ../shared/data --smaller             a model that learns from less, where a processor has no AMX
python bench/results.py ../shared/data --page                the page alone, from the rows that are there

A log is done once: its rows are kept in a folder beside the page, from which the page can be made again without the
log, and a killed run goes on at the log, and inside it at the training, that it was at. Where a log names users, lists for
single users follow its backtest, at the same origins and with the same model. Nothing is set per log but
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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pages import code_of, kept_of, write_page
from real import LOGS, make_project
from results_aims import aims
from results_failed import failed
from results_kept import LISTS, keep, looks_of, path_of
from results_page import DECIDING, section
from trail import operations
from trail.cli.values import whole_numbers
from trail.engine import write_json
from trail.evaluate import markdown, summarise
from trail.evaluate.list_rows import ListRow, list_markdown, write_list_rows
from trail.evaluate.scopes import BY_OUTCOME
from trail.model.settings import ModelSettings
from trail.operations import listing
from trail.operations.data import Data, prepare
from trail.operations.lineup import line_up
from trail.operations.workspace import Workspace
from trail.project import load_project, save_project

#: A model that learns from fewer rows and corrects fewer items, the same for every log, for slow machines.
_SMALLER = {"examples": 4000, "explained": 400, "language_epochs": 1, "shortlist": 500}
#: What makes lists: the usual, and PARE, which TRAIL's list has to be above.
_LISTED = (*listing.DEFAULT, "pare")
_HEAD = f"""# Results

Real logs that this project was developed on, made by `python bench/results.py <folder of the logs>` from rows; what was
asked for stands with each log. Test origins were looked at by no choice; how often by a run is said with each log. Means over the
test origins, items active in the last eight windows. Intervals are 95% t intervals of the paired differences by
origin; bold where the bootstrap agrees that zero is outside. Each difference to "the best baseline" is to the one that is best
on the test by that very metric, fitted at each origin or once, which no one could have known before: the hardest rival there is. Seconds
are of what was not there already: trees that several methods share are grown once, for the first of them. Blend, stack and the trees on
logs were made here, as priors for the model to correct: beside the best of the others stands what priors and model do together.

**New**: {BY_OUTCOME["new"]}

What did not work stands at the end, made from the rows. What was tried on validation origins alone and not kept (ideas for model,
priors and lists, each with its command, its number and the decision) is written down by hand in [the log](log.md).
"""


@dataclass(frozen=True)
class Asked:
    """What every log is asked for.

    Attributes:
        names: What to try beside the model.
        seeds: Of what draws; the project's where there is none.
        use_model: Whether the language model is tried.
        smaller: Whether it learns from less.
    """

    names: tuple[str, ...]
    seeds: tuple[int, ...]
    use_model: bool
    smaller: bool

    @property
    def code(self) -> list[Any]:
        """What decides the rows: those of another code are made anew."""
        return [code_of(DECIDING), list(self.names), list(self.seeds), self.use_model, self.smaller]

    @property
    def model(self) -> dict[str, Any]:
        """Settings of the model that differ from the usual ones; lists take the model of the first seed."""
        return {**(_SMALLER if self.smaller else {}), **({"seed": self.seeds[0]} if self.seeds else {})}

    def facts(self, started: float, sentences: Sequence[str]) -> dict[str, Any]:
        """Returns what is kept of a run beside its rows.

        Args:
            started: When it was begun, by `time.perf_counter`.
            sentences: What it says of itself.
        """
        model = _SMALLER if self.smaller else {}
        return {
            "code": self.code,
            "minutes": (time.perf_counter() - started) / 60,
            "asked": {"with": list(self.names), "seeds": list(self.seeds), "model": model},
            "sentences": list(sentences),
        }


def run(name: str, data: Path, folder: Path, asked: Asked, kept: Path) -> None:
    """Backtests one log and keeps its rows with what made them."""
    make_project(name, data, folder, reduced=False)
    # whatever an earlier run had asked for
    save_project(replace(load_project(folder), model=ModelSettings(**asked.model)), folder)
    if kept_of(name, kept).get("code") == asked.code:
        print(f"{name}: done already")
        return
    start = time.perf_counter()
    tried = operations.backtest(folder, names=asked.names, seeds=asked.seeds, use_model=asked.use_model)
    facts = asked.facts(start, tried.verdict.sentences)
    print(
        f"{name}: {facts['minutes']:.0f} minutes\n"
        + markdown(summarise(tried.results.rows), "test", "active")
    )
    keep(tried.results, name, kept)
    facts["looks"] = looks_of(name, kept) + 1
    facts["catalogue"] = catalogue_of(prepare(Workspace.open(folder)))
    write_json(facts, kept / f"{name}.json")  # last: it says that the rows are there


def run_lists(name: str, folder: Path, asked: Asked, kept: Path) -> None:
    """Measures the lists of one log whose backtest is done, and keeps their rows; nothing of a log without users."""
    asked = replace(asked, names=_LISTED)
    if kept_of(name + LISTS, kept).get("code") == asked.code:
        print(f"{name}: lists done already")
        return
    if not prepare(Workspace.open(folder)).log.has_users:
        return
    start = time.perf_counter()
    tried = listing.lists(folder, names=asked.names, use_model=asked.use_model)
    facts = asked.facts(start, tried.notes)
    print(f"{name}: lists, {facts['minutes']:.0f} minutes\n" + list_markdown(tried.table))
    write_list_rows(tried.rows, path_of(name, kept, ListRow))
    write_json(facts, kept / f"{name}{LISTS}.json")


def catalogue_of(data: Data) -> tuple[int, int]:
    """Returns how many items a catalogue lists, and how many of them never occur in the log."""
    items = data.items.table
    return int(items.count().execute()), int(items.anti_join(data.log.table, "item_id").count().execute())


def ahead(asked: argparse.Namespace, names: Sequence[str]) -> None:
    """Measures the baselines of logs side by side, a process a core; the backtest with the model takes what they kept."""
    baselines = ",".join(line_up((asked.methods,)).baselines)

    def one(name: str) -> None:
        if kept_of(name, asked.to.with_suffix("")).get("code", [""])[0] == code_of(DECIDING):
            return
        command = [
            sys.executable,
            __file__,
            str(asked.data),
            name,
            "--no-model",
            "--no-lists",
            "--runs",
            str(asked.runs),
        ]
        command += ["--with", baselines, "--seeds", asked.seeds, "--to", str(asked.runs / f"{name}.md")]
        log = asked.runs / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as out:
            subprocess.run(
                command, check=True, stdout=out, stderr=out, env=os.environ | {"OMP_NUM_THREADS": "1"}
            )
        print(f"{name}: baselines measured ({log})", flush=True)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, names))


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder of the logs")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(LOGS)}; default all")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where the projects go")
    parser.add_argument("--with", dest="methods", default="all,untuned", help="what to try beside the model")
    parser.add_argument(
        "--seeds", default="", help="seeds of what draws, apart by commas; default the project's"
    )
    parser.add_argument("--smaller", action="store_true", help="learn from fewer rows, correct fewer items")
    parser.add_argument("--no-model", action="store_true", help="without the language model")
    parser.add_argument("--no-lists", action="store_true", help="without lists for single users")
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
    wanted = Asked(
        (asked.methods,),
        whole_numbers(asked.seeds, "--seeds"),
        use_model=not asked.no_model,
        smaller=asked.smaller,
    )
    for name in names:
        run(name, asked.data, asked.runs / name, wanted, kept)
        if not asked.no_lists:
            run_lists(name, asked.runs / name, wanted, kept)
    write_page(asked.to, _HEAD, LOGS, section, opening=aims, closing=failed)


if __name__ == "__main__":
    main()
