"""What the rows say in words: who was chosen on validation, who wins on test, and whether TRAIL is worth it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trail.errors import DataError
from trail.evaluate.ablations import ABLATIONS, opposite
from trail.evaluate.champion import Champion, OwnValidation, crown, spoken
from trail.evaluate.methods import HEADLINE, Method, against, all_against, label, losses, refitted
from trail.evaluate.metrics import METRICS
from trail.evaluate.rows import Row
from trail.evaluate.seeds import of_seeds
from trail.evaluate.significance import Comparison


@dataclass(frozen=True)
class Verdict:
    """The outcome of a backtest.

    Attributes:
        chosen: Baseline with the lowest loss on validation origins; null without validation origins.
        rival: The best baseline on validation (on test without validation), which `ours` has to beat; an
            ablation of ours is no baseline, nor is one fitted once that was refitted too. Null where
            nothing is ours.
        champion: Who is to be served: chosen between ours and the baselines on validation only.
        losses: Method -> mean joint loss on the split that chose, 1 is the last window.
        comparisons: Ours against every other method, or the chosen one against every other, on test; ablations with
            their whole correction against ours with its own (see `opposite`).
        sentences: The verdict in plain English.
    """

    chosen: Method | None
    rival: Method | None
    champion: Champion
    losses: dict[Method, float]
    comparisons: tuple[Comparison, ...]
    sentences: tuple[str, ...]


def judge(
    rows: Sequence[Row], *, ours: str | None = "trail", own: OwnValidation | None = None, reigning: str = ""
) -> Verdict:
    """Says what a backtest found, of active items.

    Args:
        rows: Rows of `backtest`.
        ours: The forecaster that has to justify itself; ignored where no row is about it.
        own: What it measured itself on validation origins, for the champion.
        reigning: The champion until now, as `crown` takes it.

    Raises:
        DataError: If there is no test row.
    """
    if not any(row.split == "test" for row in rows):
        raise DataError("no test row", expected="the rows of a backtest")
    rows = [row for row in rows if row.scope == "active"]
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
    champion = crown(rows, ours=ours, own=own, reigning=reigning)
    stands = {each: opposite(each, mine, on_test) if mine else anchor for each in on_test if each != anchor}
    comparisons = tuple(
        found
        for one in dict.fromkeys((anchor, *stands.values()))
        for found in all_against(rows, one, [other for other, its in stands.items() if its == one])
    )
    sentences = (
        _on_validation(chosen, len(baselines)),
        _on_test(on_test),
        *of_seeds(rows),
        *(_for_ours(rows, mine, rival) if mine and rival else ()),
        *(
            f"Beside its own prior ({label(each)}): {_beside(rows, mine, each)}"
            for each in refitted(on_test)
            if mine and own and each[0] == own.prior and each != rival
        ),
        *(_without(rows, stands[each], each, own) for each in on_test if mine and each[0] in ABLATIONS),
        *spoken(champion),
    )
    return Verdict(chosen, rival, champion, basis, comparisons, tuple(sentences))


def _on_validation(chosen: Method | None, baselines: int) -> str:
    if chosen is None:
        return "No baseline was tried on validation origins, so nothing was chosen before the test."
    return f"Chosen on validation, before any test origin: {label(chosen)}, of {baselines} baselines."


def _on_test(found: dict[Method, float]) -> str:
    best = min(found, key=found.__getitem__)
    return f"Lowest joint loss on test, for the record only: {label(best)}."


def _for_ours(rows: Sequence[Row], mine: Method, rival: Method) -> tuple[str, ...]:
    found = [against(rows, mine, rival, metric) for metric in HEADLINE]
    lines = [sentence(each) for each in found]
    won = [each for each in found if each.winner == label(mine)]
    lost = [each for each in found if each.winner == label(rival)]
    best = f"the best baseline ({label(rival)})"
    if won and not lost:
        return (*lines, f"{label(mine)} beats {best} in {_names(won)} and does not lose in the rest.")
    if lost:
        return (*lines, f"{label(mine)} does not beat {best}: it loses in {_names(lost)}.")
    how = "no different in any of these" if all(each.same for each in found) else "level within the intervals"
    level = f"{label(mine)} does not beat {best}: the two are {how}."
    return (*lines, level, f"Nothing here justifies its cost over {label(rival)}.")


def _without(rows: Sequence[Row], mine: Method, ablation: Method, own: OwnValidation | None) -> str:
    """Returns what a part of ours adds: ours beside itself without it; of the text also whether ours corrects at all."""
    said = f"Without {ABLATIONS[ablation[0]].without} ({label(ablation)}): {_beside(rows, mine, ablation)}"
    if ablation[0] != "no_llm_head" or own is None or own.kept:
        return said
    return (
        f"{said} Validation kept nothing of the correction of {label(mine)}, so this is its prior, {own.prior}, beside the "
        "head: a gain here is the prior's merit, not the text's."
    )


def _beside(rows: Sequence[Row], mine: Method, other: Method) -> str:
    """Returns ours beside another, and where the intervals leave no doubt; a difference above 0 is more with ours."""
    found = [against(rows, mine, other, metric) for metric in HEADLINE]
    if all(each.same for each in found):
        return f"{label(mine)} has the same {_names(found)} at all {found[0].origins} origins."
    parts = [
        f"{METRICS[each.metric].label} {each.mean_b:.3f}, {label(mine)} {each.mean_a:.3f}, difference "
        f"{each.difference:+.4f} (t {each.t_low:+.4f} to {each.t_high:+.4f})"
        for each in found
    ]
    told = [
        f"{word} in {_names(those)}"
        for word, who in (("better", mine), ("worse", other))
        if (those := [each for each in found if each.winner == label(who)])
    ]
    return f"{'; '.join(parts)}: {label(mine)} is {', '.join(told) or 'level'}."


def _names(found: Sequence[Comparison]) -> str:
    return " and ".join(METRICS[each.metric].label for each in found)


def sentence(found: Comparison) -> str:
    """Returns a comparison in words, with both intervals and the rank test."""
    metric = METRICS[found.metric]
    if found.same:
        return f"{metric.label}: {found.a} and {found.b} {found.mean_a:.3f}, the same at all {found.origins} origins."
    return (
        f"{metric.label}: {found.a} {found.mean_a:.3f}, {found.b} {found.mean_b:.3f}; difference "
        f"{found.difference:+.3f} (t {found.t_low:+.3f} to {found.t_high:+.3f}, bootstrap "
        f"{found.bootstrap_low:+.3f} to {found.bootstrap_high:+.3f}, Wilcoxon p = {found.wilcoxon:.3f}) "
        f"over {found.origins} origins, "
        f"{found.a} better at {found.better:g}."
    )
