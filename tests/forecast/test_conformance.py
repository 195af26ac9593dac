"""TRAIL and its ablations pass the suite that every forecaster must pass, as far as a network can, and why not further.

The fast tests hold one of each sort: the head without text, both heads' whole correction, titles hidden from the trained network, titles hidden
from a network of its own, and one whose training alone differs; the others that are trained are slow.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trail.baselines.conformance import CHECKS
from trail.errors import ModelError
from trail.evaluate.ablations import ABLATIONS, VARIANTS, varied
from trail.forecast import train

NAMES = (
    "trail",
    "no_llm_head",
    "trail_full",
    "no_llm_full",
    "trail_hidden",
    "trail_masked",
    "trail_no_contrast",
    *(
        pytest.param(name, marks=pytest.mark.slow)
        for name in VARIANTS
        if name not in ("trail_masked", "trail_no_contrast")
    ),
)
#: A network's sums run in single precision and in another order where a batch holds other rows: 1e-6 was seen.
ROUNDING = 1e-5
NUMBERS = ("expected", "q10", "q50", "q90", "score")


@pytest.fixture(scope="module")
def tried(trained, history, small, tmp_path_factory):
    """A function that makes TRAIL or an ablation by name, with the whole correction applied; each is trained once."""
    variants = {}

    def make(name):
        if name in VARIANTS and name not in variants:
            variants[name] = train(history, varied(small, name), tmp_path_factory.mktemp(name)).named(name)
        whole = {"text": 1.0, "numbers": 1.0}
        model = replace(variants.get(name, trained[0]), shrinkage=whole)
        made = {
            "no_llm_head": model.without_text,
            "trail_full": model.reading_once().whole,
            "no_llm_full": model.without_text().whole,
            "trail_hidden": model.without_titles,
        }
        return made.get(name, lambda: model)()

    return make


def test_every_ablation_is_held_to_the_suite():
    assert {getattr(each, "values", (each,))[0] for each in NAMES} == {"trail", *ABLATIONS}


@pytest.mark.parametrize("check", sorted(set(CHECKS) - {"ignores_batches"}))
@pytest.mark.parametrize("name", NAMES)
def test_conforms(tried, history, name, check):
    forecaster = tried(name)
    assert forecaster.name == name
    CHECKS[check](forecaster, history[:-1])


@pytest.mark.parametrize("name", NAMES)
def test_a_corrected_forecast_does_not_depend_on_the_other_cards(tried, history, name):
    """`ignores_batches` to a network's rounding, where every card is corrected; batches of one are the hardest."""
    forecaster = tried(name)
    forecaster = replace(forecaster, settings=replace(forecaster.settings, shortlist=0)).fit(history[:-1])
    cards = history[-1].cards
    whole = forecaster.predict(cards)
    assert set(whole.forecaster) == {name}
    order = np.random.default_rng(0).permutation(len(cards))
    for rows in (order[: len(cards) // 2], order[:33], *(order[[row]] for row in range(10))):
        part = forecaster.predict(cards.take(rows))
        for number in NUMBERS:
            np.testing.assert_allclose(
                getattr(part, number), getattr(whole, number)[rows], rtol=ROUNDING, atol=ROUNDING
            )


@pytest.mark.parametrize("name", NAMES)
def test_what_another_batch_changes_is_who_is_on_the_shortlist(tried, history, name):
    """`ignores_batches` cannot hold with a shortlist, which takes the first of the cards asked about; by design."""
    forecaster = tried(name)
    with pytest.raises(ModelError, match="other numbers in another batch"):
        CHECKS["ignores_batches"](forecaster, history[:-1])
    fitted, cards = forecaster.fit(history[:-1]), history[-1].cards
    rows = np.random.default_rng(0).permutation(len(cards))[: len(cards) // 2]
    whole, part = fitted.predict(cards).take(rows), fitted.predict(cards.take(rows))
    same = whole.forecaster == part.forecaster
    assert 0 < (~same).sum() < len(rows)
    assert set(part.forecaster[~same]) == {name}  # of fewer cards more find a place
    for number in NUMBERS:
        np.testing.assert_allclose(
            getattr(part, number)[same], getattr(whole, number)[same], rtol=ROUNDING, atol=ROUNDING
        )
