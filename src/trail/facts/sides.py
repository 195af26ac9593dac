"""Whether a text gives its reasons the side that they had: what is said to hold a forecast back must have lowered it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from trail.facts.claims import Claim, Driver, Kind, Verdict, Verification
from trail.signals import BY_NAME

#: Words that give the next fact a side: 1 for more, -1 for fewer, 0 for a cause of either.
_SIDES: dict[int, re.Pattern[str]] = {
    side: re.compile(rf"\b(?:{words})(?!\w)", re.IGNORECASE)
    for side, words in {
        1: r"(?:what )?supports? (?:it|this)|in support|supporting (?:it|this)|(?:what )?counts for it|"
        r"(?:a )?(?:reason|point|evidence) for it|(?:helped|lifted|boosted|raised|carried|buoyed) by|"
        r"thanks to|pushed by|supported by|fuell?ed by|on the back of|working for it|in its favou?r|on the plus side|pushing it up",
        -1: r"(?:it is )?held back by|(?:what )?holds? it back|(?:pulled|dragged|weighed) down by|lowered by|"
        r"(?:a )?(?:reason|point|evidence) against it|counts against it|weighs on it|"
        r"working against it|on the minus side|pulling it down|a drag on it",
        0: r"because|given that|seeing that|considering that|now that|what drives it|(?:the )?(?:main )?reason(?: is|:| being)|"
        r"explains it|driven by|led by|due to|owing to|as a result of|why:|mainly|chiefly|(?<=, )since|"  # without a comma, "since" can be a time
        r"(?:what )?it rests on|(?:it is )?based on|what it builds on|the basis|behind it:|going by this",
    }.items()
}
#: In front of a count that is the whole of the part told: "of the week's 98 orders, 40 came in the last three days".
_WHOLE = re.compile(r"\bof (?:the |last )?\w+'s $", re.IGNORECASE)
#: What ends the reach of such words: the sentence, or a turn to what is not of the kind.
_END = re.compile(
    r"\.(?= |$)|\b(?:but|though|although|while|whereas|yet|however)\b|"
    + "|".join(each.pattern for each in _SIDES.values()),
    re.IGNORECASE,
)
#: What parts the facts of a list.
_NEXT = re.compile(r";|\b(?:and|plus)\b(?! \d)", re.IGNORECASE)


def wrong_sides(text: str, read: Verification, drivers: Sequence[Driver]) -> list[int]:
    """Returns where a text gives a fact a side that no driver had, in order.

    The facts are the first supported claims about a signal of each part of a list, up to the end of the sentence or a turn
    ("but"); a driver speaks for its whole group, and has the side of its effect. Words without such a claim behind them say
    nothing that could be wrong.

    Args:
        text: The text.
        read: Its claims with their verdicts.
        drivers: What moved the forecast.
    """
    facts = sorted(
        (each.claim.start, _told(each.claim)) for each in read.checked if each.verdict is Verdict.SUPPORTED
    )
    facts = [(start, name) for start, name in facts if name in BY_NAME and not _WHOLE.search(text[:start])]
    return sorted(
        said.start()
        for side, words in _SIDES.items()
        for said in words.finditer(text)
        if not all(_had(each, side, drivers) for each in _listed(text, said.end(), facts))
    )


def _told(claim: Claim) -> str:
    """Returns the signal of a claim: a window that was the highest of a few tells when the peak was."""
    peak = claim.kind is Kind.COMPARISON and claim.other.startswith("peak")
    return "peak_ago" if peak else claim.signal


def _listed(text: str, at: int, facts: Sequence[tuple[int, str]]) -> Iterator[str]:
    """Yields the signal of each fact of the list that starts at a position."""
    turn = _END.search(text, at)
    end = turn.start() if turn else len(text)
    marks = [each.start() for each in _NEXT.finditer(text, at, end)]
    for start, stop in pairwise((at, *marks, end)):
        told = next((name for begin, name in facts if start <= begin < stop), None)
        if told is not None:
            yield told


def _had(signal: str, side: int, drivers: Sequence[Driver]) -> bool:
    """Whether a driver of the signal's group had the side; any side will do for 0."""
    group = BY_NAME[signal].group
    effects = [each.effect for each in drivers if BY_NAME[each.signal].group is group]
    return any(effect * side > 0 if side else effect != 0 for effect in effects)
