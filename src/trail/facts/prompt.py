"""The prompt: instruction, calendar, metadata, trend card, score; then forecast and drivers in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from trail.facts import nouns, numbers
from trail.facts.claims import Driver, Outlook
from trail.facts.outlook import SHORT
from trail.facts.slots import HOLIDAYS, Facts, day_words, fill
from trail.facts.speak import LISTED, core, spoken
from trail.signals import BY_NAME, Card, Unit

#: Longest title, and longest of each other catalogue field, in characters.
TITLE = 80
FIELD = 40
_TOKEN = re.compile(r"[0-9]|[^\W\d_]+|[^\w\s]")


@dataclass(frozen=True)
class Prompt:
    """A prompt in the pieces that are computed and masked apart; joined they are the text.

    Attributes:
        common: Instruction and calendar, identical for all items of a cutoff.
        item: What the catalogue says of the item, cleaned and cut.
        card: The trend card in labels and rounded numbers.
        cue: What stands before the score position.
        story: Forecast and drivers in words; empty before they are known.
        ask: What stands before the explanation.
    """

    common: str
    item: str
    card: str
    cue: str
    story: str
    ask: str

    @property
    def scoring(self) -> str:
        """What the score is read from; a prefix of `text`."""
        return self.common + self.item + self.card + self.cue

    @property
    def text(self) -> str:
        """The whole prompt, up to the explanation."""
        return self.scoring + self.story + self.ask


def prompt(
    card: Card,
    *,
    outlook: Outlook | None = None,
    drivers: Sequence[Driver] | None = None,
    mask: Collection[str] = (),
) -> Prompt:
    """Writes the prompt of one item.

    Every number that `render` may state stands in it, in the same rounding. Groups are occluded by
    passing a card that has their neutral values.

    Args:
        card: The item's card.
        outlook: Its forecast; without one the story is empty.
        drivers: What moved the forecast.
        mask: Pieces to leave out: "metadata" leaves the item nameless.
    """
    facts = Facts(card, outlook)
    return Prompt(
        common=_common(card),
        item="" if "metadata" in mask else _item(card),
        card=_card(facts),
        cue="Score:",
        story=_story(facts, spoken(drivers or (), card)) if outlook else "",
        ask="\nExplanation:",
    )


def clean(value: object, most: int) -> str:
    """Returns untrusted catalogue text on one line: no control characters or quotes, at most `most` long."""
    kept = "".join(
        " " if unicodedata.category(each)[0] in "CZ" else each for each in str(value) if each not in '"“”{}'
    )
    words = " ".join(kept.split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def tokens(text: str) -> int:
    """Estimates the tokens of a text: one a digit or mark, one for every six letters of a word begun.

    Short English words are one token each in any current vocabulary; digits are one each in the default.
    """
    return sum(1 if not each[0].isalpha() else -(-len(each) // 6) for each in _TOKEN.findall(text))


def _common(card: Card) -> str:
    start, end = card.calendar.start, card.calendar.end
    until = f" to {day_words(end)}" if end > start else ""
    names = [name for _, name in card.calendar.holidays]
    inside = f"; {', '.join(names[:HOLIDAYS])}" if names else ""
    return (
        f"Forecast the {card.events} of {nouns.coming(card.horizon)} and say why.\n"
        f"{nouns.coming(card.horizon).capitalize()}: {start:%A} {day_words(start)} {start.year}"
        f"{until}{inside}\n"
    )


def _item(card: Card) -> str:
    """Returns what the item is; never the catalogue's price, which may be of any later date."""
    fields = [clean(card.metadata.get("title") or "unnamed", TITLE)]
    fields += [clean(card.metadata[key], FIELD) for key in ("category", "brand") if card.metadata.get(key)]
    return f"Item: {' | '.join(fields)}\n"


def _card(facts: Facts) -> str:
    counts = [numbers.bare(Unit.COUNT, value) for value in reversed(facts.card.counts[:LISTED])]
    listed = f"{facts.card.events} by {facts.card.horizon.noun}, oldest first: "
    return "; ".join([listed + (" ".join(counts) or "none"), *_short(facts, core(facts.card))]) + "\n"


def _short(facts: Facts, names: Sequence[str]) -> list[str]:
    """Returns signals in their short form."""
    filled = (fill(BY_NAME[name].wording.prompt, facts, name) for name in names)
    return [clause.text for clause in filled if clause is not None and clause.text]


def _story(facts: Facts, drivers: Sequence[Driver]) -> str:
    """Returns the forecast, then the drivers with the way each moved it."""
    parts = [clause.text for clause in (fill(each, facts, name) for name, each in SHORT) if clause]
    lines = [f"\nForecast: {'; '.join(parts)}"]
    for title, sign in (("Raised by", 1), ("Lowered by", -1)):
        names = [each.signal for each in drivers if each.effect * sign > 0]
        if short := _short(facts, names):
            lines.append(f"{title}: {'; '.join(short)}")
    return "\n".join(lines)
