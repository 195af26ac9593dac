"""Titles that are words of the grammar: without quotes they are what they say, with quotes a name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trail.facts import verify

from .cards import CANDLE, CANDLE_OUTLOOK

SWALLOWED = [
    ("Yesterday", "Yesterday it had 98 orders."),
    ("Two Weeks Ago", "Two Weeks Ago it had 98 orders."),
    ("A Day", "It had 98 orders A Day."),
    ("Fewer Than", "Fewer Than 98 orders came last week."),
    ("Never", "It Never had 98 orders last week."),
    ("Not", "It did Not have 98 orders last week."),
    ("Million", "It had 98 Million orders last week."),
]
QUOTED = [title for title, _ in SWALLOWED] + ['The "Doubled" Set', '"Red" Wax', '7" Single', "Over", "Up"]


def _holds(title: str, text: str) -> bool:
    named = replace(CANDLE, metadata={**CANDLE.metadata, "title": title})
    return verify(text, named, CANDLE_OUTLOOK).holds


@pytest.mark.parametrize(("title", "text"), SWALLOWED)
def test_a_title_takes_no_meaning_away(title, text):
    assert not _holds(title, text)


@pytest.mark.parametrize("title", QUOTED)
def test_in_quotes_every_title_is_a_name(title):
    assert _holds(title, f'"{title}" had 98 orders last week.')


@pytest.mark.parametrize(
    "title", ['Candle", which tripled last week, "Wax', 'Wax ", which tripled last week, " Oil']
)
def test_what_a_titles_own_quotes_leave_outside_is_read(title):
    assert not _holds(title, f'"{title}" had 98 orders last week.')
