"""Explanations that hold: written by the model, read back, verified, written again, else rendered plainly."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Self
from zlib import crc32

import numpy as np

from trail.baselines import Forecast
from trail.explain.writer import Begun, write
from trail.facts import (
    Driver,
    Verdict,
    Verification,
    plain,
    render,
    scene_for,
    ungrammatical,
    verify,
    wrong_sides,
)
from trail.forecast import Told, TrailForecaster
from trail.forecast import tell as gathered
from trail.signals import BY_NAME, Cards

#: Temperature and drafts of each try: the likeliest words, three times gone on otherwise from what holds of the last; then anew.
TRIES = ((0.0, 1), (0.6, 6), (0.7, 6), (0.9, 6), (0.7, 6))
#: The same where every try starts anew.
DRAWN = ((0.0, 1), (0.4, 6), (0.6, 6), (0.8, 6), (0.9, 6))
#: So many of these go on from what holds of the last text; the later ones start anew.
_LAST_KEPT = 3
_HOLDS = (Verdict.SUPPORTED, Verdict.CONTEXT)
_SENTENCE = re.compile(r"(?<=\.) (?=[A-Z])")
_QUOTED = re.compile(r'"[^"]*"')
_TWICE = re.compile(r"\b(\w+) \1\b", re.IGNORECASE)
#: Draws of a lesson until one begins with words; one in twenty begins with its number.
_DRAWS = 8
#: Words and quoted names before the first number.
_OPENING = re.compile(r'(?:"[^"]*"|[^"\d])*(?=\s|\()')
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


@dataclass(frozen=True)
class Draft:
    """A text that the model wrote, read back.

    Attributes:
        text: The text, nothing said twice.
        read: Its claims with their verdicts.
        wrong: Where it gives a fact a side that no driver had, or is no English.
    """

    text: str
    read: Verification
    wrong: tuple[int, ...]

    @classmethod
    def of(cls, written: str, told: Told) -> Self:
        """Reads what was written about an item."""
        text = without_repeats(written, told)
        read = _checked(told, text)
        wrong = wrong_sides(text, read, told.drivers) + ungrammatical(text, scene_for(told.card))
        return cls(text, read, tuple(wrong))

    @property
    def shown(self) -> bool:
        """Whether it may be shown: it holds, is English and well formed, and gives no reason a wrong side."""
        return self.read.holds and well_formed(self.text, self.read) and not self.wrong

    @property
    def worth(self) -> tuple[bool, int, int]:
        """What is better among drafts: one that may be shown, with a second reason, else one that holds longer."""
        return self.shown, min(reasons(self.read), 2) if self.shown else 0, self.holds_to

    @property
    def holds_to(self) -> int:
        """Up to where it is gone on from: the start of its first clause that does not hold.

        Of a text that holds and is still not shown it is all but the last sentence; nothing of one without the forecast.
        """
        checked = self.read.checked
        false = [*self.wrong, *(each.claim.start for each in checked if each.verdict not in _HOLDS)]
        if not false and not foretells(self.read):
            return 0
        # true, but not worth showing
        last = sum(len(sentence) + 1 for sentence in _SENTENCE.split(self.text)[:-1])
        spans = [(each.claim.start, each.claim.end) for each in checked]
        places = [
            found.end()
            for found in _CLAUSE.finditer(self.text)
            if found.end() <= min(false, default=last) and not any(a < found.end() < b for a, b in spans)
        ]
        return max(places, default=0)

    def gone_on(self, begun: Begun) -> Begun:
        """Returns what holds of it and the word that must not follow that again.

        Args:
            begun: What it had gone on from.
        """
        start, words = self.text[: self.holds_to].rstrip(), self.text[self.holds_to :].split()
        again = begun.not_on if start == begun.text else frozenset()
        return Begun(start, again | frozenset(words[:1]))


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


def _stated(found: Verification) -> list[tuple[object, ...]]:
    return [
        (c.kind, c.signal, c.window, c.relation, c.stated) for c in (each.claim for each in found.checked)
    ]


def well_formed(text: str, found: Verification) -> bool:
    """Whether a true text is worth showing: whole sentences, nothing twice, what is expected and at least one reason.

    A reason is a supported claim about a signal; a text that only repeats the forecast explains nothing.
    """
    clean = text.endswith(".") and not _TWICE.search(
        _QUOTED.sub("", text)
    )  # a title may well say a word twice
    return clean and plainly_said(found) and foretells(found) and reasons(found) > 0


def reasons(found: Verification) -> int:
    """Returns of how many signals a text makes a claim that holds."""
    signals = {each.claim.signal for each in found.checked if each.verdict is Verdict.SUPPORTED}
    return len(signals & BY_NAME.keys())


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
