"""Measures of texts beside their truth: variety, repetition, ease of reading, and how much of its card a text uses.

A measure's name carries its version, which is raised when its numbers change their meaning. Words are runs of
letters, digits and the marks inside them, in lower case (`words`); none of the measures knows who wrote a text.
"""

from __future__ import annotations

import math
import re
from calendar import month_name
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from trail.facts.claims import Verdict, Verification
from trail.facts.speak import sayable
from trail.signals import SIGNALS, Card

_WORD = re.compile(r"\w[\w.,%'-]*")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_DATES = re.compile(rf"\d+ (?:{'|'.join(month_name[1:])})")
_NUMBERS = re.compile(r"\d[\d,.]*\d|\d")
_VOWELS = re.compile(r"[aeiouy]+")
#: Order of BLEU, and what stands for a count of matches of zero.
_BLEU_ORDER, _NO_MATCH = 4, 0.1
_NOTHING = float("nan")


def words(text: str) -> list[str]:
    """Returns the words of a text in lower case; a mark that follows a word stays with it."""
    return _WORD.findall(text.lower())


def sentences(text: str) -> list[str]:
    """Returns the sentences of a text: a full stop, question or exclamation mark before a space ends one."""
    return [each for each in _SENTENCE_END.split(text.strip()) if each]


def ngrams(texts: Sequence[str], n: int) -> list[tuple[str, ...]]:
    """Returns every run of n neighbouring words of every text, in order; no run crosses from text to text."""
    return [gram for each in texts for gram in _grams(words(each), n)]


def _grams(tokens: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return list(zip(*(tokens[at:] for at in range(n)), strict=False))


def distinct(grams: Sequence[tuple[str, ...]]) -> float:
    """Returns distinct-n: different n-grams over all n-grams, 0 to 1, higher is more varied; NaN without any.

    It falls as texts grow in number or length, so compare like amounts. Reference: Li et al. 2016, "A
    Diversity-Promoting Objective Function for Neural Conversation Models".
    """
    return len(set(grams)) / len(grams) if grams else _NOTHING


def self_bleu(texts: Sequence[str]) -> float:
    """Returns the mean BLEU-4 of each text against all the others, 0 to 1, lower is more varied; NaN below two texts.

    Sentence BLEU with equal weights of orders 1 to 4, clipped counts, and the brevity penalty against the reference
    nearest in length, the shorter of equals (Papineni et al. 2002). A precision without a match counts 0.1 matches
    (Chen & Cherry 2014, smoothing 1). Reference: Zhu et al. 2018, "Texygen".
    """
    tokens = [words(each) for each in texts]
    if len(tokens) < 2:  # noqa: PLR2004 - each needs another
        return _NOTHING
    return fmean(_bleu(each, [*tokens[:at], *tokens[at + 1 :]]) for at, each in enumerate(tokens))


def _bleu(tokens: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    if not tokens:
        return 0.0
    logs = [math.log(_precision(tokens, references, n)) for n in range(1, _BLEU_ORDER + 1)]
    nearest = min((abs(len(each) - len(tokens)), len(each)) for each in references)[1]
    return math.exp(min(0.0, 1 - nearest / len(tokens)) + fmean(logs))


def _precision(tokens: Sequence[str], references: Sequence[Sequence[str]], n: int) -> float:
    """Returns the share of n-grams that a reference has too, each no more often than it stands in one of them."""
    most: Counter[tuple[str, ...]] = Counter()
    for each in references:
        most |= Counter(_grams(each, n))
    found = Counter(_grams(tokens, n))
    return ((found & most).total() or _NO_MATCH) / max(1, found.total())


def reading_ease(texts: Sequence[str]) -> float:
    """Returns Flesch's reading ease of all texts as one passage; about 60 to 70 is plain English, higher is easier.

    206.835 - 1.015 words a sentence - 84.6 syllables a word. Figures are words but, as Flesch advises, their
    syllables are not counted. Syllables are groups of vowels (a, e, i, o, u, y), a lone final e left out, at least
    one a word. NaN without a word of letters. Reference: Flesch 1948, "A New Readability Yardstick".
    """
    tokens = [each for text in texts for each in words(text)]
    spelled = [each for each in tokens if each[0].isalpha()]
    if not spelled:
        return _NOTHING
    count = sum(len(sentences(each)) for each in texts)
    return 206.835 - 1.015 * len(tokens) / count - 84.6 * sum(map(syllables, spelled)) / len(spelled)


def syllables(word: str) -> int:
    """Returns the syllables of an English word, by its groups of vowels: candle 2, rose 1, expected 3."""
    letters = word.rstrip(".,%'-")
    silent = re.search(r"[^aeiouyl]e$", letters) is not None
    return max(1, len(_VOWELS.findall(letters)) - silent)


def unique_sentence_ratio(texts: Sequence[str]) -> float:
    """Returns USR: different sentences over all sentences, 0 to 1, higher is more varied; NaN without any.

    Reference: Li et al. 2020, "Generate Neural Template Explanations for Recommendation", where a text is one sentence.
    """
    found = [sentence for each in texts for sentence in sentences(each)]
    return len(set(found)) / len(found) if found else _NOTHING


def wordable(card: Card) -> frozenset[str]:
    """Returns the signals of a card that a text may state."""
    return frozenset(each.name for each in SIGNALS if sayable(each.name, card))


def cited(verification: Verification) -> frozenset[str]:
    """Returns the signals that the claims of a text name truly; what is false or undecided cites nothing."""
    claims = [each.claim for each in verification.checked if each.verdict is Verdict.SUPPORTED]
    return frozenset(name for each in claims for name in (each.signal, each.other) if name)


def card_coverage(told: Sequence[tuple[Collection[str], Collection[str]]]) -> float:
    """Returns the mean share of a card's wordable signals that its text cites, 0 to 1; NaN without such a card.

    Args:
        told: One a text: the signals cited, and those wordable.

    Reference: after the feature coverage ratio of Li et al. 2020 (see `unique_sentence_ratio`), a card at a time.
    """
    shares = [len(set(named) & set(able)) / len(set(able)) for named, able in told if able]
    return fmean(shares) if shares else _NOTHING


def skeleton(text: str, card: Card) -> str:
    """Returns a text with its numbers, dates and names masked: what is left is how it is said."""
    names = [card.metadata[key] for key in ("title", "category", "brand")]
    for name in (*names, *(holiday for _, holiday in card.calendar.holidays)):
        text = text.replace(str(name), "N") if name else text
    return _NUMBERS.sub("0", _DATES.sub("D", text))


def most_alike(told: Sequence[tuple[str, Card]]) -> int:
    """Returns how many of the texts share the commonest skeleton; 0 without texts."""
    return max(Counter(skeleton(*each) for each in told).values(), default=0)


#: Measures of the texts alone, by name and version.
TEXT_METRICS: Mapping[str, Callable[[Sequence[str]], float]] = {
    "distinct_1.v1": lambda texts: distinct(ngrams(texts, 1)),
    "distinct_2.v1": lambda texts: distinct(ngrams(texts, 2)),
    "self_bleu_4.v1": self_bleu,
    "reading_ease.v1": reading_ease,
    "usr.v1": unique_sentence_ratio,
}
#: The measure that needs the cards too.
CARD_COVERAGE = "card_coverage.v1"


@dataclass(frozen=True)
class Measured:
    """The measures of one source's texts.

    Attributes:
        source: Who wrote them.
        texts: How many there are.
        words: How many words they have, which distinct-n depends on.
        values: Measure with its version -> value.
    """

    source: str
    texts: int
    words: int
    values: Mapping[str, float]


def measure(source: str, told: Sequence[tuple[str, Card, Verification]]) -> Measured:
    """Returns every measure of one source's texts.

    Args:
        source: Who wrote them.
        told: Each text with its card and what was read in it.
    """
    texts = [text for text, _, _ in told]
    values = {name: of(texts) for name, of in TEXT_METRICS.items()}
    values[CARD_COVERAGE] = card_coverage([(cited(found), wordable(card)) for _, card, found in told])
    return Measured(source, len(texts), sum(len(words(each)) for each in texts), values)
