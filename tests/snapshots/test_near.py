"""Whoever names an item that there is not is told which one is meant, by identifier or by title."""

import pytest

from trail.snapshots.near import beside, near

TITLES = {
    "85123A": "WHITE HANGING HEART",
    "85123B": "",
    "22423": "REGENCY CAKESTAND",
    "21212": "Pack of cake cases",
}


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("85123a", '85123A ("WHITE HANGING HEART")?'),
        ("85123", '85123B or 85123A ("WHITE HANGING HEART")?'),
        ("85132B", "85123B"),
        ("regency cakestand", '22423 ("REGENCY CAKESTAND")?'),
        ("cake", '22423 ("REGENCY CAKESTAND") or 21212 ("Pack of cake cases")?'),
        ("Regancy Cakstand", '22423 ("REGENCY CAKESTAND")?'),
    ],
)
def test_what_is_like_it_is_named_with_its_title(asked, meant):
    assert near(asked, TITLES).startswith(f"did you mean {meant}")


def test_no_more_than_three_are_named():
    assert near("lamp", {f"i{at}": "Lamp" for at in range(9)}).count(" or ") == 2


@pytest.mark.parametrize("asked", ["", "  ", "zzzzzz"])
def test_where_nothing_is_like_it_the_place_to_look_is_said(asked):
    assert near(asked, TITLES).startswith("name an item_id of the forecast")


def test_neighbours_that_begin_otherwise_are_not_named():
    assert beside("85123C", ["85123B", "9"]).endswith("did you mean 85123B?")
    assert beside("85123C", ["2", "9"]) == beside("", []) == "check its spelling, or search the list"
