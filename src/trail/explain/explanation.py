"""Explanations that hold: written by the model, read back, verified, written again, else rendered plainly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trail.baselines import Forecast
from trail.explain.writer import Begun, write
from trail.facts import Driver, Verdict, Verification, plain, verify, wrong_sides
from trail.forecast import Told, TrailForecaster
from trail.forecast import tell as gathered
from trail.signals import BY_NAME, Cards

#: Temperature of each try: the likeliest words, twice gone on otherwise from what holds of them; then drawn ones, anew.
TRIES = (0.0, 0.0, 0.0, 0.5, 0.8)
#: The same where every try starts anew.
DRAWN = (0.0, 0.3, 0.5, 0.7, 0.9)
#: So many of these go on from what holds of the last text; the later ones start anew.
_LAST_KEPT = 2
_HOLDS = (Verdict.SUPPORTED, Verdict.CONTEXT)
_SENTENCE = re.compile(r"(?<=\.) (?=[A-Z])")
#: Where a clause begins: after a mark, and after the word that joins it.
_CLAUSE = re.compile(r"(?<=[.,;:]) (?:(?:and|but|also,|plus|though|although|while|given that) )?")


@dataclass(frozen=True)
class Explanation:
    """Why an item is forecast as it is, in words that were checked.

    Attributes:
        item_id: The item.
        text: What is shown; every claim in it is supported by the card.
        verification: Its claims with evidence and character spans.
        drivers: Signals that moved the forecast, strongest first.
        source: `model`, or `plain` where no text of the model held.
        tries: Texts that the model wrote for it.
        refused: The model's texts that did not hold, in order.
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
    """Explains items, in the order of `rows`; what is returned holds, whoever wrote it.

    A text that does not hold is gone on with otherwise from its first clause that does not: constrained decoding by the
    verifier.

    Args:
        forecaster: Whose forecast it is.
        cards: All cards of the cutoff.
        forecast: Their forecast.
        p_top: Chance of the top `k`, shape (items,).
        rows: Items to explain.
        k: The K of `p_top`.
        seed: Seed of the tries that are drawn.
        anew: Writes a text that does not hold again as a whole: to measure what going on from what holds gains.
    """
    told = tell(forecaster, cards, forecast, p_top, rows, k=k)
    held: dict[int, Explanation] = {}
    refused: dict[int, list[str]] = {at: [] for at in range(len(told))}
    begun = [Begun()] * len(told)
    for number, temperature in enumerate(DRAWN if anew else TRIES):
        open_ = [at for at in range(len(told)) if at not in held]
        if not open_:
            break
        texts = write(
            forecaster,
            [told[at] for at in open_],
            begun=[begun[at] for at in open_],
            temperature=temperature,
            seed=seed + number,
        )
        for at, written in zip(open_, texts, strict=True):
            text = without_repeats(written, told[at])
            found = _checked(told[at], text)
            card, drivers = told[at].card, told[at].drivers
            wrong = wrong_sides(text, found, drivers)
            if found.holds and well_formed(text, found) and not wrong:
                held[at] = Explanation(
                    card.item_id, text, found, drivers, "model", number + 1, tuple(refused[at])
                )
            else:
                refused[at].append(text)
                begun[at] = (
                    Begun() if anew or number >= _LAST_KEPT else gone_on(text, found, begun[at], wrong)
                )
    return [held.get(at) or _rendered(each, refused[at]) for at, each in enumerate(told)]


def without_repeats(text: str, told: Told) -> str:
    """Returns a text without the sentences that only say again what an earlier one said.

    Nothing else is mended: a false or undecidable sentence stays, and the text is written again.

    Args:
        text: What the model wrote.
        told: What it wrote about.
    """
    said: set[tuple[object, ...]] = set()
    kept = []
    for sentence in _SENTENCE.split(text):
        stated = set(_stated(_checked(told, sentence)))
        if not stated or not stated <= said:
            kept.append(sentence)
        said |= stated
    return " ".join(kept)


def gone_on(text: str, read: Verification, begun: Begun, wrong: Sequence[int] = ()) -> Begun:
    """Returns what holds of a text up to the clause that does not, and the word that must not follow it again.

    Of a text that holds and is still not shown it is all but the last sentence; nothing of one without the forecast.

    Args:
        text: What the model wrote.
        read: Its claims with their verdicts.
        begun: What it had gone on from.
        wrong: Where it gives a fact a wrong side.
    """
    checked = read.checked
    false = [*wrong, *(each.claim.start for each in checked if each.verdict not in _HOLDS)]
    last = sum(len(sentence) + 1 for sentence in _SENTENCE.split(text)[:-1])  # true, but not worth showing
    spans = [(each.claim.start, each.claim.end) for each in checked]
    places = [
        found.end()
        for found in _CLAUSE.finditer(text)
        if found.end() <= min(false, default=last) and not any(a < found.end() < b for a, b in spans)
    ]
    place = max(places, default=0) if false or foretells(read) else 0
    start, words = text[:place].rstrip(), text[place:].split()
    again = begun.not_on if start == begun.text else frozenset()
    return Begun(start, again | frozenset(words[:1]))


def _stated(found: Verification) -> list[tuple[object, ...]]:
    return [
        (c.kind, c.signal, c.window, c.relation, c.stated) for c in (each.claim for each in found.checked)
    ]


def well_formed(text: str, found: Verification) -> bool:
    """Whether a true text is worth showing: whole sentences, no claim twice, what is expected and at least one reason.

    A reason is a supported claim about a signal; a text that only repeats the forecast explains nothing.
    """
    reasons = [
        each for each in found.checked if each.verdict is Verdict.SUPPORTED and each.claim.signal in BY_NAME
    ]
    return text.endswith(".") and plainly_said(found) and foretells(found) and bool(reasons)


def foretells(found: Verification) -> bool:
    """Whether a text says how many are expected."""
    return any(each.claim.signal == "expected" for each in found.checked)


def plainly_said(found: Verification) -> bool:
    """Whether no claim is made twice and nothing is given exactly and by a bound as well, as in "170, between 84 and 289"."""
    claims = _stated(found)
    said = [(c.signal, c.window, c.relation) for c in (each.claim for each in found.checked)]
    exact = {(signal, window) for signal, window, relation in said if relation == "="}
    bounded = {(signal, window) for signal, window, relation in said if relation in {">=", "<="}}
    return len(set(claims)) == len(claims) and not exact & bounded


def _checked(told: Told, text: str) -> Verification:
    return verify(text, told.card, told.outlook)


def _rendered(told: Told, refused: Sequence[str]) -> Explanation:
    """Returns the plain rendering of the same facts."""
    text = plain(told.card, told.outlook, told.drivers)
    found = _checked(told, text)
    return Explanation(told.card.item_id, text, found, told.drivers, "plain", len(refused), tuple(refused))
