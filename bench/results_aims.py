"""What was aimed at and what was reached, over all logs: the first part of the page of results, made from the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean

from results_kept import rows_kept
from results_page import OWN, SHOWN, TRAIL, bests, compared, gaps, judged_by
from trail.evaluate import Comparison, Row
from trail.evaluate.methods import Method, methods

#: On how many logs trail is to be above its rival, by how many percent on average, and by how many at rises on so many logs.
_LOGS, _GAIN, _GAIN_OF_RISES = 3, 1.0, 3.0
_RISES = "risers@50"
_ABOVE_ALL = f"below on none, above on {_LOGS}, mean gain {_GAIN:+.0f}%"
_HEAD: Method = ("no_llm_head", "every")


def aims(names: Sequence[str], kept: Path) -> str:
    """Returns a table of aims, and on how many logs each was reached; empty where trail was tried on none.

    Args:
        names: Of the logs.
        kept: Folder of their rows.
    """
    every = {name: judged_by(rows_kept(name, kept, Row)) for name in names}
    tried = {name: rows for name, rows in every.items() if TRAIL in methods(rows)}
    if not tried:
        return ""
    lines = [
        "| trail beside | metric | not below | above | mean gain | aim |",
        "|---|---|---:|---:|---:|---|",
    ]
    return "\n\n".join(
        [
            "## Aims",
            f"Over {len(tried)} logs, by the intervals of each: on how many trail is not below its rival, on how many above.",
            "\n".join([*lines, *_beside(tried)]),
            _covered(tried),
        ]
    )


def _beside(tried: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """Yields a line a rival and metric."""
    for words, scope, passed, aim in (
        ("the best baseline that was not made here", "active", OWN, _ABOVE_ALL),
        ("the best baseline", "active", (), _ABOVE_ALL),
        ("the best baseline, new items", "new", (), "above on each"),
    ):
        best = {name: bests(rows, scope, passed) for name, rows in tried.items()}
        for metric in SHOWN:
            met = (
                compared(rows, metric, TRAIL, best[name].get(metric), scope) for name, rows in tried.items()
            )
            yield _line(words, metric, [each for each in met if each], aim)
    for metric in SHOWN:
        met = (compared(rows, metric, TRAIL, _HEAD, "active") for rows in tried.values())
        yield _line("itself without the text", metric, [each for each in met if each], f"above on {_LOGS}")


def _line(words: str, metric: str, found: Sequence[Comparison], aim: str) -> str:
    """Returns a line of the table: trail beside a rival of each log, by one metric."""
    below = sum(each.winner == each.b for each in found)
    above = sum(each.winner == each.a for each in found)
    gain = f"{fmean(each.gain for each in found):+.1f}%" if found else ""
    if metric == _RISES and aim == _ABOVE_ALL:
        reached = sum(each.gain >= _GAIN_OF_RISES for each in found)
        aim = f"{_GAIN_OF_RISES:+.0f}% on {_LOGS} (so on {reached})"
    cells = [words, metric, f"{len(found) - below} of {len(found)}", str(above), gain, aim]
    return "| " + " | ".join(cells) + " |"


def _covered(tried: Mapping[str, Sequence[Row]]) -> str:
    """Returns on how many logs, and in how many of their groups of items, ranges keep what they promise."""
    found = {name: gaps(rows) for name, rows in tried.items()}
    whole = [each["active"][1] for each in found.values() if "active" in each]
    groups = [beyond for each in found.values() for scope, (_, beyond) in each.items() if scope != "active"]
    return (
        f"Coverage within its aim: of all active items on {whole.count(False)} of {len(whole)} logs, of groups of items in "
        f"{groups.count(False)} of {len(groups)}."
    )
