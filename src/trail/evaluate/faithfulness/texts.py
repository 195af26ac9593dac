"""Whether a text gives a reason up when the log no longer holds it: written again after an edit, drivers measured again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from trail.baselines import Forecast, p_top
from trail.evaluate.faithfulness.intervene import TESTED, Interventions
from trail.evaluate.faithfulness.subject import Setting, Subject
from trail.evaluate.scorecard import group_of
from trail.facts import Driver, Outlook, Verdict, plain, verify
from trail.signals import BY_NAME, Cards, Group
from trail.snapshots import Explained, Explanation
from trail.snapshots.tables import ranking

#: Writes the texts of some rows: cards of all items, their forecast, the rows.
Write = Callable[[Cards, Forecast, Sequence[int]], Sequence[Explanation]]


@dataclass(frozen=True)
class Text:
    """A text before and after an edit of the log.

    Attributes:
        item_id: The item.
        group: Group that was edited.
        named: Whether it is that of the first driver, else one that no driver names.
        before: The text as it was.
        after: The text about the edited log.
        changed: Whether no claim that it made about its first driver's group stands in it as it did.
        dropped: Whether that group is no longer among its drivers, or moves the forecast the other way.
    """

    item_id: str
    group: str
    named: bool
    before: str
    after: str
    changed: bool
    dropped: bool


def plain_writer(subject: Subject, k: int, seed: int) -> Write:
    """Returns the writer of plain renderings, with drivers by the subject itself.

    Args:
        subject: The forecaster.
        k: The K of the chance of the top K.
        seed: Seed of that chance.
    """

    def write(cards: Cards, forecast: Forecast, rows: Sequence[int]) -> list[Explained]:
        chosen = np.asarray(rows, dtype=np.int64)
        some, chances = cards.take(chosen), p_top(forecast, k, seed=seed)
        place = np.empty(len(forecast), dtype=np.int64)
        place[ranking(forecast.score, cards.item_ids)] = np.arange(1, len(forecast) + 1)
        found, texts = subject.effects(some), list[Explained]()
        for at, row in enumerate(chosen):
            expected, q10, q90 = (float(getattr(forecast, name)[row]) for name in ("expected", "q10", "q90"))
            outlook = Outlook(expected, q10, q90, float(chances[row]), k, int(place[row]))
            card, drivers = some.card(at), found.drivers(some, at)
            text = plain(card, outlook, drivers)
            texts.append(Explained(card.item_id, text, verify(text, card, outlook), drivers, "plain"))
        return texts

    return write


def rewritten(
    setting: Setting,
    subject: Subject,
    write: Write,
    found: Interventions,
    before: Sequence[Explanation],
    *,
    groups: Sequence[Group | None],
    named: bool,
) -> list[Text]:
    """Returns the texts of items, each about the log in which one group of its own was edited.

    Items without a driver, without an edit, or whose text states nothing of its first driver's group are left out.
    All others are written at once, each in the catalogue as it is after all of these edits: rank and chance of
    the top K, which plain texts do not state, see the other edits; the card, its forecast and its drivers do not.

    Args:
        setting: The forecast and what it was made from.
        subject: The forecaster.
        write: Writes texts.
        found: The interventions.
        before: The texts as they were.
        groups: Group to edit for each tested item; null for none.
        named: Whether the groups are those of the first drivers.
    """
    cut = {at: card for at, group in enumerate(groups) if (card := found.card(at, group)) is not None}
    told = [at for at in cut if before[at].drivers and claims_about(_first(before[at]), before[at])]
    if not told:
        return []
    rows, new = setting.rows[told], replace(found.before, table=pa.concat_tables([cut[at] for at in told]))
    forecast = setting.forecast.placed(rows, subject.predict(new))
    after = write(_placed(setting.cards, rows, new), forecast, rows.tolist())
    return [
        compared(before[at], text, str(groups[at]), named=named) for at, text in zip(told, after, strict=True)
    ]


def _placed(cards: Cards, rows: np.ndarray, new: Cards) -> Cards:
    """Returns all cards with some rows replaced."""
    order = np.arange(len(cards))
    order[rows] = len(cards) + np.arange(len(rows))
    return replace(cards, table=pa.concat_tables([cards.table, new.table]).take(pa.array(order)))


def compared(before: Explanation, after: Explanation, group: str, *, named: bool) -> Text:
    """Returns what became of the claims about the first driver's group.

    Args:
        before: The text as it was, with a driver.
        after: The text about the edited log.
        group: What was edited.
        named: As in `Text`.
    """
    first, about = before.drivers[0], _first(before)
    now = [each.effect for each in after.drivers if BY_NAME[each.signal].group is about]
    return Text(
        item_id=before.item_id,
        group=group,
        named=named,
        before=before.text,
        after=after.text,
        changed=not claims_about(about, before) & claims_about(about, after),
        dropped=not any(each * first.effect > 0 for each in now),
    )


def _first(text: Explanation) -> Group:
    """Returns the group of a text's first driver."""
    return BY_NAME[text.drivers[0].signal].group


def claims_about(group: Group, text: Explanation) -> set[tuple[object, ...]]:
    """Returns the supported claims of a text about a group of signals, without their place in it."""
    true = (each.claim for each in text.verification.checked if each.verdict is Verdict.SUPPORTED)
    return {
        (each.kind, each.signal, each.window, each.relation, each.stated)
        for each in true
        if group_of(each.signal) is group
    }


def unnamed(drivers: Sequence[Sequence[Driver]], moves: np.ndarray, *, seed: int) -> list[Group | None]:
    """Draws for each item a group that none of its drivers names and that was edited; null where there is none.

    Args:
        drivers: Drivers of each item.
        moves: As in `Interventions`.
        seed: Seed of the draw.
    """
    rng, found = np.random.default_rng(seed), list[Group | None]()
    for row, some in enumerate(drivers):
        named = {BY_NAME[each.signal].group for each in some}
        able = [
            group for at, group in enumerate(TESTED) if np.isfinite(moves[row, at]) and group not in named
        ]
        found.append(able[int(rng.integers(len(able)))] if able else None)
    return found
