"""Frames with a head word of their own: chance, range, share, streak, rank, peak, age and the like."""

from __future__ import annotations

from dataclasses import replace

from trail.facts.claims import Kind
from trail.facts.grammar_clause import Clause
from trail.facts.grammar_numbers import Quantity
from trail.facts.grammar_tokens import Token

_MAJORITY = Quantity(0.5, 0.0, "percent", ">")


def outlook(clause: Clause) -> None:
    """Reads the chance of the top K, the range and its coverage."""
    top = _top(clause)
    chance = clause.find("CHANCE", "LIKELY", "UNLIKELY")
    if top and (chance or clause.mind.future):
        _chance(clause, *top, chance)
    marker = clause.find("RANGE")
    low, high = clause.find("LOW"), clause.find("HIGH")
    if not (marker or low or high):
        spans = [t for t in clause.quantities("number") if t.quantity and t.quantity.high is not None]
        if clause.mind.future and spans:
            _range(clause, spans[0], None)
            _coverage(clause, None)
        return
    clause.remember(future=True, measure="ev")
    for head, signal in ((low, "q10"), (high, "q90")):
        if head:
            number = _following(clause, head, "number")
            if number:
                clause.value(signal, number, head)
    if marker:
        spans = [t for t in clause.quantities("number") if t.quantity and t.quantity.high is not None]
        if spans:
            _range(clause, spans[0], marker)
        elif len(clause.quantities("number")) == 2:  # noqa: PLR2004 - a low and a high end
            first, second = clause.quantities("number")
            clause.value("q10", first, marker, clause.find("FROM"))
            clause.value("q90", second, marker, clause.find("TO"))
    _coverage(clause, marker)


def _range(clause: Clause, span: Token, marker: Token | None) -> None:
    number = span.quantity
    assert number is not None and number.high is not None
    clause.emit(
        Kind.FORECAST,
        "q10",
        (span, marker, *_ahead_windows(clause)),
        stated=number.value,
        quantity=replace(number, high=None),
    )
    clause.emit(Kind.FORECAST, "q90", (span, marker), stated=number.high, quantity=number)


def _coverage(clause: Clause, marker: Token | None) -> None:
    for part in clause.quantities("percent"):
        near = {t.kind for t in (clause.next(part), clause.next(part, 2), clause.next(part, -1)) if t}
        if near & {"RANGE", "RANGEG", "CHANCE"} or (
            marker and part.quantity and part.quantity.sign == 0 and not clause.all("D")
        ):
            clause.value("coverage", part, marker, *clause.all("CHANCE", "RANGEG"))
            return


def _top(clause: Clause) -> tuple[Token, Token] | None:
    for word in clause.all("HEAVYWORD"):
        number = clause.next(word)
        if (
            word.text == "top"
            and number
            and number.kind == "Q"
            and number.quantity
            and number.quantity.form == "number"
        ):
            return word, number
    return None


def _chance(clause: Clause, word: Token, number: Token, chance: Token | None) -> None:
    part = next(iter(clause.quantities("percent", "fraction")), None)
    clause.value("k", number, word)
    if part is not None:
        clause.value("p_top", part, chance, *clause.all("CHANCE", "LIKELY"), *_ahead_windows(clause))
    elif chance is not None and chance.kind != "CHANCE":
        relation = ">" if chance.kind == "LIKELY" else "<"
        clause.emit(Kind.FORECAST, "p_top", (chance, word), relation=relation, stated=0.5, quantity=_MAJORITY)
    else:
        clause.claims.clear()  # "will be in the top 50" promises what a forecast cannot
        word.used = number.used = False
        return
    clause.remember(future=True)


def _ahead_windows(clause: Clause) -> list[Token]:
    """Returns the tokens that name the period predicted."""
    return [token for token in clause.whens("at") if token.when and token.when.n == 0]


def _following(clause: Clause, head: Token, *forms: str) -> Token | None:
    """Returns the first unused quantity after a token, of the forms."""
    return next((t for t in clause.quantities(*forms) if t.start >= head.end), None)


def late(clause: Clause) -> None:
    """Reads the last three sevenths of a window: "40 of the week's 60 orders", "66% of them in the last three days"."""
    whens = clause.whens("late")
    if not whens:
        return
    numbers = [t for t in clause.quantities("number") if t.quantity and t.quantity.high is None]
    parts = clause.quantities("percent", "fraction")
    most = clause.find("MOSTOF")
    if parts:
        clause.value("late_share", parts[0], whens[0], clause.find("SHARE"), *clause.whens("at", "the")[:1])
    elif most:
        clause.emit(Kind.VALUE, "late_share", (most, whens[0]), relation=">", stated=0.5, quantity=_MAJORITY)
    if numbers:
        clause.value("late", numbers[0], whens[0])
        following = _following(clause, numbers[0], "number")
        between = clause.next(numbers[0])
        if between and between.kind == "EV":
            between = clause.next(between)
        if following and between and between.kind == "OF":
            clause.value(
                "count_1",
                following,
                *[
                    w
                    for w in clause.whens("at", "the", "per")
                    if w.start < following.start or w.start == following.end
                ],
            )
        elif following and not parts and between and between.kind == "W":
            clause.value("count_1", following)
    if clause.claims:
        for when in clause.whens("at", "the"):
            when.used = True
        clause.remember(measure="ev", window=1, mentioned=True)


def heavy(clause: Clause) -> None:
    """Reads the share of the heaviest user."""
    word = next(
        (t for t in clause.all("HEAVYWORD") if (n := _past_adjectives(clause, t)) and n.kind == "US"), None
    )
    one = next(
        (
            t
            for t in clause.quantities("number")
            if t.quantity and t.quantity.value == 1 and (n := clause.next(t)) and n.kind == "US"
        ),
        None,
    )
    parts = clause.quantities("percent", "fraction")
    head = word or one
    if head and parts:
        clause.value(
            "heaviest_share", parts[0], head, *clause.all("SHARE", "ADJ"), *clause.whens("at", "the")[:1]
        )
        clause.remember(measure="ev")


def _past_adjectives(clause: Clause, token: Token) -> Token | None:
    following = clause.next(token)
    while following is not None and following.kind in {"ADJ", "HEAVYWORD"}:
        following = clause.next(following)
    return following


def share(clause: Clause) -> None:
    """Reads shares of the catalogue and of the category: "0.3% of all orders", "12% of its category"."""
    parts = clause.quantities("percent", "fraction")
    whole = clause.find("CAT", "CATNAME", "EVERYITEM", "ALL", "ALLEV")
    if whole is None and (noun := clause.find("SHARE")) and (of := clause.next(noun)) and of.kind == "OF":
        whole = clause.find("EV")  # "a 0.3% share of orders"
    if not parts or not whole or (clause.all("D", "CMP") and not clause.find("SHARE")):
        if (
            not parts
            or not whole
            or any(t.kind == "D" or (t.kind == "CMP" and t.sign is not None) for t in clause.tokens)
        ):
            return
    before = clause.next(whole, -1)
    if (
        not clause.find("SHARE")
        and not (before and before.kind in {"OF", "EV", "IN"})
        and not clause.find("SHAREV")
    ):
        return
    if any(t.kind == "D" for t in clause.tokens):
        return
    named = whole if whole.kind in {"CAT", "CATNAME"} else clause.find("CAT", "CATNAME")
    signal = "category_share" if named else "share"
    clause.value(
        signal,
        parts[0],
        named or whole,
        *clause.all("SHARE", "CAT", "CATNAME", "EVERYITEM", "ALL"),
        *clause.whens("at", "the")[:1],
    )


def streak(clause: Clause) -> None:
    """Reads consecutive rises and falls: "third rise in a row", "rose for three weeks running"."""
    row, moves = clause.find("ROW", "STREAK"), clause.all("D")
    lengths = [t for t in clause.whens("length", "each", "span", "adjective") if t.when and t.when.n]
    if row is None and not any(_for(clause, t) or (t.when and t.when.kind == "each") for t in lengths):
        return
    sign = next((t.sign for t in moves if t.sign), clause.mind.sign)
    numbers = clause.quantities("ordinal", "number")
    if not sign or not (numbers or lengths) or (row is None and not moves):
        return
    head = numbers[0] if numbers and row is not None else lengths[0]
    number = head.quantity or Quantity(head.when.n if head.when else 0.0, 1.0, "number")
    spare = [t for t in (*moves, *clause.whens("the", "at", "per")) if t.kind == "D" or row is not None]
    clause.emit(
        Kind.VALUE,
        "streak",
        (head, *clause.all("ROW", "STREAK"), *spare),
        relation=number.relation if number.relation != "~" else "=",
        stated=sign * number.value,
        quantity=number,
    )
    clause.remember(sign=sign)


def _for(clause: Clause, token: Token) -> bool:
    before = clause.next(token, -1)
    return before is not None and before.kind == "IN" and before.text == "for" and bool(clause.all("D"))


def peak(clause: Clause) -> None:
    """Reads how high and how long ago the highest window was."""
    head = clause.find("PEAK")
    before = clause.next(head, -1) if head else None
    if head is None and clause.mind.measure == "peak" and not clause.all("Q", "D", "EV", "EVV", "US"):
        head = next(iter(clause.whens("ago")), None)  # "its peak of 120, reached four weeks ago"
        before = None
    if head is None or clause.mind.future or (before is not None and before.kind in {"CMP", "OF"}):
        return
    if before is not None and before.kind in {"Q"} and before.quantity and before.quantity.form == "ordinal":
        return  # "second best week"
    spans = [t for t in clause.whens("adjective", "span", "each") if t.when and t.when.n > 1]
    spans += [
        t
        for t in clause.whens("length")
        if t.when and t.when.n > 1 and (b := clause.next(t, -1)) and b.kind in {"IN", "CMP", "OF"}
    ]
    bare = [t for t in clause.quantities("number") if (b := clause.next(t, -1)) and b.kind == "IN"]
    n = (
        int(spans[0].when.n if spans[0].when else 0)
        if spans
        else int(bare[0].quantity.value if bare[0].quantity else 0)
        if bare
        else 12
    )
    numbers = [
        t for t in clause.quantities("number") if t not in bare and t.quantity and t.quantity.high is None
    ]
    if len(numbers) > 1 or clause.quantities("percent", "fraction", "ratio"):
        return
    times = [t for t in clause.whens("at", "ago", "back") if t.when and (t.when.kind != "ago" or t.when.n)]
    signal = "peak" if n == 12 else f"peak_{n}"  # noqa: PLR2004 - windows on a card
    spare = (head, *spans, *bare)
    if numbers:
        clause.value(signal, numbers[0], *spare)
    if not numbers and not times and before is not None and before.kind in {"AT", "COP"}:
        flat = [t for t in clause.all("D") if t.text == "level"]  # "at its highest level in 12 weeks"
        one = Quantity(1.0, 1.0, "number")
        clause.emit(
            Kind.COMPARISON, "count_1", (*spare, *flat), relation=">=", stated=0.0, quantity=one, other=signal
        )
    clause.remember(measure="peak")
    if times and (n == 12 or numbers or (times[0].when and times[0].when.kind == "at")):  # noqa: PLR2004
        when = times[0].when
        assert when is not None
        ago = when.n + (clause.mind.window if when.kind == "back" else 0)
        if n == 12:  # noqa: PLR2004
            clause.emit(
                Kind.VALUE, "peak_ago", (times[0], *spare), stated=ago, quantity=Quantity(ago, 1.0, "number")
            )
        else:
            clause.emit(
                Kind.COMPARISON,
                f"count_{int(ago)}",
                (times[0], *spare),
                relation=">=",
                stated=0.0,
                other=signal,
            )
        clause.remember(window=int(ago), mentioned=True)


def versus(clause: Clause) -> None:
    """Reads how the category or the catalogue moved, beside the item: "against 4% for its category", "faster than"."""
    whole = clause.find("CAT", "CATNAME", "EVERYITEM", "ALL")
    if whole is None:
        return
    signal = "category_growth" if whole.kind in {"CAT", "CATNAME"} else "catalogue_growth"
    quick = clause.find("FASTER", "SLOWER")
    before = clause.next(whole, -1)
    if quick is not None and before is not None and before.kind == "CMP":
        relation = "up" if quick.kind == "FASTER" else "down"
        clause.emit(Kind.COMPARISON, "growth", (quick, whole, before), relation=relation, other=signal)
        for move in clause.all("D"):
            if move.sign:
                clause.emit(
                    Kind.DIRECTION,
                    "change",
                    (move, *clause.whens("at")),
                    relation="up" if move.sign > 0 else "down",
                )
        return
    parts = clause.quantities("percent")
    lead = clause.next(parts[0], -1) if parts else None
    if (
        parts
        and lead is not None
        and lead.kind == "CMP"
        and lead.sign is None
        and before is not None
        and before.kind in {"IN", "OF", "AT"}
    ):
        number = parts[0].quantity
        assert number is not None
        sign = number.sign or clause.mind.sign or 1
        clause.emit(
            Kind.CHANGE,
            signal,
            (parts[0], whole, *clause.all("CAT", "ALL", "EVERYITEM")),
            stated=sign * number.value,
            quantity=number,
        )


def price(clause: Clause) -> None:
    """Reads the price paid: "buyers paid 3.50 on average"; its change is left to the general frame."""
    head = clause.find("PAID", "PRICE")
    numbers = [t for t in clause.quantities("money", "number") if t.quantity and t.quantity.high is None]
    if head is None or not numbers or clause.mind.future or clause.all("CMP", "EV"):
        return
    clause.remember(measure="price")
    if not clause.all("D"):
        clause.value(
            "price_paid", numbers[0], *clause.all("PAID", "PRICE", "MEAN"), *clause.whens("at", "the")[:1]
        )


def active(clause: Clause) -> None:
    """Reads in how many of the last windows anything happened."""
    some = next(iter(clause.whens("some")), None)
    each = next(iter(clause.whens("each")), None) if not clause.all("D", "MEAN") else None
    head = some or each
    if head is None or head.when is None or clause.all("D") or clause.quantities("percent", "fraction"):
        return
    total = head.when.of if some else head.when.n
    count = Quantity(head.when.n, 1.0, "number")
    clause.emit(
        Kind.VALUE, "windows", (head,), relation="=", stated=total, quantity=replace(count, value=total)
    )
    nothing = clause.find("NEG", "NONE")
    if nothing is not None:
        nothing.used = True
        count = replace(count, value=total - count.value)
    clause.emit(
        Kind.VALUE,
        "active_windows",
        (head, *clause.all("ACTIVE", "NONE")),
        stated=count.value,
        quantity=count,
    )


def age(clause: Clause) -> None:
    """Reads days since the first event, the last event and the release."""
    for kind, signal in (("RELEASE", "release_age"), ("LASTSEEN", "recency"), ("FIRST", "age")):
        head = clause.find(kind)
        times = clause.whens("ago", "length", "yesterday")
        day = next((t for t in clause.all("W") if t.text.startswith("yesterday")), None)
        if head and (times or day):
            time = times[0] if times else day
            assert time is not None and time.when is not None
            unit = time.when.of or 1.0
            hedge = _hedge(time)
            sign = -1.0 if _ahead(clause, time) else 1.0
            number = Quantity(sign * time.when.days, unit, "number", hedge)
            relation = "=" if hedge == "~" else hedge
            clause.emit(
                Kind.VALUE,
                signal,
                (time, *clause.all(kind, *(["FIRST"] if kind == "RELEASE" else []))),
                relation=relation,
                stated=number.value,
                quantity=number,
            )


def _ahead(clause: Clause, time: Token) -> bool:
    """Whether a length of time lies in the future: "in 12 days", "12 days away"."""
    before, after = clause.next(time, -1), clause.next(time)
    if after is not None and after.kind == "AHEAD":
        after.used = True
        return True
    return before is not None and before.text == "in"


def _hedge(token: Token) -> str:
    return token.when.relation if token.when else "="


def rank(clause: Clause) -> None:
    """Reads ranks and places, past and forecast."""
    _places(clause)
    ranked = clause.quantities("ordinal")
    word = clause.find("RANK")
    if word and not ranked:
        ranked = [
            t
            for t in clause.quantities("number")
            if (b := clause.next(t, -1)) and (b is word or b.kind in {"COP", "AT", "FROM", "TO", "RANK"})
        ]
    if not ranked and clause.mind.measure in {"rank", "catrank"} and clause.mind.future is False:
        ranked = []
    first = clause.find("TOPWORD")
    top = _top(clause)
    if top is not None and (lead := clause.next(top[0], -1)) is not None and lead.kind in {"FROM", "CMP"}:
        top = None  # "down from the top 50" speaks of the rank before
    category = clause.find("CAT", "CATNAME")
    past = (
        "category_rank"
        if category or (clause.mind.measure == "catrank" and not clause.find("ALL", "EVERYITEM"))
        else "rank"
    )
    future = clause.mind.future
    spare = [*clause.all("RANK", "PLACES", "ADJ", "TOPWORD"), category, *clause.all("ALL", "EVERYITEM")]
    if first and not ranked:
        one = Quantity(1.0, 1.0, "ordinal")
        clause.emit(
            Kind.FORECAST if future else Kind.VALUE,
            "forecast_rank" if future else past,
            (first, *spare),
            stated=1.0,
            quantity=one,
        )
    elif top and not future:
        clause.emit(
            Kind.VALUE,
            past,
            (*top, *spare),
            relation="<=",
            stated=top[1].quantity.value if top[1].quantity else None,
            quantity=top[1].quantity,
        )
    elif ranked:
        _ranks(clause, ranked, past, spare)
    else:
        return
    _spend_windows(clause)
    clause.remember(measure="catrank" if past == "category_rank" else "rank")


def _ranks(clause: Clause, ranked: list[Token], past: str, spare: list[Token | None]) -> None:
    """Reads "5th", "to 5th from 17th", "expected to rank 3rd, up from 5th"."""
    move = clause.find("D")
    for token in ranked:
        before = clause.next(token, -1)
        after = clause.next(token)
        when = (
            after.when
            if after and after.when and after.when.kind in {"at", "back", "the"} and after.when.n <= 2
            else None
        )  # noqa: PLR2004
        earlier = (before is not None and before.kind in {"FROM", "CMP"}) or (
            when is not None and (when.kind == "back" or when.n == 2)
        )  # noqa: PLR2004
        if clause.mind.future:
            signal = past if earlier else "forecast_rank"
        else:
            signal = ("rank_before" if past == "rank" else "") if earlier else past
        if signal:
            clause.value(signal, token, *spare, after if when else None)
            if earlier and move is not None and not move.used and move.sign:
                _rank_move(clause, move, signal, past)


def _rank_move(clause: Clause, move: Token, base: str, past: str) -> None:
    if base == "rank_before":
        clause.emit(Kind.DIRECTION, "rank_change", (move,), relation="up" if (move.sign or 0) > 0 else "down")
    else:  # a better rank is a smaller number
        relation = "down" if (move.sign or 0) > 0 else "up"
        clause.emit(Kind.COMPARISON, "forecast_rank", (move,), relation=relation, other=past)


def _places(clause: Clause) -> None:
    singular = (
        t
        for t in clause.all("RANK")
        if t.text in {"place", "position", "spot"} and (b := clause.next(t, -1)) and b.kind == "Q"
    )
    head = clause.find("PLACES") or next((t for t in singular if _counts(clause.next(t, -1))), None)
    number = clause.next(head, -1) if head else None
    if head is None or clause.mind.future:
        return
    move = clause.find("D")
    if number is not None and number.more:
        number = clause.next(number, -1)
    if number is None or number.kind != "Q" or number.quantity is None or number.quantity.form != "number":
        if move is not None and move.sign == 0:
            clause.emit(Kind.DIRECTION, "rank_change", (head, move), relation="flat")
        return
    moves = [t for t in clause.all("D", "CMP") if t.sign]
    sign = moves[0].sign if moves else None
    if sign is None:
        return
    clause.emit(
        Kind.VALUE, "rank_change", (number, head, *moves, clause.find("EVERYITEM", "ALL"), clause.find("RANK")),
        relation="=" if number.quantity.relation == "~" else number.quantity.relation,
        stated=sign * number.quantity.value, quantity=number.quantity,
    )  # fmt: skip
    _spend_windows(clause)
    clause.remember(measure="rank", sign=sign)


def _counts(token: Token | None) -> bool:
    return token is not None and token.quantity is not None and token.quantity.form == "number"


def _spend_windows(clause: Clause) -> None:
    for when in clause.whens("at", "back", "the"):
        if when.when and (when.when.kind != "at" or when.when.n <= 1):
            when.used = True


def total(clause: Clause) -> None:
    """Reads the total so far."""
    head = clause.find("TOTAL")
    numbers = [t for t in clause.quantities("number") if t.quantity and t.quantity.high is None]
    spans = clause.whens("span", "length")
    if head and not spans and numbers:
        clause.value("total", numbers[0], head, *clause.all("TOTAL"))
    elif head and not spans and clause.find("NEG", "NONE") and clause.find("EV", "EVV"):
        nothing = clause.find("NEG", "NONE")
        assert nothing is not None
        nothing.used = True
        clause.emit(Kind.VALUE, "total", (nothing, head), stated=0.0, quantity=Quantity(0, 1, "number"))


def acceleration(clause: Clause) -> None:
    """Reads "the rise is accelerating" and "growth slowed"."""
    for head in clause.all("ACCEL", "DECEL"):
        relation = "up" if head.kind == "ACCEL" else "down"
        clause.emit(Kind.DIRECTION, "acceleration", (head, *clause.all("TREND")), relation=relation)
        sign = next((t for t in clause.all("D") if t.sign), None)
        if sign is not None:
            clause.emit(Kind.DIRECTION, "change", (sign,), relation="up" if (sign.sign or 0) > 0 else "down")


#: In the order in which they may take tokens.
TOPICS = (outlook, late, heavy, streak, active, age, rank, versus, share, total, peak, price, acceleration)
