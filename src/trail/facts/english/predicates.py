"""Verbs with their objects and subjects, and with the verbs in front of them."""

from __future__ import annotations

from collections.abc import Iterator

from trail.facts.english.phrases import article, sort_of
from trail.facts.english.verbs import BEING, IDLE, OBJECTS, Verb
from trail.facts.english.words import DETERMINERS, Words
from trail.facts.grammar_tokens import Token
from trail.facts.grammar_words import listed

#: Verbs whose number needs a noun, here or before it: "it had 98" of what?
_COUNTING = frozenset({"have", "draw", "expect"})
_TAKES_NO_TIME = frozenset({"have", "draw", "average", "take", "gain", "expect"})
_STEPS = frozenset({"places", "climb"})
#: Words of an age that need no "ago": "it is 300 days old", "it has been out for 300 days".
_AGES = frozenset({"old", "out", "around", "for", "sale", "known"})
#: Kinds of token that make a clause one with a verb.
_MAKES_VERB = frozenset(
    listed("COP | SHAREV | EVV | PAID | RELEASE | FASTER | SLOWER | ACCEL | DECEL | TOPWORD | LISTED | NEG")
)
#: Phrases of other kinds that hold a verb.
_VERBAL = frozenset(
    {
        "stood at",
        "stands at",
        "came to",
        "comes to",
        "came in at",
        "ran at",
        "first appeared",
        "first showed up",
        "appeared",
        "ranges",
    }
)
_AHEAD = frozenset({"up", "down", "more", "fewer", "flat", "level", "above", "below", "higher", "lower"})


def objects(words: Words) -> Iterator[int]:
    """Yields verbs whose object is of a kind they do not take: "it had 5th", "it was 98 orders", "it sold 31%"."""
    for at, token in enumerate(words.tokens):
        verb, place = words.verb(at), words.object(at)
        if place is None:
            continue
        sort, subject = sort_of(words, place), words.subject(at)
        if sort in _STEPS and subject in {"events", "users", "whole"}:
            wrong = True  # "orders rose 12 places"
        elif verb is None:
            wrong = token.text in {"up", "down"} and place == at + 1 and sort not in OBJECTS["up"]
        elif sort == "time":
            wrong = not _lasts(words, verb, place, subject or words.heir)
        else:
            heir = words.heir if verb.sort == "be" else ""
            wrong = not _takes(words, at, verb, place, subject or heir)
        if wrong:
            yield at


def _lasts(words: Words, verb: Verb, place: int, subject: str) -> bool:
    """Whether a verb goes with a length of time: "came 4 weeks ago", "is 300 days old", not "had 4 weeks ago"."""
    if verb.sort in _TAKES_NO_TIME:
        return False
    long = words.tokens[place].when
    aged = any(token.kind == "AHEAD" or token.text.split()[-1] in _AGES for token in words.tokens)
    dated = verb.sort in {"be", "rank"} and subject in {"it", "peak"} and not aged
    return not (dated and long is not None and long.kind == "length")


def _takes(words: Words, at: int, verb: Verb, place: int, subject: str) -> bool:
    """Whether a verb at a place goes with the number at another and with its subject."""
    sort = sort_of(words, place)
    if verb.sort == "be":
        if sort == "nth" and words.kind(place + 1) == "RANK" and not article(words, place):
            return False  # "it is 5th rank"
        return subject not in BEING or sort in BEING[subject]
    if subject == "users" and verb.sort == "place":
        return sort not in {"rank", "nth"}  # "customers placed 98 orders"
    before = words.verb(words.back(at))
    passive = before is not None and before.sort == "be" and "participle" in verb.forms
    if passive and verb.sort not in {"rank", "place", "put", "move"}:
        return verb.sort in {"sell", "buy"} and sort == "times"
    if sort not in OBJECTS[verb.sort] or verb.sort in IDLE.get(subject, ()):
        return False
    named = words.counted or any(token.kind in {"EV", "US"} for token in words.tokens)
    return sort != "number" or verb.sort not in _COUNTING or named


def tenses(words: Words) -> Iterator[int]:
    """Yields present tenses of what is over: "it is 5th last week", "last week has 98", "the release is 452 days ago"."""
    for at, verb in words.verbs():
        third = verb.forms == {"third"} and words.tokens[at].text != "were"
        present = words.tokens[at].text in {"is", "has"} or third
        if not present or words.verb(at + 1) is not None or words.kind(at + 1) in {"FUT", "FIRST"}:
            continue
        over = words.subject(at) == "time" and _over(words, at - 1)
        if over or any(_over(words, place) for place in range(at + 1, len(words.tokens))):
            yield at


def _over(words: Words, at: int) -> bool:
    """Whether a token says that a clause is about a time gone by, and is nothing to compare with."""
    when = words.tokens[at].when
    if when is None or when.possessive or words.kind(at - 1) in {"CMP", "OF", "FROM", "TO", "D"}:
        return False
    return (when.kind == "at" and when.n >= 1) or when.kind == "ago"


def unled(words: Words) -> Iterator[int]:
    """Yields verbs without a subject where one begins: "why: reached 51 customers"."""
    bound = len(words.opener) > 1 and words.opener.endswith((":", ",", "that", "because"))
    verb = words.verb(0)
    if (bound or not words.opener) and verb is not None and verb.forms & {"past", "third"}:
        told = "participle" not in verb.forms or words.object(0) is not None
        if told and verb.sort not in {"rank", "place", "expect", "modal", "peak"}:
            yield 0


def sequences(words: Words) -> Iterator[int]:
    """Yields verbs in a form that does not follow the one before: "it had drew", "should drew", "was rose"."""
    for at, verb in words.verbs():
        back = words.back(at)
        token, before = words.at(back), words.verb(back)
        if verb.forms == {"participle"} and (token is None or not (before and before.sort in {"be", "have"})):
            yield at  # "it been", "orders risen"
            continue
        if token is None:
            continue
        denied = any(
            each.kind == "NEG" and each.text in {"did not", "didn't", "does not"}
            for each in words.tokens[back + 1 : at]
        )
        if before is None or token.text.startswith("what"):
            foretold = token.text == "to" and words.kind(back - 1) in {"FUT", "LIKELY"}
            wanted = {"base"} if foretold or denied else None
        elif before.sort == "be":
            wanted = {"participle", "ing"} if words.tokens[at].text not in {"had", "got", "come"} else {"ing"}
        elif token.text in {"has", "have", "had"}:
            wanted = {"participle"}
        elif before.sort in {"modal", "do"}:
            wanted = {"base"}
        else:
            wanted = {"ing"}
        if wanted is not None and not verb.forms & wanted:
            yield at
        elif before is not None and before.sort == "have" and verb.sort == "expect":
            yield at  # "it has expected 110"


def lacking(words: Words) -> Iterator[int]:
    """Yields clauses without a verb: "the last three days 41%", "its rank in the catalogue 5th", "given that 98 orders"."""
    if _has_verb(words):
        return
    first = words.tokens[0]
    numbers = [
        at
        for at, token in enumerate(words.tokens)
        if _is_number(token) or (token.when and token.when.kind == "ago")
    ]
    told = (
        any(token.kind == "AT" for token in words.tokens) or words.opener == "and"
    )  # a label; "and its rank 3rd"
    late = first.when is not None and first.when.kind in {"late", "span"} and numbers[:1] == [1]
    named = (
        bool(numbers)
        and first.text in DETERMINERS
        and not (words.opener and first.text in {"a", "an"})  # "orders rose from 75 to 98, a gain of 31%"
        and words.subject(numbers[0]) in {"figure", "rank", "forecast", "peak"}
    )
    moved = first.kind in {"EV", "US", "CAT", "ALL"} or (
        first.text in DETERMINERS and words.kind(1) in {"EV", "CAT", "ALL"}
    )
    moved = moved and any(token.kind == "D" and token.text in _AHEAD for token in words.tokens[1:3])
    bound = f"{words.opener} {words.text(0)}".strip().endswith(("that", "because", "whereas"))
    if bound or (not told and (late or named or moved)):
        yield 0


def _is_number(token: Token) -> bool:
    return (
        token.quantity is not None
        and token.quantity.form not in {"ratio", "series"}
        and token.quantity.sign == 0
    )


def _has_verb(words: Words) -> bool:
    ratio = any(
        token.text.split()[-1] in {"doubled", "tripled", "halved", "quadrupled"} for token in words.tokens
    )
    return ratio or any(
        words.verb(at)
        or (token.kind in _MAKES_VERB and token.text != "release")
        or token.past
        or token.text in _VERBAL
        or token.text.startswith("look")
        for at, token in enumerate(words.tokens)
    )
