"""New items: look-alikes against a loop, no launch from the future, abstention, ranges, and who answers for whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from trail.baselines import Decayed, Launches, Spread, fit_basis, nearest_launches
from trail.baselines.accuracy import joint_loss
from trail.baselines.launched import NEAREST, Launched
from trail.baselines.launches import MIXES, silenced
from trail.baselines.sample import sample_history
from trail.baselines.scope import ABSTAINED, NEVER, OLD, state
from trail.signals import Labelled, known_at

BASE = Decayed(options=(1.0,))
SMALL = Launches(base=BASE, rounds=8, text_dims=8)


def texts(example: Labelled, title: str | None = None) -> Labelled:
    """The example with one title for all items and no other text."""
    table = example.cards.table
    for name in ("title", "categories", "brand", "description"):
        column = pa.array([title if name == "title" else None] * len(table), pa.string())
        table = table.set_column(table.column_names.index(name), name, column)
    return replace(example, cards=replace(example.cards, table=table))


def aged(example: Labelled, age: float) -> Labelled:
    table = example.cards.table
    column = pa.array(np.full(len(table), age))
    table = table.set_column(table.column_names.index("age"), "age", column)
    return replace(example, cards=replace(example.cards, table=table))


def past_of(example: Labelled) -> list[Labelled]:
    return known_at(sample_history(), example.cards.cutoff)


def slow_state(age: float, days: int) -> int:
    if np.isnan(age):
        return NEVER
    return 1 if age < days else 2 if age < 2 * days else OLD


def test_states_by_age():
    cards = sample_history()[-1].cards
    assert state(cards).tolist() == [slow_state(age, 7) for age in cards.column("age")]
    assert {NEVER, 1, 2, OLD} == set(state(cards).tolist()) | {1, 2}


def slow_alike(launched: Launched, place: np.ndarray, item: str, kind: int) -> tuple[float, float]:
    rows = [at for at in range(len(launched)) if launched.state[at] == kind]
    base = sum(launched.weight[r] * launched.count[r] for r in rows) / sum(launched.weight[r] for r in rows)

    def cosine(other):
        length = np.sqrt(place @ place) * np.sqrt(other @ other)
        return max(float(place @ other / length), 0.0) if length else 0.0

    near = sorted(
        ((0.0 if launched.item[r] == item else cosine(launched.places[r]), r) for r in rows), reverse=True
    )[:NEAREST]
    total = sum(launched.weight[r] * c**4 * launched.count[r] for c, r in near) + 5 * base
    return total / (sum(launched.weight[r] * c**4 for c, r in near) + 5), near[0][0]


def test_the_mean_of_look_alikes_against_a_loop():
    now = sample_history()[-1]
    basis = fit_basis(past_of(now)[-1].cards, 8)
    launched = Launched.of(past_of(now), basis)
    rng = np.random.default_rng(0)  # the sample's titles are too alike to have an order without equals
    launched = replace(launched, places=rng.normal(size=launched.places.shape))
    new = now.cards.take(np.flatnonzero(state(now.cards) != OLD))
    places = rng.normal(size=(len(new), 8))
    mean, best = launched.alike(new, places, state(new))
    for at, kind in enumerate(state(new)):
        slow = slow_alike(launched, places[at], new.item_ids[at], kind)
        assert (mean[at], best[at]) == pytest.approx(slow, abs=1e-4)


def test_sampled_launches_keep_the_sums_of_each_kind():
    """Weights make up for what is left out: the rows of a state weigh as many as there were."""
    past = past_of(sample_history()[-1])
    basis = fit_basis(past[-1].cards, 4)
    whole = Launched.of(past, basis)
    idle = [
        texts(
            replace(
                e, cards=e.cards.take(np.repeat(np.arange(len(e.cards)), 20)), target=np.repeat(e.target, 20)
            )
        )
        for e in past
    ]
    many = Launched.of(idle, basis, most=1)
    assert (whole.weight == 1).all()
    assert len(many) < 20 * len(whole)
    for kind in (NEVER, 1, 2):
        assert many.weight[many.state == kind].sum() == pytest.approx(20 * (whole.state == kind).sum())


def test_a_launch_whose_outcome_is_not_known_yet_changes_nothing():
    now = sample_history()[-1]
    planted = [replace(e, target=e.target + 1e6) for e in sample_history() if e.known_from > now.cards.cutoff]
    assert planted
    rows = np.flatnonzero(state(now.cards) != OLD)
    for row in rows:
        plain = nearest_launches(past_of(now), now.cards, row)
        assert nearest_launches([*planted, *past_of(now)], now.cards, row) == plain
        assert all(each.cutoff + timedelta(days=7) <= now.cards.cutoff for each in plain)
    basis = fit_basis(past_of(now)[-1].cards, 4)
    both = Launched.of([*past_of(now), *planted], basis)
    assert both.known_by(now.cards.cutoff).count.max() < 1e6 <= both.count.max()
    fitted = replace(SMALL.fit(past_of(now)), basis=basis)
    seen = [
        replace(fitted, launched=each).alike(now.cards.take(rows))[0]
        for each in (both, Launched.of(past_of(now), basis))
    ]
    assert np.array_equal(*seen)


def test_choices_and_ranges_are_those_of_a_copy_that_had_not_seen_the_held_out_outcomes():
    """A copy fitted before the first held-out cutoff says the same of the new items after it.

    What new items do can be learned here, so that the trees have a say: those of a copy that had seen more would differ.
    """
    past = [
        replace(
            e,
            target=np.where(
                state(e.cards) == OLD, e.target, 5 + 3 * np.nan_to_num(e.cards.column("count_1"))
            ),
        )
        for e in past_of(sample_history()[-1])
    ]
    late = past[-SMALL.held_out(len(past)) :]
    fitted, judge = (SMALL.fit(each) for each in (past, known_at(past, late[0].cards.cutoff)))
    rows = [np.flatnonzero(state(each.cards) != OLD) for each in late]
    cards = [each.cards.take(at) for each, at in zip(late, rows, strict=True)]
    targets = [each.target[at] for each, at in zip(late, rows, strict=True)]
    said = [judge.parts(each) for each in cards]

    def mixed(mix):
        return [np.expm1(np.log1p(each[list(mix)]).mean(axis=0)) for each in said]

    def loss(mix):
        last = [np.nan_to_num(each.column("count_1")) for each in cards]
        return np.nanmean(
            [joint_loss(*of, made, made) for *of, made in zip(targets, last, mixed(mix), strict=True)]
        )

    assert 2 in fitted.mix
    assert fitted.mix == min(MIXES, key=loss)
    slow = Spread.measure(mixed(fitted.mix), targets)
    assert len(slow.levels) == len(fitted.spread.levels) > 0
    assert np.allclose(fitted.spread.ratios, slow.ratios)


def test_nearest_launches_are_named_with_what_they_did():
    now = sample_history()[-1]
    row = int(np.flatnonzero(state(now.cards) == NEVER)[0])
    found = nearest_launches(past_of(now), now.cards, row, 5)
    assert 0 < len(found) <= 5
    assert list(found) == sorted(found, key=lambda each: (-each.similarity, each.item_id))
    assert len({each.item_id for each in found}) == len(found)
    for each in found:
        then = next(e for e in past_of(now) if e.cards.cutoff == each.cutoff)
        at = then.cards.row_of(each.item_id)
        assert state(then.cards)[at] == NEVER
        assert each.count == then.target[at] > 0
        assert each.title == each.item_id  # as the sample names them
    old = int(np.flatnonzero(state(now.cards) == OLD)[0])
    assert nearest_launches(past_of(now), now.cards, old) == nearest_launches([], now.cards, row) == ()


def test_the_base_answers_for_items_that_are_not_new():
    now = sample_history()[-1]
    fitted = SMALL.fit(past_of(now))
    found, base = fitted.predict(now.cards), BASE.fit(past_of(now)).predict(now.cards)
    old = state(now.cards) == OLD
    for name in ("expected", "q10", "q50", "q90"):
        assert np.array_equal(getattr(found, name)[old], getattr(base, name)[old])
    assert set(found.forecaster[old]) == {BASE.name}
    assert set(found.forecaster[~old]) <= {"launches", ABSTAINED}


def test_without_texts_items_without_events_get_the_base_rate_and_its_range():
    *_, now = sample_history()
    past = [texts(each) for each in past_of(now)]
    fitted = SMALL.fit(past)
    found = fitted.predict(texts(now).cards)
    never = state(now.cards) == NEVER
    assert set(found.forecaster[never]) == {ABSTAINED}
    assert ABSTAINED not in found.forecaster[~never]
    rows = [(e.target[at], kind) for e in past for at, kind in enumerate(state(e.cards)) if kind == NEVER]
    counts = np.array([count for count, _ in rows])
    assert np.allclose(found.expected[never], counts.mean())
    ordered = np.sort(counts)
    low, high = (ordered[int(np.ceil(p * len(counts))) - 1] for p in (0.1, 0.9))
    assert np.allclose(found.q10[never], np.floor(min(low, counts.mean())))
    assert np.allclose(found.q90[never], np.ceil(max(high, counts.mean())))


def test_only_items_without_an_event_and_without_a_look_alike_are_silent():
    kinds, best = np.array([NEVER, NEVER, NEVER, 1, 2]), np.array([0.0, 0.3, 0.6, 0.0, 0.0])
    assert silenced(kinds, best, 0.0).tolist() == [True, False, False, False, False]
    assert silenced(kinds, best, 0.4).tolist() == [True, True, False, False, False]


def test_ranges_are_measured_on_new_items_alone():
    """Where old items are forecast without a miss and new ones are not, new ones get the wider range."""
    history = []
    for each in sample_history():
        last = np.nan_to_num(each.cards.column("count_1"))
        wild = np.random.default_rng(len(history)).poisson(1.0, len(last)) * 40.0
        history.append(replace(each, target=np.where(state(each.cards) == OLD, last, wild)))
    *past, now = history
    found = SMALL.fit(known_at(past, now.cards.cutoff)).predict(now.cards)
    new = state(now.cards) != OLD
    wide = np.log((found.q90 + 1) / (found.q10 + 1))
    assert np.median(wide[new]) > 2 * np.median(wide[~new])
    inside = (found.q10[new] <= now.target[new]) & (now.target[new] <= found.q90[new])
    assert inside.mean() > 0.6


def test_where_nothing_was_ever_new_the_base_answers_for_all():
    *past, now = [aged(each, 100.0) for each in sample_history()]
    fitted = SMALL.fit(known_at(past, now.cards.cutoff))
    assert fitted.launched is None
    for cards in (now.cards, sample_history()[-1].cards):
        found, base = fitted.predict(cards), BASE.fit(known_at(past, now.cards.cutoff)).predict(cards)
        assert np.array_equal(found.expected, base.expected)
        assert set(found.forecaster) == {BASE.name}
