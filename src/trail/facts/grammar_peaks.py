"""The frame about the highest and the lowest window: how high it was and how long ago."""

from __future__ import annotations

from trail.facts.claims import Kind
from trail.facts.grammar_clause import Clause
from trail.facts.grammar_numbers import Quantity
from trail.facts.grammar_tokens import Token
from trail.signals import WINDOWS

_WHOLES = frozenset({"CAT", "CATNAME", "PARENT", "ALL", "EVERYITEM"})


def peak(clause: Clause) -> None:
    """Reads "peaked at 120 three weeks ago", "its best week in twelve", "at its highest level", "the fewest in twelve weeks"."""
    head = _head(clause)
    if head is None or clause.mind.future or clause.quantities("percent", "fraction", "ratio"):
        return
    if any(
        t.kind in {"RANK", "PLACES"} or (t.quantity and t.quantity.form == "ordinal") for t in clause.tokens
    ):
        return  # "5th place is its highest in twelve weeks": no card has the ranks of twelve weeks
    lowest = head.kind == "LOWEST"
    spans = _spans(clause)
    bare = [t for t in clause.numbers() if clause.before(t) == "IN"]  # "its best week in twelve"
    n = _size(spans, bare)
    numbers = [t for t in clause.numbers() if t not in bare]
    if len(numbers) > 1 or (lowest and not (spans or bare)):
        return
    signal = f"low_{n}" if lowest else "peak" if n == WINDOWS else f"peak_{n}"
    spare = (head, *spans, *bare)
    times = [t for t in clause.whens("at", "ago", "back") if t.when and t.when.n and t.when.relation == "="]
    if numbers:
        clause.value(signal, numbers[0], *spare)
    elif not times and (window := _subject(clause, head, explicit=bool(spans or bare))):
        flat = [t for t in clause.all("D") if t.text == "level"]
        _extreme(clause, window, signal, (*spare, *flat))
    if not lowest:
        clause.remember(measure="peak")
    if times:
        _when(clause, times[0], signal, spare)


def _head(clause: Clause) -> Token | None:
    """Returns the word for an extreme that is no standard of comparison, or the time of a peak in mind."""
    head = clause.find("PEAK", "LOWEST")
    if head is None and clause.mind.measure == "peak" and not clause.all("Q", "D", "EV", "EVV", "US"):
        return next(iter(clause.whens("ago")), None)  # "its peak of 120, reached four weeks ago"
    before = clause.next(head, -1) if head is not None else None
    second = before is not None and before.quantity is not None and before.quantity.form == "ordinal"
    return None if second or clause.before(head) in {"CMP", "OF"} or _is_of_others(clause, head) else head


def _is_of_others(clause: Clause, head: Token | None) -> bool:
    """Whether a superlative is not of the item's own windows: "the best item", "the best in Candles", "the highest growth"."""
    following = clause.next(head) if head is not None else None
    if head is None:
        return False
    if following is None:  # "it is the best"
        return (
            head.text.startswith("the ")
            and clause.before(head) == "COP"
            and not clause.whens("at", "ago", "the")
        )
    if following.kind == "IN":
        further = clause.next(following)
        return further is not None and further.kind in _WHOLES
    if head.text.startswith("the ") and not _spans(clause) and _of_item(clause, head, following):
        return True  # "the most orders last week", "it was the best last week" compare with other items
    level = following.kind == "D" and following.text != "level"
    return level or following.kind in {"ITEMWORD", "US"}


def _of_item(clause: Clause, head: Token, following: Token) -> bool:
    """Whether a superlative is of what the item had or was: "the most orders", "it was the best", not "last week was the best"."""
    before = clause.next(head, -1)
    copula = before is not None and before.kind == "COP"
    told = clause.next(before, -1) if copula and before is not None else before
    return following.kind == "EV" or told is None or told.when is None


def _subject(clause: Clause, head: Token, *, explicit: bool) -> int | None:
    """Returns the window that is called the highest: the last one, or in ", its highest in twelve weeks" the one told of."""
    before = clause.next(head, -1)
    if before is not None and before.when is not None and before.when.kind == "adjective":
        before = clause.next(before, -1)  # "a twelve-week high"
    if before is not None:
        return 1 if before.kind in {"AT", "COP"} else None
    told = clause.mind.measure in {"ev", "peak"} and clause.mind.mentioned
    return clause.mind.window if explicit and told and clause.opener in {",", "(", "-", ";"} else None


def _extreme(clause: Clause, window: int, signal: str, taken: tuple[Token, ...]) -> None:
    relation = "<=" if signal.startswith("low") else ">="
    clause.emit(Kind.COMPARISON, f"count_{window}", taken, relation=relation, stated=0.0, other=signal)


def _spans(clause: Clause) -> list[Token]:
    spans = clause.whens("adjective", "span", "each")
    spans += [t for t in clause.whens("length") if clause.before(t) in {"IN", "CMP", "OF"}]
    return [t for t in spans if t.when and t.when.n > 1]


def _size(spans: list[Token], bare: list[Token]) -> int:
    if spans and spans[0].when:
        return int(spans[0].when.n)
    return int(bare[0].quantity.value) if bare and bare[0].quantity else WINDOWS


def _when(clause: Clause, time: Token, signal: str, spare: tuple[Token, ...]) -> None:
    when = time.when
    assert when is not None
    ago = int(when.n) + (clause.mind.window if when.kind == "back" else 0)
    if signal == "peak":
        number = Quantity(float(ago), 1.0, "number")
        clause.emit(Kind.VALUE, "peak_ago", (time, *spare), stated=number.value, quantity=number)
    else:
        _extreme(clause, ago, signal, (time, *spare))
    clause.remember(window=ago, mentioned=True)
