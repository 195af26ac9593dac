"""The leak alarm finds every leak that is planted here, and nothing in the forecasters that are shipped."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

import ibis
import numpy as np
import pyarrow as pa
import pytest
from tests.arriving import arriving
from tests.telling import told

from trail.baselines import LINE_UP, PARE, Forecast, LastWindow, Launches
from trail.baselines.sample import sample_log
from trail.baselines.scope import OLD, state
from trail.evaluate import PLANTS, Ground, Method, find_leaks, leaks
from trail.events import Horizon, Items
from trail.signals import Cards, cards_at, known_at, label

WEEK = Horizon(7)
PUNCTUAL, ITEMS = sample_log()
LOG = arriving(PUNCTUAL)
CUTOFF = LOG.last_cutoff() - WEEK.span
LEARNED = tuple(CUTOFF - timedelta(weeks=back) for back in (3, 2, 1))
FUTURE = {"future_bursts", "no_future", "absurd_outcomes", "user_again"}
#: Those that take seconds for every plant, and PARE as it is; a small PARE is among the fast ones.
SLOW = ("auto_ets", "auto_theta", "pare")
_cards: dict = {}


def cards(log, items, cutoff):
    """The honest cards; those of one log and catalogue are computed once for all tests."""
    key = id(log), id(items), cutoff
    if key not in _cards:
        _cards[key] = (log, items, cards_at(log, items, cutoff, WEEK))
    return _cards[key][2]


@pytest.fixture(scope="module", autouse=True)
def counted_once():
    """Targets of the same items in one log, counted once for all tests: what is tried here are forecasters."""
    counted = {}

    def found(log, made):
        key = id(log), made.cutoff, tuple(made.item_ids)
        if key not in counted:
            counted[key] = (log, label(log, made))
        return replace(counted[key][1], cards=made)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leaks, "label", found)
        yield


@pytest.fixture(scope="module")
def plants(tmp_path_factory):
    """The plants, each grown once: a test that asks for one gets the same log again."""
    ground = Ground(LOG, ITEMS, CUTOFF, WEEK, tmp_path_factory.mktemp("plants"))
    grown = {plant.name: plant.make(ground) for plant in PLANTS}
    yield [replace(plant, make=lambda _, name=plant.name: grown[name]) for plant in PLANTS]
    _cards.clear()


@dataclass(frozen=True)
class Says:
    """A forecaster made of one function of the cards."""

    level: Callable[[Cards], np.ndarray]
    name: str = "says"

    def fit(self, _):
        return self

    def predict(self, cards):
        level = np.nan_to_num(np.asarray(self.level(cards), dtype=float))
        return Forecast(*[level] * 5, forecaster=np.full(len(cards), self.name, dtype=object))


def last_count(cards):
    return cards.column("count_1")


def honest(log, items, history):
    return Says(last_count)


def moved(plants, method, items=ITEMS):
    """Returns the plants that moved a card, those that moved a forecast, and the findings."""
    found = find_leaks(LOG, items, method, plants=plants)
    assert not found.skipped
    assert len(found.tried) == len(plants)
    on = {kind: {each.plant for each in found.findings if each.of == kind} for kind in ("card", "forecast")}
    return on["card"], on["forecast"], found.findings


def by_item(log, rows, value):
    """Returns item -> value(list of that item's events, in the order of the log's rows)."""
    events = {}
    for row in log.table.filter(rows).to_pyarrow().to_pylist():
        events.setdefault(row["item_id"], []).append(row)
    return {item: value(found) for item, found in events.items()}


def with_signal(made, values):
    column = pa.array([values.get(item) for item in made.item_ids], pa.float64())
    return replace(made, table=made.table.append_column("leaky", column))


def tried(make, plants):
    if make in [LINE_UP[name] for name in ("croston_sba", "tsb", "auto_ets", "auto_theta")]:
        pytest.importorskip("statsforecast", reason="the extra `statistics` is not installed")
    method = Method(CUTOFF, WEEK, LEARNED, cards, lambda *given: make().fit(given[-1]))
    found = find_leaks(LOG, ITEMS, method, plants=plants)
    assert found.findings == ()
    assert found.tried == tuple(plant.name for plant in PLANTS)
    assert (found.items, found.forecaster) == (120, make().name)


@pytest.mark.parametrize("name", [name for name in LINE_UP if name not in SLOW])
def test_no_baseline_leaks(plants, name):
    tried(LINE_UP[name], plants)


def test_a_small_pare_does_not_leak(plants):
    pytest.importorskip("torch", reason="the extra `pare` is not installed")
    tried(lambda: PARE(width=8, epochs=1), plants)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_no_slow_baseline_leaks(plants, name):
    tried(LINE_UP[name], plants)


def titled(log, items, cutoff):
    """Cards whose titles tell of the period predicted; those of one log and catalogue are computed once."""
    key = id(log), id(items), cutoff, "titled"
    if key not in _cards:
        _cards[key] = told(log, cards(log, items, cutoff))
    return _cards[key]


def launches():
    """Launches beside a forecaster that reads no text: what moves is theirs."""
    return Launches(base=LastWindow())


@pytest.mark.parametrize("make", [LINE_UP["lightgbm_text"], LINE_UP["lambdarank_text"], launches])
def test_titles_that_tell_of_the_period_predicted(plants, make):
    names = ("nothing", "future_bursts", "no_future", "card_order")
    kept = [each for each in plants if each.name in names]
    method = Method(CUTOFF, WEEK, LEARNED, titled, lambda *given: make().fit(given[-1]))
    on_card, on_forecast, findings = moved(kept, method)
    # no signal moves, for a title is none
    assert (on_card, on_forecast) == (set(), {"future_bursts", "no_future"})
    made = cards(LOG, ITEMS, CUTOFF)
    old = {made.item_ids[row] for row in np.flatnonzero(state(made) == OLD)}
    # the chance of the top K is the one number in which the others answer
    assert make is not launches or not old & {each.item_id for each in findings if each.column != "p_top"}


@pytest.mark.parametrize("name", ["lightgbm_text", "launches"])
def test_text_and_launches_fitted_on_outcomes_not_known_at_the_cutoff(plants, name):
    def fitted(log, items, history):
        return LINE_UP[name]().fit(history)

    future = [each for each in plants if each.name in ("nothing", "no_future")]
    method = Method(CUTOFF, WEEK, (*LEARNED, CUTOFF), cards, fitted, known=lambda history, _: history)
    assert moved(future, method)[:2] == (set(), {"no_future"})


def test_a_forecaster_that_peeks_at_the_period_predicted(plants):
    def peeking(log, items, history):
        inside = (ibis._.timestamp >= ibis.literal(CUTOFF)) & (
            ibis._.timestamp < ibis.literal(CUTOFF + WEEK.span)
        )
        sums = by_item(log, inside, lambda events: sum(each["weight"] for each in events))
        return Says(lambda made: [sums.get(item, 0.0) for item in made.item_ids])

    on_card, on_forecast, findings = moved(plants, Method(CUTOFF, WEEK, LEARNED, cards, peeking))
    assert on_card == set()
    assert on_forecast >= FUTURE
    assert not {"nothing", "later_crawl", "user_ids", "row_order", "card_order"} & on_forecast
    absurd = [each for each in findings if each.plant == "absurd_outcomes" and each.column == "expected"]
    sold = by_item(LOG, ibis._.timestamp >= ibis.literal(CUTOFF), len)
    # every item of the period, by its own name, with what it sold and a thousandfold of that and 100,000 an event
    assert {each.item_id: (each.before, each.after) for each in absurd} == {
        item: (n, n * 101_000) for item, n in sold.items()
    }


def test_a_signal_without_the_cutoff_filter(plants):
    def leaky(log, items, cutoff):
        return with_signal(cards(log, items, cutoff), by_item(log, ibis._.weight >= 0, len))

    on_card, on_forecast, findings = moved(plants, Method(CUTOFF, WEEK, (), leaky, honest))
    assert on_card == {*FUTURE, "late_arrivals"} - {
        "absurd_outcomes"
    }  # which changes weights, and this signal counts rows
    assert on_forecast == set()
    assert {each.column for each in findings} == {"leaky"}


def test_a_running_total_of_the_catalogue(tmp_path):
    table = ITEMS.table.to_pyarrow().append_column("rating_number", pa.array(np.arange(120)))
    catalogue = Items(ibis.memtable(table), 120)

    def leaky(log, items, cutoff):
        totals = items.table.select("item_id", "rating_number").to_pyarrow().to_pydict()
        return with_signal(
            cards(log, items, cutoff), dict(zip(totals["item_id"], totals["rating_number"], strict=True))
        )

    crawl = [plant for plant in PLANTS if plant.name == "later_crawl"]
    on_card, _, findings = moved(crawl, Method(CUTOFF, WEEK, (), leaky, honest), catalogue)
    assert on_card == {"later_crawl"}
    assert {each.column for each in findings} == {"leaky"}
    # what an item is stays, though a later crawl might word it otherwise
    made = crawl[0].make(Ground(LOG, catalogue, CUTOFF, WEEK, tmp_path)).items.table
    before, after = (each.to_pyarrow().to_pydict() for each in (catalogue.table, made))
    assert {name for name in before if before[name] != after[name]} == {"price", "rating_number"}


def test_a_forecaster_that_keys_on_the_item_id(plants):
    def keyed(log, items, history):
        return Says(lambda made: [float(item[-3:]) for item in made.item_ids])

    on_card, on_forecast, findings = moved(plants, Method(CUTOFF, WEEK, LEARNED, cards, keyed))
    assert (on_card, on_forecast) == (set(), {"item_ids"})
    # named as the user knows it, not as the plant does
    said = [each for each in findings if each.column == "expected"]
    assert said
    assert all(float(each.item_id[-3:]) == each.before for each in said)


def test_a_forecaster_fitted_on_outcomes_not_known_at_the_cutoff(plants):
    def fitted(log, items, history):
        return Says(lambda made: np.full(len(made), history[-1].target.mean()))

    method = Method(CUTOFF, WEEK, (*LEARNED, CUTOFF), cards, fitted, known=lambda history, _: history)
    on_card, on_forecast, _ = moved(plants, method)
    assert on_card == set()
    assert FUTURE - {"user_again"} <= on_forecast
    assert not {"nothing", "item_ids", "user_ids", "row_order"} & on_forecast
    assert moved(plants, replace(method, known=known_at))[2] == ()


def test_cards_that_depend_on_the_order_of_rows(plants):
    def leaky(log, items, cutoff):
        before = ibis._.timestamp < ibis.literal(cutoff)
        return with_signal(cards(log, items, cutoff), by_item(log, before, lambda events: events[0]["price"]))

    ordered = [plant for plant in plants if plant.name in ("nothing", "row_order")]
    on_card, _, findings = moved(ordered, Method(CUTOFF, WEEK, (), leaky, honest))
    assert on_card == {"row_order"}
    assert {each.column for each in findings} == {"leaky"}


def test_cards_that_read_the_names_of_users(plants):
    def leaky(log, items, cutoff):
        ones = by_item(
            log,
            log.is_known(log.table, cutoff),
            lambda events: sum(each["user_id"].endswith("1") for each in events),
        )
        return with_signal(cards(log, items, cutoff), ones)

    on_card, _, _ = moved(plants, Method(CUTOFF, WEEK, (), leaky, honest))
    assert on_card == {"user_ids"}


def test_a_forecaster_that_depends_on_the_position_of_a_card(plants):
    def placed(log, items, history):
        return Says(lambda made: np.arange(len(made)))

    assert moved(plants, Method(CUTOFF, WEEK, (), cards, placed))[:2] == (set(), {"card_order"})


@dataclass(frozen=True)
class Hints(Says):
    """Numbers that tell nothing, beside a part of the forecast that does."""

    shared: float = 0.0
    makers: frozenset[str] = frozenset()

    def predict(self, cards):
        made = [f"{self.name} {item in self.makers}" for item in cards.item_ids]
        level = 3.0 + np.nan_to_num(cards.column("count_1"))
        numbers = (level, level / 2, level, 2 * level, level)
        return Forecast(*numbers, forecaster=np.array(made, dtype=object), shared=self.shared)


def inside(log):
    """Returns what is sold in the period predicted, by item."""
    rows = (ibis._.timestamp >= ibis.literal(CUTOFF)) & (ibis._.timestamp < ibis.literal(CUTOFF + WEEK.span))
    return by_item(log, rows, len)


def test_a_chance_of_the_top_that_alone_knows_the_period_predicted(plants):
    def hinting(log, items, history):
        return Hints(last_count, shared=0.2 if inside(log) else 0.0)

    few = [each for each in plants if each.name in ("nothing", "no_future", "card_order")]
    on_card, on_forecast, findings = moved(few, Method(CUTOFF, WEEK, (), cards, hinting))
    assert (on_card, on_forecast) == (set(), {"no_future"})
    assert {each.column for each in findings} == {"p_top"}


def test_a_maker_that_alone_knows_the_period_predicted(plants):
    def hinting(log, items, history):
        return Hints(last_count, makers=frozenset(inside(log)))

    few = [each for each in plants if each.name in ("nothing", "no_future", "item_ids")]
    on_card, on_forecast, findings = moved(few, Method(CUTOFF, WEEK, (), cards, hinting))
    assert (on_card, on_forecast) == (set(), {"no_future"})
    assert {each.item_id for each in findings} == set(inside(LOG))
    assert {(each.column, each.before, each.after) for each in findings} == {
        ("forecaster", "says True", "says False")
    }


def test_a_signal_that_counts_what_the_catalogue_lists(plants):
    """A row that was listed for an item to come tells of it: how many a category has must not be a signal."""

    def leaky(log, items, cutoff):
        listed = items.table.to_pyarrow()["category"].to_pylist()
        made = cards(log, items, cutoff)
        kinds = dict(zip(made.item_ids, made.table["category"].to_pylist(), strict=True))
        return with_signal(made, {item: float(listed.count(kind)) for item, kind in kinds.items()})

    on_card, on_forecast, findings = moved(plants, Method(CUTOFF, WEEK, (), leaky, honest))
    assert (on_card, on_forecast) == ({"newcomer"}, set())
    assert {each.column for each in findings} == {"leaky"}
    # the others of its category, and never itself: that it is listed is no leak
    assert len(findings) == 24
    assert "planted after the cutoff" not in {each.item_id for each in findings}


def test_a_forecaster_that_knows_which_listed_items_are_to_come(plants):
    def fitted(log, items, history):
        listed = set(items.table.to_pyarrow()["item_id"].to_pylist())
        before = by_item(log, ibis._.timestamp < ibis.literal(CUTOFF), len)
        return Says(lambda made: np.full(len(made), len((listed - set(before)) & set(inside(log)))))

    few = [each for each in plants if each.name in ("nothing", "newcomer", "user_ids", "row_order")]
    assert moved(few, Method(CUTOFF, WEEK, LEARNED, cards, fitted))[:2] == (set(), {"newcomer"})


def test_a_signal_that_reads_words(plants):
    def leaky(log, items, cutoff):
        made = cards(log, items, cutoff)
        titles = made.table["title"].to_pylist()
        return with_signal(
            made, {item: float(title[-1]) for item, title in zip(made.item_ids, titles, strict=True)}
        )

    few = [each for each in plants if each.name in ("nothing", "other_words", "later_crawl")]
    assert moved(few, Method(CUTOFF, WEEK, (), leaky, honest))[:2] == ({"other_words"}, set())


def test_a_forecaster_that_counts_users_who_come_again(plants):
    """What a user did before and after the cutoff is one user: who counts both knows the future."""

    def counting(log, items, history):
        users = by_item(log, ibis._.weight >= 0, lambda events: [each["user_id"] for each in events])
        again = {item: len(found) - len(set(found)) for item, found in users.items()}
        return Says(lambda made: [again.get(item, 0) for item in made.item_ids])

    few = [each for each in plants if each.name in ("nothing", "user_again", "user_ids", "row_order")]
    on_card, on_forecast, findings = moved(few, Method(CUTOFF, WEEK, (), cards, counting))
    assert (on_card, on_forecast) == (set(), {"user_again"})
    # what the busiest user touched before the cutoff, each as often as it was touched once more
    past = LOG.table.filter(ibis._.timestamp < ibis.literal(CUTOFF)).to_pyarrow().to_pylist()
    busiest = min(Counter(each["user_id"] for each in past).items(), key=lambda each: (-each[1], each[0]))[0]
    theirs = Counter(each["item_id"] for each in past if each["user_id"] == busiest)
    risen = {each.item_id: each.after - each.before for each in findings if each.column == "expected"}
    assert risen == theirs


def test_a_forecaster_that_is_not_repeatable_is_named_by_the_control(plants):
    turns = count()

    def restless(log, items, history):
        turn = next(turns)
        return Says(lambda made: np.full(len(made), 1.0 + turn * 2e-9))

    on_card, on_forecast, _ = moved(plants[:1], Method(CUTOFF, WEEK, (), cards, restless))
    assert (on_card, on_forecast) == (set(), {"nothing"})


def test_an_item_that_only_the_future_knows_has_no_card(plants):
    def leaky(log, items, cutoff):
        return cards_at(log, items, LOG.last_cutoff(), WEEK)

    bursts = [plant for plant in plants if plant.name == "future_bursts"]
    findings = moved(bursts, Method(CUTOFF, WEEK, (), leaky, honest))[2]
    listed = [each for each in findings if each.column == "listed"]
    assert [(each.item_id, each.before, each.after) for each in listed] == [
        ("planted after the cutoff", 0, 1)
    ]


@pytest.mark.parametrize("of", ["card", "label"])
def test_events_that_count_before_they_arrived(plants, of):
    """A card without the arrivals, or a label that is the truth of today, tells of what came after the cutoff."""

    def punctual(log, items, cutoff):
        return cards_at(replace(log, arrivals=None), items, cutoff, WEEK)

    def fitted(log, items, history):
        return Says(lambda made: np.full(len(made), history[-1].target.mean() if history else 0.0))

    def truth(history, cutoff):
        return [each for each in history if each.known_from <= cutoff]

    late = [each for each in plants if each.name in ("nothing", "late_arrivals")]
    honest_labels = Method(CUTOFF, WEEK, LEARNED, cards, fitted)
    if of == "card":
        found = moved(late, replace(honest_labels, cards=punctual, learned=()))
        assert {each.column for each in found[2]} > {"count_1", "users", "price_paid", "listed"}
        assert found[:2] == ({"late_arrivals"}, set())
    else:
        assert moved(late, replace(honest_labels, known=truth))[:2] == (set(), {"late_arrivals"})
    assert moved(late, honest_labels)[:2] == (set(), set())


def test_a_log_that_does_not_say_when_its_events_arrived_has_no_late_ones(tmp_path):
    late = [plant for plant in PLANTS if plant.name == "late_arrivals"]
    method = Method(CUTOFF, WEEK, (), lambda log, items, cutoff: cards_at(log, items, cutoff, WEEK), honest)
    found = find_leaks(PUNCTUAL, ITEMS, method, plants=late)
    assert (found.tried, found.skipped) == ((), {"late_arrivals": late[0].needs})


def test_a_plant_that_the_log_cannot_take_is_skipped_with_its_reason(tmp_path):
    needy = [plant for plant in PLANTS if plant.needs]
    catalogue = Items(ITEMS.table.drop("price").filter(ibis._.item_id.isnull()), 0)
    unnamed = replace(LOG, table=LOG.table.mutate(user_id=ibis.null("string")), has_users=False)
    found = find_leaks(
        unnamed, catalogue, Method(LOG.last_cutoff(), WEEK, (), cards_of_nobody, honest), plants=needy
    )
    assert (found.tried, found.findings) == ((), ())
    assert found.skipped == {plant.name: plant.needs for plant in needy}


def cards_of_nobody(log, items, cutoff):
    return cards(LOG, ITEMS, cutoff)


def test_at_the_last_cutoff_events_after_it_move_nothing(tmp_path):
    """With a future planted after it, the end of the log lies elsewhere; what was known at the cutoff stays."""
    cutoff = LOG.last_cutoff()
    late = [each for each in PLANTS if each.name in ("future_bursts", "late_arrivals")]
    found = find_leaks(LOG, ITEMS, Method(cutoff, WEEK, (), cards, honest), plants=late)
    assert (found.tried, found.findings) == (("future_bursts",), ())
