"""Alters a text in one place at a time, by words of its own: it knows neither the reader nor the writer.

Each alteration is what a careless or a lying writer might do: another number, the other direction, another
window, name or date, a percentage for a count, a denial, a moment that no window is, a claim that nothing decides. Whether an altered text is still true is not decided
here but in `bench/equivalents.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from random import Random

from bench.mutation_words import (
    ADDED,
    ADMITTED,
    BEFORE,
    DENIALS,
    HOLIDAYS,
    MOMENTS,
    MONTHS,
    NTH,
    TIMES,
    TURNED,
    WORDS,
)

#: Suffix of a number -> what the alteration makes of it.
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


@dataclass(frozen=True)
class Mutant:
    """A text altered in one place.

    Attributes:
        kind: What was altered.
        text: The whole text as it reads now.
        edits: (start, end, words) in the true text; two where numbers change places.
    """

    kind: str
    text: str
    edits: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True)
class _Number:
    """A number of a text: where it stands, its digits or word, and what follows it."""

    start: int
    end: int
    shown: str
    nth: str = ""
    percent: str = ""
    is_word: bool = False
    is_time: bool = False  # "3 weeks"


def mutants(text: str, rng: Random, *, events: str, names: Mapping[str, str]) -> Iterator[Mutant]:
    """Yields every alteration of a text, one at a time.

    Args:
        text: A true text.
        rng: Source of choices: which digit, which month.
        events: Noun of what is counted.
        names: The item's own names -> other names to put there.
    """
    held = _Held(text, names)
    numbers = list(_numbers(text, held))
    edits: list[tuple[str, tuple[tuple[int, int, str], ...]]] = []
    for number in numbers:
        edits += [(kind, ((number.start, end, words),)) for kind, end, words in _altered(number, rng, events)]
    for one, two in pairwise(numbers):
        if one.shown != two.shown and one.is_word == two.is_word:
            changes = (_placed(one, two.shown), _placed(two, one.shown))
            edits.append(("swapped numbers", changes))
    edits += [(kind, (edit,)) for kind, edit in _reworded(text, held, rng, names)]
    edits += [(kind, (edit,)) for kind, edit in _extended(text, held, rng)]
    for kind, changes in edits:
        altered = text
        for start, end, words in reversed(changes):
            altered = altered[:start] + words + altered[end:]
        if altered != text:
            yield Mutant(kind, altered, changes)


class _Held:
    """The stretches of a text that are names or dates, which only alterations of their own kind touch.

    Args:
        text: The text.
        names: The item's own names.
    """

    def __init__(self, text: str, names: Mapping[str, str]) -> None:
        self.names = [
            (m.start(), m.end(), name)
            for name in sorted(names, key=len, reverse=True)
            for m in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)
        ]
        self.dates = list(_date().finditer(text))
        self.holidays = list(_holiday().finditer(text))
        self.spans = [(s, e) for s, e, _ in self.names] + [m.span() for m in (*self.dates, *self.holidays)]

    def free(self, start: int, end: int) -> bool:
        """Whether a stretch touches no name and no date."""
        return all(end <= s or start >= e for s, e in self.spans)


@lru_cache(maxsize=1)
def _date() -> re.Pattern[str]:
    month = "|".join(MONTHS)
    return re.compile(
        rf"(?<!\w)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: (?P<month>{month})(?: (?P<year>\d{{4}}))?|(?= to \d{{1,2}} (?:{month})))|"
        rf"(?<!\w)(?P<only>{month})(?: (?P<in>\d{{4}}))?(?!\w)"
    )


@lru_cache(maxsize=1)
def _holiday() -> re.Pattern[str]:
    return re.compile("|".join(re.escape(name) for name in sorted(HOLIDAYS, key=len, reverse=True)))


@lru_cache(maxsize=1)
def _number() -> re.Pattern[str]:
    words = "|".join((*WORDS[1:], *NTH[1:]))
    return re.compile(
        rf"(?<![\w.,])(?P<num>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<nth>st|nd|rd|th)?(?P<pct> ?%| per ?cent)?(?![\w%])|"
        rf"(?<![\w-])(?P<word>{words})(?!\w)",
        re.IGNORECASE,
    )


def _numbers(text: str, held: _Held) -> Iterator[_Number]:
    for m in _number().finditer(text):
        if not held.free(*m.span()):
            continue
        if m["word"]:
            yield _Number(m.start(), m.end(), m["word"], is_word=True)
        else:
            timed = bool(_unit().match(text, m.end()))
            yield _Number(m.start(), m.end(), m["num"], m["nth"] or "", m["pct"] or "", is_time=timed)


@lru_cache(maxsize=1)
def _unit() -> re.Pattern[str]:
    return re.compile(r"[ -](?:day|week|month|period|year|hour)s?\b")


def _placed(number: _Number, shown: str) -> tuple[int, int, str]:
    """Returns the edit that puts another number's digits or word in a number's place."""
    if number.is_word:
        return number.start, number.end, _cased(shown, number.shown)
    return number.start, number.end, shown + (_ending(shown) if number.nth else "") + number.percent


def _altered(number: _Number, rng: Random, events: str) -> Iterator[tuple[str, int, str]]:
    """Yields (kind, end, words) of a number's alterations."""
    if number.is_word:
        words = WORDS if number.shown.lower() in WORDS else NTH
        at = words.index(number.shown.lower())
        near = words[at + 1] if at + 1 < len(words) else words[at - 1]
        yield "neighbour", number.end, _cased(near, number.shown)
        yield "digit", number.end, _cased(words[(at + rng.randint(2, 9)) % len(words)], number.shown)
        return
    end, tail = number.end, number.percent
    for kind, digits in (
        ("digit", _digit(number.shown, rng)),
        ("neighbour", _neighbour(number.shown, rng)),
        ("tenfold", _tenfold(number.shown)),
    ):
        yield kind, end, digits + (_ending(digits) if number.nth else "") + tail
    if float(number.shown.replace(",", "")):
        yield "sign", end, f"-{number.shown}{number.nth}{tail}"
    if number.percent:
        yield "percent to count", end, number.shown
        yield "percent to count", end, f"{number.shown} {events}"
    elif number.nth:
        yield "rank to count", end, f"{number.shown} {events}"
    elif not number.is_time:
        yield "count to percent", end, f"{number.shown}%"
        if "." not in number.shown:
            yield "count to rank", end, number.shown + _ending(number.shown)


def _digit(shown: str, rng: Random) -> str:
    """Returns the number with one digit changed."""
    places = [k for k, c in enumerate(shown) if c.isdigit()]
    at = rng.choice(places)
    others = [d for d in "0123456789" if d != shown[at] and not (d == "0" and at == 0 and len(places) > 1)]
    return shown[:at] + rng.choice(others) + shown[at + 1 :]


def _neighbour(shown: str, rng: Random) -> str:
    """Returns the number a unit of its last digit away."""
    digits = shown.replace(",", "")
    decimals = len(digits.partition(".")[2])
    whole = int(digits.replace(".", ""))
    whole += -1 if whole and rng.random() < 0.5 else 1
    return _written(whole, decimals, "," in shown)


def _tenfold(shown: str) -> str:
    """Returns ten times the number."""
    digits = shown.replace(",", "")
    decimals = len(digits.partition(".")[2])
    return _written(int(digits.replace(".", "")) * 10 or 10, decimals, "," in shown)


def _written(units: int, decimals: int, grouped: bool) -> str:
    value = units / 10**decimals
    return f"{value:,.{decimals}f}" if grouped else f"{value:.{decimals}f}"


def _ending(digits: str) -> str:
    number = int(digits.replace(",", "").partition(".")[0])
    return "th" if number % 100 in (11, 12, 13) else _ENDINGS.get(number % 10, "th")


def _reworded(
    text: str, held: _Held, rng: Random, names: Mapping[str, str]
) -> Iterator[tuple[str, tuple[int, int, str]]]:
    """Yields (kind, edit) of words turned round, times moved, names, dates and denials."""
    yield from (each for each in _words_turned(text) if held.free(*each[1][:2]))
    for start, end, name in held.names:
        yield "name", (start, end, names[name])
    for m in held.holidays:
        yield "date", (*m.span(), rng.choice([each for each in HOLIDAYS if each != m.group(0)]))
    for m in held.dates:
        yield from (("date", (*m.span(key), words)) for key, words in _redated(m, rng))


def _extended(text: str, held: _Held, rng: Random) -> Iterator[tuple[str, tuple[int, int, str]]]:
    """Yields (kind, edit) of moments put behind a sentence or where its time stood, and of claims behind and before it."""
    for end in (m.start() for m in re.finditer(r"[.](?= |$)", text)):
        for words in rng.sample(MOMENTS, 2):
            yield "moment", (end, end, f" {_moment(words, rng)}")
        for words in rng.sample(ADDED, 2):
            yield "claim added", (end, end, words)
    for start in (m.end() for m in re.finditer(r"^|[.] ", text)):
        if start < len(text) and held.free(start, start + 1):
            words = rng.choice(BEFORE)
            yield "claim added", (start, start + 1, words[:1].upper() + words[1:] + text[start].lower())
    for pattern, _ in _times()[3:5]:
        for m in pattern.finditer(text):
            yield "moment", (*m.span(), _cased(_moment(rng.choice(MOMENTS), rng), m.group(0)))


def _moment(words: str, rng: Random) -> str:
    month = rng.choice(MONTHS)
    return words.format(day=f"{rng.randint(1, 28)} {month}", month=month)


def _words_turned(text: str) -> Iterator[tuple[str, tuple[int, int, str]]]:
    """Yields (kind, edit) of words of direction turned round, denials put in and taken out, and times moved."""
    for kind, pattern, table in _tables():
        for m in pattern.finditer(text):
            yield kind, (*m.span(), _cased(table[m.group(0).lower()], m.group(0)))
    for pattern, others in _times():
        for m in pattern.finditer(text):
            found = {key: value or "" for key, value in m.groupdict().items()}
            for words in others:
                yield "window", (*m.span(), _cased(words.format(**found), m.group(0)))


def _redated(date: re.Match[str], rng: Random) -> Iterator[tuple[str, str]]:
    """Yields (group, words) of the day, the month and the year of a date, each moved."""
    for key in ("day", "month", "year", "only", "in"):
        said = date[key]
        if not said:
            continue
        if key in {"month", "only"}:
            yield key, rng.choice([each for each in MONTHS if each != said])
        elif key == "day":
            yield key, str(int(said) % 28 + 1)
            yield key, str((int(said) + 6) % 28 + 1)
        else:
            yield key, str(int(said) + rng.choice((-1, 1)))


def _cased(words: str, model: str) -> str:
    return words[:1].upper() + words[1:] if model[:1].isupper() else words


@lru_cache(maxsize=1)
def _tables() -> tuple[tuple[str, re.Pattern[str], Mapping[str, str]], ...]:
    tables: Sequence[tuple[str, Mapping[str, str], str]] = (
        ("direction", TURNED, r"(?<!made up)(?!\w| recent)"),
        ("denied", DENIALS, r"(?!\w)(?! not)"),
        ("admitted", ADMITTED, ""),
    )
    return tuple(
        (
            kind,
            re.compile(rf"(?<!\w)(?:{'|'.join(sorted(table, key=len, reverse=True))}){end}", re.IGNORECASE),
            table,
        )
        for kind, table, end in tables
    )


@lru_cache(maxsize=1)
def _times() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    return tuple((re.compile(rf"(?<!\w){rule}(?!\w)", re.IGNORECASE), others) for rule, others in TIMES)
