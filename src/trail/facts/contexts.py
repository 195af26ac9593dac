"""What an item is and what its period holds, where it matters: context beside the forecast, never its evidence."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date
from zlib import crc32

from trail.facts.prompt import FIELD, TITLE, clean
from trail.facts.slots import Facts, day_words, holiday
from trail.signals import Card, Group

#: What an item is called and what it belongs to: catalogue column -> longest name that is said.
NAMES = {"title": TITLE, "category": FIELD}
#: Words of a season, and the days of the year (month, day) in which a period that begins is theirs. Seasons of the north.
_SEASONS: tuple[tuple[str, tuple[int, int], tuple[int, int]], ...] = (
    (
        r"christmas|xmas|advent|santa|snow(?:man|men|flake)|nativity|bauble|reindeer|mistletoe|noel",
        (11, 1),
        (12, 26),
    ),
    (r"halloween|pumpkin|witch(?:es)?|spooky|haunted", (9, 25), (10, 31)),
    (r"valentine", (1, 20), (2, 14)),
    (r"easter|bunny|bunnies", (2, 25), (4, 25)),
    (r"thanksgiving", (11, 1), (11, 30)),
    (r"new year", (12, 15), (1, 2)),
    (r"school", (7, 25), (9, 15)),
    (r"summer|beach|barbecue|bbq|picnic|parasol|sunscreen", (5, 15), (8, 31)),
    (r"winter|sledge|mitten|glove|snow", (11, 15), (2, 20)),
)
#: Windows around its release in which an item is new.
_NEW = 4
#: One item in so many is called by a category that only its catalogue tells.
_SELDOM = 4


def season(card: Card) -> str:
    """Returns the catalogue column that names the season in which the period predicted begins, empty where none does.

    "Christmas Baubles" in December and not in May; the title is looked at first.
    """
    start = card.calendar.start
    words = [each for each, first, last in _SEASONS if _within((start.month, start.day), first, last)]
    if not words:
        return ""
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(words)})s?(?!\w)", re.IGNORECASE)
    return next((key for key in NAMES if pattern.search(name_of(card, key))), "")


def _within(day: tuple[int, int], first: tuple[int, int], last: tuple[int, int]) -> bool:
    return first <= day <= last if first <= last else day >= first or day <= last


def contexts_of(facts: Facts, mask: Collection[str] = ()) -> list[str]:
    """Returns the context that there is to give: a holiday inside the period, then what the item is."""
    found = ["holiday"] if holiday(facts.card) else []
    names = [] if "metadata" in mask else [key for key in ("category", "title") if name_of(facts.card, key)]
    return [*found, *names[:1]]


def relevant(facts: Facts, groups: Iterable[Group], mask: Collection[str] = ()) -> list[str]:
    """Returns the context that bears on this forecast: at most one of the period and one of the item.

    A season in its name that is the period's, with the period's holiday or first day; the day of its release where it is new;
    the holiday where the season moved the forecast; the category where the category did and, of some items, where the title
    does not tell it: a list in which every text names the same category says it once too often.

    Args:
        facts: Card and forecast.
        groups: Groups of the reasons given, the strongest first.
        mask: "metadata" keeps title and catalogue fields out.
    """
    card, told = facts.card, list(groups)
    if "metadata" not in mask:
        key = season(card)
        if key:
            return ["holiday" if holiday(card) else "start", key]
        if is_new(card) and Group.AGE not in told:
            return ["release"]
    if Group.SEASON in told and holiday(card):
        return ["holiday"]
    if "metadata" in mask or not name_of(card, "category"):
        return []
    drawn = crc32(card.item_id.encode()) % _SELDOM == 0 and not _is_plain(card)
    return ["category"] if told[:1] == [Group.CATEGORY] or drawn else []


def _is_plain(card: Card) -> bool:
    """Whether the title says already what the item is: "Lavender Candle" of "Candles"."""
    title, category = (_stems(str(card.metadata.get(key) or "")) for key in NAMES)
    return bool(title & category)


def _stems(words: str) -> set[str]:
    return {word.removesuffix("s") for word in re.findall(r"[^\W\d_]{3,}", words.lower())}


def is_new(card: Card) -> bool:
    """Whether an item came out a few windows ago, or will."""
    day, age = released(card), card.values.get("release_age")
    return day is not None and age is not None and abs(age) <= _NEW * card.horizon.days


def name_of(card: Card, key: str) -> str:
    """Returns a name from the catalogue, empty where it has none or would have to be cut."""
    name = str(card.metadata.get(key) or "")
    return name if name and clean(name, NAMES[key]) == name else ""


def released(card: Card) -> date | None:
    """Returns the day of release, null where the catalogue has none."""
    day = card.metadata.get("release")
    return day if isinstance(day, date) else None


def words_of(card: Card, key: str) -> str:
    """Returns what is said of an item in its place: its name, or "released on 3 December"."""
    day = released(card)
    if key != "release" or day is None:
        return name_of(card, key)
    return f"{'released' if (card.values.get('release_age') or 0.0) >= 0 else 'due out'} on {day_words(day)}"
