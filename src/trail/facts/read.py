"""Plain English -> claims, by a grammar that knows nothing of who wrote the text."""

from __future__ import annotations

from dataclasses import replace

from trail.facts.claims import Claim, Kind
from trail.facts.grammar_clause import LONGEST, Clause, Mind, content
from trail.facts.grammar_context import context
from trail.facts.grammar_moods import moods
from trail.facts.grammar_moves import general
from trail.facts.grammar_names import Scene
from trail.facts.grammar_outcomes import outcomes
from trail.facts.grammar_scan import AGAIN
from trail.facts.grammar_strays import strays
from trail.facts.grammar_tokens import Token, tokens
from trail.facts.grammar_topics import TOPICS

_MOST_CLAUSES = 3
_COUNTED = frozenset({"EV", "US"})
#: What may stand before the subject of a clause, and the glue that may.
_LEADING = frozenset({"BREAK", "CAUSE", "W", "Q", "NEG", "ADJ", "HEDGE", "EACH", "ALLEV", "OF"})
_ARTICLES = frozenset({"the", "its", "their", "our", "an", "a", "number", "number of"})
_PAST_OPENERS = frozenset(
    {
        "after",
        "following",
        "because",
        "since",
        "while",
        "whereas",
        "as",
        "given",
        "but",
        "though",
        "although",
        "even though",
        "because of",
    }
)


def read(text: str, scene: Scene) -> tuple[Claim, ...]:
    """Reads every claim of a text; what no rule understands becomes an UNKNOWN claim, nothing is skipped.

    Args:
        text: Plain English.
        scene: The horizon, the noun of events and the item's own names.
    """
    claims: list[Claim] = []
    mind = Mind()
    for sentence in tokens(text, scene):
        outcomes(sentence)
        moods(sentence)
        found, mind = _sentence(
            *(sentence, text, scene),
            replace(mind, future=False, base=None, share="", year=False, beside="", here=None),
        )
        claims += found + [_nothing_known(each, text) for each in strays(sentence)]
    return tuple(sorted(claims, key=lambda claim: (claim.start, claim.end)))


def _clauses(sentence: list[Token]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for k, token in enumerate(sentence):
        if token.kind in {"BREAK", "CAUSE"} and not _joins(sentence, k, parts[-1]):
            parts.append([])
        parts[-1].append(token)
    return [part for part in parts if content(part)]


def _joins(sentence: list[Token], k: int, part: list[Token]) -> bool:
    """Whether a mark parts nothing: "between 5 and 11 December", "by 23, or 31%, on the week before"."""
    following = [each.kind for each in sentence[k + 1 : k + 3]]
    if [each.kind for each in sentence[k - 1 : k]] + following[:1] == ["DATE", "DATE"]:
        return True
    again = bool(part) and part[0].text in AGAIN and len(content(part)) <= _MOST_CLAUSES
    return again and sentence[k].text in {",", ")"} and following == ["CMP", "W"]


def _sentence(sentence: list[Token], text: str, scene: Scene, mind: Mind) -> tuple[list[Claim], Mind]:
    parts = _clauses(sentence)
    claims: list[Claim] = []
    at = 0
    while at < len(parts):
        best: tuple[int, Clause] | None = None
        if len(parts[at]) > LONGEST:
            claims.append(_nothing_known(parts[at], text))
            at += 1
            continue
        for size in range(1, min(_MOST_CLAUSES, len(parts) - at) + 1):
            if len(parts[at + size - 1]) > LONGEST:
                break
            joined = [token for part in parts[at : at + size] for token in part]
            clause = _read_clause(joined, text, scene, mind)
            rest = clause.leftover()
            if not rest and clause.claims:
                best = (size, clause)
                break
            best = best or (1, clause)
            if size == 1 or all(map(_bare, content(parts[at]))):  # "in support, it ranked 5th two weeks ago"
                timed = any(token.when for token in rest) and (
                    clause.claims or clause.find("EV", "EVV", "US")
                )
                foretold = any(token.kind == "FUT" for token in rest) and any(map(_is_past, joined))
                if timed or foretold:
                    break  # no other clause may take its time away
        assert best is not None
        size, clause = best
        clause = _read_clause([token for part in parts[at : at + size] for token in part], text, scene, mind)
        claims += clause.claims + _unknown(clause, text)
        mind = clause.mind
        at += size
    if not claims and sentence:
        claims.append(_nothing_known(sentence, text))
    return claims, mind


def _nothing_known(tokens: list[Token], text: str) -> Claim:
    """Returns one unknown claim over all tokens."""
    start, end = tokens[0].start, tokens[-1].end
    return Claim(Kind.UNKNOWN, "", start, end, stated=text[start:end])


def _read_clause(part: list[Token], text: str, scene: Scene, mind: Mind) -> Clause:
    for token in part:
        token.used = False
        if token.kind in {"MEAN", "PEAK", "Q"}:
            token.noun = ""
    opener = part[0].text if part else ""
    clause = Clause(
        _over(content(part)),
        scene,
        mind,
        caused=part[0].kind == "CAUSE" or opener in {"because", "since"},
        opener=opener,
        of_users=_speaks_of_users(part),
    )
    clause.remember(future=_future(clause, past=opener in _PAST_OPENERS or part[0].kind == "CAUSE"))
    context(clause, text)
    for topic in TOPICS:
        topic(clause)
    general(clause)
    clause.claims += _mixed(clause, text)
    if clause.caused and any(claim.kind is Kind.FORECAST for claim in clause.claims):
        clause.claims = [
            replace(claim, kind=Kind.UNKNOWN, signal="") for claim in clause.claims
        ]  # no reason for itself
    if clause.claims and all(claim.kind is Kind.CONTEXT for claim in clause.claims):
        clause.mind = mind  # "the week begins on 5 December" turns no later clause to the future
        if clause.caused:  # context offered as evidence
            clause.claims = [replace(claim, kind=Kind.UNKNOWN, signal="") for claim in clause.claims]
    return clause


def _speaks_of_users(part: list[Token]) -> bool:
    """Whether users are the subject of a clause: "its customers averaged 76", not "with 51 customers it averaged 76"."""
    leads = (each for each in part if not (each.kind in _LEADING or each.text in _ARTICLES or each.more))
    subject = next(leads, None)
    return subject is not None and subject.kind == "US" and part[0].text not in {"with", "after", "following"}


def _over(tokens: list[Token]) -> list[Token]:
    """Returns the tokens of a clause, "over the last two weeks" as the time of a count where nothing moved or is compared."""
    for at, token in enumerate(tokens[:-1]):
        when = tokens[at + 1].when
        if token.text == "over" and when is not None and when.kind == "span":
            if any(each.kind in {"D", "CMP", "BY"} for each in tokens[:at]):
                break
            return [*tokens[:at], replace(token, kind="IN"), *tokens[at + 1 :]]
    return tokens


def _mixed(clause: Clause, text: str) -> list[Claim]:
    """Returns an unknown claim where one thing moves by a number of another: "orders rose 8 more customers"."""
    found = []
    for at, token in enumerate(clause.tokens):
        near = [each for each in clause.tokens[at + 1 : at + 6] if each.kind not in {"BY", "TO"}]
        counted = next(
            (each for each in near[2:4] if each.kind != "D"), None
        )  # "8 customers", "8 more customers"
        moves = token.kind in _COUNTED and [each.kind for each in near[:2]] == ["D", "Q"]
        if moves and counted is not None and counted.kind in _COUNTED - {token.kind}:
            said = text[token.start : counted.end]
            found.append(Claim(Kind.UNKNOWN, "", token.start, counted.end, stated=said))
    return found


def _is_past(token: Token) -> bool:
    """Whether a token names a time that lies behind: a window, or so many windows ago."""
    return token.when is not None and token.when.kind in {"at", "ago"} and bool(token.when.n)


def _future(clause: Clause, *, past: bool) -> bool:
    """Whether a clause speaks of the forecast: it says so, or goes on from one that did without turning to the past."""
    if clause.find("FUT", "CHANCE", "RANGE") or any(
        t.when and t.when.kind == "at" and t.when.n == 0 for t in clause.all("W")
    ):
        return True
    if past or any(token.past for token in clause.all("D")) or clause.find("EVV"):
        return False
    whens = [t for t in clause.whens("at", "ago", "back") if not _is_reference(clause, t)]
    return clause.mind.future and not whens


def _is_reference(clause: Clause, when: Token) -> bool:
    """Whether a time says what something is compared with: "from 98 last week", "than last week"."""
    before = clause.next(when, -1)
    while before is not None and before.kind in {"Q", "EV", "US", "OF", "ADJ", "MEAN", "IN"}:
        before = clause.next(before, -1)
    return before is not None and before.kind in {"CMP", "FROM"}


def _unknown(clause: Clause, text: str) -> list[Claim]:
    """Returns one unknown claim for every run of tokens that no rule took."""
    rest = clause.leftover()
    if not clause.claims:
        rest = [token for token in clause.tokens if not token.used and not _bare(token)]
    return [_nothing_known([token], text) for token in rest]


def _bare(token: Token) -> bool:
    """Whether a token says nothing even in a clause of its own."""
    if token.kind in {"COP", "IN", "CAUSE", "ITEMWORD", "OF", "BY"} or (
        token.when is not None and token.when.kind in {"the", "unit"}
    ):
        return True
    return token.text in {"to", "at", "from", ":", "=", "as", "than", "on", "over"}
