"""Frames about parts and wholes: the late part of a window, the heaviest user, shares, the category beside the item."""

from __future__ import annotations

from trail.facts.claims import Kind
from trail.facts.grammar_clause import Clause
from trail.facts.grammar_forecast import MAJORITY
from trail.facts.grammar_numbers import Quantity
from trail.facts.grammar_tokens import Token

_WHOLES = ("CAT", "CATNAME", "EVERYITEM", "ALL")


def late(clause: Clause) -> None:
    """Reads "40 of the week's 60 orders", "66% of them", "most of them", all in the last three sevenths."""
    whens = clause.whens("late")
    if not whens or clause.mind.future:
        return  # "110 orders, 41% of them in the last three days": nobody forecasts the days of a period
    numbers = [each for each in clause.numbers() if not clause.is_size(each)]
    parts = [each for each in clause.quantities("percent", "fraction") if not clause.is_size(each)]
    most = clause.find("MOSTOF")
    if parts:
        clause.value("late_share", parts[0], whens[0], clause.find("SHARE"))
    elif most:
        clause.emit(Kind.VALUE, "late_share", (most, whens[0]), stated=0.5, quantity=MAJORITY)
    if numbers:
        clause.value("late", numbers[0], whens[0])
        between = clause.next(numbers[0])
        if between and between.kind == "EV":
            between = clause.next(between)
        if len(numbers) > 1 and between and between.kind == "OF":
            clause.value("count_1", numbers[1])
    if clause.claims:
        for when in clause.recent():
            when.used = True
        clause.remember(measure="ev", window=1, mentioned=True)


def heavy(clause: Clause) -> None:
    """Reads the share of the heaviest user."""
    words = [t for t in clause.all("HEAVYWORD") if _whose(clause, t) == "US"]
    ones = [t for t in clause.numbers() if t.quantity and t.quantity.value == 1 and _whose(clause, t) == "US"]
    parts = [each for each in clause.quantities("percent", "fraction") if not clause.is_size(each)]
    least = bool(parts and parts[0].quantity and parts[0].quantity.relation in {"<", "<="})
    if least and clause.find("NEG", "NONE"):
        return  # "no single customer made fewer than 12%" speaks of all of them
    if parts and (words or ones):
        behind = [
            each for each in clause.all("CMP") if each.text == "behind" and clause.next(each) is parts[0]
        ]
        spare = (*clause.all("SHARE", "ADJ"), *behind, *clause.recent()[:1])
        clause.value("heaviest_share", parts[0], (words or ones)[0], *spare)
        clause.remember(measure="ev")


def _whose(clause: Clause, token: Token) -> str:
    """Returns the kind of the noun that a word speaks of, past its adjectives."""
    following = clause.next(token)
    while following is not None and following.kind in {"ADJ", "HEAVYWORD"}:
        following = clause.next(following)
    return following.kind if following is not None else ""


def share(clause: Clause) -> None:
    """Reads shares of the catalogue and of the category: "0.3% of all orders", "12% of its category"."""
    parts, word = clause.quantities("percent", "fraction"), clause.find("SHARE")
    if clause.mind.share and clause.tokens == parts[:1]:
        clause.value(clause.mind.share, parts[0])
        return
    whole = clause.find(*_WHOLES, "ALLEV")
    if whole is None and word is not None and (of := clause.next(word)) is not None and of.kind == "OF":
        whole = clause.find("EV")  # "a 0.3% share of orders"
    if (
        not parts
        or whole is None
        or any(t.kind == "D" or (t.kind == "CMP" and t.sign) for t in clause.tokens)
    ):
        return
    if not word and not clause.find("SHAREV") and clause.before(whole) not in {"OF", "EV", "IN"}:
        return
    named = whole if whole.kind in {"CAT", "CATNAME"} else clause.find("CAT", "CATNAME")
    spare = (*clause.all("SHARE", *_WHOLES), *clause.recent()[:1])
    clause.value("category_share" if named else "share", parts[0], named or whole, *spare)


def versus(clause: Clause) -> None:
    """Reads how category and catalogue moved beside the item: "against 4% for its category", "faster than it"."""
    whole, quick = clause.find(*_WHOLES), clause.find("FASTER", "SLOWER")
    if whole is None:
        if quick is not None and clause.mind.beside:  # "its category fell by a tenth, but it fell faster"
            _quicker(clause, quick, clause.mind.beside, (quick,))
        return
    signal = "category_growth" if whole.kind in {"CAT", "CATNAME"} else "catalogue_growth"
    clause.remember(beside=signal)
    if quick is not None and (clause.before(whole) == "CMP" or clause.next(whole, -1) is quick):
        _quicker(clause, quick, signal, (quick, whole, clause.next(whole, -1)))
        return
    parts = clause.quantities("percent")
    lead = clause.next(parts[0], -1) if parts else None
    if (
        lead is None
        or lead.kind != "CMP"
        or lead.sign is not None
        or clause.before(whole) not in {"IN", "OF", "AT"}
    ):
        return
    number = parts[0].quantity
    assert number is not None
    sign = number.sign or clause.mind.sign or 1
    spare = (parts[0], whole, *clause.all("CAT", "ALL", "EVERYITEM"))
    clause.emit(Kind.CHANGE, signal, spare, stated=sign * number.value, quantity=number)


def _quicker(clause: Clause, quick: Token, signal: str, taken: tuple[Token | None, ...]) -> None:
    """Reads "grew faster than its category", and "fell faster", which is a smaller growth."""
    moves = [move for move in clause.all("D") if move.sign]
    sign = -1 if any((move.sign or 0) < 0 for move in moves) else 1
    relation = "up" if (quick.kind == "FASTER") == (sign > 0) else "down"
    clause.emit(Kind.COMPARISON, "growth", taken, relation=relation, other=signal)
    for move in moves:
        side = "up" if (move.sign or 0) > 0 else "down"
        clause.emit(Kind.DIRECTION, "change", (move, *clause.recent()), relation=side)
    if moves:
        clause.remember(sign=sign, measure="ev")


def apiece(clause: Clause) -> None:
    """Reads events against users: "two orders a customer", "each rating came from a different person"."""
    per, each = clause.find("APIECE"), clause.find("EACH")
    event = clause.next(per, -1) if per is not None else clause.next(each) if each is not None else None
    if event is None or event.kind != "EV" or clause.mind.future:
        return
    token = clause.next(event, -1)
    if (
        per is not None
        and token is not None
        and token.quantity is not None
        and token.quantity.form == "number"
    ):
        clause.value("per_user", token, event, per)
    other = clause.find("ADJ")
    user = clause.next(other) if other is not None else None
    if each is not None and user is not None and user.kind == "US" and clause.before(other) == "FROM":
        one = Quantity(0.0, 1.0, "number")
        clause.emit(
            Kind.COMPARISON, "users", (each, event, other, user), stated=0.0, quantity=one, other="count_1"
        )


def price(clause: Clause) -> None:
    """Reads the price paid: "buyers paid 3.50 on average"; its change is left to the general frame."""
    head = clause.find("PAID", "PRICE")
    numbers = [t for t in clause.quantities("money", "number") if t.quantity and t.quantity.high is None]
    if head is None or not numbers or clause.mind.future or clause.all("CMP", "EV"):
        return
    clause.remember(measure="price")
    if not clause.all("D"):
        clause.value("price_paid", numbers[0], *clause.all("PAID", "PRICE", "MEAN"), *clause.recent()[:1])
