"""What the rows say in words: who was chosen on validation, who wins on test, and whether TRAIL is worth it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trail.errors import DataError
from trail.evaluate.metrics import METRICS
from trail.evaluate.rows import Row
from trail.evaluate.significance import Comparison, by_origin, compare

#: The metrics that the product is judged by.
HEADLINE = ("ndcg@50", "wape")
#: Ablations of ours: measured beside it, never its rival.
ABLATIONS = ("no_llm_head",)
Method = tuple[str, str]  # forecaster, refit


@dataclass(frozen=True)
class Verdict:
    """The outcome of a backtest.

    Attributes:
        chosen: Baseline with the lowest loss on validation origins; null without validation origins.
        rival: The best baseline on validation (on test without validation), which `ours` has to beat; an
            ablation of ours is no baseline, nor is one fitted once that was refitted too. Null where
            nothing is ours.
        losses: Method -> mean joint loss on the split that chose, 1 is the last window.
        comparisons: Ours against every other method, or the chosen one against every other, on test.
        sentences: The verdict in plain English.
    """

    chosen: Method | None
    rival: Method | None
    losses: dict[Method, float]
    comparisons: tuple[Comparison, ...]
    sentences: tuple[str, ...]


def label(method: Method) -> str:
    """Returns a method's name in tables: refitting once, which is rarer, is said."""
    return method[0] if method[1] == "every" else f"{method[0]} (fitted once)"


def methods(rows: Sequence[Row]) -> list[Method]:
    """Returns the methods of the rows in order of appearance."""
    return list(dict.fromkeys((row.forecaster, row.refit) for row in rows))


def refitted(found: Iterable[Method]) -> list[Method]:
    """Returns methods without those fitted once that were also refitted at every origin."""
    listed = list(found)
    return [method for method in listed if method[1] == "every" or (method[0], "every") not in listed]


def losses(rows: Sequence[Row], split: str, scope: str = "active") -> dict[Method, float]:
    """Returns each method's mean joint loss over a split, 1 is the last window; lower is better.

    Methods without a value are left out.
    """
    found = {
        method: list(by_origin(rows, method[0], "loss", split=split, scope=scope, refit=method[1]).values())
        for method in methods(rows)
    }
    return {method: float(np.mean(values)) for method, values in found.items() if values}


def judge(rows: Sequence[Row], *, ours: str | None = "trail") -> Verdict:
    """Says what a backtest found.

    Args:
        rows: Rows of `backtest`.
        ours: The forecaster that has to justify itself; ignored where no row is about it.

    Raises:
        DataError: If there is no test row.
    """
    if not any(row.split == "test" for row in rows):
        raise DataError("no test row", expected="the rows of a backtest")
    on_validation, on_test = losses(rows, "validation"), losses(rows, "test")
    basis = on_validation or on_test
    if not basis:
        raise DataError("no origin with an event", expected="at least one active item with a target")
    mine = next((method for method in on_test if method[0] == ours), None)
    baselines = [method for method in refitted(basis) if method[0] not in (ours, *ABLATIONS)]
    best = min(baselines, key=basis.__getitem__, default=None)
    rival = best if mine else None
    chosen = best if on_validation else None
    anchor = mine or chosen or min(on_test, key=on_test.__getitem__)
    comparisons = tuple(
        _against(rows, anchor, other, metric) for other in on_test if other != anchor for metric in HEADLINE
    )
    sentences = (
        _on_validation(chosen, len(baselines)),
        _on_test(on_test),
        *(_for_ours(rows, mine, rival) if mine and rival else ()),
        *(_beside(rows, mine, each) for each in on_test if mine and each[0] in ABLATIONS),
    )
    return Verdict(chosen, rival, basis, comparisons, tuple(sentences))


def _against(rows: Sequence[Row], one: Method, other: Method, metric: str) -> Comparison:
    found = compare(rows, one[0], other[0], metric, refit=(one[1], other[1]))
    return replace(found, a=label(one), b=label(other))


def _on_validation(chosen: Method | None, baselines: int) -> str:
    if chosen is None:
        return "No baseline was tried on validation origins, so nothing was chosen before the test."
    return f"Chosen on validation, before any test origin: {label(chosen)}, of {baselines} baselines."


def _on_test(found: dict[Method, float]) -> str:
    best = min(found, key=found.__getitem__)
    return f"Lowest joint loss on test, for the record only: {label(best)}."


def _for_ours(rows: Sequence[Row], mine: Method, rival: Method) -> tuple[str, ...]:
    found = [_against(rows, mine, rival, metric) for metric in HEADLINE]
    lines = [sentence(each) for each in found]
    won = [each for each in found if each.winner == label(mine)]
    lost = [each for each in found if each.winner == label(rival)]
    best = f"the best baseline ({label(rival)})"
    if won and not lost:
        return (*lines, f"{label(mine)} beats {best} in {_names(won)} and does not lose in the rest.")
    if lost:
        return (
            *lines,
            f"{label(mine)} does not beat {best}: it loses in {_names(lost)}. Serve {label(rival)}.",
        )
    level = f"{label(mine)} does not beat {best}: the two are level within the intervals."
    return (*lines, level, f"Nothing here justifies its cost over {label(rival)}.")


def _beside(rows: Sequence[Row], mine: Method, ablation: Method) -> str:
    """Returns what the text adds: ours beside itself without it."""
    found = [_against(rows, mine, ablation, metric) for metric in HEADLINE]
    better = [each for each in found if each.difference * METRICS[each.metric].better > 0]
    parts = [
        f"{METRICS[each.metric].label} {each.mean_a:.3f} against {each.mean_b:.3f} (difference "
        f"{each.difference:+.4f}, t {each.t_low:+.4f} to {each.t_high:+.4f})"
        for each in found
    ]
    verdict = f"better in {_names(better)}" if better else "better in neither"
    return f"Beside its own ablation {label(ablation)}, {label(mine)} is {verdict}: {'; '.join(parts)}."


def _names(found: Sequence[Comparison]) -> str:
    return " and ".join(METRICS[each.metric].label for each in found)


def sentence(found: Comparison) -> str:
    """Returns a comparison in words, with both intervals."""
    metric = METRICS[found.metric]
    return (
        f"{metric.label}: {found.a} {found.mean_a:.3f}, {found.b} {found.mean_b:.3f}; difference "
        f"{found.difference:+.3f} (t {found.t_low:+.3f} to {found.t_high:+.3f}, bootstrap "
        f"{found.bootstrap_low:+.3f} to {found.bootstrap_high:+.3f}) over {found.origins} origins, "
        f"{found.a} better at {found.better:g}."
    )
