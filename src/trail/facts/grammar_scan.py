"""The scan of a clause: who is counted and when, from and to what, by how much, against what."""

from __future__ import annotations

from trail.facts.grammar_clause import Clause
from trail.facts.grammar_frame import Frame, subject_window, window_meant
from trail.facts.grammar_sizes import number
from trail.facts.grammar_tokens import Token
from trail.signals import WINDOWS

_HEADS = {
    "EV": "ev", "US": "us", "CAT": "cat", "CATNAME": "cat", "EVERYITEM": "all", "ALL": "all", "PRICE": "price",
    "PAID": "price",
}  # fmt: skip
_WHOLES = frozenset({"CAT", "CATNAME", "EVERYITEM", "ALL"})
_AS_MANY = frozenset({"as many", "as much"})
#: What opens a clause that says a size once more.
AGAIN = frozenset({"or", ", that is", ", i.e.", "("})
_STOOD = frozenset({"stood at", "stands at", "ran at", "came to", "came in at"})
_INHERITED = frozenset({"ev", "us", "cat", "all", "price", "rank", "catrank"})
#: Windows that `price_change` looks back on.
_PRICE_SPAN = 4


def scan(clause: Clause) -> Frame:
    """Collects the clause's unused tokens into a frame; what does not fit stays unused."""
    frame = _begun(clause)
    _give_spans(clause)
    role = ""
    for k, token in enumerate(clause.tokens):
        kind = token.kind
        if token.used:
            role = role if token.when is not None and token.when.kind == "adjective" else ""
        elif kind in {"FROM", "TO", "BY", "AT", "OF"}:
            role = kind
        elif kind in {"CMP", "D"}:
            role = "CMP" if kind == "CMP" else "" if role == "AT" else role
            _move(frame, token)
        elif kind == "DEGREE":
            frame.degree = token
        elif kind == "Q":
            number(clause, frame, k, role)
            role = "CMP" if role == "CMP" else ""
        elif kind == "W":
            _time(clause, frame, token, role)
            role = ""
        elif kind in {"MEAN", "PEAK"} and token.noun:
            _quantity_named(frame, token, role)
            role = ""
    if not frame.moves and clause.tokens and clause.tokens[0].kind == "BY":
        frame.sign = frame.sign or clause.mind.sign  # "it fell faster, by a third"
    return _ranked(clause, frame)


def _ranked(clause: Clause, frame: Frame) -> Frame:
    """Returns a frame whose measure is the rank where one is compared with last year's, which no card knows."""
    if frame.base == "year" and frame.measure == "ev" and clause.find("RANK", "TREND"):
        frame.measure = "rank"
    return frame


def _begun(clause: Clause) -> Frame:
    """Returns a frame that knows what is counted and, where a size is said once more, of which move."""
    frame = Frame(_measure(clause))
    if _is_restated(clause):
        frame.again, frame.sign, frame.base = True, clause.mind.sign, clause.mind.base
        frame.when = None if clause.mind.future else clause.mind.window
    return frame


def _is_restated(clause: Clause) -> bool:
    """Whether a clause gives a move's size once more: ", or 31%", "(31%)", ", that is by 31%"."""
    numbers = clause.all("Q")
    if clause.opener not in AGAIN or len(numbers) != 1 or clause.mind.sign is None:
        return False
    number = numbers[0].quantity
    part = number is not None and number.form in {"percent", "fraction"}
    others = {token.kind for token in clause.tokens} - {"Q", "BY", "EV", "US", "CMP", "W"}
    return not others and (part or (clause.opener != "(" and number is not None and number.form == "number"))


def _move(frame: Frame, token: Token) -> None:
    """Takes a word of direction; "as many" after a factor gives none."""
    if token.text in _AS_MANY and frame.is_factor:
        frame.factor = True
        frame.taken.append(token)
    elif token.sign is not None and frame.sign in {None, token.sign}:
        frame.sign = token.sign
        frame.moves.append(token)


def _measure(clause: Clause) -> str:
    tokens = [t for t in clause.tokens if not t.used]
    for k, token in enumerate(tokens):
        before = tokens[k - 1].kind if k else ""
        after = [t.kind for t in tokens[k + 1 : k + 4]]
        if token.kind in {"ITEM", "ITEMWORD"} and after[:1] != ["OF"]:
            return "ev"
        if token.kind == "RANK" and after[:1] == ["D"]:
            return "rank"  # "its rank rose 31%"
        if token.kind not in _HEADS or (token.kind in _WHOLES and before == "CMP"):
            continue  # "faster than its category"
        if token.kind == "EV" and before != "Q" and _WHOLES & set(after):
            continue  # "orders in its category"
        if token.kind == "CATNAME" and before not in {"", "OF"} and after[:1] != ["CAT"]:
            continue  # "in Toys" says what the item is
        return _HEADS[token.kind]
    return clause.mind.measure if clause.mind.measure in _INHERITED and not _begins_anew(tokens) else "ev"


def _begins_anew(tokens: list[Token]) -> bool:
    """Whether a clause has a subject of its own and speaks of the peak, which is one of events: "last week it reached 90% of its peak"."""
    tokens = [token for token in tokens if token.kind != "CAUSE"]
    if len(tokens) < 2 or not any(token.kind == "PEAK" for token in tokens):  # noqa: PLR2004 - what is told, and of what
        return False
    first, second = tokens[:2]
    told = second.kind != "Q" or second.start > first.end + 1  # no verb: ", last week 90% of its peak"
    return (first.kind == "W" and told) or first.text in _STOOD


def _give_spans(clause: Clause) -> None:
    """Gives every "mean" and "peak" its span: "four-week mean", "mean of the last four weeks"."""
    for head in clause.all("MEAN", "PEAK"):
        spans = [t for t in clause.whens("adjective", "span", "length", "each") if t.when and t.when.n]
        near = min(spans, key=lambda t: abs(t.start - head.start), default=None)
        if near is not None and near.when is not None:
            head.noun = f"{head.kind.lower()}_{int(near.when.n)}"
            near.used = True
        elif head.kind == "PEAK":
            head.noun = f"peak_{WINDOWS}"
        for per in clause.whens("per"):
            per.used = True


def _quantity_named(frame: Frame, token: Token, role: str) -> None:
    """Takes a mean or a peak as what is compared with, or as the subject."""
    compared = role in {"CMP", "FROM"} or (role == "OF" and (frame.sign is not None or bool(frame.sizes)))
    if compared or frame.is_factor:  # "above its four-week mean", "twice its four-week mean"
        frame.factor = frame.factor or role == "OF" or frame.is_factor
        frame.base = token.noun
    else:
        frame.head = token.noun
    frame.taken.append(token)


def _time(clause: Clause, frame: Frame, token: Token, role: str) -> None:
    """Takes a time as the subject's, or as what it is compared with."""
    when = token.when
    assert when is not None
    if when.kind == "yearly":
        if frame.base is None and (frame.sizes or frame.moves) and clause.find("EV") and not frame.head:
            frame.base = "year"
            frame.taken.append(token)
        return
    if when.kind in {"any", "past_span", "length"} or (when.kind == "the" and not when.possessive):
        _aside(clause, frame, token, role)
        return
    bare = frame.sign is None and not frame.sizes and not frame.levels
    if role == "CMP" and bare and _is_preposition(clause, token):
        role = ""  # "over the last four weeks it sold"
    compared = role in {"CMP", "FROM"} or (role == "OF" and bool(frame.sizes) and not frame.moves)
    before = when.kind == "back" and not frame.levels and bool(frame.sizes or frame.moves)
    anchored = compared or (when.kind == "back" and frame.sign is not None)
    window = window_meant(clause, token, subject_window(clause, frame) if anchored else None)
    if window is None:
        return
    if compared or before or (frame.is_factor and when.possessive):
        if frame.base is None:
            frame.factor = frame.factor or frame.is_factor or role == "OF"
            frame.base = window
            frame.taken.append(token)
    elif frame.when is None:
        frame.when = window
        frame.taken.append(token)


def _aside(clause: Clause, frame: Frame, token: Token, role: str) -> None:
    """Takes a time that is no window of its own: "any of the eleven weeks before", "the week"."""
    when = token.when
    assert when is not None
    if when.kind == "length":
        _stretch(clause, frame, token)
    elif when.kind == "the":
        frame.taken.append(token)
    elif when.kind == "past_span":
        if frame.measure == "price" and when.n == _PRICE_SPAN:
            frame.taken.append(token)
    elif role == "CMP" and frame.sign and subject_window(clause, frame) == 1 and when.n > 0:
        frame.base = f"{'most' if frame.sign > 0 else 'least'}_before_{int(when.n)}"
        frame.taken.append(token)


def _stretch(clause: Clause, frame: Frame, token: Token) -> None:
    """Takes the time that a move took, "rose from 60 to 98 in two weeks", as how far back it began."""
    before, subject = clause.next(token, -1), subject_window(clause, frame)
    within = before is not None and before.text in {"in", "within", "over"}
    moved = bool(frame.moves or frame.sizes or frame.origin) or clause.find("FROM") is not None
    if (
        within
        and moved
        and frame.base is None
        and token.when
        and token.when.n
        and isinstance(subject, int)
        and subject
    ):
        frame.base = subject + int(token.when.n)
        frame.taken.append(token)


def _is_preposition(clause: Clause, token: Token) -> bool:
    before = clause.next(token, -1)
    return before is not None and before.text in {"over", "on", "as", "as in"}
