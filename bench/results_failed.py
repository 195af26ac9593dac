"""What did not work, log by log, as the rows say: the last part of the page of results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from results_kept import rows_kept
from results_lists import list_rivals
from results_page import OWN, SHOWN, TRAIL, compared, gaps, judged_by, rivals
from trail.evaluate import Row
from trail.evaluate.ablations import ABLATIONS
from trail.evaluate.list_rows import ListRow, paired
from trail.evaluate.methods import Method, label, methods, refitted

#: What the aims of users' lists are about.
_LISTED = ("hr@10", "ndcg@10")


def failed(names: Sequence[str], kept: Path) -> str:
    """Returns the part of the page on what did not work; a log on which trail was not tried says nothing.

    Args:
        names: Of the logs.
        kept: Folder of their rows.
    """
    lines = []
    for name in names:
        rows = judged_by(rows_kept(name, kept, Row))
        found = losses(rows) if TRAIL in methods(rows) else []
        found += list_losses(rows_kept(name, kept, ListRow))
        lines += [f"**{name}**", *(f"- {each}" for each in found)] if found else []
    words = "Made from the rows: wherever trail is not above what it is set beside, by both intervals, or misses an aim of coverage."
    return "\n\n".join(["## What did not work", words, *lines]) if lines else ""


def losses(rows: Sequence[Row]) -> list[str]:
    """Returns where trail is not above its rivals, a sentence a rival, and which ranges miss their aim."""
    same = same_as(rows)
    lines = [f"Its correction is off: trail is {label(same)}, origin by origin."] if same else []
    for words, scope, mine, found in rivals(rows):
        told: dict[str, list[str]] = {"worse": [], "level": [], "no different": []}
        for metric in SHOWN:
            each = compared(rows, metric, mine, found.get(metric), scope)
            if each and each.winner != each.a:
                how = "worse" if each.winner else "no different" if each.same else "level"
                told[how].append(metric if each.b in ABLATIONS else f"{metric} ({each.b})")
        lines += _said(f"Beside {words}", told)
    wide = [f"{scope} {gap:+.3f}" for scope, (gap, beyond) in gaps(rows).items() if beyond]
    return [*lines, *([f"Coverage beyond the aim: {', '.join(wide)}."] if wide else [])]


def list_losses(rows: Sequence[ListRow]) -> list[str]:
    """Returns where trail's lists for users are not above their rivals, a sentence a rival."""
    lines = []
    for words, mine, rivals_of_it in list_rivals(rows, OWN):
        told: dict[str, list[str]] = {"worse": [], "level": []}
        for metric in (each for each in _LISTED if each in rivals_of_it):
            found = paired(rows, mine, rivals_of_it[metric], metric)
            if found.winner != mine:
                told["worse" if found.winner else "level"].append(f"{metric} ({found.b})")
        lines += _said(f"Lists of {mine} beside {words}", told)
    return lines


def same_as(rows: Sequence[Row]) -> Method | None:
    """Returns the baseline whose figures are trail's at every test origin, as they are where nothing is corrected."""
    others = [each for each in refitted(methods(rows)) if each[0] not in ("trail", *ABLATIONS)]
    for other in others:
        beside = (compared(rows, metric, TRAIL, other, "active") for metric in SHOWN)
        if all(each and each.same for each in beside):
            return other
    return None


def _said(head: str, told: Mapping[str, Sequence[str]]) -> list[str]:
    """Returns a sentence of how it is in which metrics; none where it is not so in any."""
    parts = [f"{how} in {', '.join(those)}" for how, those in told.items() if those]
    return [f"{head}: {'; '.join(parts)}."] if parts else []
