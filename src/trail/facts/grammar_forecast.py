"""Frames about the forecast: the range and its coverage, the chance of the top K."""

from __future__ import annotations

from dataclasses import replace

from trail.facts.claims import Kind
from trail.facts.grammar_clause import Clause, upper
from trail.facts.grammar_numbers import Quantity
from trail.facts.grammar_tokens import Token

#: "Most of", "likely": more than half.
MAJORITY = Quantity(0.5, 0.0, "percent", ">")


#: Chance of an outcome beyond one end of the range; kinds of token that may stand where it is said.
TAIL, _EPSILON = 0.1, 1e-9
_OF_A_TAIL = frozenset({"Q", "CHANCE", "OF", "EV", "EVV", "COP", "IN", "FUT", "ITEM", "ITEMWORD"})
#: Words for a chance near one or near none, and what they state.
EXTREMES = {"CERTAIN": Quantity(0.95, 0.0, "percent", ">="), "REMOTE": Quantity(0.1, 0.0, "percent", "<=")}


def outlook(clause: Clause) -> None:
    """Reads the chance of the top K, the range and its coverage."""
    top, chance = top_of(clause), clause.find("CHANCE", "LIKELY", "UNLIKELY", *EXTREMES)
    _ahead(clause)
    if top and (chance or clause.mind.future):
        _chance(clause, *top, chance)
    if chance is not None and not top:
        _tail(clause, chance)
    marker, low, high = clause.find("RANGE"), clause.find("LOW"), clause.find("HIGH")
    if marker or low or high:
        clause.remember(future=True, measure="ev")
    elif not clause.mind.future:
        return
    for head, signal in ((low, "q10"), (high, "q90")):
        number = next((t for t in clause.numbers() if head and t.start >= head.end), None)
        if number:
            clause.value(signal, number, head)
    if _range(clause, marker) or marker:
        _coverage(clause, marker)


def _tail(clause: Clause, chance: Token) -> None:
    """Reads how sure one end of the range is: "a 10% chance of more than 140 orders"."""
    parts, numbers = clause.quantities("percent", "fraction"), clause.numbers()
    known = {each.kind for each in clause.tokens if each not in clause.periods()} <= _OF_A_TAIL
    part, number = (each[0].quantity if len(each) == 1 else None for each in (parts, numbers))
    if not known or part is None or number is None or part.relation != "=" or part.sign:
        return
    more, less = number.relation in {">", ">="}, number.relation in {"<", "<="}
    rare, sure = (abs(part.value - share) < _EPSILON for share in (TAIL, 1 - TAIL))
    if (more or less) and (rare or sure):
        signal = "q90" if more == rare else "q10"
        taken = (parts[0], numbers[0], chance, *clause.periods())
        exact = replace(number, relation="=")
        clause.emit(Kind.FORECAST, signal, taken, stated=number.value, quantity=exact)
        clause.remember(future=True, measure="ev")


def _range(clause: Clause, marker: Token | None) -> bool:
    """Reads "84 to 140", "from 84 to 140"; whether it did."""
    spans = [t for t in clause.quantities("number") if t.quantity and t.quantity.high is not None]
    number = spans[0].quantity if spans else None
    if number is not None and number.relation in {"=", "~"}:
        high = upper(number)
        taken = (spans[0], marker, *clause.periods())
        clause.emit(Kind.FORECAST, "q10", taken, stated=number.value, quantity=replace(number, high=None))
        clause.emit(Kind.FORECAST, "q90", taken, stated=high.value, quantity=high)
        return True
    if marker and len(clause.numbers()) == 2:  # noqa: PLR2004 - a low and a high end
        first, second = clause.numbers()
        clause.value("q10", first, marker, clause.find("FROM"))
        clause.value("q90", second, marker, clause.find("TO"))
        return True
    return False


def _coverage(clause: Clause, marker: Token | None) -> None:
    for part in clause.quantities("percent"):
        near = {t.kind for t in (clause.next(part), clause.next(part, 2), clause.next(part, -1)) if t}
        alone = marker is not None and part.sign == 0 and not clause.all("D")
        if near & {"RANGE", "RANGEG", "CHANCE"} or alone:
            clause.value("coverage", part, marker, *clause.all("CHANCE", "RANGEG"))
            return


def top_of(clause: Clause) -> tuple[Token, Token] | None:
    """Returns the tokens of "top 50", null without one."""
    for word in clause.all("HEAVYWORD"):
        number = clause.next(word)
        if word.text == "top" and number is not None and number in clause.numbers():
            return word, number
    return None


def _chance(clause: Clause, word: Token, number: Token, chance: Token | None) -> None:
    part = next(iter(clause.quantities("percent", "fraction")), None)
    if part is not None and clause.is_size(part):
        return  # "rose to 72%": what the chance was before, nobody wrote down
    if part is None and (chance is None or chance.kind == "CHANCE"):
        return  # "will be in the top 50" promises what a forecast cannot
    clause.value("k", number, word)
    for token in clause.all(*EXTREMES):
        limit = EXTREMES[token.kind]
        clause.emit(Kind.FORECAST, "p_top", (token,), stated=limit.value, quantity=limit)
    if part is not None:
        clause.value("p_top", part, chance, *clause.all("CHANCE", "LIKELY"), *clause.periods())
    elif chance is not None and chance.kind not in EXTREMES:
        relation = ">" if chance.kind == "LIKELY" else "<"
        taken = (chance, word, *clause.periods())
        clause.emit(Kind.FORECAST, "p_top", taken, relation=relation, stated=0.5, quantity=MAJORITY)
    clause.remember(future=True)


def _ahead(clause: Clause) -> None:
    """Reads how many items come before it: "only two items are expected to do better" is a third rank."""
    better, items = clause.find("BETTER"), clause.find("ITEMS")
    token = clause.next(items, -1) if items is not None else None
    number = token.quantity if token is not None else None
    if (
        better is None
        or number is None
        or number.form != "number"
        or number.relation != "="
        or not clause.mind.future
    ):
        return
    rank = replace(number, value=number.value + 1, form="ordinal")
    taken = (token, items, better, *clause.periods())
    clause.emit(Kind.FORECAST, "forecast_rank", taken, stated=rank.value, quantity=rank)
