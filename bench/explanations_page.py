"""A log's part of the page of explanations, from its figures; those of earlier states of the code lack some of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pages import kept_of, stale
from trail.evaluate.alignment import AlignmentFigure, alignment_table
from trail.evaluate.faithfulness import COMPREHENSIVE, DRIVERS, RANDOM, SUFFICIENT
from trail.evaluate.simulate import Simulated, simulated_table

#: Packages whose code decides a figure.
DECIDING = ("events", "signals", "baselines", "facts", "pairs", "model", "forecast", "explain", "evaluate")
#: Unedited texts on the page, so many of them the poorest.
SHOWN, POOREST = 20, 5
_POOR = "plain renderings that stepped in, then those of most tries, then those whose skeleton recurs most"
#: What the measure of an area is good at.
_GOOD = {COMPREHENSIVE: "high is good", SUFFICIENT: "low is good"}


def section(name: str, kept: Path) -> str:
    """Returns a log's part of the page."""
    found = kept_of(name, kept)
    texts = _with_tries(found)
    told = f"{len(texts)} texts, {len(found['origins'])} origins from {found['origins'][0][:10]}; {found['minutes']:.0f} minutes."
    told = f"{told} {stale(found, DECIDING)}".rstrip()
    return "\n\n".join(
        [
            f"## {name}",
            told,
            *_texts_lines(found),
            "True texts preferred to corrupted ones, and cards (with the forecast and drivers told of them) found by their text, items that no lesson spoke of:",
            alignment_table([AlignmentFigure(**each) for each in found["alignment"]]),
            *_reasons(found),
            "What a surrogate recovers from the texts alone:",
            simulated_table([Simulated(**each) for each in found["simulated"]]),
            *_shown(picked(texts)),
        ]
    )


def _shown(texts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yields the texts of the page, the poorest first and apart."""
    lines = [f"- {'' if each['source'] == 'model' else '(plain) '}{each['text']}" for each in texts]
    yield f"The {min(POOREST, len(lines))} poorest texts ({_POOR}):"
    yield "\n".join(lines[:POOREST])
    if len(lines) > POOREST:
        yield f"{len(lines) - POOREST} others, drawn by seed:"
        yield "\n".join(lines[POOREST:])


def _with_tries(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns the texts, each with its tries; null of one that the model did not write."""
    tries = iter(found["tries"])
    return [{**each, "tries": next(tries) if each["source"] == "model" else None} for each in found["texts"]]


def _texts_lines(found: Mapping[str, Any]) -> Iterator[str]:
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
    if varied := found.get("varied"):
        yield (
            f"Different pairs of words, on {varied['bigrams']} pairs of each, because their share falls as texts grow in number "
            f"and length: {varied['shown']:.3f} of what is shown of an origin, {varied['hand']:.3f} of what was written by hand "
            "for the tests (aim at least that)."
        )


def _reasons(found: Mapping[str, Any]) -> Iterator[str]:
    """Yields how real the named drivers are."""
    origins = found.get("reasons_origins", 1)
    at = "1 origin" if origins == 1 else f"{origins} origins, an item a case at each"
    yield f"Drivers edited away in the log, cards and prior rebuilt, at {at}:"
    scored = [
        (
            each["who"],
            str(each["cases"]),
            _number(each["right"], ".1%"),
            f"{_number(each['low'], '.1%')} to {_number(each['high'], '.1%')}",
            f"{_number(each['ratio'], '.1f')}x",
            _number(each["own"], ".1%"),
        )
        for each in found["reasons"]
    ]
    columns = ("drivers by", "items", "forecast moved as stated", "interval")
    yield _table((*columns, "move beside an unnamed group's", "own drivers fit better"), scored)
    if shares := found.get("shares"):
        yield "What the model then wrote of the edited log (a claim about the driver is changed, the driver is dropped):"
        rows = [
            (
                each["what"],
                str(each["cases"]),
                _number(each["share"], ".1%"),
                f"{_number(each['low'], '.1%')} to {_number(each['high'], '.1%')}",
            )
            for each in shares
        ]
        yield _table(("what became of the text", "texts", "share", "interval"), rows)
    if areas := found.get("areas"):
        yield "Areas of the curves by occlusion, in the log of the expected count:"
        rows = [
            (
                f"{measure} ({good})",
                *(_number(areas[f"{measure} {order}"], ".3f") for order in (DRIVERS, RANDOM)),
            )
            for measure, good in _GOOD.items()
        ]
        yield _table(("curve", "drivers' order", "random order"), rows)


def _number(value: float | None, form: str) -> str:
    """Returns a number; a dash for one that is not known."""
    return "-" if value is None or value != value else format(value, form)  # noqa: PLR0124 - NaN alone differs from itself


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a Markdown table whose first column is words."""
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    return "\n".join(f"| {' | '.join(each)} |" for each in lines)


def picked(texts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Returns the texts to show: the poorest, then some drawn by seed.

    The poorest are the plain renderings that stepped in for the model, then what took most tries, then what shares its
    skeleton with most texts of its origin.

    Args:
        texts: Each with its `source`, its `tries` (null where the model did not write it) and how many of its origin are
            `alike` (not counted by earlier states of the code).
    """
    worst = [
        (each["source"] == "model", -(each["tries"] or 0), -each.get("alike", 0), at)
        for at, each in enumerate(texts)
    ]
    order = [at for *_, at in sorted(worst)]
    poor, rest = order[:POOREST], sorted(order[POOREST:])
    drawn = np.random.default_rng(0).permutation(len(rest))[: SHOWN - len(poor)]
    return [texts[at] for at in (*poor, *(rest[each] for each in drawn))]
