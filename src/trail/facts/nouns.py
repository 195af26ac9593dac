"""English nouns: one order, two orders, the customers who place them, the window they fall into."""

from __future__ import annotations

from trail.events import Horizon

_PEOPLE = {
    "customers": ("order", "sale", "purchase", "unit", "basket", "item"),
    "viewers": ("view", "watch", "play", "stream"),
    "readers": ("read", "download"),
}
_IRREGULAR = {
    "buses": "bus",
    "cookies": "cookie",
    "lenses": "lens",
    "movies": "movie",
    "news": "news",
    "quizzes": "quiz",
    "series": "series",
}
_HISSING = ("sses", "shes", "ches", "xes", "zzes")
_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NTH = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()  # noqa: SIM905 - a word list reads best as a sentence
)
_VOWEL_SOUNDS = ("8", "11%", "11.", "18%", "18.")


def singular(plural: str) -> str:
    """Returns the singular of a plural noun: orders -> order, replies -> reply, watches -> watch."""
    before, gap, noun = plural.rpartition(" ")
    if noun in _IRREGULAR:
        return f"{before}{gap}{_IRREGULAR[noun]}"
    if plural.endswith("ies"):
        return plural.removesuffix("ies") + "y"
    if plural.endswith(_HISSING):
        return plural.removesuffix("es")
    return plural.removesuffix("s")


def with_noun(number: str, plural: str) -> str:
    """Returns a written number with its noun: "1 order", "0 orders", "2.4 orders"."""
    return f"{number} {singular(plural) if number == '1' else plural}"


def people(events: str) -> str:
    """Returns who makes such events: customers for orders, viewers for views, else users."""
    last = singular(events).rsplit(" ", 1)[-1]
    return next((noun for noun, made in _PEOPLE.items() if last in made), "users")


def nth(number: int) -> str | None:
    """Returns first to twelfth, null beyond."""
    return _NTH[number - 1] if 1 <= number <= len(_NTH) else None


def in_words(number: int) -> str:
    """Returns two to twelve as words, other numbers as digits."""
    return _WORDS[number - 2] if 2 <= number <= 12 else str(number)  # noqa: PLR2004 - the list's own ends


def article(number: str) -> str:
    """Returns "an" before numbers that start with a vowel's sound (8, 11, 18, 80), else "a"."""
    return "an" if number.startswith(_VOWEL_SOUNDS) else "a"


def windows_of(horizon: Horizon) -> str:
    """Returns the plural of the window's noun."""
    return f"{horizon.noun}s"


def past(horizon: Horizon, ago: int) -> str:
    """Returns the adverb of a past window: "last week", "two weeks ago", "in the last day"."""
    if ago == 1:
        return f"in the last {horizon.noun}" if horizon.noun == "day" else f"last {horizon.noun}"
    return f"{'two' if ago == 2 else ago} {windows_of(horizon)} ago"  # noqa: PLR2004 - "two weeks ago"


def last(horizon: Horizon) -> str:
    """Returns the last window as a noun phrase: "last week", "the last day"."""
    return "the last day" if horizon.noun == "day" else f"last {horizon.noun}"


def coming(horizon: Horizon) -> str:
    """Returns the period predicted as a noun phrase: "next week", "the next day"."""
    return "the next day" if horizon.noun == "day" else f"next {horizon.noun}"
