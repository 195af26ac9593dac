"""Whether a text is English, true or not: verbs with their kinds of quantity, articles, numbers with their nouns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from trail.facts.english_verbs import BEING, IDLE, OBJECTS, VERBS, Verb
from trail.facts.english_words import ARTICLE, DETERMINERS, Words, is_adverb, plural
from trail.facts.grammar_names import Scene
from trail.facts.grammar_tokens import Token, tokens

_PLURAL_VERBS = frozenset({"are", "were", "have", "do"})
_SINGULAR_VERBS = frozenset({"is", "was", "has", "does"})
_WE = frozenset({"we", "they", "you"})
#: Verbs whose number needs a noun, here or before it: "it had 98" of what?
_COUNTING = frozenset({"have", "draw", "expect"})
_TAKES_NO_TIME = frozenset({"have", "draw", "average", "take", "gain", "expect"})
_NEEDS_ARTICLE = frozenset({"chance", "range", "share", "move"})
_MAKES_VERB = frozenset(
    {"COP", "FUT", "SHAREV", "EVV", "PAID", "FIRST", "RELEASE", "LASTSEEN", "FASTER", "SLOWER", "ACCEL", "DECEL"}
    | {"TOPWORD", "LISTED", "NEG"}
)
_NO_VERB = frozenset({"EV", "US", "IN", "OF", "FROM", "BY", "CHANCE", "CAT", "ALL"})
_NO_VERB_ENDS = frozenset({"seen", "around", "for", "order", "sale", "known", "old"})
_AHEAD = frozenset({"up", "down", "more", "fewer", "flat", "level", "above", "below", "higher", "lower"})
_OPEN_ENDS = frozenset({"than", "against", "versus", "compared with", "compared to", "relative to", "at", "for", "during"})
_MARKS = frozenset({"", ",", ";", "(", ")", "-"})
_UNIT = r"(?:day|week|fortnight|month|quarter|period|window)s?"
#: Times that want an article: "week before", "previous week", "last three days", "same week last year".
_NAKED = re.compile(
    rf"{_UNIT} (?:before|earlier|prior)\b|(?:coming|upcoming|following|forthcoming|past|previous|prior|preceding|most recent|same)\b"
)
_LAST = re.compile(r"(?:^|\bof )(?:last|past|final|latest|recent|closing|most)\b")
_AFTER_IN = re.compile(rf"(?:last|next) {_UNIT}$")
_VOWEL = re.compile(r"8|1[18](?:\D|,\d{3}\b|$)|eight|eleven")


def ungrammatical(text: str, scene: Scene) -> list[int]:
    """Returns where a text is no English, in order: the starts of words that do not go with those before them.

    It is the reader's view of the text: of what the reader does not know nothing is said, and whether it is true is
    not asked. What is looked at are verbs and the kinds of quantity they take, articles, a number and its noun, a verb
    and its subject, words that lack what must follow them.

    Args:
        text: Plain English.
        scene: The horizon, the noun of events and the item's own names.
    """
    found: set[int] = set()
    counted = False
    for sentence in tokens(text, scene):
        heir = ""
        for words in _clauses(sentence, counted=counted):
            for rule in _RULES:
                found |= {words.tokens[at].start for at in rule(words, heir)}
            heir = next((subject for at, _ in _verbs(words) if (subject := words.subject(at))), heir)
        counted = counted or any(token.kind in {"EV", "US"} for token in sentence)
    return sorted(found)


def _clauses(sentence: list[Token], *, counted: bool) -> Iterator[Words]:
    part: list[Token] = []
    opener = ""
    for token in sentence:
        if token.kind in {"BREAK", "CAUSE"}:
            if part:
                yield Words(part, opener, token.text, counted)
            counted = counted or any(each.kind in {"EV", "US"} for each in part)
            part, opener = [], token.text
        elif token.kind != "HEDGE":
            part.append(token)
    if part:
        yield Words(part, opener, "", counted)


def _verbs(words: Words) -> Iterator[tuple[int, Verb]]:
    for at in range(len(words.tokens)):
        verb = words.verb(at)
        if verb is not None:
            yield at, verb


def _objects(words: Words, heir: str) -> Iterator[int]:
    """Yields verbs whose object is of a kind they do not take: "it had 5th", "it was 98 orders", "it sold 31%"."""
    for at, verb in _verbs(words):
        place = words.object(at)
        if place is None:
            continue
        sort, subject = words.sort(place), words.subject(at)
        if sort == "time":
            if verb.sort in _TAKES_NO_TIME or (verb.sort == "be" and (subject or heir) == "it" and not _aged(words)):
                yield at
        elif not _takes(words, at, verb, sort, (subject or heir) if verb.sort == "be" else subject):
            yield at
    for at, token in enumerate(words.tokens):
        place = words.object(at) if token.kind == "D" and token.text in {"up", "down"} else None
        if place == at + 1 and words.sort(place) not in OBJECTS["up"] | {"time"}:
            yield at


def _aged(words: Words) -> bool:
    return any(token.kind in {"FIRST", "RELEASE", "AHEAD", "LASTSEEN"} for token in words.tokens)


def _takes(words: Words, at: int, verb: Verb, sort: str, subject: str) -> bool:
    """Whether a verb at a place goes with a kind of quantity and with its subject."""
    if verb.sort == "be":
        return subject not in BEING or sort in BEING[subject]
    if subject == "users" and verb.sort == "place":
        return sort not in {"rank", "nth"}  # "customers placed 98 orders"
    before = words.verb(_back(words, at))
    passive = before is not None and before.sort == "be" and "participle" in verb.forms
    if passive and verb.sort not in {"rank", "place", "put", "move"}:
        return verb.sort == "sell" and sort == "times"
    if sort not in OBJECTS[verb.sort] or verb.sort in IDLE.get(subject, ()):
        return False
    named = words.counted or any(token.kind in {"EV", "US"} for token in words.tokens)
    return sort != "number" or verb.sort not in _COUNTING or named


def _back(words: Words, at: int) -> int:
    """Returns the place before one, past adverbs and denials."""
    at -= 1
    while (token := words.at(at)) is not None and (is_adverb(token) or token.kind == "NEG"):
        at -= 1
    return at


def _numbers(words: Words, _: str) -> Iterator[int]:
    """Yields numbers that do not go with their noun: "12% orders", "5th orders", "1 orders", "a 72 chance"."""
    for at, token in enumerate(words.tokens):
        number = token.quantity
        if number is None:
            continue
        sort, noun = words.sort(at), _noun(words, at)
        counts = noun is not None and noun.kind in {"EV", "US"}
        if counts and sort == "count" and number.form == "percent":
            yield at
        elif counts and noun is not None and number.form == "ordinal" and plural(noun):
            yield at
        elif number.form == "number" and noun is not None and (counts or noun.kind == "PLACES" or _place(noun)):
            if (number.value == 1 and number.high is None) == plural(noun):
                yield at
        elif number.form == "number" and number.high is None and sort in {"chance", "range"}:
            yield at


def _place(noun: Token) -> bool:
    return noun.text in {"place", "position", "spot"}


def _noun(words: Words, at: int) -> Token | None:
    at += 1
    while (token := words.at(at)) is not None and (token.kind == "ADJ" or token.more):
        at += 1
    return token


def _articles(words: Words, _: str) -> Iterator[int]:
    """Yields nouns without their article, and articles that do not go with what follows."""
    for at, token in enumerate(words.tokens):
        article = words.article(at)
        if token.quantity is not None:
            yield from _article_of_number(words, at, article)
        elif _wants_article(words, at) and not article:
            yield at


def _article_of_number(words: Words, at: int, article: str) -> Iterator[int]:
    sort = words.sort(at)
    inside = ARTICLE.search(words.tokens[at].text)
    first = words.tokens[at].text[inside.end() if inside else 0 :]
    number = words.tokens[at].quantity
    assert number is not None
    indefinite = article in {"a", "an"} and number.value != 1
    if indefinite and sort not in _NEEDS_ARTICLE | {"nth", "ratio", "money"}:
        if number.form != "fraction" and words.kind(at + 1) != "X":
            yield at
    if indefinite and article != ("an" if _VOWEL.match(first) else "a") and (inside or words.text(at - 1) == article):
        yield at
    if sort in _NEEDS_ARTICLE and not article and not (at == 0 and words.opener in _MARKS):
        if words.kind(at - 1) not in {"AT", "OF"}:
            yield at


def _wants_article(words: Words, at: int) -> bool:
    """Whether a token is a noun that stands with an article and no number in front of it; a label's colon does without."""
    token, following = words.tokens[at], words.at(at + 1)
    if following is not None and following.kind == "AT":
        return False
    if token.kind == "CHANCE":
        before = words.kind(at - 1)
        return token.text == "chance" and before != "Q" and not (at == 0 and words.opener in _MARKS)
    if token.kind == "ALL":
        return " " not in token.text
    if token.kind == "CAT":
        return token.text not in {"categories"}
    if token.kind == "HEAVYWORD" and token.text == "top" and words.kind(at + 1) == "Q":
        return True
    return token.kind in {"EVERYITEM", "TREND"} and not token.text.startswith(("all ", "trending"))


def _times(words: Words, _: str) -> Iterator[int]:
    """Yields times without their article ("in last week", "on week before") and times said twice."""
    said: set[tuple[str, float]] = set()
    for at, token in enumerate(words.tokens):
        when = token.when
        if when is None:
            continue
        naked = _NAKED.match(token.text)
        if when.kind in {"late", "span", "some"}:
            naked = _LAST.search(token.text)
        if naked and when.kind not in {"unit", "per"} and not words.article(at):
            yield at
        came = words.verb(at - 2)
        inside = words.text(at - 1) in {"in", "during"} and (came is None or came.sort not in {"rank", "draw"})
        if inside and _AFTER_IN.match(token.text):
            yield at
        if when.kind == "at" and not when.possessive and words.kind(at - 1) not in {"CMP", "FROM", "OF"}:
            if (when.kind, when.n) in said:
                yield at
            said.add((when.kind, when.n))


def _agreement(words: Words, _: str) -> Iterator[int]:
    """Yields verbs that do not agree with their subject: "orders was", "it have", "its category are"."""
    for at, verb in _verbs(words):
        if verb.sort == "modal":
            continue
        back = at - 1
        while (each := words.at(back)) is not None and is_adverb(each):
            back -= 1
        subject, word = words.at(back), words.tokens[at].text.split()[0]
        if subject is None:
            continue
        many = word in _PLURAL_VERBS or verb.forms == {"base"}
        one = word in _SINGULAR_VERBS or (verb.forms == {"third"} and verb.sort != "be")
        if subject.text == "it" and _is_subject(words, back):
            wrong = many
        elif subject.text in _WE:
            wrong = one
        elif subject.kind in {"EV", "US"} and plural(subject):
            wrong = one and words.kind(back - 1) not in {"OF", "IN", "BY", "FROM"} and not words.text(back - 1).endswith(" of")
            wrong = wrong and words.subject(at) in {"events", "users", "number"}
        else:
            head = words.subject(at) in {"figure", "whole", "forecast"} or (
                subject.when is not None and subject.when.kind == "at" and words.subject(at) == "time"
            )
            wrong = head and word in _PLURAL_VERBS and not subject.text.endswith("s")
        if wrong:
            yield at


def _is_subject(words: Words, at: int) -> bool:
    """Whether an "it" begins what is said: at the start, or after a time, a mark or "that"."""
    before = words.at(at - 1)
    if before is None:
        return words.opener not in {"with", "after", "following"}
    return before.when is not None or before.kind in {"AT", "NEG", "TOTAL", "MEAN"} or before.text in {"that", "note"}


def _sequences(words: Words, _: str) -> Iterator[int]:
    """Yields verbs in a form that does not follow the one before: "it had drew", "should drew", "was rose"."""
    for at, verb in _verbs(words):
        back = _back(words, at)
        token, before = words.at(back), words.verb(back)
        if token is None:
            continue
        denied = any(each.kind == "NEG" and each.text in {"did not", "didn't", "does not"} for each in words.tokens[back + 1 : at])
        if before is None or token.text.startswith("what"):
            foretold = token.text == "to" and words.kind(back - 1) in {"FUT", "LIKELY"}
            wanted = {"base"} if foretold or denied else None
        elif before.sort == "be":
            wanted = {"participle", "ing"}
        elif token.text in {"has", "have", "had"}:
            wanted = {"participle"}
        elif before.sort in {"modal", "do"}:
            wanted = {"base"}
        else:
            wanted = {"ing", "participle"} if before.sort in {"sell", "expect"} else {"ing"}
        if wanted is not None and not verb.forms & wanted:
            yield at


def _lacking(words: Words, _: str) -> Iterator[int]:
    """Yields subjects without a verb, numbers behind their noun, and words that lack what must follow them."""
    for at, token in enumerate(words.tokens):
        following = words.at(at + 1)
        if token.text == "it" and _is_subject(words, at) and _no_verb(words, at):
            yield at
        elif token.text == "there" and following is not None and following.kind == "Q":
            yield at
        elif token.text == "there" and (verb := words.verb(at + 1)) is not None and verb.sort not in {"be", "modal"}:
            yield at
        elif token.kind in {"EV", "US", "CAT"} and following is not None and _is_number(following):
            yield at + 1
        elif token.kind in {"OF", "FROM", "BY", "IN"} and _is_finite(words, at + 1):
            yield at
    first, second = words.at(0), words.at(1)
    late = first is not None and first.when is not None and first.when.kind in {"late", "span"}
    if late and second is not None and _is_number(second) and not _has_verb(words):
        yield 0
    if f"{words.opener} {words.text(0)}".strip().endswith(("that", "because", "whereas")) and not _has_verb(words):
        yield 0
    last = len(words.tokens) - 1
    if words.closer in {"", ",", ";", ")"} and _is_open(words.tokens[last]):
        yield last


def _is_open(token: Token) -> bool:
    dangling = token.text in DETERMINERS - {"that", "this", "no", "her", "each"}
    return dangling or token.kind in {"OF", "FROM", "BY"} or token.text in _OPEN_ENDS | {"to"}


def _is_number(token: Token) -> bool:
    return token.quantity is not None and token.quantity.form not in {"ratio", "series"} and token.quantity.sign == 0


def _no_verb(words: Words, at: int) -> bool:
    """Whether what follows a subject is no verb."""
    at += 1
    while (token := words.at(at)) is not None and (is_adverb(token) or token.when is not None):
        at += 1
    if token is None:
        return True
    return _is_number(token) or token.kind in _NO_VERB or token.text.split()[-1] in _NO_VERB_ENDS or (token.kind == "D" and token.text in _AHEAD)


def _is_finite(words: Words, at: int) -> bool:
    verb = words.verb(at)
    return verb is not None and words.kind(at) in {"G", "COP", "SHAREV"} and "ing" not in verb.forms


def _has_verb(words: Words) -> bool:
    ratio = any(token.text.split()[-1] in {"doubled", "tripled", "halved", "quadrupled"} for token in words.tokens)
    return ratio or any(words.verb(at) or token.kind in _MAKES_VERB or token.past for at, token in enumerate(words.tokens))


_RULES: tuple[Callable[[Words, str], Iterator[int]], ...] = (
    _objects,
    _numbers,
    _articles,
    _times,
    _agreement,
    _sequences,
    _lacking,
)
