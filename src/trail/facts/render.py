"""Plain sentences of a card: one rendering an item in the form that is asked for, and varied ones for training."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from zlib import crc32

import numpy as np

from trail.facts.claims import Driver, Outlook
from trail.facts.compose import Composer
from trail.facts.contexts import contexts_of, name_of, relevant
from trail.facts.draft import Rendered
from trail.facts.frames import FRAMES, SPOKEN, WHEN, Audience
from trail.facts.outline import Length, Outline, Reason, outline, reasons_of
from trail.facts.outlook import worth
from trail.facts.slots import Facts
from trail.facts.speak import clauses, core
from trail.signals import BY_NAME, Card, Group

#: Shares of the lessons: with another fact, with context that bears on the forecast, with any other, with a second part of the forecast beside its range,
#: with the first reason in the sentence of the forecast, with it in front.
_EXTRA, _RELEVANT, _CONTEXT, _SECOND, _BOUND, _LEADING = 0.7, 0.7, 0.25, 0.25, 0.4, 0.1
#: Parts of the forecast that say how sure it is, and how often a lesson takes each.
_SURE = ("q10", "likely", "forecast_change", "p_top", "forecast_rank", "")
_SHARES = (0.45, 0.2, 0.15, 0.1, 0.05, 0.05)
#: Parts that say how sure a forecast is, and how often one of them is put in where none was drawn.
_CERTAIN, _STATED = frozenset({"q10", "likely", "p_top"}), 0.7
#: Kinds of tails -> the part of the forecast that they say.
_PART = {"likely": "p_top", "versus": "forecast_change"}
#: Sentences of a lesson.
_MOST = 3


class Language(StrEnum):
    """The languages of plain renderings; what the reader reads is English."""

    ENGLISH = "en"
    GERMAN = "de"
    FRENCH = "fr"
    SPANISH = "es"
    CHINESE = "zh"


@dataclass(frozen=True)
class Style:
    """The form of a text.

    Attributes:
        length: How much is said; what a shorter form says, a longer one says too.
        audience: Who reads; the facts are the same for all.
        language: The language beside English, `facts.translate`.
    """

    length: Length = Length.NORMAL
    audience: Audience = Audience.MERCHANDISER
    language: Language = Language.ENGLISH


def plain(card: Card, outlook: Outlook, drivers: Sequence[Driver], style: Style | None = None) -> str:
    """Returns the rendering of an item: forecast, its range, what speaks for it and what against it, context.

    Its wording depends on the item, so that a list of texts does not read like a form. Without drivers that
    can speak, the most telling facts of the card stand in.
    """
    return stated(card, outlook, drivers, style or Style()).text


def stated(card: Card, outlook: Outlook, drivers: Sequence[Driver], style: Style) -> Rendered:
    """Returns the plain rendering with its statements."""
    facts = Facts(card, outlook)
    plan = outline(facts, drivers, style.length)

    def pick(key: str, options: int) -> int:
        return crc32(f"{card.item_id}|{card.cutoff:%Y%m%d}|{key}".encode()) % options

    bound = style.length is Length.SHORT
    return Composer(facts, FRAMES[style.audience], pick).write(plan, bound=bound)


def render(
    card: Card,
    outlook: Outlook,
    drivers: Sequence[Driver],
    rng: np.random.Generator,
    *,
    held_out: bool = False,
    mask: Collection[str] = (),
) -> Rendered:
    """Writes a true text of two or three sentences, varied in facts, order, length and wording.

    The drivers come before any further fact; a cause is claimed ("because", "the main reason") only for a
    driver that points the way the forecast moves.

    Args:
        card: The item's card.
        outlook: Its forecast.
        drivers: What moved the forecast.
        rng: Source of all variety.
        held_out: Whether to use only the wordings kept for tests.
        mask: "metadata" keeps title and catalogue fields out.
    """
    facts = Facts(card, outlook)
    reasons = reasons_of(facts, drivers) or _extra(facts, (), rng)
    if len(reasons) < _MOST - 1 and rng.random() < _EXTRA:
        reasons = [*reasons, *_extra(facts, reasons, rng)]
    dates = sum(BY_NAME[each.signal].group is Group.CALENDAR for each in reasons)
    told = len(reasons) - dates
    # two or three sentences: alone, a fact must not stand in the forecast's; beside a date, two must not stand apart
    bound = len(reasons) > 1 and (rng.random() < _BOUND or (told > 1 and dates > 0))
    leading = len(reasons) > 1 and rng.random() < _LEADING
    sure = _forecast(facts, reasons, rng, alone=bound or leading)
    plan = Outline(sure, tuple(reasons), _context(facts, reasons, rng, mask))
    writer = Composer(facts, SPOKEN, lambda _, options: int(rng.integers(options)), held_out)
    return writer.write(plan, bound=bound, leading=leading)


def _forecast(
    facts: Facts, reasons: Sequence[Reason], rng: np.random.Generator, *, alone: bool
) -> tuple[str, ...]:
    """Draws the parts of the forecast: the expected count, and how sure it is or how it compares.

    Args:
        facts: Card and forecast.
        reasons: What stands beside it.
        rng: Source of the draw.
        alone: Whether a reason stands in the same sentence: it would be read as one of the chance.
    """
    first, second = rng.choice(len(_SURE), 2, p=_SHARES)
    drawn = {_SURE[first], _SURE[second] if rng.random() < _SECOND else ""} - {""}
    if "p_top" in drawn and len(reasons) > 1:
        drawn = (drawn - {"p_top"}) | {"likely"}
    if alone:
        drawn -= {"likely"}
    if not drawn & _CERTAIN and rng.random() < _STATED:
        drawn |= {"q10"}
    if len(reasons) > 1 or "p_top" in drawn:
        drawn -= {"forecast_rank"}
    if "forecast_change" in drawn and all(each.signal != "count_1" for each in reasons):
        drawn = (drawn - {"forecast_change"}) | {"versus"}
    found = ["expected", *(name for name in sorted(drawn) if worth(_PART.get(name, name), facts))]
    if not reasons and "p_top" not in found and "forecast_rank" not in found:
        found.append("forecast_rank")
    return tuple(found)


def _extra(facts: Facts, reasons: Sequence[Reason], rng: np.random.Generator) -> list[Reason]:
    """Draws one more fact of another group that the card part of the prompt shows."""
    used = {BY_NAME[each.signal].group for each in reasons}
    names = [name for name in (*core(facts.card), "count_1") if BY_NAME[name].group not in used]
    able = [name for name in names if clauses(name, facts)]
    return [Reason(able[int(rng.integers(len(able)))], 0, driver=False)] if able else []


def _context(
    facts: Facts, reasons: Sequence[Reason], rng: np.random.Generator, mask: Collection[str]
) -> tuple[str, ...]:
    """Draws what bears on the forecast, else seldom what the item is or what the period holds; no date twice."""
    groups = [BY_NAME[each.signal].group for each in reasons]
    dated = Group.CALENDAR in groups
    names = () if "metadata" in mask or not name_of(facts.card, "title") else ("title",)
    found = [each for each in relevant(facts, groups, mask) if not (dated and each in WHEN)]
    if found and rng.random() < _RELEVANT:
        return tuple(found)
    options = [each for each in ("start", *contexts_of(facts, mask), *names) if not (dated and each in WHEN)]
    if not options or rng.random() >= _CONTEXT:
        return ()
    return (options[int(rng.integers(len(options)))],)
