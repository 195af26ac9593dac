"""The page `docs/signals.md`, made from the signals themselves: `python -m trail.signals.docs > docs/signals.md`."""

from __future__ import annotations

import sys

from trail.signals.card import SIGNALS
from trail.signals.core import WINDOWS, Family, Signal

_INTRODUCTION = f"""\
# Signals

A signal is one number about an item at a cutoff, defined once in `trail.signals`: the definition computes
the number, fills the prompt, words the explanation and verifies it. This page is made from those
definitions (`python -m trail.signals.docs > docs/signals.md`); a test fails where the two differ.

There are {len(SIGNALS)} signals. What holds for all of them:

- Nothing at or after the **cutoff** is read. Where the log says when its events arrived (`ingested_at`), neither is an
  event that arrived after the cutoff's forecast was made. A forecast is made at its cutoff if most events arrive by
  the end of their day (or step of the grid), else as many whole days later as the median event takes to arrive after
  that end. From the log's last cutoff on all of it is known: that forecast is made now.
- A **window** is half-open and as long as the horizon; window 1 ends at the cutoff, and a card looks back
  at {WINDOWS}. Windows that begin before the log's first day are null, not zero, and means, levels, peaks
  and slopes use the others. What compares two windows (or three) is null when the log covers fewer.
- **Counts** sum the weights of events: an event of weight 3 counts as three events of weight 1. Mean
  prices do not: every event that carries a price speaks once.
- Items with equal counts share the best rank. Items without events have counts of zero.
- Items of the log that the catalogue does not list have cards too, without category and release.
- A log that counts by the day or the week takes cutoffs on its own grid only.
- Whether a log names users, carries prices or has a grid, and how long its events take to arrive, is a fact of the
  whole log, not of a cutoff.

The column "neutral" is the value that says nothing about an item; it stands in when a group is left out to
see whether it moved a forecast. "Median" is the median of the cards.

Units: {{units}}.
"""
_FAMILIES = {
    Family.HISTORY: "How much, how long, how steadily.",
    Family.MOMENTUM: "What changed between the last windows, inside the last one, and around the item.",
    Family.METADATA: "What the catalogue and the price tags say, as numbers.",
    Family.CALENDAR: "The period predicted; equal for all items of a cutoff.",
}


def _row(signal: Signal) -> str:
    neutral = "median" if signal.neutral is None else f"{signal.neutral:.3g}"
    meaning = signal.doc.replace("|", r"\|")
    prompt = "yes" if signal.wording.prompt else "no"
    return f"| `{signal.name}` | {signal.group} | {signal.unit} | {meaning} | {neutral} | {prompt} |"


def _section(family: Family) -> str:
    rows = [_row(signal) for signal in SIGNALS if signal.family is family]
    head = "| signal | group | unit | what it is | neutral | in the prompt |\n|---|---|---|---|---|---|"
    return f"## {family.capitalize()}\n\n{_FAMILIES[family]}\n\n{head}\n" + "\n".join(rows) + "\n"


def signals_page() -> str:
    """Returns the Markdown of `docs/signals.md`: one table row a signal, by family."""
    units = ", ".join(dict.fromkeys(str(signal.unit) for signal in SIGNALS))
    sections = [_section(family) for family in Family]
    return _INTRODUCTION.format(units=units) + "\n" + "\n".join(sections)


if __name__ == "__main__":
    sys.stdout.write(signals_page())
