"""Explanations that hold: written by the model, read back, verified, written again, else rendered plainly."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

import numpy as np

from trail.baselines import Forecast
from trail.explain.draft import Draft
from trail.explain.writer import Begun, write
from trail.facts import Driver, Verification, plain, render, verify
from trail.forecast import Told, TrailForecaster
from trail.forecast import tell as gathered
from trail.signals import Cards

#: Temperature and drafts of each try: the likeliest words, three times gone on otherwise from what holds of the last; then anew.
TRIES = ((0.0, 1), (0.6, 6), (0.7, 6), (0.9, 6), (0.7, 6))
#: The same where every try starts anew.
DRAWN = ((0.0, 1), (0.4, 6), (0.6, 6), (0.8, 6), (0.9, 6))
#: So many of these go on from what holds of the last text; the later ones start anew.
_LAST_KEPT = 3
#: Draws of a lesson until one begins with words; one in twenty begins with its number.
_DRAWS = 8
#: Words and quoted names before the first number.
_OPENING = re.compile(r'(?:"[^"]*"|[^"\d])*(?=\s|\()')


@dataclass(frozen=True)
class Explanation:
    """Why an item is forecast as it is, in words that were checked.

    Attributes:
        item_id: The item.
        text: What is shown; every claim in it is supported by the card.
        verification: Its claims with evidence and character spans.
        drivers: Signals that moved the forecast, strongest first.
        source: `model`, or `plain` where no text of the model held.
        tries: Times that the model wrote, the last one included: first one text, then six drafts side by side, of which
            the first that holds with a second reason is taken, else the first that holds.
        refused: The model's texts that did not hold, in order; of several drafts the one that held longest.
    """

    item_id: str
    text: str
    verification: Verification
    drivers: tuple[Driver, ...]
    source: Literal["model", "plain"]
    tries: int
    refused: tuple[str, ...] = ()


def tell(
    forecaster: TrailForecaster,
    cards: Cards,
    forecast: Forecast,
    p_top: np.ndarray,
    rows: Sequence[int],
    *,
    k: int,
) -> list[Told]:
    """Gathers what may be said of items: forecast, rank, chance, and drivers by occlusion.

    Args:
        forecaster: Whose forecast it is.
        cards: All cards of the cutoff.
        forecast: Their forecast.
        p_top: Chance of the top `k`, shape (items,).
        rows: Items to speak of.
        k: The K of `p_top`.
    """
    chosen = np.asarray(rows, dtype=np.int64)
    reference = cards.take(forecaster.shortlisted(cards, forecaster.prior_forecast(cards)))
    picked = cards.take(chosen)
    drivers = forecaster.effects(picked, reference).every(picked)
    return gathered(cards, forecast, p_top, chosen, drivers, k=k)


def explain(
    forecaster: TrailForecaster,
    cards: Cards,
    forecast: Forecast,
    p_top: np.ndarray,
    rows: Sequence[int],
    *,
    k: int,
    seed: int = 0,
    anew: bool = False,
) -> list[Explanation]:
    """Explains items of a model's own forecast, in the order of `rows`; what is returned holds, whoever wrote it.

    Args:
        forecaster: Whose forecast it is, and who writes.
        cards: All cards of the cutoff.
        forecast: Their forecast.
        p_top: Chance of the top `k`, shape (items,).
        rows: Items to explain.
        k: The K of `p_top`.
        seed: Seed of the tries that are drawn.
        anew: As in `put_in_words`.
    """
    told = tell(forecaster, cards, forecast, p_top, rows, k=k)
    return put_in_words(forecaster, told, seed=seed, anew=anew)


def put_in_words(
    writer: TrailForecaster, told: Sequence[Told], *, seed: int = 0, anew: bool = False
) -> list[Explanation]:
    """Explains what was told, whoever forecast it; what is returned holds, whoever wrote it.

    A text that does not hold is gone on with otherwise from its first clause that does not, in several drafts at once:
    constrained decoding by the verifier.

    Args:
        writer: Whose model writes; its prior need not be fitted.
        told: Cards with forecasts and drivers.
        seed: Seed of the tries that are drawn.
        anew: Writes a text that does not hold again as a whole: to measure what going on from what holds gains.
    """
    held: dict[int, Explanation] = {}
    refused: dict[int, list[str]] = {at: [] for at in range(len(told))}

    def first(at: int, number: int) -> Begun:
        return Begun(opening(told[at], seed + number, writer.reader.mask))

    begun = [first(at, 0) for at in range(len(told))]
    for number, (temperature, drafts) in enumerate(DRAWN if anew else TRIES):
        open_ = [at for at in range(len(told)) if at not in held]
        if not open_:
            break
        asked = [at for at in open_ for _ in range(drafts)]
        texts = write(
            writer,
            [told[at] for at in asked],
            begun=[begun[at] for at in asked],
            temperature=temperature,
            seed=seed + number,
        )
        goes_on = not anew and number < _LAST_KEPT
        for place, at in enumerate(open_):
            tried = [Draft.of(text, told[at]) for text in texts[place * drafts : (place + 1) * drafts]]
            best = max(tried, key=lambda each: each.worth)
            if best.shown:
                one = told[at]
                held[at] = Explanation(
                    one.card.item_id,
                    best.text,
                    best.read,
                    one.drivers,
                    "model",
                    number + 1,
                    tuple(refused[at]),
                )
            else:
                refused[at].append(best.text)
                further = best.gone_on(begun[at]) if goes_on else Begun()
                begun[at] = further if further.text else first(at, number + 1)
    return [held.get(at) or _rendered(each, refused[at]) for at, each in enumerate(told)]


def opening(told: Told, seed: int, mask: Collection[str] = ()) -> str:
    """Returns the first words of a text, up to its first number, as one of the lessons that begin with words might have them.

    The likeliest words are the same for all items: left alone, fifty texts in a row begin alike. Drawn as lessons draw
    them, openings differ as much as those do; what follows is the model's.

    Args:
        told: What the text will be about.
        seed: Of the draw, with the item.
        mask: What the model was not told of the item.
    """
    rng = np.random.default_rng([seed, crc32(told.card.item_id.encode())])
    for _ in range(_DRAWS):
        found = _OPENING.match(render(told.card, told.outlook, told.drivers, rng, mask=mask).text)
        if found and (words := found[0].rstrip(" (")):
            return words
    return ""


def _rendered(told: Told, refused: Sequence[str]) -> Explanation:
    """Returns the plain rendering of the same facts."""
    text = plain(told.card, told.outlook, told.drivers)
    found = verify(text, told.card, told.outlook)
    return Explanation(told.card.item_id, text, found, told.drivers, "plain", len(refused), tuple(refused))
