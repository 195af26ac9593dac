"""Every phrase that the reader knows, with what it is; what is not here is an unknown word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from trail.facts import grammar_words as words
from trail.facts.grammar_phrases import PHRASES
from trail.facts.grammar_words import listed

#: Words that carry no fact.
GLUE = frozenset(
    listed(
        """
        a | about | again | alike | alone | already | also | an | another | as | attracted | attracts
        | back | based | basis | beginning | begins | being | bring | bringing | brings | brought |
        came | card | change | chiefly | collected | come | comes | coming | compare | compared |
        compares | comparison | complete | contain | contains | corresponding | count | counted |
        counts | covering | covers | currently | data | day's | did | do | does | done | draw | draws
        | drew | e.g. | earned | end | ending | ends | entire | equivalent | even | evidence | explain
        | explains | fact | facts | figure | figures | finds | found | full | gave | get | gets | give
        | gives | giving | go | goes | going | gone | got | had | happened | happens | has | have |
        having | he | hence | her | here | his | how | however | i | i.e. | include | includes |
        including | indeed | instead | into | it | it's | its | itself | just | keep | keeping |
        latest | lay | left | lies | log | logged | long | main | mainly | making | many | meaning |
        means | meanwhile | month's | most recently | moved | moves | much | namely | note | noting |
        now | number | number of | numbers | occurred | off | on it | one's | only | onto | or | our |
        out | overall | own | per week | point | points | put | puts | putting | quite | rather |
        reading | reason | reasons | receive | received | receives | recent | recently | recorded |
        records | registered | remains | respectively | rests | result | results | said | same as |
        sat | saw | say | says | see | seeing | seen | sees | she | show | showed | showing | shows |
        sign | signal | signals | sits | so called | stand | stands | start | starting | starts |
        stood | such | support | supported | supporting | supports | take | taken | takes | taking |
        tally | tells | term | terms | that | the | their | them | themselves | there | therefore |
        they | this | thus | today | together | too | totalled | toward | upon | us | value | values |
        very | view | we | week's | went | whole | why | you | your | of these | of them |
        what explains | what supports | what counts | what holds | what it is held |
        what it had | what it drew | what it got | what it sold | what we expect
        """
    )
)


@dataclass(frozen=True)
class Entry:
    """What a phrase is.

    Attributes:
        kind: Kind of token.
        sign: Direction of a move or a comparison, null if it has none.
        past: Whether a move is a past form.
        more: Whether it is a comparative ("more", "fewer").
    """

    kind: str
    sign: int | None = None
    past: bool = False
    more: bool = False


@lru_cache(maxsize=64)
def lexicon(events: str) -> tuple[re.Pattern[str], dict[str, Entry]]:
    """Returns the pattern of all known phrases and phrase -> entry, for one noun of events."""
    known = dict.fromkeys(GLUE, Entry("G"))
    known |= {phrase: Entry(kind) for phrase, kind in PHRASES.items()}
    known |= {word: Entry("D", sign, past) for word, (sign, past) in words.moves().items()}
    known |= _comparisons() | dict.fromkeys(words.degrees(), Entry("DEGREE")) | _nouns(events)
    known |= {phrase: Entry("HEDGE") for phrase in words.HEDGES["~"] if phrase not in known}
    return re.compile(rf"(?:{words.alternatives(known)})(?!\w)"), known


def _comparisons() -> dict[str, Entry]:
    found = dict.fromkeys(words.NEUTRAL, Entry("CMP"))
    for sign, phrases in words.SIGNED.items():
        found |= dict.fromkeys(phrases, Entry("CMP", sign))
    for sign, phrases in words.COMPARATIVES.items():
        for word in phrases:
            found[word] = Entry("D", sign, more=True)
            for than in ("than", "than before", "than it was before"):
                found[f"{word} {than}"] = Entry("CMP", sign, more=True)
    return found


def _nouns(events: str) -> dict[str, Entry]:
    alike = [(nouns, verbs) for nouns, verbs in words.EVENTS.values() if events.lower() in nouns]
    known = alike if alike and events.lower() not in words.ANY_EVENTS else list(words.EVENTS.values())
    found = {verb: Entry("EVV") for _, verbs in known for verb in verbs}
    for plural in (*words.ANY_EVENTS, *(noun for nouns, _ in known for noun in nouns), events.lower()):
        found |= {plural: Entry("EV"), plural.removesuffix("s"): Entry("EV")}
    for plural in words.USER_NOUNS:
        singular = words.USER_SINGULAR.get(plural, plural.removesuffix("s"))
        found |= {
            plural: Entry("US"),
            singular: Entry("US"),
            f"a {singular}": Entry("APIECE"),
            f"per {singular}": Entry("APIECE"),
        }
    return found


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """Returns every phrase of the reader: a name made of one alone needs its capital letter."""
    return frozenset(lexicon("events")[1])
