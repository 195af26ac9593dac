"""A log's part of the page of results, from its rows: its table, trail beside its rivals, ranges, chances, risers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from pages import kept_of, stale
from real import LOGS
from results_kept import looks_of, rows_kept, sentences_of
from results_lists import list_section
from trail.errors import DataError
from trail.evaluate import METRICS, Bin, Comparison, Riser, Row, summarise
from trail.evaluate.ablations import ABLATIONS, opposite
from trail.evaluate.methods import Method, against, label, methods
from trail.evaluate.parts import riser_words
from trail.evaluate.plots import reliability_of
from trail.evaluate.scopes import BY_OUTCOME, ordered
from trail.evaluate.significance import by_origin
from trail.evaluate.summary import cell, markdown
from trail.operations.source import TRAINING

#: Modules of `operations` that stand between the packages below and a number; the others are other verbs.
_VERBS = (
    "arriving",
    "backtesting",
    "candidates",
    "data",
    "history",
    "lineup",
    "listing",
    "measuring",
    "models",
    "training",
)
#: Whose code decides a number.
DECIDING = (*TRAINING, "evaluate", *(f"operations/{each}" for each in _VERBS))
TRAIL: Method = ("trail", "every")
#: Baselines made in this project as priors of the model, or on the way to one.
OWN = ("blend", "stack", "stack_text", "lightgbm_log", "lightgbm_median")
SHOWN = ("ndcg@50", "wape", "rmsle", "risers@50")
_JUDGED = {*SHOWN, "coverage", "coverage_gap"}
#: How far coverage may lie from what ranges promise: over the active items, in a group of them.
AIM, AIM_OF_GROUP = 0.02, 0.04
#: What trail is set beside in words, the items, who stands for trail, and the rival by each metric that has one.
Rival = tuple[str, str, Method, Mapping[str, Method]]


def section(name: str, kept: Path) -> str:
    """Returns a log's part of the page."""
    facts, rows = kept_of(name, kept), rows_kept(name, kept, Row)
    origins = sorted({row.origin for row in rows if row.split == "test"})
    log = LOGS[name]
    span = f"from {origins[0]:%Y-%m-%d} to {origins[-1]:%Y-%m-%d}"
    took = f"{len(origins)} origins, {log.days} days ahead, {span}; {facts['minutes']:.0f} minutes."
    asked = facts["asked"]
    took += f" Tried: {', '.join(asked['with'])}; seeds {', '.join(map(str, asked['seeds'])) or 'as by default'}; model "
    took += ", ".join(f"{key} = {value}" for key, value in asked["model"].items()) or "by default"
    parts = [
        f"## {name}",
        f"{took}. {stale(facts, DECIDING)}".rstrip(),
        markdown(summarise(rows), "test", "active").strip(),
    ]
    if TRAIL in methods(rows):
        judged = judged_by(rows)
        parts += ["Trail beside its rivals:", beside(judged), *of_catalogue(facts), *covered(judged)]
        parts += [*reliable(rows_kept(name, kept, Bin)), *risen(judged, rows_kept(name, kept, Riser))]
    parts += [f"- {each}" for each in sentences_of(facts)]
    looks = looks_of(name, kept)
    times = f"{looks} times" if looks > 1 else "once"
    parts.append(f"- These test origins, or some of them, were looked at {times} while this was developed.")
    return "\n\n".join([*parts, *list_section(name, kept, OWN, DECIDING)])


def judged_by(rows: Sequence[Row]) -> list[Row]:
    """Returns the rows that say how trail stands: of the test, in what it is judged by."""
    return [row for row in rows if row.split == "test" and row.metric in _JUDGED]


def rivals(rows: Sequence[Row]) -> Iterator[Rival]:
    """Yields what trail has to be above: the best baselines of the test, and itself without its parts."""
    best = bests(rows, "active")
    yield "the best baseline", "active", TRAIL, best
    if (others := bests(rows, "active", OWN)) != best:
        yield "the best of them but our own mixtures and log trees", "active", TRAIL, others
    yield "the best baseline, new items", "new", TRAIL, bests(rows, "new")
    tried = methods(rows)
    for method in (each for each in tried if each[0] in ABLATIONS):
        mine, words = opposite(method, TRAIL, tried), f"itself without {ABLATIONS[method[0]].without}"
        less = "" if mine == TRAIL else f"{label(mine)} less "
        yield f"{words} ({less}{label(method)})", "active", mine, dict.fromkeys(SHOWN, method)


def bests(rows: Sequence[Row], scope: str, passed: Sequence[str] = ()) -> dict[str, Method]:
    """Returns the best baseline by each metric that has one.

    Args:
        rows: Of a backtest.
        scope: Of the items.
        passed: Baselines that are passed over.
    """
    found = {metric: best_of(rows, metric, scope, passed) for metric in SHOWN}
    return {metric: method for metric, method in found.items() if method}


def beside(rows: Sequence[Row]) -> str:
    """Returns the differences of trail to its rivals as a table."""
    lines = ["| beside | " + " | ".join(SHOWN) + " |", "|---|" + "---|" * len(SHOWN)]
    for words, scope, mine, found in rivals(rows):
        cells = [_cell(compared(rows, metric, mine, found.get(metric), scope)) for metric in SHOWN]
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def compared(
    rows: Sequence[Row], metric: str, mine: Method, rival: Method | None, scope: str
) -> Comparison | None:
    """Returns a method beside a rival; null where there is none, or no origin has a value of both."""
    try:
        return against(rows, mine, rival, metric, scope) if rival else None
    except DataError:
        return None


def best_of(rows: Sequence[Row], metric: str, scope: str, passed: Sequence[str] = ()) -> Method | None:
    """Returns the baseline, fitted anew or once, with the best mean of a metric over the test origins; null where none has a value.

    Args:
        rows: Of a backtest.
        metric: Its name.
        scope: Of the items.
        passed: Baselines that are passed over.
    """
    asked = [row for row in rows if (row.metric, row.scope) == (metric, scope)]
    means = {method: mean_of(asked, method, metric, scope) for method in methods(rows)}
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


def of_catalogue(facts: Mapping[str, Any]) -> list[str]:
    """Returns how many items of the catalogue never occur in the log, which says whether new items flatter."""
    if "catalogue" not in facts:
        return []
    items, absent = facts["catalogue"]
    told = "" if absent else ": figures of new items flatter every method"
    return [f"{absent:,} of the {items:,} items of the catalogue never occur in the log{told}."]


def gaps(rows: Sequence[Row]) -> dict[str, tuple[float, bool]]:
    """Returns group of items -> trail's coverage less what its ranges promise, and whether that is beyond the aim.

    Items that their outcome picks have no aim.
    """
    names = ordered({row.scope for row in rows} - {"all", "risers"})
    found = {each: mean_of(rows, TRAIL, "coverage_gap", each) for each in names}
    known = {each: value for each, value in found.items() if value is not None}
    aims = dict.fromkeys(known, AIM_OF_GROUP) | {"active": AIM} | dict.fromkeys(BY_OUTCOME, float("inf"))
    return {each: (value, abs(value) > aims[each]) for each, value in known.items()}


def covered(rows: Sequence[Row]) -> list[str]:
    """Returns how far trail's ranges were from what they promise, by group of items, as a table."""
    found = gaps(rows)
    if not found:
        return ["Coverage was not compared with what the ranges promise."]
    lines = ["| items | number | coverage | less the promise |", "|---|---:|---:|---:|"]
    for scope, (gap, beyond) in found.items():
        number = fmean(row.items for row in rows if (row.split, row.scope) == ("test", scope))
        share = cell(mean_of(rows, TRAIL, "coverage", scope))
        lines.append(
            f"| {scope} | {number:,.0f} | {share} | {f'**{gap:+.3f}**' if beyond else f'{gap:+.3f}'} |"
        )
    words = (
        "Coverage of its ranges, and that less what they promise (aim: within .02, by group within .04, none for new items, "
        "which their outcome picks; bold beyond it):"
    )
    return [words, "\n".join(lines)]


def reliable(bins: Sequence[Bin]) -> list[str]:
    """Returns how often items entered the top 50 by the chance that trail stated, as a table."""
    points = reliability_of(bins, TRAIL)
    if not points:
        return []
    columns = zip(*points, strict=True)
    forms = {"stated": "{:.1%}", "entered": "{:.1%}", "items": "{:,}"}
    table = [
        f"| {name} | " + " | ".join(map(forms[name].format, values)) + " |"
        for name, values in zip(forms, columns, strict=True)
    ]
    table.insert(1, "|---|" + "---:|" * len(points))
    return [
        "Its chance of the top 50, by bins of what was stated, and the share that entered:",
        "\n".join(table),
    ]


def risen(rows: Sequence[Row], risers: Sequence[Riser]) -> list[str]:
    """Returns how many of the strongest rises trail, the best baseline at rises and the no-LLM head found."""
    shown = dict.fromkeys((TRAIL, best_of(rows, "risers@50", "active"), ("no_llm_head", "every")))
    words = riser_words(risers, [each for each in shown if each])
    return [f"Of the strongest rises of each test period, at most 50: {' '.join(words)}"] if words else []


def _cell(found: Comparison | None) -> str:
    if found is None:
        return ""
    text = f"{found.gain + 0.0:+.1f}% ({found.difference:+.4f}, {found.t_low:+.4f} to {found.t_high:+.4f})"
    words = f"**{text}**" if found.winner else text
    return words if found.b in ABLATIONS else f"{words} {found.b}"
