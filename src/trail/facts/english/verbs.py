"""Verbs of English about counts: their forms, and the kinds of quantity each may take as its object."""

from __future__ import annotations

from dataclasses import dataclass

from trail.facts.grammar_words import listed

#: Sort of verb -> its verbs, each as base, third person, past, participle and -ing form.
_VERBS = {
    "be": "be is was been being | be are were been being",
    "have": "have has had had having | get gets got got getting",
    "give": "give gives gave given giving",
    "draw": """
        draw draws drew drawn drawing | receive receives received received receiving |
        attract attracts attracted attracted attracting | record records recorded recorded recording |
        register registers registered registered registering | earn earns earned earned earning |
        collect collects collected collected collecting | log logs logged logged logging |
        bring brings brought brought bringing |
        contain contains contained contained containing |
        count counts counted counted counting
        """,
    "see": "see sees saw seen seeing | find finds found found finding | show shows showed shown showing",
    "stay": "stay stays stayed stayed staying | remain remains remained remained remaining",
    "rank": """
        rank ranks ranked ranked ranking | come comes came come coming | sit sits sat sat sitting |
        lie lies lay lain lying | finish finishes finished finished finishing
        """,
    "stand": "stand stands stood stood standing",
    "place": "place places placed placed placing",
    "put": "put puts put put putting",
    "move": """
        rise rises rose risen rising | climb climbs climbed climbed climbing | grow grows grew grown growing |
        increase increases increased increased increasing | jump jumps jumped jumped jumping |
        surge surges surged surged surging | soar soars soared soared soaring |
        improve improves improved improved improving | rally rallies rallied rallied rallying |
        advance advances advanced advanced advancing | expand expands expanded expanded expanding |
        spike spikes spiked spiked spiking | go goes went gone going | move moves moved moved moving |
        fall falls fell fallen falling | drop drops dropped dropped dropping |
        decline declines declined declined declining | decrease decreases decreased decreased decreasing |
        slip slips slipped slipped slipping | slide slides slid slid sliding | sink sinks sank sunk sinking |
        shrink shrinks shrank shrunk shrinking | dip dips dipped dipped dipping | ease eases eased eased easing |
        slump slumps slumped slumped slumping | plunge plunges plunged plunged plunging |
        tumble tumbles tumbled tumbled tumbling | fade fades faded faded fading
        """,
    "gain": """
        gain gains gained gained gaining | add adds added added adding | lose loses lost lost losing
        """,
    "take": """
        take takes took taken taking | make makes made made making | hold holds held held holding |
        represent represents represented represented representing | generate generates generated generated generating |
        capture captures captured captured capturing | contribute contributes contributed contributed contributing
        """,
    "sell": "sell sells sold sold selling | shift shifts shifted shifted shifting",
    "buy": """
        order orders ordered ordered ordering | buy buys bought bought buying |
        purchase purchases purchased purchased purchasing | book books booked booked booking |
        rate rates rated rated rating | review reviews reviewed reviewed reviewing |
        view views viewed viewed viewing | play plays played played playing | watch watches watched watched watching |
        download downloads downloaded downloaded downloading | star stars starred starred starring
        """,
    "average": "average averages averaged averaged averaging | total totals totalled totalled totalling",
    "peak": "peak peaks peaked peaked peaking | arrive arrives arrived arrived arriving",
    "expect": """
        expect expects expected expected expecting | forecast forecasts forecast forecast forecasting |
        predict predicts predicted predicted predicting | project projects projected projected projecting |
        anticipate anticipates anticipated anticipated anticipating |
        estimate estimates estimated estimated estimating | foresee foresees foresaw foreseen foreseeing
        """,
    "pay": "pay pays paid paid paying",
    "reach": "reach reaches reached reached reaching | hit hits hit hit hitting",
    "modal": " | ".join(
        f"{word} - - - -" for word in ("should", "will", "would", "could", "may", "might", "can", "'ll")
    ),
    "do": "do does did done doing",
}  # fmt: skip
#: Words that stand for a whole part of a whole: "accounted for 12% of all orders".
_SHARING = ("account for", "accounts for", "accounted for", "made up", "makes up", "making up")
_FORMS = ("base", "third", "past", "participle", "ing")
_COUNTS = frozenset({"count", "number", "more", "excess", "part", "share", "ratio", "nth", "move"})
_PART = frozenset({"part", "percent", "share", "count", "number", "more", "excess", "nth", "ratio", "move"})
_MOVED = frozenset({"percent", "number", "places", "ratio", "time"})
_BEYOND = frozenset({"difference", "excess", "ratio"})
#: Sort of verb -> kinds of quantity that may be its object.
OBJECTS: dict[str, frozenset[str]] = {
    "have": _COUNTS | {"chance", "range"},
    "draw": _COUNTS,
    "see": _COUNTS | {"chance", "range"},
    "rank": frozenset({"rank", "nth", "climb"}),
    "stay": frozenset({"rank", "nth", "difference", "climb"}),
    "stand": frozenset({"rank", "nth", "climb", "difference", "chance"}),
    "place": frozenset({"rank", "nth"}),
    "put": frozenset({"rank", "nth"}),
    "move": _MOVED,
    "up": _MOVED | {"count", "difference"},
    "gain": _MOVED | {"count", "more", "part"},
    "take": _PART,
    "give": _COUNTS | {"chance", "range"},
    "sell": _COUNTS | {"times"},
    "buy": _COUNTS | {"times"},
    "average": frozenset({"count", "number", "money", "ratio"}),
    "peak": frozenset(),
    "expect": _COUNTS | {"chance", "range"},
    "pay": frozenset({"money", "number"}),
    "reach": _PART | {"rank", "money"},
    "modal": frozenset({"ratio"}),
    "do": frozenset({"ratio", "count", "number"}),
}
#: What stands in front of "is" -> kinds of quantity it may be.
BEING: dict[str, frozenset[str]] = {
    "it": _BEYOND | {"rank", "nth", "climb"},
    "rank": frozenset({"rank", "nth", "number"}),
    "we": frozenset(),
    "there": _COUNTS | {"chance", "range"},
    "events": _BEYOND | {"number", "part"},
    "users": _BEYOND | {"number", "part"},
    "whole": _BEYOND | {"rank", "nth"},
    "time": _BEYOND | {"nth", "part"},
}
_IDLE = frozenset({"have", "draw", "rank", "take", "sell", "buy", "give", "place", "gain"})
#: What stands in front of a verb -> sorts of verb that take no number then: "orders drew 98", "its rank had 5th".
IDLE: dict[str, frozenset[str]] = {
    "it": frozenset({"expect", "buy", "give", "pay"}),
    "events": frozenset({"have", "draw", "give", "rank", "stand", "sell", "buy", "place", "expect"}),
    "figure": _IDLE,
    "rank": _IDLE,
    "forecast": frozenset({"have", "draw", "take", "sell"}),
    "time": frozenset({"rank", "stand", "place", "sell", "buy"}),
    "whole": frozenset({"place"}),
    "users": frozenset({"rank", "stand"}),
}
#: Verbs whose object may stand between them and a number: "the forecast puts it 3rd".
GIVING = frozenset(
    listed("put | puts | rank | ranks | ranked | place | places | placed | give | gives | gave | brings")
)


@dataclass(frozen=True)
class Verb:
    """A word as a verb.

    Attributes:
        sort: Sort of verb, a key of the table of objects.
        forms: Forms that the word may be: base, third, past, participle, ing.
    """

    sort: str
    forms: frozenset[str]


def _all() -> dict[str, Verb]:
    found: dict[str, Verb] = {}
    for sort, verbs in _VERBS.items():
        for each in listed(verbs):
            for form, word in zip(_FORMS, each.split(), strict=True):
                known = found[word].forms if word in found and found[word].sort == sort else frozenset()
                found.setdefault(word, Verb(sort, frozenset()))
                if found[word].sort == sort:
                    found[word] = Verb(sort, known | {form})
    found |= {word: Verb("take", frozenset({"base", "third", "past", "participle"})) for word in _SHARING}
    found.pop("-", None)
    return found


VERBS = _all()
