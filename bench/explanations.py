"""Measures the explanations of the development logs and writes the page of explanations from the figures.

python bench/explanations.py ../shared/data                      every log that has no figures of this code yet, then the page
python bench/explanations.py ../shared/data online_retail_ii     one log
python bench/explanations.py ../shared/data --page               the page alone, from the figures that are there
python bench/explanations.py ../shared/data --without-contrast   asks the model without the contrastive terms too (trained if need be)

Of each log the first ranks of the first test origins are explained by the model of its backtest (`bench/results.py`; trained
where it is not there), sealed, and put to every test there is: truth and tries, variety, preference and retrieval
before and after tuning, drivers by editing the log and texts written again about it, simulatability beside the backbone
without any tuning, seconds. Nothing is set per log. Figures are
kept in a folder beside the page, a file a log, written when all of its tests are done; what was sealed is not written again.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from alignment import BEFORE, OURS, WITHOUT, candidate_of, exams_of, models_of, ours_of, progress
from explanations_page import DECIDING, section
from joined import joined
from pages import code_of, kept_of, write_page
from real import LOGS, make_project
from trail import operations
from trail.engine import write_json
from trail.errors import DataError
from trail.evaluate.alignment import alignment_figures
from trail.evaluate.simulate import simulatability
from trail.evaluate.text_metrics import measure, most_alike, skeleton
from trail.explain import align
from trail.explain.explanation import TRIES
from trail.facts import Kind, verify
from trail.facts.nouns import in_words
from trail.operations.candidates import Candidate
from trail.operations.lineup import UNTUNED
from trail.operations.untuned import untuned_texts
from trail.snapshots import Explained, Snapshot
from variety import by_hand, varied

_HEAD = """# Explanations

Real logs that this project was developed on, made by `python bench/explanations.py <folder of the logs>`. Explained are the first
ranks of the first test origins, by the model of the backtest, which knows nothing after them. Names belong to the logs:
a title is replaced by the item's rank here, a brand and a category by what they are; nothing else is edited. A text that holds is one of whose claims the verifier supports
every one; where no try of the model holds, the plain rendering is shown. The first try is one text, a later one up to
{drafts} drafts side by side, of which the first that holds is taken: "within two" is one text and up to {drafts} drafts.
"""


def run(name: str, asked: argparse.Namespace, kept: Path) -> None:
    """Measures one log and keeps its figures."""
    settings = [asked.origins, asked.items, asked.reasons, asked.model, asked.without_contrast]
    code = [code_of(DECIDING), *settings]
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
    labels = (BEFORE, OURS, WITHOUT) if asked.without_contrast else (BEFORE, OURS)
    for label, each in models_of(candidate, ours, labels):
        rows, places = align(each, exams, model=label)
        preferred, retrieved = preferred + rows, retrieved + places
        print(f"{name}: {label} asked about {len(places)} texts", flush=True)
    reasons = [_reasons(name, folder, each, model, asked.items) for each in snapshots[: asked.reasons]]
    given = {
        (each.manifest.moment, item): text
        for each in snapshots
        for item, text in untuned_texts(each, ours.settings).items()
    }
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
        "varied": varied([[each.text for each in one.explanations] for one in snapshots], by_hand()),
        "alignment": [asdict(each) for each in alignment_figures(preferred, retrieved)],
        **joined([each.found for each in reasons]),
        "simulated": [asdict(each) for each in simulatability(snapshots, {UNTUNED: given})],
        "minutes": (time.perf_counter() - start) / 60,
    }
    write_json(figures, kept / f"{name}.json")


def _reasons(name: str, folder: Path, snapshot: Snapshot, model: str, items: int) -> operations.Reasoned:
    """Puts the reasons of a snapshot to the test; the model writes again of every edited log."""
    start, at = time.perf_counter(), snapshot.manifest.moment
    found = operations.reasons(
        folder, at=at, by="trail", model=model, items=items, rewrite=True, report=progress
    )
    print(f"{name}: reasons of {at:%Y-%m-%d} in {time.perf_counter() - start:.0f} s", flush=True)
    return found


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
    """Returns every text with who wrote it, its verdicts and how many of its origin have its skeleton; titles replaced by the rank."""
    found = []
    for snapshot in snapshots:
        bones = [skeleton(each.text, snapshot.card(each.item_id)) for each in snapshot.explanations]
        alike = Counter(bones)
        for each, bone in zip(snapshot.explanations, bones, strict=True):
            verdicts = [one.verdict.value for one in each.verification.checked]
            shown = _unnamed(each, snapshot.outlook(each.item_id).rank)
            found.append({"text": shown, "source": each.source, "verdicts": verdicts, "alike": alike[bone]})
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
    parser.add_argument(
        "--reasons",
        type=int,
        default=None,
        help="test origins whose reasons are edited away and told again, some minutes each; default all of them",
    )
    parser.add_argument(
        "--without-contrast",
        action="store_true",
        help="ask the model without the contrastive terms too; trained where it is not there",
    )
    parser.add_argument("--page", action="store_true", help="write the page only")
    parser.add_argument(
        "--to",
        type=Path,
        default=Path("docs/explanations.md"),
        help="the page; figures go into the folder of that name",
    )
    asked = parser.parse_args()
    if asked.model and asked.without_contrast:
        parser.error("--without-contrast: its model is that of the backtest; expected no --model beside it")
    kept = asked.to.with_suffix("")
    for name in () if asked.page else asked.names or LOGS:
        run(name, asked, kept)
    drafts = in_words(max(each for _, each in TRIES[1:]))
    write_page(asked.to, _HEAD.format(drafts=drafts), LOGS, section)


if __name__ == "__main__":
    main()
