"""Which words of English never stand side by side: "the of", "it 98", "98 75", "should orders", "had in"."""

from __future__ import annotations

from collections.abc import Iterator

from trail.facts.english.phrases import article
from trail.facts.english.words import MODALS, Words, is_adverb
from trail.facts.grammar_tokens import Token
from trail.facts.grammar_windows import When
from trail.facts.grammar_words import listed

_NO_NOUN = "verb | gives | takes | be | modal | preposition | of | to | end"
_NO_OBJECT = "preposition | of | be | modal | that | than | dated | up | flat | foretold | end"
#: Class of a word -> classes of the words that never follow it. "end" is the end of a clause.
_NEVER = {
    word: frozenset(listed(never))
    for word, never in {
        "article": f"{_NO_NOUN} | that | it | the time | article | a",
        "a": f"{_NO_NOUN} | that | it | the time | article | a",
        "preposition": _NO_NOUN,
        "of": _NO_NOUN,
        "to": "be | end | preposition | of | modal",
        "on": "end | preposition | of | flat | up | be | gives | takes | percent",
        "than": "end | preposition | of | flat | up | be | gives | takes",
        "number": "number | percent | it | a | article | object",
        "place": "number",
        "percent": "number | percent | it | a | article | object",
        "counted": "number | percent | article | a | chance",
        "places": "article | a | whole",
        "whole": "number | percent | article | a | entire",
        "chance": "article | a | percent",
        "top": "article | a",
        "be": "object",
        "dated": "be",
        "it": "number | percent | counted | whole | chance | preposition | of | up | flat | ing | dated | seen | foretold | awaited | end",
        "modal": "modal | number | percent | counted | whole | article | a | preposition | of | time | that | than | object | end",
        "foretold": "number | percent | counted",
        "set": "number | percent | counted | end",
        "gives": f"{_NO_OBJECT} | object",
        "takes": _NO_OBJECT,
        "verb": "that | of | up | foretold | dated",
        "moves": "that | of | up | foretold",
        "up": "that | foretold",
        "the same": "time",
        "time": "date | holiday | chance",
        "the time": "date | holiday",
        "there": "number | percent | counted | gives | takes | verb | ing",
        "on it": "be | verb | gives | takes | article | the time",
    }.items()
}
#: Sorts of verb that must have an object.
_GIVES = frozenset({"have", "draw", "take", "gain"})
#: These go with "in" as one verb.
_COMES_IN = ("came", "come", "coming", "took", "take", "taking", "brought", "bring")
#: These go up and down; what rises does not rise up.
_GO = ("go", "went", "move", "edge", "crept", "pick")
_CLASSES = {
    **{word: word for word in ("the same", "on it", "there", "that", "to")},
    **dict.fromkeys(("a", "an"), "a"),
    **dict.fromkeys(("the", "its", "our", "their"), "article"),
    **dict.fromkeys(("up", "down"), "up"),
    **dict.fromkeys(("whole", "entire"), "entire"),
    **dict.fromkeys(("flat", "level", "higher", "lower", "unchanged"), "flat"),
    **dict.fromkeys(MODALS, "modal"),
    **dict.fromkeys(("looks set", "look set", "set to"), "set"),
    **dict.fromkeys(("on course", "outlook", "best guess", "projection", "is due to"), "foretold"),
    **dict.fromkeys(("than", "against", "versus", "compared with", "compared to", "relative to"), "than"),
    "on": "on",
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
    if found is not None:
        return _word(words, at, found)
    placed = token.kind == "RANK" and article(words, at)
    return "place" if placed else _verb(words, at, token)


def _word(words: Words, at: int, found: str) -> str:
    """Returns the class of a word that has one of its own, by what stands around it."""
    after = words.kind(at + 1)
    if found == "it":
        return "it" if words.begins(at) else "object"
    if found == "to" and words.kind(at - 1) == "FUT":
        return "modal"
    apposed = (found == "a" and after in {"US", "EV"}) or (
        found == "article" and after in {"FUTG", "PEAK", "MOSTOF"}
    )
    return "" if apposed else found  # "two orders a customer", "with 1,210 the likeliest"


def _time(text: str, when: When) -> str:
    if text.split(maxsplit=1)[0] in {"the", "its", "a", "an"} and when.kind not in {"per", "length"}:
        return "the time"
    return "time" if when.kind in {"at", "the", "unit", "year"} and not when.possessive else ""


def _noun(words: Words, at: int, token: Token) -> str:
    number = token.quantity
    if number is not None and (number.form == "ratio" or number.sign):
        return ""
    came_in = token.text == "in" and words.text(at - 1).startswith(_COMES_IN)  # "98 came in"
    if came_in or token.text in {"'s", "in its"} or (token.kind == "RELEASE" and token.text != "released"):
        return ""
    if token.text == "of":
        return "of"
    return "percent" if number is not None and number.form in {"percent", "fraction"} else _NOUNS[token.kind]


def _verb(words: Words, at: int, token: Token) -> str:
    verb, before = words.verb(at), words.verb(words.back(at))
    auxiliary = verb is not None and verb.sort == "have" and words.verb(at + 1) is not None  # "have been"
    if verb is None or auxiliary or token.text.startswith("what"):
        return ""
    if verb.forms == {"ing"} or verb.sort == "be":
        return "ing" if verb.sort != "be" else "" if token.text in {"been", "being"} else "be"
    if token.kind == "D":
        return "moves" if verb.sort in {"move", "gain"} and not token.text.startswith(_GO) else ""
    passive = before is not None and before.sort == "be"
    if verb.sort in _GIVES and not passive:
        return "takes" if verb.sort == "take" else "gives"
    plain = token.kind in {"G", "SHAREV", "RANK"} and verb.sort not in {"move", "expect", "do"}
    return "verb" if plain else ""
