"""The meeting stage: texts learn to meet their cards, among the cards of the same cutoff, the backbone as it is served."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
import torch

from trail.facts import Driver, render
from trail.forecast.language import TOP, forecast_of
from trail.forecast.lessons import Told, held_out, story, tell
from trail.forecast.run import Losses, Run
from trail.model.language_stage import text_ids
from trail.model.loop import Stage, run_stage
from trail.model.losses import info_nce
from trail.model.meeting import Pairs, token_states
from trail.model.optimizer import MasterAdamW
from trail.model.settings import MOST_PAIRS, PAIRS

#: Passes over the pairs, peak rate and decay: pairs are few, and what is learned by heart finds no other card.
PASSES, RATE, DECAY = 20, 2e-3, 1.0
#: Cutoffs, and lessons of each, that give the towers their first scale.
_FIRST = 8


def meeting_stage(run: Run, lessons: Sequence[Sequence[Told]]) -> Losses:
    """Teaches the towers on pairs that are read once; does nothing where the contrast term is off.

    Args:
        run: The run of training, after the language stage.
        lessons: What was told there, whose drivers are lent to the cards of the pairs.
    """
    settings, meeting = run.settings, run.model.meeting
    if not settings.contrast:
        return []
    pairs = read(run, lessons)
    if not pairs:
        return []
    meeting.restart(settings.seed)
    meeting.fit(pairs)
    rng = np.random.default_rng([settings.seed, 11])
    order = chain.from_iterable(rng.permutation(len(pairs)).tolist() for _ in range(PASSES))

    def loss(cutoff: int) -> dict[str, torch.Tensor]:
        some = pairs[cutoff]
        text = meeting.text(some.texts.states, some.texts.inside)
        card = meeting.card(some.cards.states, some.cards.inside)
        return {"meeting": info_nce(text, card, settings.embedding_temperature).mean()}

    stage = Stage("meeting", list(order), loss)
    learned = [each for each in meeting.parameters() if each.requires_grad]
    optimizer = MasterAdamW([(learned, RATE, DECAY)], len(stage.work))
    terms, _ = run_stage(run.model, stage, optimizer, run.keeper, run.report)
    return terms


def begin(run: Run, lessons: Sequence[Sequence[Told]]) -> None:
    """Gives the towers the scale of what they will see, by some of the lessons, before the language stage trains them too."""
    if run.settings.contrast:
        rng = np.random.default_rng([run.settings.seed, 17])
        run.model.meeting.fit([_read(run, group[0].slate, group[:_FIRST], rng) for group in lessons[:_FIRST]])


def read(run: Run, lessons: Sequence[Sequence[Told]]) -> list[Pairs]:
    """Reads groups of pairs of every training cutoff: cards drawn anew, told with drivers that others were told with.

    A cutoff has several groups where there are few cutoffs: what counts is how many pairs there are. To occlude each of
    their cards would take ten readings, and a text need not be the model's real reason to meet its card.
    """
    settings = run.settings
    lent = [each.drivers for group in lessons for each in group]
    groups, size = groups_of(settings.explained, len(run.train))
    found = []
    for slate in range(len(run.train)):
        run.report("reading texts", slate, len(run.train))
        rng = np.random.default_rng([settings.seed, 13, slate])
        found += [_read(run, slate, told, rng) for told in _drawn(run, slate, lent, groups, size, rng)]
    run.report("reading texts", len(run.train), len(run.train))
    return found


def groups_of(explained: int, cutoffs: int) -> tuple[int, int]:
    """Returns how many groups of pairs every cutoff has, and the pairs of each, two at least.

    Args:
        explained: Rows that are explained.
        cutoffs: Training cutoffs.
    """
    share = -(-PAIRS * explained // cutoffs)
    groups = -(-share // MOST_PAIRS)
    return groups, max(2, -(-share // groups))


def _drawn(  # noqa: PLR0917 - all of them are asked for in one place
    run: Run,
    slate: int,
    lent: Sequence[tuple[Driver, ...]],
    groups: int,
    size: int,
    rng: np.random.Generator,
) -> Iterator[list[Told]]:
    """Draws groups of cards of a training cutoff that lessons may speak of, with their forecasts and lent drivers."""
    cards, forecast, chance = forecast_of(run, slate)
    taught = np.flatnonzero([not held_out(item) for item in cards.item_ids])
    if len(taught) < 2:  # noqa: PLR2004 - one card alone cannot be told from others
        return
    for _ in range(groups):
        rows = rng.permutation(taught)[:size]
        drivers = [lent[at] for at in rng.integers(len(lent), size=len(rows))]
        yield tell(cards, forecast, chance, rows, drivers, k=TOP, slate=slate)


def _read(run: Run, slate: int, told: Sequence[Told], rng: np.random.Generator) -> Pairs:
    reader, rows = run.forecaster.reader, run.train[slate]
    texts = [render(each.card, each.outlook, each.drivers, rng, mask=reader.mask).text for each in told]
    cards = [(*rows.prompts[each.row], *reader.backbone.encode(story(each, reader))) for each in told]
    return Pairs(
        token_states(reader.backbone, [text_ids(reader.backbone, text) for text in texts]),
        token_states(reader.backbone, cards, rows.common),
    )
