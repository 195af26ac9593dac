"""The general frame: claims about a level, a move or a comparison of one subject."""

from __future__ import annotations

import re
from dataclasses import replace

from trail.facts.claims import Kind
from trail.facts.grammar_clause import OUTLOOK, Clause, flipped
from trail.facts.grammar_frame import Frame, Window, subject_window
from trail.facts.grammar_numbers import Quantity
from trail.facts.grammar_scan import scan
from trail.facts.grammar_tokens import Token
from trail.facts.grammar_words import degrees
from trail.facts.quantities import CHANGES

_RELATIONS = {1: "up", -1: "down", 0: "flat"}
_NAMES = {
    "us": {1: "users", 2: "users_before"},
    "cat": {1: "category_count", 2: "category_before"},
    "all": {1: "catalogue_count", 2: "catalogue_before"},
    "price": {1: "price_paid", 2: "price_before"},
    "rank": {1: "rank", 2: "rank_before"},
    "catrank": {1: "category_rank"},
}
_SPARE = ("ADJ", "TIMES", "ALL", "EVERYITEM", "CAT", "CATNAME", "PRICE", "PAID", "RANK", "TREND")
_COUNTING = frozenset({"EV", "EVV", "FUT", "FUTG", "MEAN", "PEAK", "W", "D"})
_COUNTED = frozenset({"EV", "EVV", "US"})
_OTHERS = frozenset({"CAT", "CATNAME", "PARENT", "ALL", "EVERYITEM", "ITEM", "ITEMWORD"})
_WHOLES = ("CAT", "CATNAME", "ALL", "EVERYITEM")
#: What makes a year the same window of it: "this time last year", "a year ago".
_OF_A_YEAR = re.compile(r"day|week|fortnight|month|quarter|period|window|time|point|stage|ago|earlier")
_SLOPE_SPAN = 6


def general(clause: Clause) -> None:
    """Reads levels, moves and comparisons of one subject; leaves unused what it does not understand."""
    if clause.opener == "after" and clause.tokens == clause.numbers()[:1]:  # "1,204 after 1,188"
        earlier = named(clause.mind.measure, clause.mind.window + 1)
        if earlier and (clause.mind.mentioned or clause.mind.sign is not None):
            clause.value(earlier, clause.tokens[0])
        return
    frame = scan(clause)
    when = subject_window(clause, frame)
    if not (frame.levels or frame.sizes or frame.moves or frame.base_value):
        _nothing(clause, frame, when)
        return
    whole = when == "year" and _is_whole_year(clause)
    _levels(clause, frame, when)
    subject = frame.head or named(frame.measure, when)
    base = _standard(clause, frame, _base(frame, when))
    past = clause.mind.future and frame.when not in {None, 0}  # "expected to rise last week"
    other = any(clause.after(t) in _OTHERS for t in clause.all("CMP"))  # "more than its category"
    elsewhere = frame.measure == "price" and clause.find(*_WHOLES)  # "prices in its category"
    if not subject or not base or base == subject or past or other or elsewhere or whole:
        return
    for size in frame.sizes:
        _size(clause, frame, size, (subject, base))
    if not frame.sizes and frame.moves:
        _direction(clause, frame, subject, base)
    if clause.claims:
        _remember(clause, frame, when)


def named(measure: str, when: Window) -> str:
    """Returns the quantity that a measure has at a time, empty if no card knows it."""
    if measure != "ev":
        return _NAMES.get(measure, {}).get(when, "") if isinstance(when, int) else ""
    if isinstance(when, int):
        return f"count_{when}" if when > 0 else "" if when else "expected"
    return {"year": "last_year", "year_before": "season_before"}.get(when or "", when or "")


def _base(frame: Frame, when: int | str) -> str:
    """Returns what the subject is compared with; unsaid, it is the window before."""
    if isinstance(frame.base, str) and not frame.base.startswith("year"):
        return frame.base
    if frame.base is not None:  # a price is compared with four windows, never with one
        return "" if frame.measure == "price" else named(frame.measure, frame.base)
    if frame.head:
        return ""
    return named(frame.measure, when + 1 if isinstance(when, int) else f"{when}_before")


def _standard(clause: Clause, frame: Frame, base: str) -> str:
    """States the numbers said of what the subject is compared with, and returns that quantity."""
    if frame.origin is not None:
        token, at = frame.origin
        if at is None and frame.base is None:
            at = clause.mind.base  # "three falls in a row, from 120 to 40"
        base = named(frame.measure, at) if at is not None else base
        if base:
            clause.value(base, token)
    if frame.base_value is not None and base:
        clause.value(base, frame.base_value)
    return base


def _levels(clause: Clause, frame: Frame, when: int | str) -> None:
    for token, own in frame.levels:
        measure = token.noun or frame.measure
        signal = _level(frame, token, own, when)
        past = clause.mind.future and signal not in OUTLOOK  # "expected to sell 98 last week"
        past = past or (signal == "last_year" and _is_whole_year(clause))
        if signal and not past and (measure != "ev" or token.noun or _counted(clause, frame)):
            clause.value(signal, token)
    if frame.levels and clause.claims:
        _remember(clause, frame, when)


def _level(frame: Frame, token: Token, own: Window, when: int | str) -> str:
    """Returns the quantity that a number states."""
    measure = token.noun or frame.measure
    if isinstance(own, str) and "_" in own and not own.startswith("year"):
        return own if measure == "ev" else ""
    if own is not None:
        return named(measure, own)
    headed = measure == frame.measure and frame.head != frame.base
    return (frame.head if headed else "") or named(measure, when)


def _is_whole_year(clause: Clause) -> bool:
    """Whether a year is spoken of and no window of it: "60 orders last year", not "in the same week last year"."""
    times = [token for token in clause.tokens if token.when is not None]
    named = [t for t in times if t.when and (t.when.kind in {"the", "unit"} or t.text.startswith("this"))]
    named += [t for t in clause.tokens if t.text == "time"]  # "at this time"
    years = [t for t in times if t.when and t.when.kind == "year"]
    exact = any(_OF_A_YEAR.search(year.text) for year in years)
    return bool(years) and not named and not exact and clause.opener != "after"


def _counted(clause: Clause, frame: Frame) -> bool:
    """Whether a bare number may count events: the clause says so, or an earlier one did."""
    kinds = {token.kind for token in clause.tokens}
    return bool(kinds & _COUNTING or frame.head) or frame.origin is not None or clause.mind.mentioned


def _nothing(clause: Clause, frame: Frame, when: int | str) -> None:
    """Reads "no orders last week", "did not sell"."""
    negation = clause.find("NEG", "NONE")
    after = clause.next(negation) if negation else None
    if negation is None or (negation.kind == "NEG" and (after is None or after.kind not in _COUNTED)):
        return
    signal = named("us" if after is not None and after.kind == "US" else "ev", when)
    if signal:
        negation.used = True
        zero = Quantity(0.0, 1.0, "number")
        counted = after if after is not None and after.kind in _COUNTED else None
        clause.emit(Kind.VALUE, signal, (negation, counted, *frame.taken), stated=0.0, quantity=zero)
        _remember(clause, frame, when)


def _size(clause: Clause, frame: Frame, size: Token, pair: tuple[str, str]) -> None:
    """Reads one size of a move: a part, a factor, a number, or a slope ("8 a week")."""
    number = size.quantity
    assert number is not None
    sign = _signed(frame, number)
    if number.high is not None or (sign and not number.value):
        return  # a range is no size, and nothing rises by 0
    per = next(iter(clause.whens("per")), None)
    if number.form in {"percent", "ratio", "fraction"}:
        change = _relative(frame, number, sign)
        if change is not None:
            _sized(clause, frame, size, change, pair, relative=True)
    elif per is not None and sign:
        spans = [t for t in clause.whens("span", "adjective", "length") if t.when and t.when.n == _SLOPE_SPAN]
        taken = (size, per, *frame.moves, *spans, *clause.all("TREND"))
        clause.emit(Kind.VALUE, "slope", taken, stated=sign * number.value, quantity=number)
    elif sign:
        _sized(clause, frame, size, (number, sign * number.value), pair, relative=False)


def _signed(frame: Frame, number: Quantity) -> int | None:
    """Returns the direction of a size: its own sign, the words' or, where both speak, both: "fell -31%" is a rise."""
    if number.form != "ratio" and number.sign and frame.moves:
        return number.sign * (frame.sign or 0)
    return number.sign or frame.sign


def _relative(frame: Frame, number: Quantity, sign: int | None) -> tuple[Quantity, float] | None:
    """Returns a part or a factor as a signed relative change, null if its direction is unsaid."""
    more = any(token.more for token in frame.moves)
    is_part = number.form != "ratio"
    factor = (frame.factor and not sign) if is_part else (bool(number.sign) or not (sign and more))
    if not factor:
        return (number, sign * number.value) if sign else None
    value = number.value - 1.0
    step = number.step * (2 if not is_part and number.relation != "=" else 1)
    relation = flipped(number.relation) if value < 0 and not number.sign else number.relation
    return replace(number, step=step, relation=relation), value


def _sized(
    clause: Clause,
    frame: Frame,
    size: Token,
    change: tuple[Quantity, float],
    pair: tuple[str, str],
    *,
    relative: bool,
) -> None:
    number, stated = change
    pair = _turned(pair)
    signal = CHANGES.get(pair, ("", ""))[0 if relative else 1]
    kind = Kind.CHANGE if relative else Kind.VALUE if signal else Kind.COMPARISON
    subject, base = (signal, "") if signal else pair
    clause.emit(kind, subject, (size, *_spend(clause, frame)), stated=stated, quantity=number, other=base)


def _turned(pair: tuple[str, str]) -> tuple[str, str]:
    """Returns subject and base, those of a rank turned round: a better rank is a smaller number."""
    return ("rank_before", "rank") if pair == ("rank", "rank_before") else pair


def _spend(clause: Clause, frame: Frame) -> tuple[Token, ...]:
    return (*frame.moves, *frame.taken, *clause.all(*_SPARE))


def _once_more(clause: Clause, window: int, sign: int) -> None:
    """Reads "rose again": the move before was of the same side."""
    again = clause.find("AGAIN")
    if again is not None:
        first, second = named("ev", window + 1), named("ev", window + 2)
        relation = _RELATIONS[sign]
        clause.emit(Kind.COMPARISON, first, (again,), relation=relation, other=second)


def _direction(clause: Clause, frame: Frame, subject: str, base: str) -> None:
    """Reads a move without a size, with an adverb of degree if there is one."""
    counted = {clause.after(token) for token in frame.moves} & (_COUNTED | {"ADJ"})
    if all(token.more for token in frame.moves) and not (counted or frame.base or clause.mind.future):
        return  # "and more are coming"
    relation, window = _RELATIONS[frame.sign or 0], subject_window(clause, frame)
    trend = clause.find("TREND")
    if trend is not None and frame.base is None:
        taken = (trend, *frame.moves, *clause.whens("adjective"))
        clause.emit(Kind.DIRECTION, "slope", taken, relation=relation)
        return
    pair = _turned((subject, base))
    relative, difference = CHANGES.get(pair, ("", ""))
    spare = (*_spend(clause, frame), *(clause.all("KEEPS") if relation == "flat" else []))
    if relative or difference:
        clause.emit(Kind.DIRECTION, difference or relative, spare, relation=relation)
    else:
        clause.emit(Kind.COMPARISON, subject, spare, relation=relation, other=base)
    if frame.measure == "ev" and isinstance(window, int) and frame.sign:
        _once_more(clause, window, frame.sign)
    strong = frame.degree or next((token for token in frame.moves if token.text in degrees()), None)
    if strong is not None and frame.measure not in {"rank", "catrank"}:
        least, size = degrees()[strong.text]
        number = Quantity(size, 0.0, "percent", least)
        first, second = (relative, "") if relative else pair
        taken = (strong, *frame.moves)
        stated = (frame.sign or 1) * size
        clause.emit(Kind.CHANGE, first, taken, stated=stated, quantity=number, other=second)


def _remember(clause: Clause, frame: Frame, when: int | str) -> None:
    """Uses up the frame's tokens and keeps in mind what later clauses may leave out."""
    for token in frame.taken:
        token.used = True
    windows = [claim.window for claim in clause.claims if claim.window is not None]
    spoken = when if isinstance(when, int) else clause.mind.window
    last = windows[-1] if windows and frame.origin is None else spoken  # "rose from 75 to 98, or by 31%"
    nouns = [token.noun for token, _ in frame.levels if token.noun in {"us", "ev"}]
    at_peak = frame.head.startswith("peak") or str(frame.base).startswith("peak")
    clause.remember(
        measure="peak" if at_peak else nouns[-1] if nouns else frame.measure,
        window=last,
        mentioned=clause.mind.mentioned or bool(frame.taken),
        sign=frame.sign if frame.sign is not None else clause.mind.sign,
        base=frame.base if isinstance(frame.base, int) else clause.mind.base,
        year=when == "year",
        here=_here(clause, frame, last),
    )


def _here(clause: Clause, frame: Frame, window: int) -> int | None:
    """Returns the only window that this sentence has told the count of."""
    here = clause.mind.here
    alone = frame.levels and not (frame.moves or frame.sizes or frame.base or frame.origin or frame.head)
    if not alone or clause.opener in {"after", "following"} or clause.mind.future:
        return here if here is None else 0
    return window if here in {None, window} else 0
