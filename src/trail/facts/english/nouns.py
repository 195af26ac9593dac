"""Numbers with twords.heir nouns, articles, and times that want one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trail.facts.english.words import ARTICLE, Words, plural
from trail.facts.grammar_tokens import Token

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
#: Numbers that start with a vowel's sound.
_VOWEL = re.compile(r"8|1[18](?:\D|,\d{3}\b|$)|eight|eleven")


def numbers(words: Words) -> Iterator[int]:
    """Yields numbers that do not go with twords.heir noun: "12% orders", "5th orders", "1 orders", "a 72 chance"."""
    for at, token in enumerate(words.tokens):
        number = token.quantity
        if number is None:
            named = words.at(at + 1)
            few = token.text in {"more", "fewer"} and words.kind(at - 1) != "Q"
            if few and named is not None and named.kind in {"EV", "US"} and not plural(named):
                yield at  # "fewer customer"
            continue
        sort, noun = words.sort(at), _noun(words, at)
        counts = noun is not None and noun.kind in {"EV", "US"}
        if counts and sort == "count" and number.form == "percent":
            yield at
        elif counts and noun is not None and number.form == "ordinal" and plural(noun):
            yield at
        elif (
            number.form == "number" and noun is not None and (counts or noun.kind == "PLACES" or _place(noun))
        ):
            if (number.value == 1 and number.high is None) == plural(noun):
                yield at
        elif number.form == "number" and number.high is None and sort in {"chance", "range"}:
            yield at


def _place(noun: Token) -> bool:
    return noun.text in {"place", "position", "spot"}


def _noun(words: Words, at: int) -> Token | None:
    at += 1
    while (token := words.at(at)) is not None and (token.kind == "ADJ" or token.more):
        at += 1
    return token


def articles(words: Words) -> Iterator[int]:
    """Yields nouns without twords.heir article, and articles that do not go with what follows."""
    for at, token in enumerate(words.tokens):
        article = words.article(at)
        if token.quantity is not None:
            yield from _article_of_number(words, at, article)
        elif _wants_article(words, at) and not article:
            yield at
        elif token.text in {"a", "an"} and not _sounds(words.text(at + 1), token.text):
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


def _article_of_number(words: Words, at: int, article: str) -> Iterator[int]:
    sort = words.sort(at)
    inside = ARTICLE.search(words.tokens[at].text)
    first = words.tokens[at].text[inside.end() if inside else 0 :]
    number = words.tokens[at].quantity
    assert number is not None
    indefinite = article in {"a", "an"} and number.value != 1
    if indefinite and sort not in _NEEDS_ARTICLE | {"nth", "ratio", "money"}:
        if number.form != "fraction" and words.kind(at + 1) != "X":
            yield at
    if (
        indefinite
        and article != ("an" if _VOWEL.match(first) else "a")
        and (inside or words.text(at - 1) == article)
    ):
        yield at
    if sort in _NEEDS_ARTICLE and not article and not (at == 0 and words.opener in _MARKS):
        if words.kind(at - 1) not in {"AT", "OF"}:
            yield at


def _wants_article(words: Words, at: int) -> bool:
    """Whether a token is a noun that stands with an article and no number in front of it; a label's colon does without."""
    token, following = words.tokens[at], words.at(at + 1)
    if following is not None and following.kind == "AT":
        return False
    if token.text == "rank":
        return words.kind(at + 1) == "IN" and words.kind(at - 1) in {"", "AT"}
    if token.kind == "CHANCE":
        before = words.kind(at - 1)
        return token.text == "chance" and before != "Q" and not (at == 0 and words.opener in _MARKS)
    if token.kind == "ALL":
        return " " not in token.text
    if token.kind == "CAT":
        return token.text not in {"categories"}
    if token.kind == "HEAVYWORD" and token.text == "top" and words.kind(at + 1) == "Q":
        return True
    return (token.kind in {"EVERYITEM", "TREND"} or token.text == "release") and not token.text.startswith(
        ("all ", "trending")
    )


def times(words: Words) -> Iterator[int]:
    """Yields times without twords.heir article ("in last week", "on week before") and times said twice."""
    said: set[tuple[str, float]] = set()
    for at, token in enumerate(words.tokens):
        when = token.when
        if when is None:
            continue
        naked = _NAKED.match(token.text)
        if when.kind in {"late", "span", "some"}:
            naked = _LAST.search(token.text)
        if naked and when.kind not in {"unit", "per"} and not words.article(at):
            yield at
        came = words.verb(at - 2)
        inside = words.text(at - 1) in {"in", "during"} and (
            came is None or came.sort not in {"rank", "draw"}
        )
        if inside and _AFTER_IN.match(token.text):
            yield at
        if when.kind == "unit" and not words.article(at) and words.kind(at - 1) not in {"PEAK", "LOWEST"}:
            yield at  # "for week"
        if when.kind == "the" and not when.possessive and words.text(at - 1).endswith("than"):
            yield at  # "8 more customers than the week"
        if when.kind == "back" and _is_measured(words, at):
            yield at  # "8 more customers the week before"
        if when.kind == "at" and not when.possessive and words.kind(at - 1) not in {"CMP", "FROM", "OF"}:
            if (when.kind, when.n) in said:
                yield at
            said.add((when.kind, when.n))


def _is_measured(words: Words, at: int) -> bool:
    """Whether a time stands right behind "8 more customers", which wants a "than"."""
    at -= 1
    while words.kind(at) in {"EV", "US", "ADJ"}:
        at -= 1
    token = words.at(at)
    return token is not None and token.kind == "D" and token.more and words.kind(at - 1) == "Q"
