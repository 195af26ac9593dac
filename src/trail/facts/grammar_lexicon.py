"""Every phrase that the reader knows, with what it is; what is not here is an unknown word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from trail.facts import grammar_words as words
from trail.facts.grammar_phrases import PHRASES
from trail.facts.grammar_words import listed
from trail.facts.nouns import singular

#: Verbs that carry no fact beside one: "came", "had", "shows".
VERBS = frozenset(
    listed(
        """
        attracted | attracts | being | bring | bringing | brings | brought | came | collected | come | comes
        | coming | compare | compared | compares | contain | contains | count | counted | counts | covering
        | covers | did | do | does | done | draw | draws | drew | earned | explain | explains | find | finds
        | found | gave | get | gets | give | gives | giving | go | goes | going | gone | got | had |
        happened | happens | has | have | having | include | includes | including | keep | keeping | lay |
        lies | log | logged | making | means | moved | moves | note | noting | occurred | put | puts |
        putting | receive | received | receives | recorded | records | registered | remains | rests | said |
        sat | saw | say | says | see | seeing | seen | sees | show | showed | showing | shows | sits | stand
        | stands | stood | supported | supporting | supports | take | taken | takes | taking | tells |
        totalled | went
        """
    )
)
#: Other words that carry no fact.
GLUE = frozenset(
    listed(
        """
        a | about | alike | alone | already | also | an | another | as | based | basis | card |
        change | chiefly | comparison | corresponding | currently | data | day's | e.g. | equivalent | give or take | even
        | evidence | fact | facts | figure | figures | hence | here | how | however |
        i.e. | indeed | instead | into | it | it's | its | itself | just | latest | long | main | mainly |
        many | meaning | meanwhile | month's | most recently | much | namely | now | number | number of |
        numbers | on it | one's | only | onto |  our | overall | own | per week | point | points | quite
        | rather | reading | reason | reasons | recent | recently | respectively | result | results | same
        as | sign | signal | signals | so called | such | support | tally | term | terms | that | the
        | their | them | themselves | there | therefore | they | this | thus | too | toward | upon | us |
        value | values | very | view | we | week's | whole | of them | of these | what counts |
        what explains | what holds | what it drew | what it got | what it had | what it
        sold | what supports | what we expect
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
    known = dict.fromkeys((*GLUE, *VERBS), Entry("G"))
    known |= {phrase: Entry(kind) for phrase, kind in PHRASES.items()}
    known |= {word: Entry("D", sign, past) for word, (sign, past) in words.moves().items()}
    known |= (
        _comparisons()
        | dict.fromkeys((word for each in words.DEGREES.values() for word in each), Entry("DEGREE"))
        | _nouns(events)
    )
    known |= {word: Entry("ITEMWORD") for word in words.item_words(events)}
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
    known = [words.EVENTS[sort] for sort in words.sorts(events)]
    found = {verb: Entry("EVV") for _, verbs in known for verb in verbs}
    for plural in (*words.ANY_EVENTS, *(noun for nouns, _ in known for noun in nouns), events.lower()):
        found |= {plural: Entry("EV"), singular(plural): Entry("EV")}
    for plural in words.user_nouns(events):
        one = words.USER_SINGULAR.get(plural, plural.removesuffix("s"))
        found |= {
            plural: Entry("US"),
            one: Entry("US"),
            f"a {one}": Entry("APIECE"),
            f"per {one}": Entry("APIECE"),
        }
    return found


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """Returns every phrase of the reader: a name made of one alone needs its capital letter."""
    return frozenset(lexicon("events")[1])
