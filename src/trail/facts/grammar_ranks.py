"""Frames about ranks: fifth, number 5, top of, in the top 10, twelve places up, from 17th to 5th."""

from __future__ import annotations

from trail.facts.claims import Kind
from trail.facts.grammar_clause import Clause
from trail.facts.grammar_forecast import top_of
from trail.facts.grammar_numbers import Quantity
from trail.facts.grammar_tokens import Token

#: Windows that have a rank.
_RANKED = 2
_FIRST = Quantity(1.0, 1.0, "ordinal")
_NO_RANKING = frozenset({"US", "D", "BRANDNAME", "PRICE", "PAID"})
_PLACE = frozenset({"place", "position", "spot"})


def rank(clause: Clause) -> None:
    """Reads ranks and places, past and forecast."""
    whole = clause.find("ALL", "EVERYITEM")
    category = clause.find("CAT", "CATNAME")
    if category is None or whole is not None:
        _places(clause)
    in_category = category is not None or (clause.mind.measure == "catrank" and whole is None)
    past = "category_rank" if in_category else "rank"
    if category is not None and (clause.mind.future or _is_subject(clause, category)):
        return  # the forecast ranks the whole catalogue, and nothing ranks categories
    spare = [*clause.all("RANK", "PLACES", "ADJ", "TOPWORD"), category, *clause.all("ALL", "EVERYITEM")]
    if _read(clause, past, spare):
        _spend_windows(clause)
        clause.remember(measure="catrank" if in_category else "rank")


def _read(clause: Clause, past: str, spare: list[Token | None]) -> bool:
    ranked, first, top = _ranked(clause), clause.find("TOPWORD"), top_of(clause)
    future = clause.mind.future
    if ranked:
        for token in ranked:
            _one(clause, token, past, spare)
    elif first is not None:
        kind, signal = (Kind.FORECAST, "forecast_rank") if future else (Kind.VALUE, past)
        clause.emit(kind, signal, (first, *spare), stated=1.0, quantity=_FIRST)
    elif top is not None and not future and clause.before(top[0]) not in {"FROM", "CMP"}:
        number = top[1].quantity
        assert number is not None
        clause.emit(Kind.VALUE, past, (*top, *spare), relation="<=", stated=number.value, quantity=number)
    else:
        return False
    return True


def _is_subject(clause: Clause, category: Token) -> bool:
    """Whether the category itself is ranked: "its category came 2nd", not "in its category" or "its category rank"."""
    following = clause.next(category)
    says = following is not None and (following.kind != "RANK" or following.text in {"ranks", "ranked"})
    return says and not clause.before(category)


def _ranked(clause: Clause) -> list[Token]:
    """Returns "5th", "number 5", and plain numbers that follow the word rank."""
    ranked, word = clause.quantities("ordinal"), clause.find("RANK")
    if any(_is_of_others(clause, each) for each in ranked):
        return []
    if ranked or word is None:
        return ranked
    return [
        t
        for t in clause.numbers()
        if clause.before(t) in {"COP", "AT", "FROM", "TO", "RANK"}
        and clause.after(t) not in {"EV", "US", "PLACES"}
    ]


def _is_of_others(clause: Clause, place: Token) -> bool:
    """Whether a place is one among other things than items by their events: "5th by customers", "the fifth item sold"."""
    following = clause.next(place)
    if following is None:
        return False
    further = clause.next(following)
    told = further.kind if further is not None else ""
    unit = following.when is not None and following.when.kind == "unit"  # "the 5th week"
    return (
        following.kind == "ITEMWORD" or unit or (following.kind in {"BY", "IN", "OF"} and told in _NO_RANKING)
    )


def _one(clause: Clause, token: Token, past: str, spare: list[Token | None]) -> None:
    """Reads one rank: now, before ("from 17th"), or in the forecast."""
    after = clause.next(token)
    when = after.when if after is not None else None
    if when is not None and (when.kind not in {"at", "back", "the"} or when.n > _RANKED):
        when = None
    earlier = clause.before(token) in {"FROM", "CMP"} or (
        when is not None and (when.kind == "back" or when.n == _RANKED)
    )
    if clause.mind.future:
        told = when is not None and when.kind == "at" and when.n == 1  # "should rank 3rd last week"
        signal = past if earlier or told else "forecast_rank"
    else:
        ago = clause.mind.elsewhere or 0  # "two weeks ago it had 75 orders and ranked 17th"
        gone = when is None and ago >= _RANKED
        earlier = earlier or (gone and ago == _RANKED)
        signal = ("rank_before" if past == "rank" else "") if earlier else "" if gone else past
    if not signal:
        return
    clause.value(signal, token, *spare, after if when is not None else None)
    move = clause.find("D")
    if earlier and move is not None and move.sign:
        _moved(clause, move, signal, past)


def _moved(clause: Clause, move: Token, base: str, past: str) -> None:
    up = (move.sign or 0) > 0
    if base == "rank_before":
        clause.emit(Kind.DIRECTION, "rank_change", (move,), relation="up" if up else "down")
    else:  # a better rank is a smaller number
        relation = "down" if up else "up"
        clause.emit(Kind.COMPARISON, "forecast_rank", (move,), relation=relation, other=past)


def _places(clause: Clause) -> None:
    """Reads "climbed 12 places", "nine places lower", "kept its place"."""
    head = clause.find("PLACES") or next((t for t in clause.all("RANK") if _is_one_place(clause, t)), None)
    head = head or (clause.find("RANK") if not clause.all("Q") else None)  # "it kept its rank"
    if head is None or clause.mind.future:
        return
    token = clause.next(head, -1)
    if token is not None and token.more:
        token = clause.next(token, -1)
    moves = [t for t in clause.all("D", "CMP") if t.sign]
    number = token.quantity if token is not None else None
    if number is None or number.form != "number" or number.high is not None:
        flat = next((t for t in clause.all("D") if t.sign == 0), None)
        if flat is not None:
            taken = (head, flat, clause.find("EVERYITEM", "ALL"))
            clause.emit(Kind.DIRECTION, "rank_change", taken, relation="flat")
    elif sign := (moves[0].sign if moves else clause.mind.sign):  # "lost 20 ratings and nine places"
        spare = (*moves, clause.find("EVERYITEM", "ALL"), clause.find("RANK"))
        stated = sign * number.value * (number.sign or 1)
        clause.emit(Kind.VALUE, "rank_change", (token, head, *spare), stated=stated, quantity=number)
        _spend_windows(clause)
        clause.remember(measure="rank", sign=sign)


def _is_one_place(clause: Clause, token: Token) -> bool:
    """Whether a singular "place" is counted ("1 place") and no rank ("first place")."""
    before = clause.next(token, -1)
    number = before.quantity if before is not None else None
    return token.text in _PLACE and number is not None and number.form == "number"


def _spend_windows(clause: Clause) -> None:
    for when in clause.whens("at", "back", "the"):
        if when.when and (when.when.kind != "at" or when.when.n <= 1) and not _is_of_a_count(clause, when):
            when.used = True


def _is_of_a_count(clause: Clause, when: Token) -> bool:
    """Whether a time stands behind a count that nothing has read yet: "to draw 98 orders last week, though it ranked 3rd"."""
    before = clause.next(when, -1)
    if before is not None and before.kind == "EV":
        before = clause.next(before, -1)
    return before is not None and not before.used and before in clause.quantities("number")
