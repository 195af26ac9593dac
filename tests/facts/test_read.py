"""Reading alone: numbers, times, directions and names of any sensible English, and words that nothing decides."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trail.errors import TrailError
from trail.events import Horizon
from trail.facts import Kind, Scene, read
from trail.facts.grammar_lexicon import known_words
from trail.facts.grammar_numbers import quantity_at
from trail.facts.grammar_windows import when_at

WEEK = Scene(
    Horizon(7), "orders", titles=("American President, The", "Up"), categories=("Toys",), brands=("Acme",)
)


@pytest.mark.parametrize(
    ("text", "value", "step", "form", "relation"),
    [
        ("98", 98, 1, "number", "="),
        ("1,234", 1234, 1, "number", "="),
        ("45.25", 45.25, 0.01, "number", "="),
        ("1.2k", 1200, 100, "number", "="),
        ("3 thousand", 3000, 1000, "number", "="),
        ("ninety-nine", 99, 1, "number", "="),
        ("forty two", 42, 1, "number", "="),
        ("zero", 0, 1, "number", "="),
        ("a dozen", 12, 1, "number", "="),
        ("31%", 0.31, 0.01, "percent", "="),
        ("0.3 per cent", 0.003, 0.001, "percent", "="),
        ("about 30 percent", 0.30, 0.01, "percent", "~"),
        ("nearly 100", 100, 1, "number", "just under"),
        ("just over 100", 100, 1, "number", "just over"),
        ("more than 100", 100, 1, "number", ">"),
        ("at least 100", 100, 1, "number", ">="),
        ("no more than 100", 100, 1, "number", "<="),
        ("fewer than 100", 100, 1, "number", "<"),
        ("5th", 5, 1, "ordinal", "="),
        ("twenty-first", 21, 1, "ordinal", "="),
        ("number 5", 5, 1, "ordinal", "="),
        ("#5", 5, 1, "ordinal", "="),
        ("a third", 1 / 3, 0.04, "fraction", "="),
        ("three quarters", 0.75, 0.04, "fraction", "="),
        ("half", 0.5, 0.04, "fraction", "="),
        ("doubled", 2, 0.1, "ratio", "="),
        ("twice", 2, 0.1, "ratio", "="),
        ("threefold", 3, 1, "ratio", "="),
        ("$3.50", 3.5, 0.01, "money", "="),
        ("3.50 pounds", 3.5, 0.01, "money", "="),
    ],
)
def test_quantities(text, value, step, form, relation):
    found = quantity_at(text, 0)
    assert found is not None
    quantity, end = found
    assert end == len(text)
    assert quantity.value == pytest.approx(value)
    assert quantity.step == pytest.approx(step)
    assert (quantity.form, quantity.relation) == (form, relation)


@pytest.mark.parametrize(
    "text", ["24 to 40", "24-40", "between 24 and 40", "anywhere from 24 to 40", "24 - 40"]
)
def test_ranges(text):
    found = quantity_at(text, 0)
    assert found is not None
    assert (found[0].value, found[0].high, found[1]) == (24, 40, len(text))


@pytest.mark.parametrize("text", ["24 and 40", "31% to 98"])
def test_two_numbers_are_no_range(text):
    found = quantity_at(text, 0)
    assert found is not None
    assert found[0].high is None


@pytest.mark.parametrize(
    ("text", "days", "kind", "n"),
    [
        ("last week", 7, "at", 1),
        ("the most recent week", 7, "at", 1),
        ("last week", 28, "bad", 1),
        ("the last four weeks", 28, "span", 1),
        ("the last period", 28, "at", 1),
        ("the last fortnight", 14, "at", 1),
        ("next week", 7, "at", 0),
        ("the coming week", 7, "at", 0),
        ("the next 28 days", 28, "at", 0),
        ("yesterday", 1, "at", 1),
        ("the week before", 7, "back", 1),
        ("the previous week", 7, "back", 1),
        ("three weeks earlier", 7, "back", 3),
        ("the week before last", 7, "at", 2),
        ("week on week", 7, "back", 1),
        ("three weeks ago", 7, "ago", 3),
        ("21 days ago", 7, "ago", 3),
        ("20 days ago", 7, "ago", 0),
        ("the last 12 weeks", 7, "span", 12),
        ("the last 28 days", 7, "span", 4),
        ("the last three days", 7, "late", 0),
        ("the last two days", 7, "bad", 0),
        ("the last 12 days", 28, "late", 0),
        ("the last 12 days", 1, "span", 12),
        ("the same week last year", 7, "year", 0),
        ("this time last year", 7, "year", 0),
        ("a year ago", 7, "year", 0),
        ("the same month last year", 7, "bad", 0),
        ("9 of the last 12 weeks", 7, "some", 9),
        ("9 of the last 12 months", 7, "bad", 9),
        ("every one of the last 12 weeks", 7, "each", 12),
        ("four-week", 7, "adjective", 4),
        ("a week", 7, "per", 1),
        ("per week", 7, "per", 1),
        ("last month", 7, "bad", 1),
    ],
)
def test_times(text, days, kind, n):
    found = when_at(text, 0, days)
    assert found is not None
    assert (found[0].kind, found[0].n, found[1]) == (kind, n, len(text))


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("Orders rose from 75 to 98.", [("change", "up", None), ("count_2", "=", 75), ("count_1", "=", 98)]),
        ("Orders did not rise.", [("change", "not up", None)]),
        ("No rise last week.", [("change", "not up", None)]),
        ("Sales are up 31% week on week.", [("growth", "=", 0.31)]),
        ("It fell by more than half.", [("growth", ">", -0.5)]),
        ("Orders nearly doubled.", [("growth", "just under", 1.0)]),
        ("Its orders were more than twice its four-week mean.", [("count_1", ">", 1.0)]),
        ("Its orders were more than half its four-week mean.", [("count_1", "<", -0.5)]),
        ("Orders rose for three weeks running.", [("streak", "=", 3)]),
        ("It is the fourth straight fall.", [("streak", "=", -4)]),
        ("It climbed 12 places to 5th.", [("rank_change", "=", 12), ("rank", "=", 5)]),
        ("The 80% range is 84 to 140.", [("coverage", "=", 0.8), ("q10", "=", 84), ("q90", "=", 140)]),
        ("A 72% chance of the top 50.", [("k", "=", 50), ("p_top", "=", 0.72)]),
        ("98 orders in the last period.", [("count_1", "=", 98)]),
    ],
)
def test_claims(text, claims):
    found = [(claim.signal, claim.relation, claim.stated) for claim in read(text, WEEK)]
    assert sorted(found, key=str) == sorted(claims, key=str)


def test_spans_are_the_words_themselves():
    text = "The item drew 98 orders last week. Everybody adores it."
    for claim in read(text, WEEK):
        assert 0 <= claim.start < claim.end <= len(text)
    unknown = [text[c.start : c.end] for c in read(text, WEEK) if c.kind is Kind.UNKNOWN]
    assert unknown == ["Everybody", "adores"]


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("The American President sold 98 last week.", "The American President"),
        ("American President, The sold 98 last week.", "American President, The"),
        ("\u201cUp\u201d sold 98 last week.", "Up"),
        ('"Down" sold 98 last week.', "Down"),
    ],
)
def test_titles(text, stated):
    assert ("title", stated) in [(claim.signal, claim.stated) for claim in read(text, WEEK)]


def test_a_title_that_is_a_number_needs_quotes():
    scene = Scene(Horizon(7), "ratings", titles=("300",))
    assert ("count_1", 300.0) in [(c.signal, c.stated) for c in read("It had 300 ratings last week.", scene)]
    assert ("title", "300") in [(c.signal, c.stated) for c in read('"300" had 40 ratings last week.', scene)]


def test_a_longer_name_is_read_before_one_inside_it():
    scene = Scene(Horizon(7), "stars", titles=("acme",), brands=("acme-tools",))
    assert [(c.signal, c.stated) for c in read("Its brand is acme-tools.", scene)] == [
        ("brand", "acme-tools")
    ]


def test_a_title_that_is_a_word_of_the_grammar_needs_its_capital():
    assert [claim.signal for claim in read("Orders are up 31%.", WEEK)] == ["growth"]


@pytest.mark.parametrize(
    "text",
    [
        "Great value.", "Customers love it.", "It rose because of the weather.", "A must-have for 2012.",
        "It rose thanks to the promotion.", "98 orders last week in Germany.", "98 zorders last week.",
        "98 orders last month.", "It had 98 orders on Monday.",
    ],
)  # fmt: skip
def test_what_no_card_decides_is_an_unknown_claim(text):
    assert Kind.UNKNOWN in {claim.kind for claim in read(text, WEEK)}


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120))
def test_no_text_breaks_the_reader(text):
    for claim in read(text, WEEK):
        assert 0 <= claim.start <= claim.end <= len(text)


_SOUP = [*sorted(known_words()), "98", "31%", "5th", "24-40", "12", "$3", "half", "twice"]
_SOUP += [
    "last week",
    "the week before",
    "three weeks ago",
    "the last 12 weeks",
    "Toys",
    "Acme",
    "5 December",
    ",",
    ".",
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(_SOUP), min_size=1, max_size=25))
def test_no_soup_of_known_words_breaks_the_reader(words):
    text = " ".join(words)
    try:
        found = read(text, WEEK)
    except TrailError:  # pragma: no cover - the reader raises nothing
        pytest.fail("the reader raised an error")
    for claim in found:
        assert 0 <= claim.start < claim.end <= len(text)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(_SOUP), max_size=10), st.lists(st.sampled_from(_SOUP), max_size=10))
def test_an_unknown_word_is_never_skipped(before, after):
    text = " ".join([*before, "zebra", *after])
    at = text.index("zebra")
    assert any(claim.kind is Kind.UNKNOWN and claim.start <= at < claim.end for claim in read(text, WEEK))


@pytest.mark.parametrize(
    "text",
    [
        "What is not more, it had 83 orders last week.",
        "What is fewer, it had 83 orders last week.",
        "Orders rose 8 more customers than the week before.",
        "Orders rose by 8 customers on the week before.",
        "Plus, customers fell 8 fewer orders.",
        "We forecast 2.9 orders last week, in an 80% range of 1.8 to 5.7, though its rank in the catalogue was 51st last week.",
        "It should draw 0.6 orders last week, given that its rank was 79th last week. Plus, orders dropped by 1 on the week before.",
    ],
)
def test_no_other_clause_makes_sense_of_nonsense(text):
    assert Kind.UNKNOWN in {claim.kind for claim in read(text, WEEK)}


@pytest.mark.parametrize(
    "text",
    [
        "The forecast for next week, in an 80% range of 1.8 to 5.7, is 2.9 orders.",
        "Forecast for next week (80% range 1.8 to 5.7): 2.9 orders.",
        "Our forecast for the next 7 days, with an 80% range of 1.8 to 5.7, is 2.9 orders.",
        "Next week it is expected, with an 80% range of 1.8 to 5.7, to draw 2.9 orders.",
        "What it had last week was 83 orders.",
        "What we expect next week is 3 orders.",
    ],
)
def test_a_forecast_may_be_interrupted_by_its_range(text):
    assert Kind.UNKNOWN not in {claim.kind for claim in read(text, WEEK)}
