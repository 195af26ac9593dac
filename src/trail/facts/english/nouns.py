"""Numbers with their nouns, articles, and times that want one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trail.facts.english.phrases import ARTICLE, article, plural, sort_of
from trail.facts.english.words import Words
from trail.facts.grammar_numbers import NUMBER, Quantity, plain
from trail.facts.grammar_tokens import Token
from trail.facts.grammar_windows import When

#: What a number with one of these nouns behind it is does not stand without an article: "a 72% chance".
_NEEDS_ARTICLE = frozenset({"chance", "range", "share", "move"})
_MARKS = frozenset({"", ",", ";", "(", ")", "-"})
_UNIT = r"(?:day|week|fortnight|month|quarter|period|window)s?"
#: Times that want an article: "week before", "previous week", "last three days", "same week last year".
_NAKED = re.compile(
    rf"{_UNIT} (?:before|earlier|prior)\b|"
    r"(?:coming|upcoming|following|forthcoming|past|previous|prior|preceding|most recent|same)\b"
)
_LAST = re.compile(r"(?:^|\bof )(?:last|past|final|latest|recent|closing|most)\b")
_AFTER_IN = re.compile(rf"(?:last|next) {_UNIT}$")
#: Articles that a noun of which there is one does not take: "a catalogue", "its whole catalogue".
_NOT_OF = {"ALL": ("a", "an"), "EVERYITEM": ("a", "an", "its")}
#: A number and its unit of time: "12 weeks".
_UNITS = re.compile(
    rf"({NUMBER})\s+(?:full |whole |complete |entire )?(day|week|fortnight|month|quarter|period|window)(s?)\b"
)
#: These were so many days ago, not for so many days.
_DATED = frozenset(
    {"released", "came out", "launched", "published", "first seen", "last seen", "first appeared"}
)
#: Numbers that start with a vowel's sound.
_VOWEL = re.compile(r"8|1[18](?:\D|,\d{3}\b|$)|eight|eleven")


def numbers(words: Words) -> Iterator[int]:
    """Yields numbers that do not go with their noun: "12% orders", "5th orders", "1 orders", "a 72 chance"."""
    for at, token in enumerate(words.tokens):
        noun = _noun(words, at)
        if token.quantity is not None:
            wrong = _mismatched(token.quantity, noun, sort_of(words, at))
        else:
            few = token.text in {"more", "fewer"} and words.kind(at - 1) != "Q"
            wrong = (
                few and noun is not None and noun.kind in {"EV", "US"} and not plural(noun)
            )  # "fewer customer"
        if wrong:
            yield at


def _mismatched(number: Quantity, noun: Token | None, sort: str) -> bool:
    if noun is not None and noun.kind in {"EV", "US"}:
        if number.form in {"percent", "ordinal"}:
            return plural(noun) and (sort == "count" or number.form == "ordinal")
        return number.form == "number" and (number.value == 1 and number.high is None) == plural(noun)
    if sort == "move" and number.form == "number":
        return number.value != 1 and noun is not None and not plural(noun)  # "two rise"
    if noun is not None and (noun.kind == "PLACES" or _place(noun)):
        return number.form == "number" and (number.value == 1) == plural(noun)
    return number.form == "number" and number.high is None and sort in {"chance", "range"}


def _place(noun: Token) -> bool:
    return noun.text in {"place", "position", "spot"}


def _noun(words: Words, at: int) -> Token | None:
    at += 1
    while (token := words.at(at)) is not None and (token.kind == "ADJ" or token.more):
        at += 1
    return token


def articles(words: Words) -> Iterator[int]:
    """Yields nouns without their article, and articles that do not go with what follows."""
    for at, token in enumerate(words.tokens):
        if token.quantity is not None:
            wrong = _article_of_number(words, at, token.quantity)
        elif token.text in {"a", "an"}:
            wrong = not _sounds(words.text(at + 1), token.text)
        else:
            said = article(words, at)
            wrong = (_wants_article(words, at) and not said) or said in _NOT_OF.get(token.kind, ())
        if wrong:
            yield at


def _sounds(word: str, article: str) -> bool:
    """Whether a word goes with "a" or "an"; of letters that can sound either way both do."""
    return (
        not word
        or not word[0].isascii()
        or word[0] in "uoh8"
        or (word[0] in "aei") == (article == "an")
        or word[0].isdigit()
    )


def _article_of_number(words: Words, at: int, number: Quantity) -> bool:
    """Whether a number lacks its article ("has 72% chance"), has one too many ("a 98 orders") or a wrong one ("a 80%")."""
    sort, said, token = sort_of(words, at), article(words, at), words.tokens[at]
    if said in {"a", "an"} and number.value != 1:
        inside = ARTICLE.search(token.text)
        sound = "an" if _VOWEL.match(token.text[inside.end() if inside else 0 :]) else "a"
        own = inside is not None or words.text(at - 1) == said
        many = sort not in _NEEDS_ARTICLE | {"nth", "ratio", "money"}
        return (many and number.form != "fraction" and words.kind(at + 1) != "X") or (own and sound != said)
    if sort == "percent" and words.text(at - 1) in {"the", "its"}:
        return True  # "rose the 31%"
    apposed = (at == 0 and words.opener in _MARKS) or words.kind(at - 1) in {"AT", "OF"}
    return sort in _NEEDS_ARTICLE and not said and not apposed


def _wants_article(words: Words, at: int) -> bool:
    """Whether a token is a noun that stands with an article and no number in front of it; a label's colon does without."""
    token, before, after = words.tokens[at], words.kind(at - 1), words.kind(at + 1)
    if after == "AT":
        return False
    if token.kind == "CHANCE":
        return token.text == "chance" and before != "Q" and not (at == 0 and words.opener in _MARKS)
    if token.kind == "ALL":
        return " " not in token.text
    if token.kind in {"EVERYITEM", "TREND"}:
        return not token.text.startswith(("all ", "trending"))
    top = token.text == "top" and after == "Q"
    rank = token.text == "rank" and after == "IN" and before in {"", "AT"}
    return top or rank or token.text in {"category", "release"}


def times(words: Words) -> Iterator[int]:
    """Yields times without their article ("on week before"), with a wrong preposition ("in last week") or said twice."""
    said: set[float] = set()
    for at, token in enumerate(words.tokens):
        if token.when is None:
            continue
        if (
            _lacks_article(words, at, token, token.when)
            or _cut_short(words, at, token.when)
            or _miscounts(token.text)
        ):
            yield at
        if _AFTER_IN.match(token.text) and _misplaced(words, at):
            yield at
        alone = not token.when.possessive and words.kind(at - 1) not in {"CMP", "FROM", "OF"}
        if token.when.kind == "at" and alone:
            if token.when.n in said:
                yield at
            said.add(token.when.n)


def _misplaced(words: Words, at: int) -> bool:
    """Whether a preposition does not go with "last week": "in last week", "98 orders on last week"; "came in last week" does."""
    before, came = words.text(at - 1), words.verb(at - 2)
    if before == "on":
        return not any(token.kind in {"D", "DEGREE"} for token in words.tokens)
    inside = before in {"in", "during"} and (came is None or came.sort not in {"rank", "draw"})
    return inside or before == "at"


def _lacks_article(words: Words, at: int, token: Token, when: When) -> bool:
    if when.kind == "per" or article(words, at):
        return False
    if when.kind == "unit":
        return words.kind(at - 1) not in {"PEAK", "LOWEST"}  # "for week"
    naked = _LAST.search if when.kind in {"late", "span", "some"} else _NAKED.match
    return naked(token.text) is not None


def _miscounts(text: str) -> bool:
    """Whether a number does not go with its unit of time: "12 week", "1 days ago"."""
    return any((plain(number)[0] == 1) == bool(many) for number, _, many in _UNITS.findall(text))


def _cut_short(words: Words, at: int, when: When) -> bool:
    """Whether a time is cut short: "8 more customers than the week", "8 more customers the week before", "released 12 days"."""
    if when.kind == "length":
        before = words.text(at - 2 if words.text(at - 1) == "for" else at - 1)
        return before in _DATED and words.kind(at + 1) != "AHEAD"
    if when.kind == "the":
        return not when.possessive and words.text(at - 1).endswith("than")
    return when.kind == "back" and _is_measured(words, at)


def _is_measured(words: Words, at: int) -> bool:
    """Whether a time stands right behind "8 more customers", which wants a "than"."""
    at -= 1
    while words.kind(at) in {"EV", "US", "ADJ"}:
        at -= 1
    token = words.at(at)
    return token is not None and token.kind == "D" and token.more and words.kind(at - 1) == "Q"
