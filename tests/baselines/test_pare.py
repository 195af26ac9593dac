"""PARE's formulas against loops and hand values, its rows, its choice of b."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from math import exp, log

import numpy as np
import pyarrow as pa
import pytest

from trail.baselines import PARE, LastWindow, relative_loss
from trail.baselines.pare import _past
from trail.baselines.pare_bins import Bins, chosen_rows, smoothed
from trail.baselines.pare_modules import Inputs, Numbers, Vocabulary, months, releases
from trail.baselines.sample import sample_history, sample_log
from trail.errors import ModelError
from trail.events import Horizon
from trail.signals import WINDOWS

torch = pytest.importorskip("torch", reason="PARE is trained by torch, an extra")
training = pytest.importorskip("trail.baselines.pare_training")

SMALL = PARE(width=16, epochs=3)


def weekly_counts(bins: Bins) -> dict[str, dict[int, int]]:
    """Item -> bin -> number of events, counted one by one."""
    found: dict[str, dict[int, int]] = {}
    for event in sample_log()[0].table.select("item_id", "timestamp").to_pyarrow().to_pylist():
        week = (event["timestamp"] - bins.start).days // 7
        course = found.setdefault(event["item_id"], {})
        course[week] = course.get(week, 0) + 1
    return found


def slow_course(counts: list[float], b: float) -> float:
    """e_0 = p_0; e_j = b p_j + (1 - b) e_(j - 1); p = ln(1 + count)."""
    level = log(1 + counts[0])
    for count in counts[1:]:
        level = b * log(1 + count) + (1 - b) * level
    return level


def test_bins_hold_every_count_of_the_log_since_the_first_event():
    bins = Bins.of(sample_history())
    counted = weekly_counts(bins)
    for row, item in enumerate(bins.item_ids.to_pylist()):
        course = counted.get(item, {})
        begun = max(min(course, default=bins.length), 3)  # the sample's first full week is bin 3
        assert int(bins.releases()[row]) == begun
        wanted = [log(1 + course.get(week, 0)) for week in range(begun, bins.length)]
        assert bins.logs[row, begun:] == pytest.approx(wanted)
    assert bins.length == WINDOWS + 11


def test_bins_leave_out_cutoffs_between_the_latest_ones_grid():
    history = sample_history()
    between = replace(history[4].cards, cutoff=datetime(2024, 4, 3, tzinfo=UTC))
    mixed = [*history[:5], replace(history[4], cards=between), *history[5:]]
    assert np.array_equal(Bins.of(mixed).logs, Bins.of(history).logs, equal_nan=True)


@pytest.mark.parametrize("b", [0.5, 0.9])
def test_history_module_runs_from_the_first_bin_through_the_card(b):
    """Bins known by the fit and the card's twelve windows give one recursion over all of an item's bins."""
    *past, now = sample_history()
    bins = Bins.of(past)
    fitted = replace(PARE(options=(b,)), width=4, epochs=1).fit(past)
    for cards, end in ((now.cards, bins.length), (past[0].cards, WINDOWS)):
        found = _past(cards, b, fitted.learned)
        counted = weekly_counts(bins)
        for row, item in enumerate(cards.item_ids):
            course = counted.get(item, {})
            begun = max(min(course, default=end), 3)
            counts = [course.get(week, 0) for week in range(begun, end)]
            wanted = slow_course(counts, b) if counts else 0.0
            assert found[row] == pytest.approx(wanted, abs=1e-6)


def test_recursion_by_hand_and_from_a_level_before():
    """b = 0.5: item one starts in the second bin (4, then (4 + 2) / 2 = 3); item two comes from 8."""
    logs = np.array([[np.nan, 4.0, 2.0], [4.0, 0.0, 1.0]])
    found = smoothed(logs, 0.5, np.array([np.nan, 8.0]))
    assert np.isnan(found[0, 0])
    assert found[0, 1:].tolist() == [4.0, 3.0]
    assert found[1].tolist() == [6.0, 3.0, 2.0]


@pytest.mark.parametrize("most", [10_000, 40])
def test_rows_are_every_bin_above_two_and_one_low_bin_for_each(most):
    counts = np.random.default_rng(1).poisson(2.0, (30, 12)).astype(float)
    counts[:5, :7] = np.nan
    items, times = chosen_rows(np.log1p(counts), most, np.random.default_rng(0))
    rows = set(zip(items.tolist(), times.tolist(), strict=True))
    high = {(i, t) for i in range(30) for t in range(1, 12) if counts[i, t] > 2}
    low = {(i, t) for i in range(30) for t in range(1, 12) if counts[i, t] <= 2}
    assert len(rows) == len(items) == min(2 * len(high), most)
    assert len(rows & high) == len(rows & low) == len(rows) // 2
    if most > 2 * len(high):
        assert high <= rows


def test_no_bin_above_two_leaves_no_row():
    assert [len(each) for each in chosen_rows(np.zeros((3, 4)), 10, np.random.default_rng(0))] == [0, 0]


BY_HAND = Numbers(
    release=np.array([0.5, 1.0, 9.0]),
    time=np.array([0.25, 2.0, 9.0]),
    item=np.array([9.0, 9.0, -1.0]),
    brand=np.array([9.0, 3.0, 9.0]),
    season=np.array([-5.0, 9.0, 1.5]),
    category=np.array([1.0, 4.0, 9.0]),
    offsets=np.array([0.5, -1.0, 0.25]),
    fusion=np.array([1.0, 2.0, 0.5, 0.5]),
)


def test_modules_and_their_weighted_mean_by_hand():
    """Temporal: 0.5 + 2 - 1 + 0.5 = 2. Side: 3 + (1 + 4) / 2 - 1 = 4.5. Periodic: ReLU(-5 + 0.25) = 0."""
    slots = np.array([[0, 1, 2, 1, 0, 0, 1, -1, -1, -1, -1, -1, -1]])
    inputs = Inputs(slots, np.array([3.0]))
    assert BY_HAND.modules(inputs).tolist() == [[3.0, 2.0, 4.5, 0.0]]
    assert BY_HAND.fused(inputs)[0] == pytest.approx((1 * 3 + 2 * 2 + 0.5 * 4.5 + 0.5 * 0) / 4)


def test_folded_numbers_are_the_published_layers_on_whole_embeddings():
    """ReLU(w [E(release) - E(t); E(item); E(t); E(release)] + c), concatenated as the paper writes it."""
    network = training._Network(9, training.Rates(width=6))
    slots = np.array([[0, 1, 2, 3, 4, 5, 6, -1], [1, 0, 3, 4, 2, 8, -1, -1]])
    found = network.numbers().modules(Inputs(slots, np.array([1.0, 2.0])))
    table, (temporal, side, periodic) = network.table.detach(), [w.detach() for w in network.layers]
    for row, (release, time, item, brand, season, *path) in enumerate(slots.tolist()):
        told = torch.cat([table[release] - table[time], table[item], table[time], table[release]])
        mean = table[[each for each in path if each >= 0]].mean(0)
        linear = [
            temporal.flatten() @ told,
            side.flatten() @ torch.cat([mean, table[brand]]),
            periodic.flatten() @ table[season],
        ]
        assert found[row, 1:] == pytest.approx([max(float(each), 0.0) for each in linear], abs=1e-5)
    assert found[:, 0].tolist() == [1.0, 2.0]


def test_loss_is_five_equal_squared_errors():
    """Errors 1, 0, -1, -2; weights 1, 1, 2, 0: the mean (2 + 1 + 0) / 4 = 0.75 errs by -0.25."""
    loss = training.five_errors(
        torch.tensor([[2.0, 1.0, 0.0, -1.0]]), torch.tensor([1.0, 1.0, 2.0, 0.0]), torch.tensor([1.0])
    )
    assert float(loss) == pytest.approx(1 + 0 + 1 + 4 + 0.25**2)


def some_rows(rows: int = 300) -> tuple[Inputs, np.ndarray]:
    rng = np.random.default_rng(0)
    slots = rng.integers(0, 20, (rows, 7))
    slots[:, 6] = np.where(slots[:, 6] > 9, -1, slots[:, 6])
    return Inputs(slots, rng.random(rows)), slots[:, 2] / 10.0


def test_training_reduces_the_loss_and_leaves_torch_as_it_was():
    inputs, target = some_rows()
    torch.manual_seed(5)
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    losses: list[float] = []
    one = training.trained(inputs, target, 20, training.Rates(width=64, epochs=12), losses.append)
    other = training.trained(inputs, target, 20, training.Rates(width=64, epochs=12))
    assert losses[-1] < 0.8 * losses[0]
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads


def test_only_embeddings_in_use_move():
    inputs, target = some_rows()
    rates = training.Rates(width=8, epochs=1)
    network = training._Network(25, rates)
    before = network.table.detach().clone()
    rows = (torch.from_numpy(inputs.slots), torch.from_numpy(inputs.history).float())
    network.step(*rows, torch.from_numpy(target).float())
    moved = (network.table.detach() != before).any(dim=1)
    assert moved[:20].all()
    assert not moved[20:].any()


def test_b_is_chosen_on_the_latest_cutoffs_by_a_copy_that_has_not_seen_them(monkeypatch):
    history = sample_history()
    seen: list[int] = []
    whole = PARE._trained
    monkeypatch.setattr(
        PARE, "_trained", lambda self, past, b: (seen.append(len(past)), whole(self, past, b))[1]
    )
    fitted = SMALL.fit(history)
    assert seen == [len(history) - 2, len(history)]  # one for the spread, one for the forecasts
    counted, start = weekly_counts(Bins.of(history)), Bins.of(history).start
    losses = {}
    for b in SMALL.options:
        found = []
        for example in history[-2:]:
            # the recursion may not use more than what came before the first cutoff held out and the card
            now = (example.cards.cutoff - start).days // 7
            courses = (counted.get(item, {}) for item in example.cards.item_ids)
            spans = ([c.get(w, 0) for w in range(max(min(c, default=now), 3), now)] for c in courses)
            level = np.array([exp(slow_course(span, b)) - 1 if span else 0.0 for span in spans])
            found.append(relative_loss(example, level, level))
        losses[b] = np.mean(found)
    assert fitted.b == min(losses, key=losses.get)
    silent = [*history[:-2], *(replace(e, target=e.target * 0) for e in history[-2:])]
    assert SMALL._chosen(silent) == SMALL.options[0]  # nothing held out tells them apart: the default


def test_what_has_no_embedding_has_the_mean_of_its_kind():
    *past, now = sample_history()
    fitted = SMALL.fit(past)
    learned = fitted.learned
    for kind, values in learned.vocabulary.values.items():
        start, numbers = learned.vocabulary.starts[kind], getattr(learned.numbers, kind)
        assert numbers[start] == pytest.approx(numbers[start + 1 : start + 1 + len(values)].mean())
    foreign = pa.array(["never seen"] * len(now.cards))
    table = now.cards.table
    for name in ("item_id", "brand", "category", "categories"):
        table = table.set_column(table.column_names.index(name), name, foreign)
    cards = replace(now.cards, table=table)
    times = np.full(len(cards), learned.bins.length)
    slots = learned.vocabulary.slots(cards, months(learned.bins, times), times, times)
    starts = learned.vocabulary.starts
    assert slots[0, 2:6].tolist() == [starts[kind] for kind in ("item", "brand", "season", "category")]
    assert slots[0, :2].tolist() == [learned.bins.length - 1] * 2  # after the last bin: the last one's
    assert np.isfinite(fitted.predict(cards).expected).all()


def test_categories_are_the_parts_of_the_path():
    cards = sample_history()[-1].cards.take(np.array([0, 1]))
    paths = pa.array(["Beauty | Hair | Oils", None])
    table = cards.table.set_column(cards.table.column_names.index("categories"), "categories", paths)
    words = Vocabulary.of(replace(cards, table=table), np.array([1, 1]), 4)
    assert words.values["category"].to_pylist() == ["Beauty", "Hair", "Oils", ""]
    slots = words.slots(replace(cards, table=table), np.array([1, 1]), np.array([1, 2]), np.array([-3, 9]))
    first = words.starts["category"] + 1
    assert slots[0, 5:].tolist() == [first, first + 1, first + 2, -1, -1, -1, -1, -1]
    assert slots[1, 5:].tolist() == [first + 3, -1, -1, -1, -1, -1, -1, -1]
    assert slots[:, :2].tolist() == [[0, 1], [3, 2]]
    assert slots.max() < words.size


def test_release_is_the_first_event_else_the_catalogues_date_else_now():
    cards = sample_history()[-1].cards.take(np.arange(4))
    table = cards.table
    for name, days in (("age", [7.0, 7.5, None, None]), ("release_age", [100.0, 100.0, 15.0, None])):
        table = table.set_column(table.column_names.index(name), name, pa.array(days, pa.float64()))
    assert releases(replace(cards, table=table), 20).tolist() == [19, 18, 17, 20]


@pytest.mark.parametrize(("days", "wanted"), [(7, [1, 1, 1, 1, 2]), (28, [1, 2, 3, 4, 5]), (91, [2, 5, 8])])
def test_season_is_the_month_of_the_middle_of_the_bin(days, wanted):
    bins = Bins(datetime(2024, 1, 1, tzinfo=UTC), Horizon(days), pa.array([], pa.string()), np.zeros((0, 0)))
    assert months(bins, np.arange(len(wanted))).tolist() == wanted


def test_without_a_count_above_two_the_history_module_answers_alone():
    history = [replace(e, target=np.zeros(len(e.cards))) for e in sample_history()[:1]]
    quiet = history[0].cards.table
    for ago in range(1, WINDOWS + 1):
        at = quiet.column_names.index(f"count_{ago}")
        quiet = quiet.set_column(at, f"count_{ago}", pa.array([1.0] * len(quiet)))
    calm = [replace(history[0], cards=replace(history[0].cards, table=quiet))]
    fitted = SMALL.fit(calm)
    assert fitted.learned.numbers is None
    awake = ~np.isnan(calm[0].cards.column("age"))
    assert fitted.predict(calm[0].cards).expected[awake] == pytest.approx(1.0)


def test_learns_a_season_that_the_last_window_cannot_know():
    """Counts depend on the category alone: modules that know it beat a noisy last window."""
    rng = np.random.default_rng(0)
    history = []
    for example in sample_history():
        kind = np.array([int(each[-1]) for each in example.cards.table["category"].to_pylist()])
        history.append(replace(example, target=4.0 * kind + rng.integers(0, 2, len(kind))))
    *past, now = history
    found, last = (f.fit(past).predict(now.cards) for f in (PARE(width=64), LastWindow()))
    ours, theirs = (relative_loss(now, f.expected, f.score) for f in (found, last))
    assert ours < 0.8 * theirs


def test_errors_say_what_to_do(monkeypatch):
    with pytest.raises(ModelError, match="no cutoff"):
        PARE().fit([])
    with pytest.raises(ModelError, match="fit first"):
        PARE().predict(sample_history()[-1].cards)
    monkeypatch.setitem(sys.modules, "trail.baselines.pare_training", None)
    with pytest.raises(ModelError, match=r"trail-forecast\[pare\]"):
        SMALL.fit(sample_history()[:2])
