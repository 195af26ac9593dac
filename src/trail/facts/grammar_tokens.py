"""Text -> tokens: names, dates, times, quantities, moves, nouns; what is none of these is unknown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from trail.facts import grammar_words as words
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


_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|['’][^\W_]*")
_MARKS = {
    "\ue000": "ITEM",
    "\ue001": "CATNAME",
    "\ue002": "BRANDNAME",
    "\ue003": "HOLIDAY",
    "\ue004": "DATE",
    "\ue005": "OTHERNAME",
}
_PUNCTUATION = {
    ",": "BREAK",
    ";": "BREAK",
    "—": "BREAK",
    "–": "BREAK",
    "(": "BREAK",
    ")": "BREAK",
    ":": "AT",
    "=": "AT",
    "-": "BREAK",
}
_END = {".", "!", "?", "\n"}


@lru_cache(maxsize=64)
def _phrases(events: str) -> tuple[re.Pattern[str], dict[str, tuple[str, int | None, bool, bool]]]:
    """Returns the pattern of all known phrases and phrase -> (kind, sign, past, more), for one noun of events."""
    known: dict[str, tuple[str, int | None, bool, bool]] = dict.fromkeys(
        words.GLUE, ("G", None, False, False)
    )
    known |= {word.replace("-", " "): ("G", None, False, False) for word in words.GLUE if "-" in word}
    known |= {phrase: (kind, None, False, False) for phrase, kind in words.PHRASES.items()}
    known |= {word: ("D", sign, past, False) for word, (sign, past) in words.moves().items()}
    known |= {word: ("D", sign, False, True) for word, sign in words.COMPARATIVES.items()}
    known |= dict.fromkeys(words.NEUTRAL, ("CMP", None, False, False))
    known |= {word: ("CMP", sign, False, False) for word, sign in words.SIGNED.items()}
    for word, sign in words.COMPARATIVES.items():
        known |= {
            f"{word} than{more}": ("CMP", sign, False, True) for more in ("", " before", " it was before")
        }
    known |= dict.fromkeys(words.DEGREES, ("DEGREE", None, False, False))
    for plural in {*words.EVENT_NOUNS, events.lower()}:
        known |= {plural: ("EV", None, False, False), plural.removesuffix("s"): ("EV", None, False, False)}
    known |= {word.replace("-", " "): ("EV", None, False, False) for word in words.EVENT_NOUNS if "-" in word}
    known |= dict.fromkeys(words.EVENT_VERBS, ("EVV", None, False, False))
    for plural in words.USER_NOUNS:
        singular = words.USER_SINGULAR.get(plural, plural.removesuffix("s"))
        known |= {plural: ("US", None, False, False), singular: ("US", None, False, False)}
    known |= {phrase: ("HEDGE", None, False, False) for phrase in words.HEDGES["~"] if phrase not in known}
    pattern = re.compile(rf"(?:{words.alternatives(known)})(?!\w)")
    return pattern, known


def tokens(text: str, scene: Scene) -> list[list[Token]]:
    """Cuts a text into sentences of tokens; every character but spaces and quotes belongs to one."""
    masked = mask(text, scene)
    pattern, known = _phrases(scene.events)
    sentences: list[list[Token]] = [[]]
    at = 0
    while at < len(masked):
        current = sentences[-1]
        mark = masked[at]
        if mark in _END:
            if mark == "\n" or at + 1 == len(masked) or not masked[at + 1].isalnum():
                sentences.append([])
            at += 1
            continue
        if mark.isspace() or (mark in "\"“”'’‘*_`" and not _clitic(masked, at)):
            at += 1
            continue
        token = _token(masked, at, current, scene, pattern, known)
        current.append(token)
        at = token.end
    return [sentence for sentence in sentences if sentence]


def _clitic(text: str, at: int) -> bool:
    return (
        text[at] in "'’"
        and at > 0
        and (text[at - 1].isalnum() or text[at - 1] in _MARKS)
        and text[at + 1 : at + 2].isalpha()
    )


def _token(
    text: str,
    at: int,
    before: list[Token],
    scene: Scene,
    pattern: re.Pattern[str],
    known: dict[str, tuple[str, int | None, bool, bool]],
) -> Token:
    mark = text[at]
    if mark in _MARKS:
        end = at
        while end < len(text) and text[end] == mark:
            end += 1
        return Token(_MARKS[mark], at, end, text[at:end])
    phrase = pattern.match(text, at)
    reach = phrase.end() if phrase else at
    when = when_at(text, at, scene.days)
    last = before[-1] if before else None
    ranges = not (last and (last.kind in {"D", "FROM", "BY", "Q"}))
    found = quantity_at(text, at, ranges=ranges)
    if when and when[1] >= reach and (not found or when[1] >= found[1]):
        return Token("W", at, when[1], text[at : when[1]], when=when[0])
    if found and found[1] >= reach:
        return Token("Q", at, found[1], text[at : found[1]], quantity=found[0], sign=found[0].sign)
    if phrase:
        kind, sign, past, more = known[re.sub(r"\s+", " ", phrase.group(0))]
        return Token(kind, at, reach, phrase.group(0), sign=sign, past=past, more=more)
    if mark in _PUNCTUATION:
        return Token(_PUNCTUATION[mark], at, at + 1, mark)
    word = _WORD.match(text, at)
    end = word.end() if word and word.end() > at else at + 1
    return Token("X", at, end, text[at:end])
