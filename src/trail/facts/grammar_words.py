"""The vocabulary of the reader: numbers, directions, comparisons, hedges and what is counted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache


def listed(text: str) -> tuple[str, ...]:
    """Returns the phrases of a text, which are parted by bars."""
    return tuple(" ".join(phrase.split()) for phrase in text.split("|"))


#: Words of number below twenty, then the tens; the same as ordinals.
UNITS = listed(
    """
    zero | one | two | three | four | five | six | seven | eight | nine | ten | eleven | twelve | thirteen |
    fourteen | fifteen | sixteen | seventeen | eighteen | nineteen
    """
)
TENS = listed("twenty | thirty | forty | fifty | sixty | seventy | eighty | ninety")
ORDINALS = listed(
    """
    zeroth | first | second | third | fourth | fifth | sixth | seventh | eighth | ninth | tenth | eleventh |
    twelfth | thirteenth | fourteenth | fifteenth | sixteenth | seventeenth | eighteenth | nineteenth
    """
)
TENTHS = listed(
    """
    twentieth | thirtieth | fortieth | fiftieth | sixtieth | seventieth | eightieth | ninetieth
    """
)
#: Sign -> past forms of words that move.
PAST = {
    1: listed(
        """
        rose | risen | climbed | grew | grown | gained | increased | jumped | surged | soared | advanced |
        leapt | leaped | rallied | improved | strengthened | expanded | spiked | added | picked up | went up
        | gone up | moved up | edged up | crept up
        """
    ),
    -1: listed(
        """
        fell | fallen | dropped | declined | decreased | slipped | slid | sank | sunk | shrank | shrunk |
        lost | dipped | eased | slumped | plunged | tumbled | weakened | cooled | faded | retreated | went
        down | gone down | moved down | edged down
        """
    ),
    0: listed(
        """
        held | stayed flat | held steady | stayed level | levelled off | leveled off | stayed the same | was
        unchanged | stagnated
        """
    ),
}
#: Sign -> their other forms, nouns and adverbs.
MOVES = {
    1: listed(
        """
        up | rise | rises | rising | climb | climbs | climbing | grow | grows | growing | gain | gains |
        gaining | increase | increases | increasing | jump | jumps | jumping | surge | surges | surging |
        advance | growth | upward | upwards | uptick | upturn | go up | goes up | going up | move up | pick
        up | picking up | adding | adds | upwardly | improve | improvement
        """
    ),
    -1: listed(
        """
        down | fall | falls | falling | drop | drops | dropping | decline | declines | declining | decrease
        | decreases | decreasing | slip | slips | slipping | slide | slides | sliding | shrink | shrinks |
        shrinking | lose | loses | losing | dip | dips | loss | losses | downward | downwards | downturn |
        go down | goes down | going down | move down | easing | ease | fading | fade
        """
    ),
    0: listed(
        """
        flat | steady | unchanged | level | stable | constant | sideways | no change | little changed | the
        same | hold | hold steady | stay flat | stay level | stay the same | as many | as much | similar |
        did not change | didn't change | did not move | barely moved | hardly moved | barely changed |
        hardly changed | stood still | not changed | has not changed | kept | keeps | kept
        its | keeps its | on par
        """
    ),
}
#: Sign -> comparatives, which need a "than" or stand before a noun.
COMPARATIVES = {
    1: listed("more | higher | greater | larger | extra | additional | dearer"),
    -1: listed("fewer | less | lower | smaller | cheaper"),
}
#: Sign -> prepositions and verbs of comparison.
SIGNED = {
    1: listed(
        """
        above | ahead of | exceeds | exceeding | exceeded | beats | beat | beating | over and above | in
        excess of | better than
        """
    ),
    -1: listed("below | under | behind | short of | beneath"),
    0: listed(
        """
        in line with | level with | on a par with | equal to | the same as | similar to
        """
    ),
}
#: Prepositions of comparison without a sign.
NEUTRAL = listed(
    """
    than | than before | against | versus | vs | vs. | compared with | compared to | relative to | in
    comparison with | in contrast to | on | over | as in | as
    """
)
#: How strong a vague adverb makes a move: relation and relative size -> adverbs.
DEGREES = {
    ("<=", 0.1): listed("slightly | a little | modestly | a touch | marginally"),
    (">=", 0.2): listed("sharply | strongly | steeply | markedly | a lot | far | much | well"),
}
#: Verbs that say how much by themselves, where no number does: relation and relative size -> verbs.
STRENGTHS = {
    (">=", 0.1): listed(
        """
        surged | surge | surges | surging | soared | soar | soars | soaring | leapt | leaped | spiked | jumped | jump | jumps |
        jumping | plunged | plunge | plunges | plunging | slumped | tumbled | rallied
        """
    ),
    ("<=", 0.1): listed("edged up | crept up | edged down"),
}
#: Relation -> hedges that state it; `~` is "about".
HEDGES = {
    "~": listed(
        """
        about | around | roughly | approximately | approx. | approx | some | circa | close to | near | in
        the region of | or so | ~ | ≈ | an estimated
        """
    ),
    "just under": listed(
        """
        nearly | almost | just under | just below | a little under | a little below | slightly under |
        slightly below | slightly less than | a little less than | just short of | not quite
        """
    ),
    "just over": listed(
        """
        just over | just above | a little over | a little above | slightly over | slightly above | slightly
        more than | a little more than
        """
    ),
    ">=": listed(
        """
        at least | no fewer than | no less than | not less than | not fewer than | a minimum of
        """
    ),
    "<=": listed("at most | no more than | not more than | a maximum of | at the most"),
    ">": listed(
        """
        more than | over | above | upwards of | in excess of | greater than | higher than | better than | well over
        """
    ),
    "<": listed("fewer than | less than | under | below | lower than | short of"),
}
#: What a count of any log may be called.
ANY_EVENTS = listed("events | interactions | demand")
#: Sort of event -> its nouns and verbs; orders are no views.
EVENTS = {
    "sold": (
        listed("orders | sales | purchases | units | lines | items sold | copies"),
        listed("sold | shifted | ordered | bought | purchased | sell | sells | selling | arrived"),
    ),
    "booked": (listed("bookings | rentals | loans"), listed("booked | rented | lent | borrowed")),
    "rated": (listed("ratings | reviews | votes"), listed("rated | reviewed | arrived")),
    "seen": (
        listed("views | plays | listens | streams | clicks | watches"),
        listed("viewed | played | streamed | watched | clicked"),
    ),
    "starred": (listed("stars"), listed("starred")),
    "downloaded": (listed("downloads"), listed("downloaded")),
}
#: Who makes events of any sort; and sort of event -> who else makes it.
_ANYONE = listed("users | people | persons | individuals | accounts | members | visitors")
_BUYERS = listed("customers | buyers | shoppers | households | purchasers | consumers | guests | subscribers")
_AUDIENCE = listed("viewers | listeners | readers | players")
_MAKERS = {
    "sold": _BUYERS,
    "booked": _BUYERS,
    "rated": (*_BUYERS, *_AUDIENCE, *listed("raters | reviewers")),
    "seen": (*_BUYERS, *_AUDIENCE),
    "starred": listed("stargazers | developers"),
    "downloaded": (*_BUYERS, *_AUDIENCE, "developers"),
}
#: Sort of event -> what it may be called that it is of; where it is sold, only its own names say what it is.
_ITEMS = {
    "sold": (),
    "booked": (),
    "rated": listed("film | movie | book | song | game"),
    "seen": listed("film | movie | book | song | game"),
    "starred": listed("repository | project | library"),
    "downloaded": listed("book | song | game | repository | library"),
}
USER_SINGULAR = {"people": "person", "persons": "person"}


def sorts(events: str) -> tuple[str, ...]:
    """Returns the sorts of event that a noun may mean: every one where it says nothing."""
    known = tuple(sort for sort, (nouns, _) in EVENTS.items() if events.lower() in nouns)
    return known or tuple(EVENTS)


def user_nouns(events: str) -> tuple[str, ...]:
    """Returns the nouns, in the plural, of who makes such events."""
    return tuple(dict.fromkeys((*_ANYONE, *(noun for sort in sorts(events) for noun in _MAKERS[sort]))))


def item_words(events: str) -> tuple[str, ...]:
    """Returns what an item of such events may be called."""
    return tuple(dict.fromkeys(word for sort in sorts(events) for word in _ITEMS[sort]))


@lru_cache(maxsize=1)
def moves() -> dict[str, tuple[int, bool]]:
    """Returns every word that moves -> (sign, whether it is a past form)."""
    other = {word: (sign, False) for sign, words in MOVES.items() for word in words}
    return other | {word: (sign, True) for sign, words in PAST.items() for word in words}


@lru_cache(maxsize=1)
def degrees() -> dict[str, tuple[str, float]]:
    """Returns adverb -> (relation, relative size)."""
    return {word: meaning for meaning, words in (*DEGREES.items(), *STRENGTHS.items()) for word in words}


def alternatives(phrases: Iterable[str]) -> str:
    """Returns a regular expression for any of the phrases, the longest first."""
    ordered = sorted(set(phrases), key=lambda each: (-len(each), each))
    return "|".join(re.escape(each).replace(r"\ ", r"\s+") for each in ordered)
