"""Time in a text: windows before the cutoff, spans of them, ages, and the year before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from trail.facts.grammar_numbers import HEDGE, NUMBER, hedge_of, plain

_UNIT_DAYS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "quarter": 91, "year": 365}
_T = r"(?P<unit>day|week|fortnight|month|quarter|year|period|window)s?"
_FULL = r"(?:full\s+|complete\s+|whole\s+|entire\s+)?"
_N = rf"(?:(?P<hedge>{HEDGE})\s+)?(?P<n>{NUMBER}|an?)"
_POSS = r"(?P<poss>['’]s?(?!\w))?"


@dataclass(frozen=True)
class When:
    """A stretch of time.

    Attributes:
        kind: `at` (a window, 1 is the last, 0 the one predicted), `back` (windows before the one in mind),
            `span` (the last n windows), `past_span` (the n windows before the one in mind), `year`, `late`,
            `ago` and `length` (days), `the` (the window in mind), `each` (every one of n windows), `some`
            (n of m windows), `adjective` ("four-week"), `per` ("a week"), `bad` (not a window of the card).
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
        rf"(?:at\s+)?(?:the\s+|that\s+)?(?:same|corresponding|matching|equivalent)\s+{_T}(?:\s+of|\s+in|\s+from|,)?\s+"
        r"(?:last\s+year|(?:an?|one)\s+year\s+(?:ago|earlier|before)|the\s+(?:year\s+before|previous\s+year))",
    ),
    ("year", rf"last\s+year['’]s\s+(?:same\s+|corresponding\s+|matching\s+)?{_T}"),
    ("year", r"(?:at\s+)?(?:this|the\s+same|that)\s+(?P<unit>time|point|stage|week|day|month|period|fortnight|quarter|window)(?:\s+of|\s+in)?\s+(?:last\s+year|(?:an?|one)\s+year\s+(?:ago|earlier|before))"),
    ("year", r"(?:(?:an?|one)\s+year\s+(?:ago|earlier|before)|last\s+year|the\s+year\s+before)"),
    ("each", rf"(?:in\s+|for\s+)?(?:each|every\s+one|every|all)(?:\s+of)?(?:\s+(?:the|its))?(?:\s+(?:last|past|previous|latest))?\s+{_N}\s+{_T}"),
    ("each", rf"every\s+(?:single\s+)?{_T}\s+(?:of|in|for)\s+the\s+(?:last|past)\s+(?P<n>{NUMBER})"),
    (
        "some",
        rf"(?:in\s+)?{_N}\s+(?:out\s+)?of\s+(?:the\s+|its\s+|those\s+)?(?:(?:last|past|latest|recent|previous)\s+)?(?P<m>{NUMBER})\s+{_T}",
    ),
    (
        "some",
        rf"(?:in\s+)?{_N}\s+(?:{_T}\s+)?(?:out\s+)?of\s+(?:the|its)\s+(?:last|past|latest|recent|previous)\s+(?P<m>{NUMBER})",
    ),
    ("late", rf"(?:the\s+|its\s+)?(?:last|final|closing|latest|past)\s+{_N}\s+(?P<unit>day)s?(?:\s+(?:of|in)\s+(?:the|last|that|its)\s+(?:last\s+)?\w+)?"),
    ("late", r"(?:towards\s+|at\s+|by\s+|in\s+)?(?:the\s+)?(?:end|last\s+days|final\s+days|closing\s+days)\s+of\s+(?:the|last|that)\s+(?P<own>\w+)|late\s+in\s+(?:the|last|that)\s+(?P<own2>\w+)"),
    ("span", rf"(?:the\s+|its\s+)?(?:last|past|latest|recent|most\s+recent|final)\s+{_N}\s+{_T}"),
    ("past_span", rf"(?:the\s+|its\s+)?(?:previous|preceding|prior|earlier)\s+{_N}\s+{_T}"),
    ("past_span", rf"the\s+{_N}\s+{_T}\s+(?:before(?:\s+that|\s+it)?|prior)(?!\w)"),
    ("ago", rf"{_N}\s+{_T}\s+(?:ago|back)"),
    ("back", rf"(?:the\s+)?{_T}\s+before\s+last"),
    ("back", rf"{_N}\s+{_T}\s+(?:earlier|before(?:\s+that|\s+it)?|previously|prior)(?!\s+(?:it|the|release))"),
    ("back", rf"(?:the\s+)?{_T}\s+(?:before(?:\s+that|\s+it)?|earlier|prior)(?!\w)"),
    ("back", rf"(?:the\s+|its\s+)?(?:previous|prior|preceding|foregoing)\s+{_T}"),
    ("back", rf"{_T}[-\s](?:on|over|by)[-\s](?:day|week|fortnight|month|quarter|period|window)(?!\w)"),
    ("back", rf"between\s+the\s+last\s+two\s+{_T}"),
    ("last", rf"(?:the\s+|this\s+|its\s+|in\s+the\s+)?(?:last|past|latest|most\s+recent|just[-\s]ended)\s+{_FULL}{_T}"),
    ("next", rf"(?:the\s+|this\s+)?(?:next|coming|upcoming|following|forthcoming)\s+{_FULL}{_T}"),
    ("next", rf"(?:the\s+|this\s+){_T}(?:\s+(?:ahead|to\s+come|predicted|forecast|that\s+follows))"),
    ("next", r"(?:the\s+)?(?:predicted|forecast)\s+(?P<unit>day|week|fortnight|month|quarter|year|period|window)"),
    ("ahead", rf"(?:the\s+)?(?:next|coming|following)\s+{_N}\s+{_T}"),
    ("next", rf"this\s+{_T}"),
    ("yesterday", r"yesterday"),
    ("tomorrow", r"tomorrow"),
    ("the", rf"(?:the|that|the\s+same|that\s+same)\s+{_T}"),
    ("adjective", rf"(?:(?:the|its|an?)\s+)?(?P<n>{NUMBER})-{_T}"),
    ("per", rf"(?:per|each|every|an?)\s+{_T}(?!\s+of\s)|(?P<ly>daily|weekly|fortnightly|monthly|quarterly)"),
    ("length", rf"{_N}\s+(?:{_FULL})?{_T}(?!\s+of\s)"),
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
        rf"(?:{heads}|{more}|{units}|an?(?=\s)|one|two|three|four|five|six|seven|eight|nine|ten|el|tw|th|(?:{HEDGE})\s+[\da-z])"
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


def _build(kind: str, match: re.Match[str], window: int) -> When:
    parts = match.groupdict()
    count = parts.get("n") or ""
    n = 1.0 if count in {"", "a", "an"} else plain(count)[0]
    hedge = hedge_of(parts.get("hedge"))
    unit = parts.get("unit") or _LY.get(parts.get("ly") or "", "")
    length = (
        float(window)
        if unit in {"period", "window", "", "time", "point", "stage"}
        else float(_UNIT_DAYS[unit])
    )
    owned = bool(parts.get("poss"))
    windows = n * length / window
    whole = abs(windows - round(windows)) < 1e-9 and windows >= 1  # noqa: PLR2004
    if kind == "year":
        return When(
            "year" if unit in {"", "time", "point", "stage"} or length == window else "bad", possessive=owned
        )
    if kind == "late":
        if not unit or parts.get("own") or parts.get("own2"):
            return When("late", possessive=owned)
        if abs(n * 7 - window * 3) < 1e-9:  # noqa: PLR2004 - three sevenths of a window
            return When("late", possessive=owned)
        return When("span" if whole else "bad", round(windows), possessive=owned)
    if kind in {"ago", "length"}:
        return When(
            kind, windows if whole else 0, days=n * length, of=length, possessive=owned, relation=hedge
        )
    if kind in {"yesterday", "tomorrow"}:
        return When("at" if window == 1 else "bad", float(kind == "yesterday"), days=1, possessive=owned)
    if kind == "some":
        kind = kind if length == window else "bad"
        return When(kind, n, of=plain(parts["m"] or "0")[0], possessive=owned, relation=hedge)
    if kind == "ahead":
        return When("at" if windows == 1 else "bad", 0, possessive=owned)
    if kind in {"last", "next"}:
        kind, n = "at", float(kind == "last")
        whole, windows = length == window, n
    if kind == "back" and match.group(0).rstrip("'’s").endswith("before last"):
        kind, windows = "at", 2.0
    return When(
        kind if whole or (kind == "at" and length == window) else "bad", round(windows), possessive=owned
    )
