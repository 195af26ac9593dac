"""The rules of English, clause by clause."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trail.facts.english.agreement import agreement
from trail.facts.english.neighbours import neighbours
from trail.facts.english.nouns import articles, numbers, times
from trail.facts.english.predicates import lacking, objects, sequences, tenses, unled
from trail.facts.english.words import Words
from trail.facts.grammar_clause import LONGEST
from trail.facts.grammar_names import Scene
from trail.facts.grammar_tokens import Token, tokens

_RULES: tuple[Callable[[Words], Iterator[int]], ...] = (
    objects,
    agreement,
    sequences,
    tenses,
    unled,
    lacking,
    numbers,
    articles,
    times,
    neighbours,
)


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
        for words in _clauses(sentence, counted=counted):
            found |= {words.tokens[at].start for rule in _RULES for at in rule(words)}
        counted = counted or any(token.kind in {"EV", "US"} for token in sentence)
    return sorted(found)


def _clauses(sentence: list[Token], *, counted: bool) -> Iterator[Words]:
    """Yields the clauses of a sentence, each knowing what the ones before it spoke of."""
    parts: list[tuple[str, list[Token]]] = [("", [])]
    for token in sentence:
        if token.kind in {"BREAK", "CAUSE"}:
            parts.append((token.text, []))
        elif token.kind != "HEDGE":
            parts[-1][1].append(token)
    closers = [opener for opener, _ in parts[1:]] + [""]
    heir = ""
    for (opener, part), closer in zip(parts, closers, strict=True):
        if part and len(part) <= LONGEST:
            words = Words(part, opener, closer, counted, heir)
            yield words
            heir = next((subject for at, _ in words.verbs() if (subject := words.subject(at))), heir)
            counted = counted or any(token.kind in {"EV", "US"} for token in part)
