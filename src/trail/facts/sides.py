"""Whether a text gives its reasons the side that they had: what is said to hold a forecast back must have lowered it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trail.facts.claims import Driver, Verdict, Verification
from trail.signals import BY_NAME

#: Words that give the next fact a side: 1 for more, -1 for fewer, 0 for a cause of either.
_SIDES: dict[int, re.Pattern[str]] = {
    side: re.compile(rf"\b(?:{words})(?!\w)", re.IGNORECASE)
    for side, words in {
        1: r"(?:what )?supports? (?:it|this)|in support|supporting (?:it|this)|(?:what )?counts for it|"
        r"(?:a )?(?:reason|point|evidence) for it|(?:helped|lifted|boosted|raised|carried|buoyed) by|"
        r"working for it|in its favou?r|on the plus side|pushing it up",
        -1: r"(?:it is )?held back by|(?:what )?holds? it back|(?:pulled|dragged|weighed) down by|lowered by|"
        r"(?:a )?(?:reason|point|evidence) against it|counts against it|weighs on it|"
        r"working against it|on the minus side|pulling it down|a drag on it",
        0: r"because|given that|seeing that|considering that|now that|what drives it|(?:the )?(?:main )?reason(?: is|:| being)|"
        r"explains it|driven by|why:|mainly|chiefly|(?<=, )since|"  # without a comma, "since" can be a time
        r"(?:what )?it rests on|(?:it is )?based on|what it builds on|the basis|behind it:|going by this",
    }.items()
}
_END = re.compile(r"\.(?= |$)")


def wrong_sides(text: str, read: Verification, drivers: Sequence[Driver]) -> list[int]:
    """Returns where a text gives a fact a side that no driver had, in order.

    The fact is the next supported claim about a signal in the same sentence; a driver speaks for its whole group, and has the
    side of its effect. Words without such a claim behind them say nothing that could be wrong.

    Args:
        text: The text.
        read: Its claims with their verdicts.
        drivers: What moved the forecast.
    """
    facts = sorted(
        (each.claim.start, each.claim.signal)
        for each in read.checked
        if each.verdict is Verdict.SUPPORTED and each.claim.signal in BY_NAME
    )
    found = []
    for side, words in _SIDES.items():
        for said in words.finditer(text):
            end = next((each.start() for each in _END.finditer(text, said.end())), len(text))
            told = next((name for start, name in facts if said.end() <= start < end), None)
            if told is not None and not _had(told, side, drivers):
                found.append(said.start())
    return sorted(found)


def _had(signal: str, side: int, drivers: Sequence[Driver]) -> bool:
    """Whether a driver of the signal's group had the side; any side will do for 0."""
    group = BY_NAME[signal].group
    effects = [each.effect for each in drivers if BY_NAME[each.signal].group is group]
    return any(effect * side > 0 if side else effect != 0 for effect in effects)
