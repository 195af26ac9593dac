"""Which words of English never stand side by side: "the of", "it 98", "98 75", "should orders", "had in"."""

from __future__ import annotations

from collections.abc import Iterator

from trail.facts.english.words import MODALS, Words, is_adverb
from trail.facts.grammar_tokens import Token
from trail.facts.grammar_windows import When

_NO_NOUN = frozenset({"verb", "gives", "be", "modal", "preposition", "end"})
_NO_OBJECT = frozenset(
    {"preposition", "be", "modal", "that", "than", "dated", "up", "flat", "foretold", "end"}
)
#: Class of a word -> classes of the words that never follow it. "end" is the end of a clause.
_NEVER: dict[str, frozenset[str]] = {
    "article": _NO_NOUN | {"that", "it", "the time", "article", "a", "to"},
    "a": _NO_NOUN | {"that", "it", "the time", "article", "a", "to"},
    "preposition": _NO_NOUN | {"to"},
    "to": frozenset({"be", "end", "preposition", "modal"}),
    "than": frozenset({"end", "preposition", "flat", "up", "be", "gives"}),
    "number": frozenset({"number", "it", "a", "object"}),
    "counted": frozenset({"number", "article", "a", "chance"}),
    "places": frozenset({"article", "a", "whole"}),
    "whole": frozenset({"number", "article", "a"}),
    "chance": frozenset({"article", "a"}),
    "top": frozenset({"article", "a"}),
    "be": frozenset({"object"}),
    "dated": frozenset({"be"}),
    "it": frozenset(
        {
            "number",
            "counted",
            "whole",
            "chance",
            "preposition",
            "up",
            "flat",
            "ing",
            "dated",
            "seen",
            "foretold",
            "awaited",
            "end",
        }
    ),
    "modal": frozenset(
        {"number", "counted", "whole", "article", "a", "preposition", "time", "that", "than", "object", "end"}
    ),
    "foretold": frozenset({"number", "counted"}),
    "set": frozenset({"number", "counted", "end"}),
    "gives": _NO_OBJECT | {"object"},
    "takes": _NO_OBJECT,
    "verb": frozenset({"that", "up", "foretold", "dated"}),
    "moves": frozenset({"that", "up", "foretold"}),
    "up": frozenset({"that", "foretold"}),
    "the same": frozenset({"time"}),
    "time": frozenset({"date", "holiday", "chance"}),
    "the time": frozenset({"date", "holiday"}),
    "there": frozenset({"number", "counted", "gives", "verb", "ing"}),
    "on it": frozenset({"be", "verb", "gives", "article", "the time"}),
}
#: Sorts of verb that must have an object.
_GIVES = frozenset({"have", "draw", "take", "gain"})
#: These go up and down; what rises does not rise up.
_GO = ("go", "went", "move", "edge", "crept", "pick")
_CLASSES = {
    **{word: word for word in ("the same", "on it", "there", "that", "to")},
    **dict.fromkeys(("a", "an"), "a"),
    **dict.fromkeys(("the", "its", "our", "their"), "article"),
    **dict.fromkeys(("up", "down"), "up"),
    **dict.fromkeys(("flat", "level", "higher", "lower", "unchanged"), "flat"),
    **dict.fromkeys(MODALS, "modal"),
    **dict.fromkeys(("looks set", "look set", "set to"), "set"),
    **dict.fromkeys(("on course", "outlook", "best guess", "projection", "is due to"), "foretold"),
    **dict.fromkeys(("than", "against", "versus", "compared with", "compared to", "relative to", "on"), "than"),
    **dict.fromkeys(("first seen", "last seen", "out for", "been out", "been around", "on sale", "known"), "seen"),
    "it": "it", "we": "it", "expected": "awaited",
}  # fmt: skip
_MARKS = frozenset({"", ",", ";", ")"})
_NOUNS = {
    "Q": "number", "EV": "counted", "US": "counted", "CAT": "whole", "ALL": "whole", "EVERYITEM": "whole",
    "CHANCE": "chance", "RANGE": "chance", "DATE": "date", "HOLIDAY": "holiday", "RELEASE": "dated",
    "PLACES": "places", "HEAVYWORD": "top",
    "OF": "preposition", "FROM": "preposition", "BY": "preposition", "IN": "preposition",
}  # fmt: skip


def neighbours(words: Words) -> Iterator[int]:
    """Yields words that cannot follow the one before, and ones that lack what must follow them."""
    for at in range(len(words.tokens)):
        never = _NEVER.get(_class(words, at))
        if never is None:
            continue
        after = at + 1
        while (token := words.at(after)) is not None and is_adverb(token):
            after += 1
        if words.at(after) is None:
            ends = words.closer in _MARKS or (
                words.closer not in {"(", "-"} and _class(words, at) in {"gives", "takes", "article"}
            )
            if "end" in never and ends:
                yield at
        elif _class(words, after) in never:
            yield after


def _class(words: Words, at: int) -> str:
    token = words.tokens[at]
    if token.kind in _NOUNS:
        return _noun(words, at, token)
    if token.when is not None:
        return _time(token.text, token.when)
    found = _CLASSES.get(token.text)
    if found == "a" and words.kind(at + 1) in {"US", "EV"}:
        return ""  # "two orders a customer"
    if found == "it":
        return "it" if words.begins(at) else "object"
    if found == "to" and words.kind(at - 1) == "FUT":
        return "modal"
    return found or _verb(words, at, token)


def _time(text: str, when: When) -> str:
    if text.split(maxsplit=1)[0] in {"the", "its", "a", "an"} and when.kind not in {"per", "length"}:
        return "the time"
    return "time" if when.kind in {"at", "the", "unit", "year"} and not when.possessive else ""


def _noun(words: Words, at: int, token: Token) -> str:
    number = token.quantity
    if number is not None and (number.form == "ratio" or number.sign):
        return ""
    came = words.verb(at - 1)
    came_in = token.text == "in" and came is not None and came.sort in {"rank", "draw"}  # "98 came in"
    if came_in or token.text in {"'s", "in its"} or (token.kind == "RELEASE" and token.text != "released"):
        return ""
    return _NOUNS[token.kind]


def _verb(words: Words, at: int, token: Token) -> str:
    verb = words.verb(at)
    if verb is None or token.text.startswith("what"):
        return ""
    if verb.forms == {"ing"}:
        return "ing"
    if verb.sort == "be":
        return "be" if token.text not in {"been", "being"} else ""
    before = words.verb(words.back(at))
    passive = before is not None and before.sort == "be"
    if verb.sort in _GIVES and token.kind != "D" and words.verb(at + 1) is None and not passive:
        return "takes" if verb.sort == "take" else "gives"
    if token.kind == "D":
        return "moves" if verb.sort in {"move", "gain"} and not token.text.startswith(_GO) else ""
    return (
        "verb" if token.kind in {"G", "SHAREV", "RANK"} and verb.sort not in {"move", "expect", "do"} else ""
    )
