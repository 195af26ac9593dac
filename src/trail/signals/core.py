"""What a signal is: one definition that computes, prompts, words and verifies a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import ibis.expr.types as ir

from trail.events import YEAR, EventLog, Horizon

#: Windows of history on a card.
WINDOWS = 12
#: Of these, how many are of late.
LATEST = 2


class Family(StrEnum):
    """The families of the paper, and the calendar that a shop knows."""

    HISTORY = "historical trend"
    MOMENTUM = "current momentum"
    METADATA = "metadata"
    CALENDAR = "calendar"


class Group(StrEnum):
    """Signals that move together: what occlusion removes at once, and what a driver names."""

    LEVEL = "level"  # of the last two windows
    PAST = "past"  # of those before them
    MOMENTUM = "momentum"
    SEASON = "season"
    BREADTH = "breadth"
    STANDING = "standing"
    CATEGORY = "category"
    AGE = "age"
    PRICE = "price"
    CALENDAR = "calendar"


class Unit(StrEnum):
    """What a value measures, hence how it is written and how far a rounded statement may lie from it."""

    COUNT = "count"  # events (weights summed) in a window
    DIFFERENCE = "difference"  # signed count
    CHANGE = "change"  # relative change: 0.25 is +25%
    SHARE = "share"  # part of a whole, 0 to 1
    RANK = "rank"  # 1 is the highest
    PLACES = "places"  # signed number of ranks, positive is up
    WINDOWS = "windows"  # a number of windows
    DAYS = "days"
    USERS = "users"
    MONEY = "money"
    NUMBER = "number"  # no unit; reaches the head, never a text


@dataclass(frozen=True)
class Context:
    """What every expression of one query may know besides the events before the cutoff.

    Attributes:
        cutoff: First instant not known.
        horizon: Window length and span predicted.
        coverage: Full windows that the log covers before the cutoff; older ones are null, not zero.
        has_users: Whether the log names users.
        has_prices: Whether events carry prices.
        has_last_year: Whether the log reaches back to the period before the same period last year.
        has_late: Whether the log is fine enough to see the last three sevenths of a window.
        calendar: The calendar's own numbers, equal for all items.
    """

    cutoff: datetime
    horizon: Horizon
    coverage: int
    has_users: bool
    has_prices: bool
    has_last_year: bool
    has_late: bool
    calendar: Mapping[str, float]

    @property
    def counted(self) -> int:
        """Number of windows on the card that the log covers."""
        return min(self.coverage, WINDOWS)


Expression = Callable[[ir.Table, Context], ir.Value]


@dataclass(frozen=True)
class Wording:
    """How plain English names and states a signal.

    Sentences are clauses without capital and full stop. "[rose|fell]" is chosen by the value's sign; a
    clause with such a choice states a direction. Slots: {value} is the signal's own number with its noun,
    {value:bare} without, {value:signed} with its sign,
    {value:more} as "3 more orders" or "1 fewer order"; any other signal's name gives that signal's number;
    nouns are {window} {windows} {events} {event} {people} {person}; times are {last} (last week, a noun),
    {ago} (the signal's own window, an adverb) or {ago:1}, {before} (the week before), {counted} (windows
    on the card). The rest are documented where they are filled, `facts/slots.py`. A clause with a slot
    that the card leaves empty is not used.

    Attributes:
        prompt: Short form in the model's prompt, same slots; empty if no text needs the signal.
        say: Clauses; the first is the plainest.
        flat: Clauses for a change of zero.
        held_out: As `say`, used by tests only, never in training.
        voice: Preference among the signals of a group when one must speak for it; 0 never does.
        raises: Whether a value above neutral speaks for more events (1), for fewer (-1) or for neither (0).
        of: The count that a percentage is about (after a change, or the whole of a share): where the one
            before the change or the whole is tiny, percents are not stated.
        least: Smallest distance from neutral worth stating.
        core: Whether the card part of the prompt always shows it.
        of_people: Whether the number counts users, not events.
    """

    prompt: str = ""
    say: tuple[str, ...] = ()
    flat: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    voice: int = 0
    raises: int = 0
    of: str = ""
    least: float = 0.0
    core: bool = False
    of_people: bool = False


@dataclass(frozen=True)
class Signal:
    """One number about an item at a cutoff, defined once.

    Attributes:
        name: Column name on the card.
        family: The paper's family.
        group: What occlusion removes together with it.
        unit: What the number measures.
        doc: What it is, its window, its range and its empty case, in one line.
        expression: Ibis expression over the measures of all items.
        wording: How plain English names and states it.
        neutral: Value that says nothing, put in by occlusion; null means the median of the cards.
    """

    name: str
    family: Family
    group: Group
    unit: Unit
    doc: str
    expression: Expression
    wording: Wording = field(default_factory=Wording)
    neutral: float | None = None


def context_of(log: EventLog, cutoff: datetime, horizon: Horizon, calendar: Mapping[str, float]) -> Context:
    """Measures what the log allows at this cutoff.

    Raises:
        DataError: If the cutoff does not lie on the log's grid.
    """
    log.check_cutoff(cutoff)
    slice_ = horizon.span / 7
    return Context(
        cutoff=cutoff,
        horizon=horizon,
        coverage=log.windows_before(cutoff, horizon),
        has_users=log.has_users,
        has_prices=log.has_prices,
        has_last_year=horizon.span <= YEAR and log.covers(cutoff - YEAR - horizon.span),
        has_late=log.grid is None or (slice_ % log.grid).total_seconds() == 0,
        calendar=calendar,
    )
