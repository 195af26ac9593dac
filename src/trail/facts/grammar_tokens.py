"""Text -> tokens: names, dates, times, quantities, moves, nouns; what is none of these is unknown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from trail.facts import grammar_names as names
from trail.facts.grammar_lexicon import lexicon
from trail.facts.grammar_names import Scene, mask
from trail.facts.grammar_numbers import Quantity, quantity_at
from trail.facts.grammar_windows import When, when_at


@dataclass
class Token:
    """One piece of a sentence.

    Attributes:
        kind: Q (quantity), W (time), D (move), CMP (comparison), EV, US (nouns), ... or X (unknown).
        start: First character.
        end: Character after the last.
        text: Lower-case text.
        quantity: Of a Q.
        when: Of a W.
        sign: Of a D, CMP: 1, -1 or 0; null of a neutral CMP.
        past: Whether a D is a past form.
        more: Whether a D is a comparative ("more", "fewer").
        noun: What a Q counts: EV, US, PL; empty if unsaid.
        used: Whether a claim has taken it.
    """

    kind: str
    start: int
    end: int
    text: str
    quantity: Quantity | None = None
    when: When | None = None
    sign: int | None = None
    past: bool = False
    more: bool = False
    noun: str = ""
    used: bool = field(default=False)


_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|'[^\W_]*")
_MARKS = {
    names.ITEM: "ITEM",
    names.CATEGORY: "CATNAME",
    names.BRAND: "BRANDNAME",
    names.HOLIDAY: "HOLIDAY",
    names.DATE: "DATE",
    names.OTHER: "OTHERNAME",
}
_PUNCTUATION = {**dict.fromkeys(",;()-", "BREAK"), ":": "AT", "=": "AT"}
_END = {".", "!", "?", "\n"}


def tokens(text: str, scene: Scene) -> list[list[Token]]:
    """Cuts a text into sentences of tokens; every character but spaces and quotes belongs to one."""
    masked = mask(text, scene)
    sentences: list[list[Token]] = [[]]
    at = 0
    while at < len(masked):
        current = sentences[-1]
        mark = masked[at]
        if mark in _END:
            if mark == "?" and current:
                current.append(Token("X", at, at + 1, mark))  # a question states nothing
            if mark == "\n" or at + 1 == len(masked) or not masked[at + 1].isalnum():
                sentences.append([])
            at += 1
            continue
        if mark.isspace() or (mark in "\"'*_`" and not _clitic(masked, at)):
            at += 1
            continue
        token = _token(masked, at, current[-1] if current else None, scene)
        if token.kind == "CATNAME" and scene.category:  # "Home" is where it is; "Candles" is what is counted
            own = names.lowered(text[token.start : token.end]) == names.lowered(scene.category)
            token.kind = "CATNAME" if own else "PARENT"
        current.append(token)
        at = token.end
    for one, two in (pair for sentence in sentences for pair in pairwise(sentence)):
        if one.kind == "D" and " not " in f" {one.text} " and two.kind == "D" and two.sign:
            one.kind, one.sign = "NEG", None  # "did not move up"
    return [sentence for sentence in sentences if sentence]


def _clitic(text: str, at: int) -> bool:
    return (
        text[at] == "'"
        and at > 0
        and (text[at - 1].isalnum() or text[at - 1] in _MARKS)
        and text[at + 1 : at + 2].isalpha()
    )


def _token(text: str, at: int, last: Token | None, scene: Scene) -> Token:
    """Returns the token at a position: a name, else the longest of time, number and phrase, else a word."""
    mark = text[at]
    if mark in _MARKS:
        end = at + len(text[at:]) - len(text[at:].lstrip(mark))
        return Token(_MARKS[mark], at, end, text[at:end])
    pattern, known = lexicon(scene.events)
    phrase = pattern.match(text, at)
    reach = phrase.end() if phrase else at
    ranges = last is None or last.kind not in {"D", "FROM", "BY", "Q"}
    when, found = when_at(text, at, scene.days), quantity_at(text, at, ranges=ranges)
    if when and when[1] >= reach and (not found or when[1] >= found[1]):
        return Token("W", at, when[1], text[at : when[1]], when=when[0])
    if found and found[1] >= reach:
        return Token("Q", at, found[1], text[at : found[1]], quantity=found[0], sign=found[0].sign)
    if phrase:
        entry = known[re.sub(r"\s+", " ", phrase.group(0))]
        return Token(
            entry.kind, at, reach, phrase.group(0), sign=entry.sign, past=entry.past, more=entry.more
        )
    word = _WORD.match(text, at)
    end = max(word.end() if word else at, at + 1)
    minus = mark == "-" and text[at + 1 : at + 2].isdigit() and not text[at - 1 : at].strip()
    own = last is not None and last.text == "this" and text[at:end] in _last_words(scene)  # "this candle"
    kind = "X" if minus else "ITEMWORD" if own else _PUNCTUATION.get(mark, "X")
    return Token(kind, at, end, text[at:end])


def _last_words(scene: Scene) -> set[str]:
    """Returns the last words of the item's titles, as its short names."""
    return {names.lowered(title).split()[-1] for title in scene.titles if title.split()}
