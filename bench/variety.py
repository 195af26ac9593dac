"""Distinct-2 on equal amounts: it falls as texts grow in number or length, so that only as many pairs of each compare."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from trail.evaluate.text_metrics import distinct, ngrams

#: Written by hand for the tests, before any template was: card, whether it may be shown, text.
_HAND = Path(__file__).resolve().parents[1] / "tests" / "facts" / "texts" / "sentences.txt"
#: Orders of the texts that a figure is the mean of: which are left out is chance.
_ORDERS = 20


def by_hand() -> list[str]:
    """Returns the texts written by hand that hold."""
    lines = (
        line.split("|", 2)
        for line in _HAND.read_text(encoding="utf-8").splitlines()
        if line[:1] not in ("", "#")
    )
    return [text.strip() for _, shown, text in lines if shown.strip() == "yes"]


def varied(shown: Sequence[Sequence[str]], hand: Sequence[str]) -> dict[str, float]:
    """Returns distinct-2 of the texts shown, meaned over the origins, and of those by hand, on `bigrams` pairs of words of each.

    Args:
        shown: Texts of each origin.
        hand: Texts by hand.
    """
    least = min(len(ngrams(texts, 2)) for texts in (*shown, hand))
    ours = [distinct_on(texts, least) for texts in shown]
    return {"bigrams": least, "shown": float(np.mean(ours)), "hand": distinct_on(hand, least)}


def distinct_on(texts: Sequence[str], bigrams: int) -> float:
    """Returns distinct-2 of the first so many pairs of words of texts, meaned over orders drawn by seed.

    Args:
        texts: The texts.
        bigrams: Pairs of words, no more than the texts have.
    """
    rng = np.random.default_rng(0)
    orders = [rng.permutation(len(texts)) for _ in range(_ORDERS)]
    return float(np.mean([distinct(ngrams([texts[at] for at in order], 2)[:bigrams]) for order in orders]))
