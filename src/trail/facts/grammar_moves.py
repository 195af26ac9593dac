"""The general frame: something counted, at some time, moved or compared, by, from and to something."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from trail.facts.claims import Kind
from trail.facts.grammar_clause import Clause, flipped
from trail.facts.grammar_numbers import Quantity
from trail.facts.grammar_tokens import Token
from trail.facts.grammar_words import DEGREES
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
_GAINS = frozenset({"gained", "added", "gaining", "adding", "gains"})
_HEADS = {
    "EV": "ev",
    "US": "us",
    "CAT": "cat",
    "CATNAME": "cat",
    "EVERYITEM": "all",
    "ALL": "all",
    "PRICE": "price",
    "PAID": "price",
}


def named(measure: str, when: int | str) -> str:
    """Returns the quantity that a measure has at a time, empty if no card knows it."""
    if measure == "ev":
        special = {"year": "last_year", "year_before": "season_before", 0: "expected"}
        return special.get(
            when,
            f"count_{when}"
            if isinstance(when, int) and when > 0
            else str(when)
            if isinstance(when, str)
            else "",
        )
    return _NAMES.get(measure, {}).get(when, "") if isinstance(when, int) else ""


@dataclass
class _Frame:
    """What the scan of a clause has collected."""

    measure: str
    when: int | str | None = None
    head: str = ""  # a subject that is a quantity of its own: mean_4, peak
    taken: list[Token] = field(default_factory=list)
    levels: list[tuple[Token, str]] = field(default_factory=list)
    sizes: list[Token] = field(default_factory=list)
    origin: tuple[Token, int | str | None] | None = None
    base: int | str | None = None
    base_value: Token | None = None
    sign: int | None = None
    moves: list[Token] = field(default_factory=list)
    degree: Token | None = None
    factor: bool = False


def general(clause: Clause) -> None:
    """Reads levels, moves and comparisons of one subject; leaves unused what it does not understand."""
    frame = _Frame(_measure(clause))
    _means_and_peaks(clause)
    _scan(clause, frame)
    _emit(clause, frame)


def _measure(clause: Clause) -> str:
    tokens = [t for t in clause.tokens if not t.used]
    for k, token in enumerate(tokens):
        if token.kind in _HEADS:
            before = tokens[k - 1].kind if k else ""
            after = tokens[k + 1].kind if k + 1 < len(tokens) else ""
            if (
                token.kind == "EV"
                and any(t.kind in {"CAT", "EVERYITEM", "ALL", "CATNAME"} for t in tokens[k + 1 : k + 4])
                and before != "Q"
            ):
                continue  # "orders in its category"
            if token.kind in {"CATNAME"} and before not in {"", "CMP", "OF"} and after != "CAT":
                continue  # "in Toys" says what the item is
            if token.kind in {"CAT", "EVERYITEM", "ALL", "CATNAME"} and before == "CMP":
                continue  # "faster than its category"
            return _HEADS[token.kind]
    return (
        clause.mind.measure
        if clause.mind.measure in {"ev", "us", "cat", "all", "price", "rank", "catrank"}
        else "ev"
    )


def _means_and_peaks(clause: Clause) -> None:
    """Gives every "mean" and "peak" its span: "four-week mean", "mean of the last four weeks"."""
    for head in clause.all("MEAN", "PEAK"):
        spans = [t for t in clause.whens("adjective", "span", "length", "each") if t.when and t.when.n]
        near = min(spans, key=lambda t: abs(t.start - head.start), default=None)
        name = "mean" if head.kind == "MEAN" else "peak"
        if near is not None and near.when is not None:
            head.noun = f"{name}_{int(near.when.n)}"
            near.used = True
        elif name == "peak":
            head.noun = "peak_12"
        for per in clause.whens("per"):
            per.used = True


def _scan(clause: Clause, frame: _Frame) -> None:
    role = ""
    tokens = clause.tokens
    for k, token in enumerate(tokens):
        if token.used:
            role = role if token.when is not None and token.when.kind == "adjective" else ""
            continue
        kind = token.kind
        if kind in {"FROM", "TO", "BY", "AT", "OF"}:
            role = kind
        elif kind == "CMP":
            role = "CMP"
            if token.sign is not None and frame.sign is None:
                frame.sign = token.sign
                frame.moves.append(token)
            elif token.sign is not None and frame.sign == token.sign:
                frame.moves.append(token)
        elif kind == "D":
            if frame.sign is None or frame.sign == token.sign:
                frame.sign = token.sign
                frame.moves.append(token)
        elif kind == "DEGREE":
            frame.degree = token
        elif kind == "Q":
            _quantity(clause, frame, token, role, k)
            role = "" if role != "CMP" else role
        elif kind == "W":
            _when(clause, frame, token, role)
            role = ""
        elif kind in {"MEAN", "PEAK"} and token.noun:
            _headed(frame, token, role)
            role = "HEAD" if kind else ""


def _headed(frame: _Frame, token: Token, role: str) -> None:
    if role in {"CMP", "FROM", "OF"} and (frame.sign is not None or role != "OF" or frame.sizes):
        frame.base = token.noun
        if role == "OF":
            frame.factor = True
    elif (
        frame.sizes
        and frame.sizes[-1].quantity
        and frame.sizes[-1].quantity.form in {"ratio", "fraction"}
        and not frame.moves
    ):
        frame.base, frame.factor = token.noun, True  # "twice its four-week mean"
    else:
        frame.head = token.noun
    frame.taken.append(token)


def _window(clause: Clause, token: Token, subject: int | str | None) -> int | str | None:
    """Returns the window a time token means, null if no card has it."""
    when = token.when
    assert when is not None
    if when.kind == "at":
        return int(when.n)
    if when.kind == "year":
        return "year"
    if when.kind == "ago":
        return int(when.n) if 1 <= when.n <= 12 else None  # noqa: PLR2004 - windows on a card
    if when.kind == "back":
        anchor = subject if isinstance(subject, int) else clause.mind.window
        if subject == "year":
            return "year_before"
        if not clause.mind.mentioned and subject is None and when.n > 1:
            return int(when.n)
        return anchor + int(when.n)
    if when.kind == "the":
        return 0 if clause.mind.future else 1
    if when.kind == "span":
        return f"sum_{int(when.n)}" if when.n > 1 else 1
    return None


def _subject_window(clause: Clause, frame: _Frame) -> int | str:
    if frame.when is not None:
        return frame.when
    return 0 if clause.mind.future else 1


def _when(clause: Clause, frame: _Frame, token: Token, role: str) -> None:
    when = token.when
    assert when is not None
    if (when.kind == "per" and frame.sizes) or (when.kind == "past_span" and frame.measure == "price"):
        if when.kind == "past_span":
            if when.n == 4:  # noqa: PLR2004 - what price_change looks back on
                frame.taken.append(token)
            return
        return
    if when.kind == "the" and not when.possessive:
        frame.taken.append(token)
        return
    if (
        role == "CMP"
        and frame.sign is None
        and not frame.sizes
        and not frame.levels
        and not _signed_before(clause, token)
    ):
        role = ""  # "over the last four weeks it sold"
    is_base = role in {"CMP", "FROM"} or (role == "OF" and bool(frame.sizes) and not frame.moves)
    ratio = (
        frame.sizes
        and not frame.moves
        and frame.sizes[-1].quantity
        and frame.sizes[-1].quantity.form in {"ratio", "fraction"}
    )
    subject = (
        _subject_window(clause, frame)
        if is_base or (when.kind == "back" and frame.sign is not None)
        else None
    )
    window = _window(clause, token, subject)
    if window is None:
        return
    if (
        is_base
        or (when.kind == "back" and (frame.sizes or frame.moves) and not frame.levels)
        or (ratio and when.possessive)
    ):
        if frame.base is None:
            frame.base = window
            frame.factor = frame.factor or bool(ratio) or (role == "OF")
            frame.taken.append(token)
    elif frame.when is None:
        frame.when = window
        frame.taken.append(token)


def _signed_before(clause: Clause, token: Token) -> bool:
    before = clause.next(token, -1)
    return before is not None and before.text not in {"over", "on", "as", "as in"}


def _neighbour_window(clause: Clause, frame: _Frame, k: int) -> tuple[int | str | None, Token | None]:
    """Returns the window that belongs to the quantity at a place: owned before it, or right after its noun."""
    tokens = clause.tokens
    before = tokens[k - 1] if k else None
    if before is not None and before.kind == "W" and before.when and before.when.possessive:
        return _window(clause, before, None), before
    at = k + 1
    while at < len(tokens) and tokens[at].kind in {
        "EV",
        "US",
        "IN",
        "COP",
        "ADJ",
        "EVV",
        "TIMES",
        "OF",
        "AT",
    }:
        at += 1
    after = tokens[at] if at < len(tokens) else None
    if (
        after is not None
        and after.kind == "W"
        and not after.used
        and after.when
        and after.when.kind in {"at", "back", "ago", "year", "span"}
    ):
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        if after.when.possessive and following is not None and following.kind == "Q":
            return None, None
        return _window(clause, after, None), after
    return None, None


def _noun(clause: Clause, k: int) -> str:
    tokens = clause.tokens
    for token in tokens[k + 1 : k + 4]:
        if token.kind in {"EV", "US", "PLACES"}:
            return {"EV": "ev", "US": "us", "PLACES": "places"}[token.kind]
        if token.kind == "TIMES":
            following = [t.kind for t in tokens[k + 2 : k + 4]]
            is_factor = bool(set(following) & {"MEAN", "PEAK", "HIGH"}) or any(
                t.kind == "D" and t.text.startswith("as") for t in tokens[k + 2 : k + 4]
            )
            possessive = any(t.when and t.when.possessive for t in tokens[k + 2 : k + 4])
            return (
                "factor" if is_factor or possessive or not any(t.kind == "EVV" for t in tokens) else "times"
            )
        if not (token.kind == "ADJ" or token.more):
            return ""
    return ""


def _quantity(clause: Clause, frame: _Frame, token: Token, role: str, k: int) -> None:  # noqa: C901, PLR0911, PLR0912
    number = token.quantity
    assert number is not None
    tokens = clause.tokens
    before, after = (tokens[k - 1] if k else None), (tokens[k + 1] if k + 1 < len(tokens) else None)
    noun = _noun(clause, k)
    if number.form in {"percent", "ratio", "fraction"} or noun == "factor":
        frame.sizes.append(token)
        if noun == "factor":
            token.quantity = replace(number, form="ratio", step=number.step)
            token.noun = "factor"
        if number.sign and frame.sign is None:
            frame.sign = number.sign
        return
    if number.form == "ordinal" or noun == "places":
        return
    comparative = after is not None and after.more
    if (
        before is not None
        and before.kind == "D"
        and before.text in _GAINS
        and noun == "ev"
        and not comparative
        and not clause.whens("per")
    ):
        later = [t for t in tokens[k + 1 :] if t.kind == "CMP"]
        if not later and any(t.when and t.when.kind in {"at", "ago", "back"} for t in tokens):
            before.used = True  # "gained 98 orders last week" counts them
            if before in frame.moves:
                frame.moves.remove(before)
                frame.sign = None
            role, before = "", None
    if (
        comparative
        or number.sign
        or (role == "BY" and frame.moves)
        or (before is not None and before.kind == "D" and not before.more and before.sign and role == "")
    ):
        token.noun = noun
        frame.sizes.append(token)
        if number.sign and frame.sign is None:
            frame.sign = number.sign
        if noun in {"us", "ev"} and comparative:
            frame.measure = noun
        return
    if noun == "times":
        tokens[k + 1].used = True
    token.noun = noun if noun != "times" else "ev"
    head = tokens[k - 2] if k > 1 else None
    if role in {"OF", "AT"} and head is not None and head.kind in {"MEAN", "PEAK"} and head.noun:
        frame.levels.append((token, head.noun))  # "its mean of 75"
        return
    window, owner = _neighbour_window(clause, frame, k)
    if (
        role == "FROM"
        and (noun in {"", frame.measure})
        and (frame.moves or any(t.kind == "TO" for t in tokens))
    ):
        frame.origin = (token, window if owner is not None else None)
        if owner is not None:
            if owner.when and owner.when.kind == "back":
                frame.origin = (token, _window(clause, owner, _subject_window(clause, frame)))
            owner.used = True
            frame.taken.append(owner)
        return
    if role == "CMP" and (frame.sign is not None or frame.sizes or not frame.levels or True):
        if owner is not None and frame.base is None and window is not None:
            if owner.when and owner.when.kind == "back":
                window = _window(clause, owner, _subject_window(clause, frame))
            frame.base = window
            owner.used = True
            frame.taken.append(owner)
        frame.base_value = token
        return
    if (
        owner is not None
        and owner is before
        and frame.base is not None
        and any(owner is t for t in frame.taken)
    ):
        frame.base_value = token  # "more than last week's 98"
        return
    if owner is not None and owner.used is False and window is not None:
        if frame.when is None and owner.when and owner.when.kind != "back":
            frame.when = window
        owner.used = True
        frame.taken.append(owner)
        frame.levels.append((token, _level_name(clause, frame, token, window)))
        return
    frame.levels.append((token, ""))


def _level_name(clause: Clause, frame: _Frame, token: Token, window: int | str) -> str:
    return named(token.noun or frame.measure, window)


def _emit(clause: Clause, frame: _Frame) -> None:
    when = _subject_window(clause, frame)
    if (
        not frame.levels
        and not frame.sizes
        and frame.sign is None
        and not frame.moves
        and frame.base_value is None
    ):
        _nothing(clause, frame, when)
        return
    _emit_levels(clause, frame, when)
    subject = frame.head or named(frame.measure, when)
    base = _base(frame, when, subject)
    if frame.origin is not None:
        token, at = frame.origin
        name = named(frame.measure, at) if at is not None else base
        if name:
            clause.value(name, token)
            base = name
    if frame.base_value is not None and base:
        clause.value(base, frame.base_value)
    if not subject or not base:
        return
    if frame.sizes:
        for size in frame.sizes:
            _size(clause, frame, size, subject, base)
    elif frame.sign is not None and (frame.moves):
        _direction(clause, frame, subject, base)
    if clause.claims:
        for token in frame.taken:
            token.used = True
        _remember(clause, frame, when)


def _remember(clause: Clause, frame: _Frame, when: int | str) -> None:
    windows = [claim.window for claim in clause.claims if claim.window is not None]
    last = windows[-1] if windows else (when if isinstance(when, int) else clause.mind.window)
    mentioned = clause.mind.mentioned or bool(frame.taken)
    sign = frame.sign if frame.sign is not None else clause.mind.sign
    if frame.head.startswith("peak") or str(frame.base).startswith("peak"):
        clause.remember(measure="peak", window=last, mentioned=mentioned, sign=sign)
        return
    nouns = [token.noun for token, _ in frame.levels if token.noun in {"us", "ev"}]
    clause.remember(
        measure=nouns[-1] if nouns else frame.measure, window=last, mentioned=mentioned, sign=sign
    )


def _base(frame: _Frame, when: int | str, subject: str) -> str:
    if isinstance(frame.base, str) and frame.base not in {"year", "year_before"}:
        return frame.base
    if frame.base is not None:
        return named(frame.measure, frame.base)
    if frame.head:
        return ""
    if when == "year":
        return named(frame.measure, "year_before")
    return named(frame.measure, when + 1) if isinstance(when, int) else ""


def _emit_levels(clause: Clause, frame: _Frame, when: int | str) -> None:
    for token, name in frame.levels:
        measure = token.noun or frame.measure
        signal = (
            name or (frame.head if measure == frame.measure or not token.noun else "") or named(measure, when)
        )
        if clause.mind.future and (name or signal).startswith("count_"):
            continue  # "expected to sell 98 last week"
        if signal == frame.head and frame.base == frame.head:
            signal = named(measure, when)
        if measure == "ev" and not token.noun and not _counted(clause, frame):
            continue
        if signal:
            clause.value(signal, token)
            for each in frame.taken:
                each.used = True
    if frame.levels and clause.claims:
        _remember(clause, frame, when)


def _counted(clause: Clause, frame: _Frame) -> bool:
    """Whether a bare number may count events: the clause says so, or an earlier one did."""
    kinds = {token.kind for token in clause.tokens}
    return (
        bool(kinds & {"EV", "EVV", "FUT", "MEAN", "PEAK", "W", "D"})
        or bool(frame.head)
        or frame.origin is not None
        or clause.mind.mentioned
    )


def _nothing(clause: Clause, frame: _Frame, when: int | str) -> None:
    """Reads "no orders last week", "did not sell"."""
    negation = clause.find("NEG")
    after = clause.next(negation) if negation else None
    if negation is None or after is None or after.kind not in {"EV", "EVV", "US"}:
        return
    measure = "us" if after.kind == "US" else "ev"
    signal = named(measure, when)
    if signal:
        negation.used = True
        clause.emit(
            Kind.VALUE, signal, (negation, after, *frame.taken), stated=0.0, quantity=Quantity(0, 1, "number")
        )
        _remember(clause, frame, when)


def _size(clause: Clause, frame: _Frame, size: Token, subject: str, base: str) -> None:
    number = size.quantity
    assert number is not None
    if number.high is not None:
        return
    sign = number.sign or frame.sign
    pers = clause.whens("per")
    if pers and number.form == "number" and sign:
        _slope(clause, frame, size, sign, pers[0])
        return
    form = number.form
    as_factor = (frame.factor and form in {"percent", "fraction"} and not sign) or (
        form == "ratio" and (number.sign or not (sign and _more(frame)))
    )
    if form in {"percent", "ratio", "fraction"}:
        if as_factor:
            value, relation = number.value - 1.0, number.relation
            step = number.step * (2 if form == "ratio" and relation != "=" else 1)
            number = replace(
                number, step=step, relation=flipped(relation) if value < 0 and not number.sign else relation
            )
        elif sign:
            value = sign * number.value
        else:
            return
        _change(clause, frame, size, number, value, subject, base)
    elif sign:
        _difference(clause, frame, size, number, sign * number.value, subject, base)


def _more(frame: _Frame) -> bool:
    return any(token.more for token in frame.moves)


def _spend(clause: Clause, frame: _Frame, size: Token) -> tuple[Token, ...]:
    spare = [
        t
        for t in clause.all(
            "ADJ", "TIMES", "ALL", "EVERYITEM", "CAT", "CATNAME", "PRICE", "PAID", "RANK", "TREND"
        )
    ]
    return (size, *frame.moves, *frame.taken, *spare)


def _change(
    clause: Clause, frame: _Frame, size: Token, number: Quantity, value: float, subject: str, base: str
) -> None:
    relation = "=" if number.relation == "~" else number.relation
    signal = CHANGES.get((subject, base), ("", ""))[0]
    names = (signal, "") if signal else (subject, base)
    clause.emit(
        Kind.CHANGE,
        names[0],
        _spend(clause, frame, size),
        relation=relation,
        stated=value,
        quantity=number,
        other=names[1],
    )


def _difference(
    clause: Clause, frame: _Frame, size: Token, number: Quantity, value: float, subject: str, base: str
) -> None:
    relation = "=" if number.relation == "~" else number.relation
    signal = CHANGES.get((subject, base), ("", ""))[1]
    kind, names = (Kind.VALUE, (signal, "")) if signal else (Kind.COMPARISON, (subject, base))
    clause.emit(
        kind,
        names[0],
        _spend(clause, frame, size),
        relation=relation,
        stated=value,
        quantity=number,
        other=names[1],
    )


def _slope(clause: Clause, frame: _Frame, size: Token, sign: int, per: Token) -> None:
    number = size.quantity
    assert number is not None
    spans = [t for t in clause.whens("span", "adjective", "length") if t.when and t.when.n == 6]  # noqa: PLR2004
    relation = "=" if number.relation == "~" else number.relation
    clause.emit(
        Kind.VALUE, "slope", (size, per, *frame.moves, *spans, *clause.all("TREND")),
        relation=relation, stated=sign * number.value, quantity=number,
    )  # fmt: skip


def _direction(clause: Clause, frame: _Frame, subject: str, base: str) -> None:
    relation = _RELATIONS[frame.sign or 0]
    trend = clause.find("TREND")
    if trend is not None and frame.base is None:
        clause.emit(
            Kind.DIRECTION, "slope", (trend, *frame.moves, *clause.whens("adjective")), relation=relation
        )
        return
    if (subject, base) == ("rank", "rank_before"):
        subject, base = "rank_before", "rank"
    relative, difference = CHANGES.get((subject, base), ("", ""))
    spare = _spend(clause, frame, frame.moves[0])
    if relative or difference:
        signal = difference or relative
        clause.emit(Kind.DIRECTION, signal, spare, relation=relation)
    else:
        signal = subject
        clause.emit(Kind.COMPARISON, subject, spare, relation=relation, other=base)
    if frame.degree is not None:
        least, size = DEGREES[frame.degree.text]
        names = (relative, "") if relative else (subject, base)
        stated = Quantity(size, 0.0, "percent", least)
        clause.emit(
            Kind.CHANGE,
            names[0],
            (frame.degree, *frame.moves),
            relation=least,
            stated=(frame.sign or 1) * size,
            quantity=stated,
            other=names[1],
        )
