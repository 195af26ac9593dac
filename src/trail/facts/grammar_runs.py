"""Frames about time: streaks, active windows, ages, totals, acceleration."""

from __future__ import annotations

from dataclasses import replace

from trail.facts.claims import Kind
from trail.facts.grammar_clause import Clause, flipped
from trail.facts.grammar_numbers import Quantity
from trail.facts.grammar_tokens import Token

_HARDLY = frozenset({"hardly", "barely", "neither", "nor"})
#: Kinds of token of a clause that says no more than that something happened.
_HAPPENING = frozenset({"EV", "EVV", "ACTIVE", "ITEM", "ITEMWORD", "COP", "IN"})


def streak(clause: Clause) -> None:
    """Reads consecutive rises and falls: "third rise in a row", "rose for three weeks running"."""
    row, moves = clause.find("ROW", "STREAK"), clause.all("D")
    lengths = [t for t in clause.whens("length", "each", "span", "adjective") if t.when and t.when.n]
    if row is None and not (moves and any(_lasting(clause, t) for t in lengths)):
        return
    sign = next((t.sign for t in moves if t.sign), clause.mind.sign)
    numbers = clause.quantities("ordinal", "number")
    if not sign or not (numbers or lengths):
        return
    head = numbers[0] if numbers and row is not None else lengths[0]
    number = head.quantity or _length(head)
    if number.high is not None:
        return
    spare = [*clause.all("ROW", "STREAK"), *moves, *(clause.whens("the", "at", "per") if row else [])]
    stated = sign * number.value
    clause.emit(Kind.VALUE, "streak", (head, *spare), stated=stated, quantity=number)
    if number.value.is_integer() and number.relation == "=":
        clause.remember(base=1 + int(number.value))
    clause.remember(sign=sign)


def series(clause: Clause) -> None:
    """Reads the counts of the last windows in their order: "60, then 75, then 98 orders over the last three weeks"."""
    token = next(iter(clause.quantities("series")), None)
    if token is None or token.quantity is None or clause.mind.future or clause.after(token) == "US":
        return
    values = token.quantity.series
    spans = [t for t in clause.whens("span", "length") if t.when and t.when.n == len(values)]
    moves = [t for t in clause.all("D") if t.sign]
    for back, stated in enumerate(values):
        ago = len(values) - back
        number = Quantity(stated, 1.0, "number")
        clause.emit(Kind.VALUE, f"count_{ago}", (token, *spans), stated=stated, quantity=number)
        for move in moves if ago > 1 else ():
            relation = "up" if (move.sign or 0) > 0 else "down"
            clause.emit(Kind.COMPARISON, f"count_{ago - 1}", (move,), relation=relation, other=f"count_{ago}")
    clause.remember(measure="ev", window=1, mentioned=True)


def _lasting(clause: Clause, token: Token) -> bool:
    """Whether a move lasted: "rose for three weeks", "rose in each of the last three weeks"."""
    before = clause.next(token, -1)
    each = token.when is not None and token.when.kind == "each"
    return each or (before is not None and before.text == "for")


def _length(token: Token) -> Quantity:
    assert token.when is not None
    return Quantity(token.when.n, 1.0, "number", token.when.relation)


def active(clause: Clause) -> None:
    """Reads in how many of the last windows anything happened."""
    some = next(iter(clause.whens("some")), None)
    each = next(iter(clause.whens("each")), None) if not clause.all("MEAN") else None
    head = some or each
    if head is None or head.when is None or clause.all("D"):
        return
    if clause.quantities("percent", "fraction", "number", "ordinal"):
        return  # "98 orders in nine of the last twelve weeks" gives each of them 98
    if each and not some:
        _always(clause, each)
        return
    nothing = clause.find("NEG", "NONE")
    if nothing is not None and (nothing.text in _HARDLY or clause.numbers() or clause.next(nothing) is head):
        return  # "barely sold in three", "did not have 98 in three", "in not three"
    count = _length(head)
    if nothing is not None:
        nothing.used = True
    total = head.when.of
    whole = Quantity(total, 1.0, "number")
    clause.emit(Kind.VALUE, "windows", (head,), stated=total, quantity=whole)
    if nothing is not None:
        count = replace(count, value=total - count.value, relation=flipped(count.relation))
    clause.emit(
        Kind.VALUE,
        "active_windows",
        (head, *clause.all("ACTIVE", "NONE")),
        stated=count.value,
        quantity=count,
    )


def _always(clause: Clause, each: Token) -> None:
    """Reads that something happened in each of so many windows; how much, or that there was none, is not said so."""
    assert each.when is not None
    if not {token.kind for token in clause.tokens if token is not each} <= _HAPPENING or not each.when.n:
        return
    n, one = int(each.when.n), Quantity(0.0, 0.0, "number", ">")
    covered = Quantity(float(n), 1.0, "number", ">=")
    clause.emit(Kind.VALUE, "windows", (each,), stated=covered.value, quantity=covered)
    clause.emit(Kind.VALUE, f"low_{n}", (each, *clause.all("ACTIVE")), stated=one.value, quantity=one)


def age(clause: Clause) -> None:
    """Reads days since the first event, the last event and the release."""
    for kind, signal in (("RELEASE", "release_age"), ("LASTSEEN", "recency"), ("FIRST", "age")):
        days = [t for t in clause.whens("ago", "length", "at", "bad") if t.when and t.when.days]
        if not clause.find(kind) or not days or clause.numbers():
            continue  # "first seen 300 days ago with 98 orders" gives that day 98
        when = days[0].when
        assert when is not None
        sign = -1.0 if _ahead(clause, days[0]) else 1.0
        number = Quantity(sign * when.days, when.of or 1.0, "number", when.relation)
        heads = clause.all(kind, *(["FIRST"] if kind == "RELEASE" else []))
        clause.remember(here=-1)
        clause.emit(Kind.VALUE, signal, (days[0], *heads), stated=number.value, quantity=number)


def _ahead(clause: Clause, time: Token) -> bool:
    """Whether a length of time lies in the future: "in 12 days", "12 days away"."""
    before, after = clause.next(time, -1), clause.next(time)
    if after is not None and after.kind == "AHEAD":
        after.used = True
        return True
    length = time.when is not None and time.when.kind == "length"
    return length and before is not None and before.text == "in"


def total(clause: Clause) -> None:
    """Reads the total so far: "1,234 orders in total", "no orders so far"; and "a total of 173 over the last two weeks"."""
    head, numbers, spans = clause.find("TOTAL"), clause.numbers(), clause.whens("span", "length")
    if head is None:
        return
    if spans:
        when = spans[0].when
        if (
            when
            and when.kind == "span"
            and len(numbers) == 1
            and when.n > 1
            and not clause.all("D", "MEAN", "US")
        ):
            clause.value(f"sum_{int(when.n)}", numbers[0], spans[0], *clause.all("TOTAL"))
        return
    nothing = clause.find("NEG", "NONE")
    if numbers:
        clause.remember(here=-1)
        clause.value("total", numbers[0], head, *clause.all("TOTAL"))
    elif nothing and clause.find("EV", "EVV"):
        nothing.used = True
        zero = Quantity(0.0, 1.0, "number")
        clause.emit(Kind.VALUE, "total", (nothing, head), stated=0.0, quantity=zero)


def acceleration(clause: Clause) -> None:
    """Reads "the rise is accelerating" and "growth slowed"."""
    for head in clause.all("ACCEL", "DECEL"):
        relation = "up" if head.kind == "ACCEL" else "down"
        clause.emit(Kind.DIRECTION, "acceleration", (head, *clause.all("TREND")), relation=relation)
        move = next((t for t in clause.all("D") if t.sign), None)
        if move is not None:
            side = "up" if (move.sign or 0) > 0 else "down"
            clause.emit(Kind.DIRECTION, "change", (move,), relation=side)
