"""Clauses without a fact: "and they are running", "it shows" say something, though each of their words alone is glue."""

from __future__ import annotations

from collections.abc import Sequence

from trail.facts.grammar_lexicon import VERBS
from trail.facts.grammar_tokens import Token

#: Kinds of which no card decides anything where they stand without a number, a time or a direction.
_IDLE = frozenset(
    "G COP IN AT OF BY TO FROM EV US ITEM ITEMWORD HEDGE FUT ADJ ALLEV".split()  # noqa: SIM905 - a word list reads best as a sentence
)
#: What may be called upon: "as the card shows".
_SOURCES = frozenset({"card", "data", "log", "numbers", "figures"})
#: Words that go on with a clause which has said nothing yet: "it comes with 98 orders", "the reason is that".
_GOES_ON = frozenset(
    {
        "with",
        "after",
        "following",
        "when",
        "where",
        "who",
        "which",
        "whose",
        "as well as",
        "even as",
        "just as",
        "since",
    }
)
#: Verbs that wait for what comes: "it is, however, 5th", "it has, so far, 98 orders".
_WAITING = frozenset({"is", "was", "are", "were", "has", "had", "have", "been", "it's"})


def strays(sentence: Sequence[Token]) -> list[list[Token]]:
    """Returns the clauses of a sentence that have a verb, or a cause, and nothing that a card could decide.

    Args:
        sentence: Its tokens, glue included.
    """
    parts: list[list[Token]] = [[]]
    for token in sentence:
        if token.kind in {"BREAK", "CAUSE"}:
            parts.append([])
        parts[-1].append(token)
    found = []
    for at, part in enumerate(parts):
        words = [token for token in part if token.kind not in {"BREAK", "CAUSE"}]
        following = next((each[0] for each in parts[at + 1 :] if len(each) > 1), None)
        bound = at + 1 < len(parts) and parts[at + 1][0].kind == "CAUSE"
        if _is_idle(words) and not (bound or _goes_on(words, following)):
            found.append(words)
        elif part is parts[-1] and _is_no_cause(part):
            found.append(part)  # "grew 4% thanks to it"
    return found


def _is_no_cause(part: Sequence[Token]) -> bool:
    """Whether a cause is named and no fact: "thanks to it", not "helped by this", which points to the next sentence."""
    idle = all(each.kind in _IDLE and each.text != "this" for each in part[1:])
    return len(part) > 1 and part[0].kind == "CAUSE" and idle


def _is_idle(words: Sequence[Token]) -> bool:
    verbs = [token for token in words if token.kind == "COP" or token.text in VERBS]
    idle = all(token.kind in _IDLE or (token.kind == "CMP" and token.sign is None) for token in words)
    return bool(verbs) and idle and not any(token.text in _SOURCES for token in words)


def _goes_on(words: Sequence[Token], following: Token | None) -> bool:
    """Whether the next clause completes this one."""
    return following is not None and (following.text in _GOES_ON or words[-1].text in _WAITING)
