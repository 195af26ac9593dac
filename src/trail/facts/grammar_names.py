"""Names and dates in a text: the item's own are set apart before the words are read, others are claims."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from trail.events import Horizon
from trail.facts.grammar_lexicon import known_words, lexicon
from trail.facts.grammar_numbers import HEDGE, quantity_at
from trail.facts.grammar_windows import when_at

ITEM, CATEGORY, BRAND, HOLIDAY, DATE, OTHER = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004", "\ue005"
MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = "|".join(f"{name}|{name[:3]}\\.?" for name in MONTHS) + "|sept\\.?"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = rf"(?:(?:{'|'.join(_WEEKDAYS)}),?\s+(?:the\s+)?)?"
_HOLIDAYS = (
    "christmas eve|christmas day|christmas|boxing day|new year's eve|new year's day|new year|easter monday|easter sunday|"
    "easter|good friday|halloween|valentine's day|thanksgiving day|thanksgiving|black friday|cyber monday|labor day|"
    "labour day|memorial day|independence day|veterans day|columbus day|presidents' day|martin luther king jr. day|"
    "martin luther king day|washington's birthday|juneteenth|mother's day|father's day|whit monday|ascension day|"
    "may day|hanukkah|ramadan|diwali|eid|passover|lunar new year|chinese new year|st. patrick's day|bastille day"
)


#: Kinds of phrases, and words, that change what stands beside them: as titles they need quotes.
_TURNING = frozenset({"NEG", "NONE", "HEDGE", "CMP"})
_TURNS = frozenset({"never", "hundred", "thousand", "million", "billion", "dozen"})
#: Curly quotes, dashes and the minus sign as a keyboard has them; characters kept for names give way.
_PLAIN = str.maketrans(
    "\u2018\u2019\u201c\u201d\u2013\u2014\u2212\u00a0\u202f" + "".join(map(chr, range(0xE000, 0xE006))),
    "''\"\"---  ??????",
)


@dataclass(frozen=True)
class Scene:
    """What a reader must be told to know names from words.

    Attributes:
        horizon: Length of a window.
        events: What one unit of weight is called, in the plural.
        titles: Titles of the item.
        categories: Its categories.
        category: The one that signals count; empty lets any of them speak for it.
        brands: Its brands or makers.
        holidays: Names of the holidays known about the period.
    """

    horizon: Horizon
    events: str = "events"
    titles: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    category: str = ""
    brands: tuple[str, ...] = ()
    holidays: tuple[str, ...] = ()

    @property
    def days(self) -> int:
        """Length of a window in days."""
        return self.horizon.days


@lru_cache(maxsize=1)
def _dates() -> re.Pattern[str]:
    day = r"\d{1,2}(?:st|nd|rd|th)?"
    return re.compile(
        rf"(?<!\w)(?:\d{{4}}-\d\d-\d\d|"
        rf"{_DAY}{day}(?:\s+of)?\s+(?:{_MONTH})(?!\w)(?:,?\s+\d{{4}})?|"
        rf"(?<=between\s){_DAY}{day}(?=\s+and\s+{_DAY}{day}(?:\s+of)?\s+(?:{_MONTH})(?!\w))|"
        rf"{_DAY}(?:{_MONTH})\s+(?:the\s+)?{day}(?!\w)(?:,?\s+\d{{4}})?|"
        rf"{_DAY}{day}(?=\s*(?:-|to|until)\s*{_DAY}{day}(?:\s+of)?\s+(?:{_MONTH})(?!\w))|"
        rf"(?:january|february|april|june|july|august|september|october|november|december)(?:\s+\d{{4}})?|march\s+\d{{4}}|may\s+\d{{4}}|"
        rf"(?:(?<=\sin\s)|(?<=^in\s)|(?<=\sof\s)|(?<=since\s)|(?<=during\s)|(?<=this\s)|(?<=last\s)|(?<=\sby\s))(?:march|may))(?!\w)"
    )


@lru_cache(maxsize=1)
def _holidays() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_HOLIDAYS})(?!\w)(?:\s+\((?:observed)\))?")


def lowered(text: str) -> str:
    """Returns the text in lower case with plain quotes and dashes, one character for each of its own."""
    plain = text.translate(_PLAIN)
    low = plain.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in plain)


def spellings(title: str) -> tuple[str, ...]:
    """Returns a title, its form with the article in front ("The Sting" of "Sting, The") and its cuts at punctuation."""
    found = [title]
    match = re.match(r"(.+), (The|A|An|Les|Le|La|Il|Das|Der|Die)$", title)
    if match:
        found += [f"{match[2]} {match[1]}", match[1]]
    found += [
        title[: cut.start()]
        for cut in re.finditer(r",\s|\s[-\u2013(:]|:\s|;\s", title)
        if len(title[: cut.start()].split()) > 1
    ]
    return tuple(found)


def _cover(masked: str, low: str, text: str, name: str, mark: str) -> str:
    """Replaces a name wherever it stands as a word; one that is a word of the grammar needs its own capitals."""
    key = lowered(name)
    exact = key in known_words() or len(key) < 4  # noqa: PLR2004 - "M", "Up", "C"
    quoted = _is_number(key) or (mark == ITEM and _is_grammar(key))
    at = low.find(key)
    while at >= 0:
        end = at + len(key)
        around = low[max(0, at - 1) : at], low[end : end + 1]
        outside = not (around[0].isalnum() and key[0].isalnum()) and not (
            around[1].isalnum() and key[-1].isalnum()
        )
        sure = (text[at:end] == name or not exact) and (not quoted or set(around) <= {"'", '"'})
        if outside and sure and not _is_masked(masked, at, end):
            masked = masked[:at] + mark * (end - at) + masked[end:]
        at = low.find(key, at + 1)
    return masked


@lru_cache(maxsize=4096)
def _is_number(key: str) -> bool:
    """Whether a name would be read as a number ("300", "Twelve"): only quotes then make it a name."""
    found = quantity_at(key, 0)
    return found is not None and found[1] == len(key)


@lru_cache(maxsize=4096)
def _is_grammar(title: str) -> bool:
    """Whether a title is a time, a denial or a bound ("Yesterday", "Not", "Fewer Than"), which changes what stands beside it."""
    when = when_at(title, 0, 7)
    word = lexicon("events")[1].get(title)
    turns = word is not None and (word.kind in _TURNING or word.more)
    return (
        turns
        or title in _TURNS
        or re.fullmatch(HEDGE, title) is not None
        or (when is not None and when[1] == len(title))
    )


def _is_masked(masked: str, start: int, end: int) -> bool:
    return any("\ue000" <= each <= "\ue005" for each in masked[start:end])


def mask(text: str, scene: Scene) -> str:
    """Returns the text in lower case, its names and dates replaced by runs of private characters."""
    low = lowered(text)
    masked = low
    titles = [each for title in scene.titles for each in spellings(title)]
    kinds = ((titles, ITEM), (scene.categories, CATEGORY), (scene.brands, BRAND), (scene.holidays, HOLIDAY))
    names = [(name.strip(), mark) for each, mark in kinds for name in each if name.strip()]
    for name, mark in sorted(names, key=lambda pair: -len(pair[0])):  # "acme-tools" before "acme"
        masked = _cover(masked, low, text, name, mark)
    for pattern, mark in ((_holidays(), HOLIDAY), (_dates(), DATE)):
        for match in pattern.finditer(masked):
            masked = masked[: match.start()] + mark * (match.end() - match.start()) + masked[match.end() :]
    return _other_names(masked, text)


_QUOTED = re.compile(r"\"([^\"]{1,200})\"|(?<!\w)'([^']{2,200})'(?!\w)")


def _other_names(masked: str, text: str) -> str:
    """Marks quoted strings that are no name of the item: they speak of something else."""
    for match in _QUOTED.finditer(text.translate(_PLAIN)):
        start, end = match.start() + 1, match.end() - 1
        inside = masked[start:end]
        if not all("\ue000" <= each <= "\ue005" for each in inside):
            masked = masked[:start] + OTHER * (end - start) + masked[end:]
    return masked


#: Year, month, day and day of the week (0 is Monday), null where unsaid.
Said = tuple[int | None, int | None, int | None, int | None]


def parse_date(text: str) -> Said:
    """Returns what a date in words says."""
    low = lowered(text)
    iso = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", low)
    if iso:
        return int(iso[1]), int(iso[2]), int(iso[3]), None
    month = next((k for k, name in enumerate(MONTHS, 1) if re.search(rf"(?<!\w){name[:3]}", low)), None)
    year = re.search(r"\d{4}", low)
    day = re.search(r"(?<!\d)\d{1,2}(?!\d)", low)
    weekday = next((k for k, name in enumerate(_WEEKDAYS) if low.startswith(name)), None)
    return int(year[0]) if year else None, month, int(day[0]) if day else None, weekday


def same_date(said: Said, day: date) -> bool:
    """Whether a date in words can mean the day."""
    own = (day.year, day.month, day.day, day.weekday())
    return all(part is None or part == each for part, each in zip(said, own, strict=True))


def scene_of(
    metadata: Mapping[str, object], *, horizon: Horizon, events: str, holidays: tuple[str, ...] = ()
) -> Scene:
    """Returns the scene of an item from its catalogue row."""
    parts = [part.strip() for part in str(metadata.get("categories") or "").split("|")]
    own = [*parts, str(metadata.get("category") or "")]
    brand = str(metadata.get("brand") or "")
    return Scene(
        horizon=horizon,
        events=events,
        titles=tuple(str(each) for each in (metadata.get("title"),) if each),
        categories=tuple(each for each in own if each),
        category=str(metadata.get("category") or ""),
        brands=tuple(each for each in (brand, *(part.strip() for part in brand.split("|"))) if each),
        holidays=holidays,
    )
