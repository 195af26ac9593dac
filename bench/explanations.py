"""Measures the explanations of the development logs and writes the page of explanations from the figures.

python bench/explanations.py ../shared/data                      every log that has no figures of this code yet, then the page
python bench/explanations.py ../shared/data online_retail_ii     one log
python bench/explanations.py ../shared/data --page               the page alone, from the figures that are there

Of each log the first ranks of the first test origins are explained by the model of its backtest (`bench/results.py`; trained
where it is not there), sealed, and put to every test there is: truth and tries, variety, preference and retrieval
before and after tuning, drivers by editing the log, simulatability, seconds. Nothing is set per log. Figures are
kept in a folder beside the page, a file a log, written when all of its tests are done; what was sealed is not written again.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from alignment import candidate_of, exams_of, ours_of, progress
from pages import code_of, kept_of, stale, write_page
from real import LOGS, make_project
from trail import operations
from trail.engine import write_json
from trail.errors import DataError
from trail.evaluate.alignment import AlignmentFigure, alignment_figures, alignment_table
from trail.evaluate.faithfulness import Score
from trail.evaluate.simulate import Simulated, simulatability, simulated_table
from trail.evaluate.text_metrics import cited, measure, most_alike
from trail.explain import align, without_tuning
from trail.explain.explanation import TRIES
from trail.facts import Kind, verify
from trail.facts.nouns import in_words
from trail.operations.candidates import Candidate
from trail.snapshots import Explained, Snapshot

#: Packages whose code decides a figure.
_DECIDING = ("events", "signals", "baselines", "facts", "pairs", "model", "forecast", "explain", "evaluate")
#: Unedited texts on the page, so many of them the poorest.
SHOWN, POOREST = 20, 5
_HEAD = """# Explanations

Real logs that this project was developed on, made by `python bench/explanations.py <folder of the logs>`. Explained are the first
ranks of the first test origins, by the model of the backtest, which knows nothing after them. Names belong to the logs:
a title is replaced by the item's rank here, a brand and a category by what they are; nothing else is edited. A text that holds is one of whose claims the verifier supports
every one; where no try of the model holds, the plain rendering is shown. The first try is one text, a later one up to
{drafts} drafts side by side, of which the first that holds is taken: "within two" is one text and up to {drafts} drafts.
"""


def run(name: str, asked: argparse.Namespace, kept: Path) -> None:
    """Measures one log and keeps its figures."""
    code = [code_of(_DECIDING), asked.origins, asked.items, asked.model]
    if kept_of(name, kept).get("code") == code:
        print(f"{name}: done already")
        return
    start, folder = time.perf_counter(), asked.runs / name
    make_project(name, asked.data, folder, reduced=False)
    candidate = candidate_of(folder)
    model, ours = ours_of(candidate, asked.model)
    made = list(sealed(candidate, folder, model, asked.origins, asked.items))
    snapshots = [each.snapshot for each in made]
    exams = list(exams_of(candidate, ours, asked.origins, asked.items * 2, top=False))
    preferred, retrieved = [], []
    for label, each in (("before", without_tuning(ours)), ("trail", ours)):
        rows, places = align(each, exams, model=label)
        preferred, retrieved = preferred + rows, retrieved + places
        print(f"{name}: {label} asked about {len(places)} texts", flush=True)
    reasons = operations.reasons(
        folder,
        at=snapshots[0].manifest.moment,
        by="trail",
        model=model,
        items=asked.items,
        report=progress,
    )
    figures = {
        "code": code,
        "origins": [each.manifest.cutoff for each in snapshots],
        "texts": texts_of(snapshots),
        "tries": [tries for each in made for tries in each.tries],
        "seconds": [each.explaining for each in made],
        "verify_ms": verify_times(snapshots),
        "alike": [
            most_alike([(each.text, one.card(each.item_id)) for each in one.explanations])
            for one in snapshots
        ],
        "measures": measures_of(snapshots),
        "alignment": [asdict(each) for each in alignment_figures(preferred, retrieved)],
        "reasons": [asdict(each) for each in reasons.found.scores],
        "simulated": [asdict(each) for each in simulatability(snapshots, {})],
        "minutes": (time.perf_counter() - start) / 60,
    }
    write_json(figures, kept / f"{name}.json")


def sealed(
    candidate: Candidate, folder: Path, model: str, origins: int, items: int
) -> Iterator[operations.Forecasted]:
    """Yields the sealed forecasts of the first test origins, made by the model whoever is champion."""
    later = [each.cards.cutoff for each in candidate.history if each.cards.cutoff >= candidate.first]
    for at in later[:origins]:
        made = operations.forecast(folder, at=at, explained=items, model=model, by="trail", report=progress)
        yield _remembered(made, folder / "reports" / "explanations")


def _remembered(made: operations.Forecasted, kept: Path) -> operations.Forecasted:
    """Returns a sealed forecast with its tries and seconds, which only the run that sealed it knows: kept by its seal."""
    path = kept / f"{made.snapshot.manifest.seal[:16]}.json"
    if not made.already:
        write_json({"tries": list(made.tries), "explaining": made.explaining}, path)
        return made
    if not path.is_file():
        raise DataError(
            "a snapshot that another command sealed",
            expected="none, so that tries and seconds can be counted",
            where=str(made.snapshot.folder),
            fix="move it away",
        )
    known = json.loads(path.read_text())
    return replace(made, tries=tuple(known["tries"]), explaining=known["explaining"])


def texts_of(snapshots: Sequence[Snapshot]) -> list[dict[str, Any]]:
    """Returns every text with who wrote it, its verdicts and how many signals it cites; titles replaced by the rank."""
    found = []
    for snapshot in snapshots:
        for each in snapshot.explanations:
            verdicts = [one.verdict.value for one in each.verification.checked]
            shown = _unnamed(each, snapshot.outlook(each.item_id).rank)
            cites = len(cited(each.verification))
            found.append({"text": shown, "source": each.source, "verdicts": verdicts, "cites": cites})
    return found


def _unnamed(told: Explained, rank: int) -> str:
    """Returns a text without the names that are the log's own: each gives way to what it is a name of."""
    instead = {
        "title": f"item {rank}",
        "brand": "(brand)",
        "category": "(category)",
        "categories": "(category)",
    }
    text = told.text
    for claim in sorted((each.claim for each in told.verification.checked), key=lambda claim: -claim.start):
        if claim.kind is Kind.CONTEXT and claim.signal in instead:
            text = text[: claim.start] + instead[claim.signal] + text[claim.end :]
    return text


def verify_times(snapshots: Sequence[Snapshot]) -> list[float]:
    """Returns the milliseconds that the verifier takes for each text, the least of three."""
    found = []
    for snapshot in snapshots:
        for each in snapshot.explanations:
            card, outlook, took = snapshot.card(each.item_id), snapshot.outlook(each.item_id), []
            for _ in range(3):
                start = time.perf_counter()
                verify(each.text, card, outlook)
                took.append(1000 * (time.perf_counter() - start))
            found.append(min(took))
    return found


def measures_of(snapshots: Sequence[Snapshot]) -> dict[str, float]:
    """Returns the measures of texts, of fifty of one origin at most, meaned over the origins: they fall as texts grow in number."""
    each_origin = [
        measure(
            "shown", [(each.text, one.card(each.item_id), each.verification) for each in one.explanations]
        )
        for one in snapshots
    ]
    return {
        name: float(np.mean([each.values[name] for each in each_origin])) for name in each_origin[0].values
    }


def section(name: str, kept: Path) -> str:
    """Returns a log's part of the page."""
    found = kept_of(name, kept)
    texts = found["texts"]
    told = f"{len(texts)} texts, {len(found['origins'])} origins from {found['origins'][0][:10]}; {found['minutes']:.0f} minutes."
    told = f"{told} {stale(found, _DECIDING)}".rstrip()
    scores = [Score(**each) for each in found["reasons"]]
    lines = [
        "| drivers by | items | forecast moved as stated | interval | move beside an unnamed group's | own drivers fit better |",
        "|---|---:|---:|---|---:|---:|",
        *(
            f"| {each.who} | {each.cases} | {each.right:.1%} | {each.low:.1%} to {each.high:.1%} | {each.ratio:.1f}x | {each.own:.1%} |"
            for each in scores
        ),
    ]
    figures = [AlignmentFigure(**each) for each in found["alignment"]]
    return "\n\n".join(
        [
            f"## {name}",
            told,
            *_texts_lines(found),
            "True texts preferred to corrupted ones, and cards (with the forecast and drivers told of them) found by their text, items that no lesson spoke of:",
            alignment_table(figures),
            "Drivers edited away in the log, cards and prior rebuilt:",
            "\n".join(lines),
            "What a surrogate recovers from the texts alone:",
            simulated_table([Simulated(**each) for each in found["simulated"]]),
            f"{SHOWN} texts, {POOREST} of them those that cite least, the others drawn by seed:",
            "\n".join(
                f"- {'' if each['source'] == 'model' else '(plain) '}{each['text']}" for each in picked(texts)
            ),
        ]
    )


def _texts_lines(found: dict[str, Any]) -> Iterator[str]:
    """Yields what was counted of the texts."""
    texts, tries = found["texts"], found["tries"]
    verdicts = [one for each in texts for one in each["verdicts"]]
    held = [sum(each <= most for each in tries) / len(texts) for most in (1, 2, 5)]
    yield (
        f"By the model at the first try {held[0]:.0%}, within two {held[1]:.0%}, within five {held[2]:.0%} (aim 95% within two). "
        f"Of {len(verdicts)} claims {verdicts.count('supported')} are supported, {verdicts.count('context')} are context, "
        f"{len(verdicts) - verdicts.count('supported') - verdicts.count('context')} neither. "
        f"Of one skeleton stand at most {max(found['alike'])} texts of an origin (aim 3). "
        f"Explaining the items of an origin took {max(found['seconds']):.0f} s at most (aim 60); the verifier "
        f"{np.percentile(found['verify_ms'], 99):.1f} ms at its 99th percentile (aim 5)."
    )
    yield "; ".join(f"{name} {value:.3f}" for name, value in found["measures"].items()) + "."


def picked(texts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns the texts to show: the poorest, then some drawn by seed."""
    order = sorted(range(len(texts)), key=lambda at: (texts[at]["cites"], at))
    poor, rest = order[:POOREST], order[POOREST:]
    drawn = np.random.default_rng(0).permutation(len(rest))[: SHOWN - len(poor)]
    return [texts[at] for at in (*poor, *(rest[each] for each in drawn))]


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder of the logs")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(LOGS)}; default all")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where the projects are or go")
    parser.add_argument("--origins", type=int, default=4, help="test origins, the first ones")
    parser.add_argument("--items", type=int, default=50, help="first ranks explained of each")
    parser.add_argument("--model", default="", help="name of a finished model; default that of the backtest")
    parser.add_argument("--page", action="store_true", help="write the page only")
    parser.add_argument(
        "--to",
        type=Path,
        default=Path("docs/explanations.md"),
        help="the page; figures go into the folder of that name",
    )
    asked = parser.parse_args()
    kept = asked.to.with_suffix("")
    for name in () if asked.page else asked.names or LOGS:
        run(name, asked, kept)
    drafts = in_words(max(each for _, each in TRIES[1:]))
    write_page(asked.to, _HEAD.format(drafts=drafts), LOGS, section)


if __name__ == "__main__":
    main()
