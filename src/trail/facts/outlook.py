"""The sentences about the forecast itself: expected count, range, chance of the top K, rank."""

from __future__ import annotations

from dataclasses import dataclass

from trail.facts import numbers
from trail.facts.slots import Clause, Facts, fill
from trail.signals import Unit

#: Short forms in the prompt, with the number each speaks of.
SHORT = (
    ("expected", "{expected} {coming}"),
    ("q10", "80% range {q10:bare} to {q90:bare}"),
    ("forecast_change", "{forecast_change:signed} on {last}"),
    ("p_top", "{p_top} chance of the top {k}"),
    ("forecast_rank", "{forecast_rank} in the forecast"),
)


@dataclass(frozen=True)
class Phrases:
    """Wordings of one part of the forecast.

    Attributes:
        name: The number it speaks of.
        say: Wordings for texts and training; the first is the plainest.
        held_out: Wordings used by tests only.
    """

    name: str
    say: tuple[str, ...]
    held_out: tuple[str, ...]


EXPECTED = Phrases(
    "expected",
    (
        "we expect {expected} {coming}",
        "the forecast for {next} is {expected}",
        "{next} should bring {expected}",
        "it should draw {expected} {coming}",
        "expect {expected} {coming}",
        "our best guess for {next} is {expected}",
        "the outlook for {next} is {expected}",
        "it looks set for {expected} {coming}",
        "it is on course for {expected} {coming}",
        "{expected} should come {coming}",
        "{coming} we expect {expected}",
        "we anticipate {expected} {coming}",
        "the central estimate for {next} is {expected}",
        "we look for {expected} {coming}",
        "our forecast for {next} stands at {expected}",
        "{next} is likely to bring {expected}",
    ),
    ("we forecast {expected} {coming}", "it is expected to draw {expected} {coming}"),
)
#: After words that name the period already: "in the week of Halloween".
DATED = Phrases(
    "expected",
    ("we expect {expected}", "it should draw {expected}", "the forecast is {expected}", "expect {expected}"),
    ("we forecast {expected}", "it is expected to draw {expected}"),
)
#: Tails of a sentence about the expected count.
RANGE = Phrases(
    "q10",
    (
        " (80% range {q10:bare} to {q90:bare})",
        ", with an 80% range of {q10:bare} to {q90:bare}",
        ", 80% range {q10:bare} to {q90:bare}",
        ", in 80% of cases between {q10:bare} and {q90:bare}",
        ", between {q10:bare} and {q90:bare} in 80% of cases",
        ", most likely {q10:bare} to {q90:bare} (80% range)",
        " (in 80% of cases {q10:bare} to {q90:bare})",
        ", the 80% range being {q10:bare} to {q90:bare}",
        ", anywhere from {q10:bare} to {q90:bare} in 80% of cases",
        " ({q10:bare} to {q90:bare}, 80% range)",
        ", within an 80% interval of {q10:bare} to {q90:bare}",
        " (80% interval {q10:bare} to {q90:bare})",
        ", somewhere between {q10:bare} and {q90:bare} in 80% of cases",
    ),
    (" (80% range: {q10:bare} to {q90:bare})", ", in an 80% range of {q10:bare} to {q90:bare}"),
)
VERSUS = Phrases(
    "forecast_change",
    (
        ", [up|down] from {count_1:bare} {ago:1}",
        ", {forecast_change} [above|below] {last}",
        ", [more|fewer] than the {count_1:bare} of {last}",
        ", [up|down] {forecast_change} on {last}",
    ),
    (", [more|fewer] than the {count_1} {ago:1}", ", {forecast_change} [higher|lower] than {last}"),
)
LIKELY = Phrases(
    "p_top",
    (
        ", with {a} {p_top} chance of the top {k}",
        " ({p_top} chance of the top {k})",
        ", {p_top} chance of the top {k}",
        "; its chance of the top {k} is {p_top}",
    ),
    (" (chance of the top {k}: {p_top})", ", with {a} {p_top} chance of reaching the top {k}"),
)
#: Sentences of their own.
CHANCE = Phrases(
    "p_top",
    (
        "it has {a} {p_top} chance of the top {k}",
        "the chance of the top {k} is {p_top}",
        "the chance of entering the top {k} is {p_top}",
        "its chance of reaching the top {k} is {p_top}",
    ),
    ("there is {a} {p_top} chance of the top {k}", "its chance of the top {k} is {p_top}"),
)
PLACE = Phrases(
    "forecast_rank",
    (
        "it ranks {forecast_rank} in the forecast",
        "the forecast ranks it {forecast_rank}",
        "it is {forecast_rank} in the forecast",
        "its rank in the forecast is {forecast_rank}",
    ),
    ("the forecast puts it {forecast_rank}", "it comes {forecast_rank} in the forecast"),
)
PHRASES: tuple[Phrases, ...] = (EXPECTED, DATED, RANGE, VERSUS, LIKELY, CHANCE, PLACE)


def said(phrases: Phrases, facts: Facts, *, held_out: bool = False) -> list[Clause]:
    """Returns the wordings of a part of the forecast that its value allows; empty where it is not worth one."""
    if not worth(phrases.name, facts):
        return []
    templates = phrases.held_out if held_out else phrases.say
    filled = (fill(template, facts, phrases.name) for template in templates)
    return [clause for clause in filled if clause is not None]


def worth(name: str, facts: Facts) -> bool:
    """Whether a text may state a part of the forecast: known, no range without width, no chance of 0 or 1."""
    value = facts.number(name)
    if value is None:
        return False
    if name == "q10":
        return numbers.bare(Unit.COUNT, value) != numbers.bare(Unit.COUNT, facts.number("q90") or 0.0)
    if name == "p_top":
        return 0 < numbers.rounded(Unit.SHARE, value) < 1
    if name != "forecast_change":
        return True
    now, expected = facts.number("count_1") or 0.0, facts.number("expected") or 0.0
    moved = numbers.bare(Unit.COUNT, now) != numbers.bare(Unit.COUNT, expected)
    return moved and numbers.rounded(Unit.CHANGE, value) != 0
