"""The whole measure: drivers named, edited away in the log, forecast and told again, beside a liar and a parrot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trail.baselines.occlusion import GROUPS
from trail.evaluate.faithfulness.curves import Point, areas, curves
from trail.evaluate.faithfulness.intervene import Edited, Progress, edit, intervene
from trail.evaluate.faithfulness.rows import GroupTally, Move, Share, moves_of, shares, tally
from trail.evaluate.faithfulness.shifts import Ruler
from trail.evaluate.faithfulness.statements import Score, Statements, scores
from trail.evaluate.faithfulness.subject import Setting, Subject
from trail.evaluate.faithfulness.texts import Text, Write, rewritten, unnamed
from trail.evaluate.faithfulness.worlds import world_of
from trail.signals import BY_NAME, Group


@dataclass(frozen=True)
class Faithfulness:
    """How real the named drivers of a forecast are.

    Attributes:
        forecaster: Whose forecast it is.
        items: Items explained.
        told: Those of them with a driver.
        scores: Of the named drivers, of a liar and of a parrot.
        shares: Of texts that changed and that dropped their first driver, after its edit and after another's.
        areas: Area of each curve, by `measure order`.
        groups: What became of each group.
        moves: One row an item and group.
        texts: One row a text that was written again.
        points: Of the curves.
    """

    forecaster: str
    items: int
    told: int
    scores: tuple[Score, ...]
    shares: tuple[Share, ...]
    areas: Mapping[str, float]
    groups: tuple[GroupTally, ...]
    moves: tuple[Move, ...]
    texts: tuple[Text, ...]
    points: tuple[Point, ...]


def faithfulness(
    setting: Setting,
    subject: Subject,
    write: Write,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Faithfulness:
    """Measures whether the drivers of explained items are the reasons why their forecasts are what they are.

    Args:
        setting: The forecast and what it was made from.
        subject: The forecaster with its drivers.
        write: Writes the texts; its drivers are the ones tested.
        seed: Seed of edits, draws and shuffles.
        progress: Told how many edits are made.

    Raises:
        EngineError: If cards of a narrowed log differ from those of the whole one.
    """
    with world_of(setting.log, setting.items, setting.cards, setting.rows, setting.rebuild) as world:
        edited = edit(world, subject.neutral, seed=seed, progress=progress)
    return judged(setting, subject, write, edited, seed=seed)


def judged(
    setting: Setting, subject: Subject, write: Write, edited: Mapping[Group, Edited], *, seed: int = 0
) -> Faithfulness:
    """Returns what `faithfulness` does, of cards that were edited already.

    Args:
        setting: As for `faithfulness`.
        subject: As for `faithfulness`.
        write: As for `faithfulness`.
        edited: Group -> the cards after its edit.
        seed: Seed of draws and shuffles.
    """
    before = list(write(setting.cards, setting.forecast, setting.rows.tolist()))
    drivers = [each.drivers for each in before]
    found = intervene(subject, setting.cards.take(setting.rows), edited)
    firsts = [BY_NAME[some[0].signal].group if some else None for some in drivers]
    others = unnamed(drivers, found.moves, seed=seed)
    texts = [
        *rewritten(setting, subject, write, found, before, groups=firsts, named=True),
        *rewritten(setting, subject, write, found, before, groups=others, named=False),
    ]
    occluded = subject.effects(found.before)
    moves = moves_of(found, occluded, drivers, Ruler.of(subject.reference, subject.neutral))
    points = curves(subject, found.before, occluded, seed=seed)
    return Faithfulness(
        forecaster=subject.name,
        items=len(before),
        told=sum(bool(each) for each in drivers),
        scores=scores(Statements.of(drivers), found.moves, seed=seed),
        shares=tuple(shares(texts)),
        areas=areas(points),
        groups=tuple(tally(group, moves) for group in GROUPS),
        moves=tuple(moves),
        texts=tuple(texts),
        points=points,
    )
