"""Agreement on published examples, win rates on votes counted by hand."""

import math

import pytest
from tests.evaluate.judging.making import sealed

from trail.evaluate.judging import Comparison, Sheet, Vote, figures, krippendorff_alpha, make_sheet
from trail.evaluate.judging.figures import agreements, win_rates


def units(*judges: str) -> list[list[str]]:
    """The values of each unit, from one row a judge; a dot is a missing value."""
    return [
        [value for value in unit if value != "."]
        for unit in zip(*(row.split() for row in judges), strict=True)
    ]


def test_alpha_equals_the_published_examples():
    """Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability": binary, nominal, and four judges with gaps."""
    binary = units("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")
    assert krippendorff_alpha(binary) == pytest.approx(0.095, abs=5e-4)
    nominal = units("a a b b d c c c e d d a", "b a b b b c c c e d d d")
    assert krippendorff_alpha(nominal) == pytest.approx(0.692, abs=5e-4)
    gaps = units(
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    )
    assert krippendorff_alpha(gaps) == pytest.approx(0.743, abs=5e-4)


def test_alpha_at_its_ends():
    assert krippendorff_alpha([["a", "a"], ["b", "b"]]) == 1.0
    assert krippendorff_alpha([["a", "b"], ["b", "a"]]) == pytest.approx(-0.5)
    for nothing in ([], [["a"]], [["a"], ["b"]], [["a", "a"], ["a", "a"]]):
        assert math.isnan(krippendorff_alpha(nothing))


# item 1 is compared twice, item 2 once; the sources stand in either order
SHEET = Sheet(
    "s",
    "seal",
    0,
    (
        Comparison(1, "one", (), "x", "y", "a", "b"),
        Comparison(2, "one", (), "z", "x", "c", "a"),
        Comparison(3, "two", (), "y", "x", "b", "a"),
    ),
)


def votes(*rows, kind="person"):
    return [Vote(judge, kind, number, "useful", choice) for judge, number, choice in rows]


def test_win_rates_by_pair_weigh_items_alike():
    """a beats b on item one for both judges (1.0), on item two one is for b and one for neither (0.25): 0.625."""
    cast = votes(
        ("ada", 1, "first"), ("ben", 1, "first"), ("ada", 3, "first"), ("ben", 3, "tie"), ("ada", 2, "first")
    )
    ab, ac = win_rates(SHEET, cast, "people")
    assert (ab.a, ab.b, ab.items, ab.wins, ab.ties, ab.losses) == ("a", "b", 2, 2, 1, 1)
    assert ab.rate == pytest.approx(0.625)
    # with two items a bootstrap mean is 0.25, 0.625 or 1
    assert (ab.low, ab.high) == (0.25, 1.0)
    assert (ac.a, ac.b, ac.wins, ac.losses, ac.rate) == ("a", "c", 0, 1, 0.0)
    assert ab.question == ac.question == "useful"


def test_agreement_is_between_judges_and_needs_two():
    one = votes(("ada", 1, "first"), ("ada", 3, "second"))
    assert agreements(one, "people") == []
    two = [*one, *votes(("ada", 1, "first"), ("ada", 3, "first"), kind="machine")]
    found = {each.question: each for each in agreements(two, "all judges")}
    assert (found["useful"].number, found["useful"].shared) == (2, 2)
    # 3 first and 1 second: of n = 4 one unit of two differs: 1 - 3 * 2 / (16 - 9 - 1)
    assert found["useful"].alpha == pytest.approx(0.0)
    assert math.isnan(found["written"].alpha)


def test_figures_group_people_and_machines_and_measure_shared_items(tmp_path):
    snapshot = sealed(tmp_path / "s")
    others = {each.item_id: {"untuned": f"It sells {at}."} for at, each in enumerate(snapshot.explanations)}
    sheet = make_sheet(snapshot, others, items=20, seed=0)
    cast = [Vote("ada", "person", each.number, "useful", "tie") for each in sheet.comparisons]
    cast += [Vote("m", "machine", each.number, "useful", "first") for each in sheet.comparisons[:2]]
    found = figures(sheet, cast, [], snapshot)
    assert found.judges == {"ada": 10, "m (machine)": 2}
    assert {each.judges for each in found.win_rates} == {"people", "m (machine)"}
    assert {(each.judges, each.number) for each in found.agreements} == {("all judges", 2)}
    rates = {(each.a, each.b): each for each in found.win_rates if each.judges == "people"}
    assert all(
        (each.rate, each.low, each.high, each.ties) == (0.5, 0.5, 0.5, each.items) for each in rates.values()
    )
    # the last item has no text by the model, so the texts are measured on the other three
    assert [(each.source, each.texts) for each in found.texts] == [("plain", 3), ("trail", 3), ("untuned", 3)]
    measured = {each.source: each.values for each in found.texts}
    assert measured["untuned"]["card_coverage.v1"] == 0.0
    assert measured["trail"]["card_coverage.v1"] > 0
