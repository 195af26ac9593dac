"""The words around facts: how a forecast is said, what stands for it, what against it, what the period holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from trail.facts import outlook


class Audience(StrEnum):
    """Who reads: the facts are the same, the words around them are not."""

    MERCHANDISER = "merchandiser"
    ENGINEER = "engineer"
    EXECUTIVE = "executive"


@dataclass(frozen=True)
class Frames:
    """Words around the facts of a text; of each kind one is chosen.

    Attributes:
        forecast: Sentence of the expected count, and the tails of its range and of how it compares.
        place: Sentences of the chance of the top K, of the rank in the forecast, and of both.
        cause: In front of the first reason, where it points the way the forecast moves.
        support: In front of the first reason, where it speaks for more.
        held: In front of the first reason, where it speaks for fewer.
        basis: In front of the first reason, where its value points neither way.
        against: In front of a reason for fewer beside one for more.
        counter: In front of a reason for more beside one for fewer.
        more: In front of a further fact.
        bare: In front of a first fact that is no reason.
        tie: Between two facts.
        turn: Between two facts of opposite sides.
        because: Between the forecast and a reason that points the way it moves.
        helped: Between the forecast and another reason for more.
        hindered: Between the forecast and another reason for fewer.
        resting: Between the forecast and a reason whose value points neither way.
        beside: Between the forecast and a fact that is no reason.
    """

    forecast: Mapping[str, tuple[str, ...]]
    place: Mapping[str, tuple[str, ...]]
    cause: tuple[str, ...]
    support: tuple[str, ...]
    held: tuple[str, ...]
    basis: tuple[str, ...]
    against: tuple[str, ...]
    counter: tuple[str, ...]
    more: tuple[str, ...]
    bare: tuple[str, ...]
    tie: tuple[str, ...]
    turn: tuple[str, ...]
    because: tuple[str, ...]
    helped: tuple[str, ...]
    hindered: tuple[str, ...]
    resting: tuple[str, ...]
    beside: tuple[str, ...]


#: As one says it in a shop, and what lessons are made of.
SPOKEN = Frames(
    forecast={
        "expected": outlook.EXPECTED.say,
        "dated": outlook.DATED.say,
        "q10": outlook.RANGE.say,
        "likely": outlook.LIKELY.say,
        "versus": outlook.VERSUS.say,
        "forecast_change": tuple(each for each in outlook.VERSUS.say if "count_1" not in each),
    },
    place={
        "both": ("it has {a} {p_top} chance of the top {k} and ranks {forecast_rank} in the forecast",),
        "p_top": outlook.CHANCE.say,
        "forecast_rank": outlook.PLACE.say,
    },
    cause=(
        "the main reason is that ",
        "the reason is that ",
        "what explains it is that ",
        "mainly, ",
        "chiefly, ",
        "the main reason: ",
        "why: ",
        "driven by this: ",
        "what drives it: ",
        "the reason: ",
    ),
    support=(
        "what supports it is that ",
        "in support, ",
        "what counts for it is that ",
        "a reason for it: ",
        "evidence for it: ",
        "supporting this, ",
        "helped by this: ",
        "lifted by this: ",
        "boosted by this: ",
        "it is helped by the fact that ",
        "in its favour: ",
        "working for it: ",
    ),
    held=(
        "it is held back by the fact that ",
        "pulled down by this: ",
        "what holds it back: ",
        "held back by this: ",
        "it is pulled down by the fact that ",
        "working against it: ",
        "a drag on it: ",
    ),
    basis=(
        "it rests on this: ",
        "it is based on this: ",
        "what it rests on is that ",
        "it rests on the fact that ",
        "the basis: ",
        "behind it: ",
        "going by this: ",
        "what it builds on: ",
        *("",) * 8,
    ),
    against=(
        "but ",
        "however, ",
        "yet ",
        "even so, ",
        "that said, ",
        "on the other hand, ",
        "nevertheless, ",
        "held back by this: ",
        "pulled down by this: ",
        "working against it: ",
    ),
    counter=(
        "still, ",
        "even so, ",
        "that said, ",
        "on the other hand, ",
        "nevertheless, ",
        "what counts for it: ",
        "a point for it: ",
        "helped by this: ",
        "in its favour: ",
    ),
    more=(
        "also, ",
        "what is more, ",
        "plus, ",
        "note that ",
        "besides, ",
        "in addition, ",
        "moreover, ",
        "",
        "",
        "",
    ),
    bare=("",),
    tie=(", and ", "; ", "; also, "),
    turn=(", but ", ", though ", ", while ", ", although ", ", yet ", "; however, ", ", whereas "),
    because=(
        ", because ",
        ", mainly because ",
        ", chiefly because ",
        ", since ",
        ", the main reason being that ",
    ),
    helped=(", helped by the fact that ", ", lifted by the fact that "),
    hindered=(", though ", ", although ", ", even though "),
    resting=(
        ", given that ",
        ", seeing that ",
        ", considering that ",
        ", based on the fact that ",
        "; what it rests on is that ",
        "; it is based on this: ",
    ),
    beside=(", while ",),
)
#: Words in front of a reason for more, and of one for fewer, that say which it is.
FOR = tuple(dict.fromkeys((*SPOKEN.support, *(each for each in SPOKEN.counter if each.endswith(": ")))))
AGAINST = SPOKEN.held
#: For an engineer: labels, as a log has them.
LABELS = Frames(
    forecast={
        "expected": ("forecast for {next}: {expected}",),
        "dated": ("forecast: {expected}",),
        "q10": ("; 80% range {q10:bare} to {q90:bare}",),
        "forecast_change": ("; [up|down] {forecast_change} on {last}",),
    },
    place={
        "both": ("chance of the top {k}: {p_top}; rank {forecast_rank} in the forecast",),
        "forecast_rank": ("rank {forecast_rank} in the forecast",),
    },
    cause=("why: ",),
    support=("signals in support: ",),
    held=("held back by: ",),
    basis=("based on: ",),
    against=("held back by: ",),
    counter=("signals in support: ",),
    more=("also: ",),
    bare=("signals: ",),
    tie=("; ",),
    turn=(", but ",),
    because=(", because ",),
    helped=(", given that ",),
    hindered=(", although ",),
    resting=(", given that ",),
    beside=(", while ",),
)
#: For an executive: the figure, and the question that each fact answers.
BRIEF = Frames(
    forecast={
        "expected": ("expect {expected} {coming}",),
        "dated": ("expect {expected}",),
        "q10": (", in 80% of cases {q10:bare} to {q90:bare}",),
        "forecast_change": (", {forecast_change} [above|below] {last}",),
    },
    place={
        "both": ("its chance of the top {k} is {p_top} and its rank in the forecast {forecast_rank}",),
        "forecast_rank": ("its rank in the forecast is {forecast_rank}",),
    },
    cause=("why: ",),
    support=("for it: ",),
    held=("what it is held back by: ",),
    basis=("based on: ",),
    against=("but ",),
    counter=("still, ",),
    more=("also, ",),
    bare=("",),
    tie=("; ",),
    turn=(", but ",),
    because=(" because ",),
    helped=(", given that ",),
    hindered=(", though ",),
    resting=(", given that ",),
    beside=(", while ",),
)
FRAMES: Mapping[Audience, Frames] = {
    Audience.MERCHANDISER: SPOKEN,
    Audience.ENGINEER: LABELS,
    Audience.EXECUTIVE: BRIEF,
}
#: What the item is, and context in front of a forecast: what names the day stands for "next week".
WHAT = {"category": 'this "{}" item', "title": '"{}"', "release": "this item, {}"}
WHEN = {"holiday": "in the {window} of {holiday}, ", "start": "in the {window} of {start}, "}
