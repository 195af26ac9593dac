"""Words for what has a name inside: who made a number, and what a receipt or a driver is about, with its days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, Protocol, Self

from trail.events import Horizon
from trail.operations.wording import days
from trail.snapshots import Manifest

#: Forecaster -> who that is.
MAKERS = {
    "trail": "the language model, which corrects the best plain forecast",
    "last_window": "the last period, repeated",
    "windowed_mean": "the mean of recent periods",
    "decayed": "a mean that leans on the latest periods",
    "seasonal_naive": "last year's same period",
    "lightgbm": "decision trees",
    "blend": "a blend of plain forecasts",
    "stack": "decision trees and recent means together",
    "stack_text": "decision trees, some of which read titles, and recent means together",
    "growth": "the latest growth, carried on",
    "croston_sba": "Croston's method for rare sales",
    "tsb": "Teunter's method for rare sales",
    "auto_ets": "exponential smoothing",
    "auto_theta": "the Theta method",
    "lambdarank": "decision trees that learn the order",
    "lightgbm_log": "decision trees on a logarithmic scale",
    "lightgbm_median": "decision trees that aim at the middle outcome",
    "lightgbm_text": "decision trees that read titles",
    "lambdarank_text": "decision trees that read titles and learn the order",
    "launches": "past launches of items like it",
    "pare": "the network PARE",
    "abstained": "nobody: too little is known",
}


class Period(Protocol):
    """What a snapshot is about.

    Attributes:
        start: First day predicted.
        end: Day after the last.
        k: The K of the chance of the top K.
        events: What is counted, in the plural.
    """

    @property
    def start(self) -> date: ...  # noqa: D102 - above

    @property
    def end(self) -> date: ...  # noqa: D102 - above

    @property
    def k(self) -> int: ...  # noqa: D102 - above

    @property
    def events(self) -> str: ...  # noqa: D102 - above


@dataclass(frozen=True)
class Covered:
    """What a sealed snapshot is about; a `Period`.

    Attributes:
        start: First day predicted.
        end: Day after the last.
        k: The K of the chance of the top K.
        events: What is counted, in the plural.
        noun: Word for one window.
    """

    start: date
    end: date
    k: int
    events: str
    noun: str

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """Returns what the snapshot of a manifest is about."""
        horizon = Horizon(manifest.horizon_days)
        start, end = (each.date() for each in horizon.target_period(manifest.moment))
        return cls(start, end, manifest.k, manifest.events, horizon.noun)


class _Span(NamedTuple):
    """Days that something is about: from the start of one window to the end of another, counted back from the period predicted."""

    first: int
    last: int
    back: int = 0


_NEXT, _LAST, _BEFORE, _SIX, _ALL = _Span(0, 0), _Span(1, 1), _Span(2, 2), _Span(6, 1), _Span(12, 1)
_YEAR, _YEAR_BEFORE = _Span(0, 0, 364), _Span(1, 1, 364)
#: Signal, field of the forecast or quantity made of them -> what it is, and its days.
_SUBJECTS: dict[str, tuple[str, _Span | None]] = {
    "expected": ("{events} expected", _NEXT),
    "q10": ("lower end of the 80% range", _NEXT),
    "q90": ("upper end of the 80% range", _NEXT),
    "p_top": ("chance of the top {k}", _NEXT),
    "k": ("items in the top", _NEXT),
    "forecast_rank": ("place in the forecast", _NEXT),
    "coverage": ("outcomes that the range should hold", _NEXT),
    "level_half": ("mean {events} a {noun}, the latest counting most", _ALL),
    "level_one": ("mean {events} a {noun}, the latest counting most", _ALL),
    "level_three": ("mean {events} a {noun}, the latest counting most", _ALL),
    "slope": ("trend of {events}", _SIX),
    "peak": ("most {events} in a {noun}", _ALL),
    "peak_share": ("last {noun}'s {events} against the best {noun}'s", _ALL),
    "peak_ago": ("{noun}s since the best one", _ALL),
    "active_windows": ("{noun}s with any {events}", _ALL),
    "windows": ("{noun}s on record", None),
    "total": ("all {events} so far", None),
    "age": ("days since the first {events}", None),
    "recency": ("days since the latest {events}", None),
    "release_age": ("days since its release", None),
    "rank": ("place in the catalogue", _LAST),
    "rank_before": ("place in the catalogue", _BEFORE),
    "rank_change": ("places climbed in the catalogue", _LAST),
    "share": ("share of all {events}", _LAST),
    "category_rank": ("place in its category", _LAST),
    "category_share": ("share of its category's {events}", _LAST),
    "last_year": ("{events} a year before", _YEAR),
    "last_year_change": ("change on the {noun} before, a year ago", _YEAR),
    "season_before": ("{events} a year ago", _YEAR_BEFORE),
    "change": ("{events} more or fewer than the {noun} before", _LAST),
    "growth": ("change of {events} on the {noun} before", _LAST),
    "acceleration": ("how much faster {events} rise or fall", _Span(3, 1)),
    "streak": ("{noun}s of rise in a row", None),
    "late": ("{events} late in the {noun}", _LAST),
    "late_share": ("share of {events} late in the {noun}", _LAST),
    "users": ("people", _LAST),
    "users_before": ("people", _BEFORE),
    "users_change": ("people more or fewer than the {noun} before", _LAST),
    "per_user": ("{events} a person", _LAST),
    "heaviest_share": ("share of whoever took the most", _LAST),
    "category_count": ("its category's {events}", _LAST),
    "category_before": ("its category's {events}", _BEFORE),
    "category_growth": ("change of its category's {events} on the {noun} before", _LAST),
    "catalogue_count": ("all {events}", _LAST),
    "catalogue_before": ("all {events}", _BEFORE),
    "catalogue_growth": ("change of all {events} on the {noun} before", _LAST),
    "price_paid": ("mean price paid", _LAST),
    "price_before": ("mean price paid", _Span(5, 2)),
    "price_change": ("mean price paid against the four {noun}s before", _LAST),
    "year_sine": ("time of the year", _NEXT),
    "year_cosine": ("time of the year", _NEXT),
    "holidays_inside": ("holidays and customs", _NEXT),
    "days_to_holiday": ("days to the next holiday", None),
}
#: Kinds of quantities over a number of windows.
_OVER = {
    "sum": "{events} in all",
    "mean": "mean {events} a {noun}",
    "peak": "most {events} in a {noun}",
}
_NUMBERED = re.compile(r"(count|sum|mean|peak)_(\d+)")


def maker(name: str) -> str:
    """Returns who a forecaster is; its name where nobody gave it words."""
    return MAKERS.get(name, name)


def named(signal: str, period: Period, noun: str) -> str:
    """Returns what a signal, a field of the forecast or a quantity made of them is, with its days, such as "Orders, 11 to 17 Nov 2011".

    Args:
        signal: Its name.
        period: The snapshot's.
        noun: Word for one window.
    """
    words, span = _subject(signal)
    said = words.format(events=period.events, noun=noun, k=period.k)
    said = said[:1].upper() + said[1:]
    return f"{said}, {_days(span, period)}" if span else said


def _subject(signal: str) -> tuple[str, _Span | None]:
    found = _NUMBERED.fullmatch(signal)
    if not found:
        return _SUBJECTS.get(signal, (signal.replace("_", " "), None))
    kind, number = found[1], int(found[2])
    return ("{events}", _Span(number, number)) if kind == "count" else (_OVER[kind], _Span(number, 1))


def _days(span: _Span, period: Period) -> str:
    window, back = period.end - period.start, timedelta(days=span.back)
    return days(period.start - span.first * window - back, period.end - span.last * window - back)
