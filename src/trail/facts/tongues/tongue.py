"""What a language must say to state the facts of a card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Noun:
    """A thing that is counted.

    Attributes:
        one: With a number, in the singular: "{n} Bestellung".
        many: With a number, in the plural.
        bare: The plural alone.
        the: The plural with its article; of a language without articles, as `bare`.
        of: The plural after "of": "de commandes", "d'avis"; of a language without such a form, as `bare`.
    """

    one: str
    many: str
    bare: str
    the: str
    of: str


@dataclass(frozen=True)
class Span:
    """A window of one length, in the phrases that sentences need.

    Attributes:
        one: With a number, in the singular.
        many: With a number, in the plural.
        last: The last window, as an adverb.
        next: The period predicted, as an adverb.
        before: Compared with the window before the last.
        than: What stands after "more than": the window before the last.
        per: A window.
        year: The same period last year, as an adverb.
        ago: A window `{n}` ago, as an adverb.
        over: The last `{n}` windows, as an adverb.
        of_last: Of the last `{n}` windows.
    """

    one: str
    many: str
    last: str
    next: str
    before: str
    than: str
    per: str
    year: str
    ago: str
    over: str
    of_last: str


@dataclass(frozen=True)
class Tongue:
    """A language.

    Sentences are clauses without capital and full stop; a tuple holds those for a value above zero, below
    and at zero. Slots, of which the signal's own are: {value} its number with its noun, {bare} without;
    {last} {next} {before} {than} {per} {year} {ago} {over} {of_last} of the window (`Span`); {the} {noun} {of} of
    the log's events (`Noun`), {people} of its users; {late_days}, {peak}, {count_1}, {holiday};
    every part of the forecast by its name, and {k}.

    Attributes:
        locale: Its code; numbers and dates are formatted by it.
        signals: Signal -> sentence, but for the calendar's, which are context; the counts of all windows share `count`, the means share `mean`.
        forecast: Part of the forecast -> sentence or tail; `both` says chance and rank.
        frames: Words in front of a reason: cause, basis, support, against, more, bare; between sentences of one: short.
        context: What the item is and what the period holds, sentences of their own.
        events: English noun of events -> noun; the last stands for nouns that are not known.
        people: English noun of users -> noun.
        days: The day as a unit, and places in a ranking.
        places: As above.
        spans: English noun of a window -> its phrases.
        stop: What ends a sentence.
        gap: What stands between sentences.
        holidays: English name -> name; names that are not known stay as they are.
    """

    locale: str
    signals: Mapping[str, str | tuple[str, ...]]
    forecast: Mapping[str, str | tuple[str, ...]]
    frames: Mapping[str, str]
    context: Mapping[str, str]
    events: Mapping[str, Noun]
    people: Mapping[str, Noun]
    days: Noun
    places: Noun
    spans: Mapping[str, Span]
    stop: str
    gap: str
    holidays: Mapping[str, str]
