"""Context by what bears on the forecast: a season of the period, a launch, the holiday of a season, a category that moved it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from trail.events import Horizon
from trail.facts import Driver, Length, Style, plain, render, verify
from trail.facts.contexts import relevant, season
from trail.facts.slots import Facts
from trail.signals import Card, Group, calendar_of

from .cards import CANDLE, CANDLE_OUTLOOK

LEVEL, CATEGORY, SEASON = Driver("mean_4", 0.4), Driver("category_growth", 0.3), Driver("last_year", 0.3)


def _at(day: date, **metadata: object) -> Card:
    """Returns the candle in another week and catalogue."""
    cutoff = datetime(day.year, day.month, day.day, tzinfo=UTC)
    release = metadata.get("release")
    age = float((day - release).days) if isinstance(release, date) else None
    return replace(
        CANDLE,
        cutoff=cutoff,
        calendar=calendar_of(cutoff, Horizon(7)),
        metadata={**CANDLE.metadata, **metadata},
        values={**CANDLE.values, "release_age": age},
    )


@pytest.mark.parametrize(
    ("title", "category", "day", "key"),
    [
        ("Christmas Tree Bauble", "Decorations", date(2011, 12, 5), "title"),
        ("Glass Bauble", "Xmas", date(2011, 11, 28), "title"),
        ("Red Ribbon", "Christmas Decorations", date(2011, 12, 5), "category"),
        ("Christmas Tree Bauble", "Decorations", date(2011, 5, 2), ""),
        ("Pumpkin Lantern", "Lights", date(2011, 10, 24), "title"),
        ("Pumpkin Lantern", "Lights", date(2011, 12, 5), ""),
        ("Valentine Card", "Cards", date(2012, 2, 6), "title"),
        ("New Year Crackers", "Party", date(2011, 12, 26), "title"),
        ("School Bag", "Bags", date(2011, 8, 22), "title"),
        ("Lavender Candle", "Candles", date(2011, 12, 5), ""),
    ],
)
def test_a_season_is_named_by_the_catalogue_and_begins_with_the_period(title, category, day, key):
    assert season(_at(day, title=title, category=category)) == key


def test_what_bears_on_the_forecast_comes_first():
    december = date(2011, 12, 19)
    bauble = {"title": "Christmas Bauble", "category": "Decorations"}
    new = {"release": date(2011, 12, 5)}

    def found(day: date, groups: list[Group], **metadata: object) -> list[str]:
        return relevant(Facts(_at(day, **metadata), CANDLE_OUTLOOK), groups)

    assert found(december, [Group.LEVEL], **bauble) == ["holiday", "title"]
    assert found(date(2011, 11, 28), [Group.LEVEL], **bauble) == ["start", "title"]
    assert found(december, [Group.LEVEL], **new) == ["release"]
    assert found(december, [Group.LEVEL], release=date(2009, 12, 5)) == []
    assert found(december, [Group.AGE], **new) == []
    assert found(december, [Group.SEASON]) == ["holiday"]
    assert found(date(2011, 12, 5), [Group.SEASON]) == []
    assert found(december, [Group.CATEGORY, Group.LEVEL]) == ["category"]
    assert found(december, [Group.LEVEL, Group.CATEGORY]) == []
    assert found(december, [Group.LEVEL]) == []
    assert relevant(Facts(_at(december, **bauble), CANDLE_OUTLOOK), [Group.LEVEL], ("metadata",)) == []


def test_a_category_that_only_the_catalogue_tells_is_said_of_some_items():
    cards = [replace(_at(date(2011, 12, 5), title="Sting"), item_id=f"i{k}") for k in range(90)]
    said = sum(relevant(Facts(each), [Group.LEVEL]) == ["category"] for each in cards)
    assert 10 < said < 40
    plainly = [replace(CANDLE, item_id=f"i{k}") for k in range(90)]
    assert not any(relevant(Facts(each), [Group.LEVEL]) for each in plainly)


@pytest.mark.parametrize(
    ("card", "reasons", "words"),
    [
        (
            _at(date(2011, 11, 28), title="Christmas Bauble"),
            [LEVEL],
            ("In the week of 28 November", '"Christmas Bauble"'),
        ),
        (
            _at(date(2011, 12, 19), title="Christmas Bauble"),
            [LEVEL],
            ("In the week of Christmas Eve", '"Christmas Bauble"'),
        ),
        (_at(date(2011, 12, 5), release=date(2011, 12, 1)), [LEVEL], ("his item, released on 1 December, ",)),
        (_at(date(2011, 12, 5), release=date(2011, 12, 9)), [LEVEL], ("his item, due out on 9 December, ",)),
        (_at(date(2011, 12, 19)), [SEASON], ("In the week of Christmas Eve",)),
        (_at(date(2011, 12, 5)), [CATEGORY], ('his "Candles" item',)),
    ],
)
def test_what_is_said_is_context_and_no_evidence(card, reasons, words):
    for length in (Length.NORMAL, Length.LONG):
        text = plain(card, CANDLE_OUTLOOK, reasons, Style(length))
        assert all(each in text for each in words), text
        assert verify(text, card, CANDLE_OUTLOOK).holds, text
    for seed in range(40):
        text = render(card, CANDLE_OUTLOOK, reasons, np.random.default_rng(seed)).text
        assert verify(text, card, CANDLE_OUTLOOK).holds, text
    other = replace(
        card,
        metadata={
            **card.metadata,
            "title": "Other",
            "category": "Else",
            "categories": "Else",
            "release": date(2001, 1, 2),
        },
    )
    moved = replace(
        other,
        cutoff=card.cutoff + timedelta(days=70),
        calendar=calendar_of(card.cutoff + timedelta(70), Horizon(7)),
    )
    assert not verify(plain(card, CANDLE_OUTLOOK, reasons), moved, CANDLE_OUTLOOK).holds
