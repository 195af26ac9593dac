"""What lessons teach to say: two reasons, how sure the forecast is, in words that no one frame makes up."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from trail.facts import Driver, render, speaker, verify
from trail.facts.frames import SPOKEN
from trail.facts.outline import reasons_of
from trail.facts.slots import Facts
from trail.signals import BY_NAME, Group

from .cases import cards, outlook

LESSONS = 500
_SURE = frozenset({"q10", "q90", "p_top"})
_ENDS = re.compile(r"[.](?= |$)")


@pytest.fixture(scope="module")
def lessons(synthetic, opened):
    """Texts of cards with two or more drivers that can speak, each with its reasons and what it was found to claim."""
    rng, found = np.random.default_rng(5), []
    pool = [each for each in cards(synthetic, opened) if each["count_1"]]
    while len(found) < LESSONS:
        card = pool[rng.integers(len(pool))]
        told = outlook(card, rng)
        groups, effects = rng.permutation(list(Group))[:4], rng.normal(size=4)
        spoken = [(speaker(Group(g), card, e), float(e)) for g, e in zip(groups, effects, strict=True)]
        drivers = [Driver(name, effect) for name, effect in spoken if name]
        reasons = [
            each
            for each in reasons_of(Facts(card, told), drivers)
            if BY_NAME[each.signal].group is not Group.CALENDAR
        ]
        if len(reasons) > 1:
            text = render(card, told, drivers, rng)
            found.append((card, reasons, text, verify(text.text, card, told)))
    return found


def test_two_reasons_are_given_and_none_ends_a_text_that_has_another(lessons):
    both, alone = 0, 0
    for _, reasons, text, _ in lessons:
        places = {each.signal: each.start for each in text.statements}
        both += sum(each.signal in places for each in reasons) > 1
        stops = [match.start() for match in _ENDS.finditer(text.text)]
        first, second = (sum(stop < places[each.signal] for stop in stops) for each in reasons[:2])
        alone += first > 0 and first != second  # a sentence of the first reason only, where a text could end
    assert both >= 0.85 * LESSONS
    assert alone == 0


def test_most_lessons_say_how_sure_the_forecast_is(lessons):
    sure = sum(bool(_SURE & {each.claim.signal for each in read.checked}) for *_, read in lessons)
    assert sure >= 0.7 * LESSONS


def test_lessons_have_two_or_three_sentences_and_no_frame_or_opening_makes_them_up(lessons):
    openings, frames = Counter(), Counter()
    kinds = (
        "cause",
        "support",
        "held",
        "basis",
        "against",
        "counter",
        "because",
        "helped",
        "hindered",
        "resting",
    )
    words = {each.strip() for kind in kinds for each in getattr(SPOKEN, kind) if len(each.strip()) > 8}
    for card, _, text, _ in lessons:
        assert 2 <= len(_ENDS.findall(text.text)) <= 3, text.text
        bare = text.text.replace(str(card.metadata["title"]), "T").replace(
            str(card.metadata["category"]), "C"
        )
        openings[" ".join(re.sub(r"\d[\d.,]*", "N", bare).split()[:3])] += 1
        frames.update(each for each in words if each in text.text.lower())
    assert openings.most_common(1)[0][1] <= 0.15 * LESSONS, openings.most_common(3)
    assert frames.most_common(1)[0][1] <= 0.1 * LESSONS, frames.most_common(3)
