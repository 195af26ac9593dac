"""Time in a text: windows before the cutoff, spans of them, ages, and the year before."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from trail.facts.grammar_numbers import HEDGE, NUMBER, hedge_of, plain

_UNIT_DAYS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "quarter": 91, "year": 365}
_UNITS = r"(?:day|week|fortnight|month|quarter|year|period|window)s?"
_T = r"(?P<unit>day|week|fortnight|month|quarter|year|period|window)s?"
_EPSILON = 1e-9
#: Days by which a month or a quarter may miss a window.
_ROUGH = 3
_FULL = r"(?:full\s+|complete\s+|whole\s+|entire\s+)?"
_N = rf"(?:(?P<hedge>{HEDGE})\s+)?(?P<n>{NUMBER}|an?)"
_YEAR_AGO = (
    r"(?:last\s+year|(?:an?|one)\s+year\s+(?:ago|earlier|before)|the\s+(?:year\s+before|previous\s+year))"
)
#: "A quarter of it", "a quarter more" are parts, not times.
_NO_PART = r"(?!\s+(?:of|more|fewer|less|higher|lower|above|below|up|down)(?!\w))"
_YEARLY = r"year[-\s](?:on|over)[-\s]year"
#: Hedges of numbers that are none of times: "63% higher than a year ago".
_COMPARED = r"(?:higher|lower|greater|better)\s+than\s"
_AMONG = r"(?:last|past|latest|previous|preceding|prior|earlier)"
_POSS = r"(?P<poss>'s?(?!\w))?"


@dataclass(frozen=True)
class When:
    """A stretch of time.

    Attributes:
        kind: `at` (a window, 1 is the last, 0 the one predicted), `back` (windows before the one in mind),
            `span` (the last n windows), `past_span` (the n windows before the one in mind), `year`, `late`,
            `ago` and `length` (days), `the` (the window in mind), `each` (every one of n windows), `some`
            (n of m windows), `any` (of the n windows before the last), `adjective` ("four-week"), `per` ("a week"), `bad` (not a window of the card).
        n: Windows or days.
        of: The m of `some`.
        days: Length in days, where it is one.
        possessive: Whether it owns what follows ("last week's").
        relation: Hedge of its number.
    """

    kind: str
    n: float = 0
    of: float = 0
    days: float = 0
    possessive: bool = False
    relation: str = "="


_RULES: tuple[tuple[str, str], ...] = (
    (
        "year",
        rf"(?:at\s+)?(?:the\s+|that\s+)?(?:same|corresponding|matching|equivalent)\s+{_T}(?:\s+of|\s+in|\s+from|,)?\s+{_YEAR_AGO}",
    ),
    ("year", rf"last\s+year's\s+(?:same\s+|corresponding\s+|matching\s+)?{_T}"),
    ("year", rf"(?:at\s+)?(?:this|the\s+same|that)\s+(?P<unit>time|point|stage|week|day|month|period|fortnight|quarter|window)(?:\s+of|\s+in)?\s+{_YEAR_AGO}"),
    ("year", r"(?:(?:an?|one)\s+year\s+(?:ago|earlier|before)|last\s+year|the\s+year\s+before)"),
    ("each", rf"(?:in\s+|for\s+)?(?:each|every\s+one|every|all)(?:\s+of)?(?:\s+(?:the|its))?(?:\s+(?:last|past|previous|latest))?\s+{_N}\s+{_T}"),
    ("each", rf"every\s+(?:single\s+)?{_T}\s+(?:of|in|for)\s+the\s+(?:last|past)\s+(?P<n>{NUMBER})"),
    ("any", rf"(?:in\s+)?any\s+(?:other\s+)?of\s+(?:the|its)\s+(?:other\s+)?{_AMONG}?\s*{_N}\s+{_T}(?:\s+(?:before(?:\s+that)?|earlier|prior))?"),
    (
        "some",
        rf"(?:in\s+)?{_N}\s+(?:out\s+)?of\s+(?:the\s+|its\s+|those\s+)?(?:(?:last|past|latest|recent|previous)\s+)?(?P<m>{NUMBER})\s+{_T}",
    ),
    (
        "some",
        rf"(?:in\s+)?{_N}\s+(?:{_T}\s+)?(?:out\s+)?of\s+(?:the|its)\s+(?:last|past|latest|recent|previous)\s+(?P<m>{NUMBER})",
    ),
    ("late", rf"(?:the\s+|its\s+)?(?:last|final|closing|latest|past)\s+{_N}\s+(?P<unit>day)s?(?:\s+(?:of|in)\s+(?:the|last|that|its)\s+(?:last\s+)?{_UNITS})?"),
    ("late", rf"(?:towards\s+|at\s+|by\s+|in\s+)?(?:the\s+)?(?:end|last\s+days|final\s+days|closing\s+days)\s+of\s+(?:the|last|that)\s+{_UNITS}|late\s+in\s+(?:the|last|that)\s+{_UNITS}"),
    ("span", rf"(?:the\s+|its\s+)?(?:last|past|latest|recent|most\s+recent|final)\s+{_N}\s+{_T}"),
    ("past_span", rf"(?:the\s+|its\s+)?(?:previous|preceding|prior|earlier)\s+{_N}\s+{_T}"),
    ("past_span", rf"the\s+{_N}\s+{_T}\s+(?:before(?:\s+that|\s+it)?|prior)(?!\w)"),
    ("ago", rf"{_N}\s+{_T}\s+(?:ago|back)"),
    ("back", rf"(?:the\s+)?{_T}\s+before\s+last"),
    ("back", rf"{_N}\s+{_T}\s+(?:earlier|before(?:\s+that|\s+it)?|previously|prior)(?!\s+(?:it|the|release))"),
    ("back", rf"(?:the\s+)?{_T}\s+(?:before(?:\s+that|\s+it)?|earlier|prior)(?!\w)"),
    ("back", rf"(?:the\s+|its\s+)?(?:previous|prior|preceding|foregoing)\s+{_T}"),
    ("yearly", _YEARLY),
    ("back", rf"{_T}[-\s](?:on|over|by)[-\s](?:day|week|fortnight|month|quarter|period|window)(?!\w)"),
    ("back", rf"between\s+the\s+last\s+two\s+{_T}"),
    ("last", rf"(?:the\s+|this\s+|its\s+|in\s+the\s+)?(?:last|past|latest|most\s+recent|just[-\s]ended)\s+{_FULL}{_T}"),
    ("last", r"the\s+last(?=\s*(?:[.,;)]|$))"),
    ("next", rf"(?:the\s+|this\s+)?(?:next|coming|upcoming|following|forthcoming)\s+{_FULL}{_T}"),
    ("next", rf"(?:the\s+|this\s+){_T}(?:\s+(?:ahead|to\s+come|predicted|forecast|that\s+follows))"),
    ("next", r"(?:the\s+)?(?:predicted|forecast)\s+(?P<unit>day|week|fortnight|month|quarter|year|period|window)"),
    ("ahead", rf"(?:the\s+)?(?:next|coming|following)\s+{_N}\s+{_T}"),
    ("next", rf"this\s+{_T}"),
    ("yesterday", r"yesterday"),
    ("tomorrow", r"tomorrow"),
    ("the", rf"(?:the|that|the\s+same|that\s+same)\s+{_T}"),
    ("adjective", rf"(?:(?:the|its|an?)\s+)?(?P<n>{NUMBER})-{_T}"),
    ("per", rf"(?:per|each|every|an?)\s+{_T}{_NO_PART}|(?P<ly>daily|weekly|fortnightly|monthly|quarterly)"),
    ("length", rf"{_N}\s+(?:{_FULL})?{_T}{_NO_PART}"),
    ("unit", rf"{_T}"),
)  # fmt: skip
_LY = {
    "daily": "day",
    "weekly": "week",
    "fortnightly": "fortnight",
    "monthly": "month",
    "quarterly": "quarter",
}


@lru_cache(maxsize=1)
def _compiled() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(rf"(?:{rule}){_POSS}(?!\w)")) for kind, rule in _RULES)


@lru_cache(maxsize=1)
def _start() -> re.Pattern[str]:
    heads = r"\d|the|that|this|its|last|past|latest|next|coming|upcoming|following|each|every|all|same|at|in|for|late|by"
    more = r"previous|prior|preceding|per|daily|weekly|monthly|fortnightly|quarterly|yesterday|tomorrow|most|between"
    units = r"day|week|fortnight|month|quarter|period|window|predicted|forecast|final|closing|recent|towards|end|just"
    return re.compile(
        rf"(?!{_COMPARED})(?:{heads}|{more}|{units}|{_YEARLY}|any|an?(?=\s)|one|two|three|four|five|six|seven|eight|nine|ten|el|tw|th|(?:{HEDGE})\s+[\da-z])"
    )


def when_at(text: str, at: int, days: int) -> tuple[When, int] | None:
    """Returns the stretch of time that starts at a position of a lower-case text and where it ends, else null.

    Args:
        text: The text, lower case.
        at: Where to look.
        days: Length of a window in days.
    """
    if not _start().match(text, at):
        return None
    for kind, pattern in _compiled():
        match = pattern.match(text, at)
        if match:
            return _build(kind, match, days), match.end()
    return None


@dataclass(frozen=True)
class _Found:
    """A matched rule: its number, the length of its unit and of a window in days, its text and second number."""

    n: float
    length: float
    window: int
    text: str
    of: float
    vague: bool  # no unit was named

    @property
    def windows(self) -> float:
        """The time in windows, 0 if it is no whole number of them."""
        windows = self.n * self.length / self.window
        return float(round(windows)) if windows >= 1 and abs(windows - round(windows)) < _EPSILON else 0.0

    @property
    def one(self) -> bool:
        """Whether the unit is the window."""
        return self.length == self.window


def _build(kind: str, match: re.Match[str], window: int) -> When:
    parts = match.groupdict()
    count, hedge = parts.get("n") or "", hedge_of(parts.get("hedge"))
    unit = parts.get("unit") or _LY.get(parts.get("ly") or "", "")
    found = _Found(
        n=1.0 if count in {"", "a", "an"} else plain(count)[0],
        length=float(_UNIT_DAYS.get(unit, window)),
        window=window,
        text=match.group(0).rstrip("'s"),
        of=plain(parts["m"])[0] if parts.get("m") else 0.0,
        vague=unit not in _UNIT_DAYS,
    )
    when = _BUILDERS.get(kind, _whole)(kind, found)
    if hedge not in {"=", "~"} and when.kind not in {"ago", "length", "some"}:
        when = replace(when, kind="bad")
    return replace(when, possessive=bool(parts.get("poss")), relation=hedge)


def _whole(kind: str, found: _Found) -> When:
    """Builds a time that is a whole number of windows."""
    return When(kind if found.windows else "bad", found.windows)


def _late(_: str, found: _Found) -> When:
    """Builds the last three sevenths of a window, or whole windows counted in days."""
    whole = re.search(r"(?:of|in)\s+(?:the|last|that|its)\s+(?:last\s+)?(\w+?)s?$", found.text)
    if whole and abs(_UNIT_DAYS.get(whole[1], found.window) - found.window) > _ROUGH:
        return When("bad")  # "the last three days of last year"
    if found.vague or abs(found.n * 7 - found.window * 3) < _EPSILON:
        return When("late")
    return _whole("span", found)


def _any(kind: str, found: _Found) -> When:
    """Builds "any of the eleven weeks before", and as many of "any of the last twelve weeks" beside the last."""
    own = re.search(r"(?:last|past|latest)(?!\w)", found.text) is not None
    return When(kind if found.one else "bad", found.n - own)


def _days(kind: str, found: _Found) -> When:
    return When(kind, found.windows, of=found.length, days=found.n * found.length)


def _back(kind: str, found: _Found) -> When:
    if found.text.endswith("before last"):
        return When("at" if found.one else "bad", 2.0)
    return _whole(kind, found)


def _next(_: str, found: _Found) -> When:
    return When("at" if (found.one and found.n == 1) or found.windows == 1 else "bad", 0.0)


_BUILDERS: dict[str, Callable[[str, _Found], When]] = {
    "year": lambda kind, found: When(kind if found.one else "bad"),
    "late": _late,
    "the": lambda kind, found: When(kind if found.one else "bad", 1.0),
    "per": lambda kind, found: When(kind if found.one else "bad", 1.0),
    "ago": _days,
    "length": _days,
    "yesterday": lambda _, found: When("at" if found.window == 1 else "bad", 1.0, days=1.0, of=1.0),
    "tomorrow": lambda _, found: When("at" if found.window == 1 else "bad", 0.0),
    "any": _any,
    "some": lambda kind, found: When(kind if found.one else "bad", found.n, of=found.of),
    "ahead": _next,
    "next": _next,
    "last": lambda _, found: When("at" if found.one else "bad", 1.0, days=0 if found.one else found.length),
    "back": _back,
}
