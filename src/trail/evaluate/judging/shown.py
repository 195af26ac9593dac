"""An item's card as judges see it: every number that a true text may state, in the rounding of the texts."""

from __future__ import annotations

from trail.facts import nouns, numbers
from trail.facts.claims import Outlook
from trail.facts.slots import HOLIDAYS, Facts, day_words, fill
from trail.facts.speak import sayable
from trail.signals import SIGNALS, Card, Unit

#: A label and a value.
Row = tuple[str, str]


def shown_card(card: Card, outlook: Outlook) -> tuple[Row, ...]:
    """Returns what is known of an item, its forecast, its recent counts and its signals, one row each."""
    listed = " ".join(numbers.bare(Unit.COUNT, value) for value in reversed(card.counts))
    return (
        *_what(card),
        *_forecast(card, outlook),
        (f"{card.events} by {card.horizon.noun}, oldest first", listed or "none"),
        *_signals(Facts(card, outlook)),
    )


def _what(card: Card) -> list[Row]:
    named = [("item", card.metadata["title"] or card.item_id)]
    named += [(name, card.metadata[name]) for name in ("category", "brand") if card.metadata[name]]
    return [(label, str(value)) for label, value in named]


def _forecast(card: Card, outlook: Outlook) -> list[Row]:
    calendar = card.calendar
    until = f" to {day_words(calendar.end)}" if calendar.end > calendar.start else ""
    period = f"{day_words(calendar.start)}{until} {calendar.end.year}"
    holidays = ", ".join(name for _, name in calendar.holidays[:HOLIDAYS])
    expected, low, high = (
        numbers.bare(Unit.COUNT, value) for value in (outlook.expected, outlook.q10, outlook.q90)
    )
    return [
        ("period forecast", f"{period}{f' ({holidays})' if holidays else ''}"),
        ("expected", nouns.with_noun(expected, card.events)),
        ("80% range", f"{low} to {high}"),
        (f"chance of the top {outlook.k}", numbers.bare(Unit.SHARE, outlook.p_top)),
        ("rank in the forecast", numbers.ordinal(outlook.rank)),
    ]


def _signals(facts: Facts) -> list[Row]:
    """Returns the signals that a text may state, in their short form; the counts are listed already."""
    rows = []
    for each in SIGNALS:
        if each.name.startswith("count_") or not sayable(each.name, facts.card):
            continue
        clause = fill(each.wording.prompt, facts, each.name)
        if clause is not None and clause.text:
            rows.append((each.name.replace("_", " "), clause.text))
    return rows
