"""Context: what the item is and what the dates mean; allowed when true and not offered as evidence."""

from __future__ import annotations

from trail.facts.claims import Kind
from trail.facts.grammar_clause import Clause
from trail.facts.grammar_names import parse_date
from trail.facts.grammar_tokens import Token

_FALLS = frozenset({"fall", "falls", "falling", "fell"})
#: What may stand between a window and its first or last day.
_LINKS = frozenset({"STARTS", "ENDS", "OF", "FROM", "TO", "CMP", "COP"})
#: What may be told to be by a brand: "the pen by Acme", not "98 orders by Acme".
_MADE = frozenset({"", "ITEM", "ITEMWORD", "CATNAME", "PARENT", "CAT", "COP", "OTHERNAME", "DATE"})
#: Words that give their subject an age.
_DATED = ("FIRST", "LASTSEEN", "RELEASE")
#: What a clause says of its subject: "Acme leads", "Acme is accelerating" speak of the brand.
_PREDICATES = (
    "TOPWORD",
    "RANK",
    "ACCEL",
    "DECEL",
    "CHANCE",
    "FASTER",
    "SLOWER",
    "PEAK",
    "LOWEST",
    "LIKELY",
    "TREND",
    "STREAK",
)
_DATING = frozenset({"DATE", "FROM", "TO", "IN"})
_WINDOWS = frozenset({"at", "the", "back", "unit", "length", "span", "per"})


def context(clause: Clause, text: str) -> None:
    """Reads names, dates, holidays, list prices and ages of releases.

    Args:
        clause: The clause.
        text: The whole text, for the names' own spelling.
    """
    for token in clause.all("ITEM", "OTHERNAME"):
        _said(clause, "title", token, text)
    for token in clause.all("BRANDNAME"):
        if _is_said_of_item(clause, token):
            _said(clause, "brand", token, text, *clause.all("BRANDWORD"))
    for token in clause.all("CATNAME", "PARENT"):
        following = clause.next(token)
        is_item = following is not None and following.kind == "ITEMWORD"  # "a Candles item at $4.25"
        aged = not clause.before(token) and clause.all(
            "FIRST", "LASTSEEN"
        )  # "Candles were first seen 300 days ago"
        if is_item or not (clause.all("Q", "D") or aged):
            _said(clause, "categories", token, text, *clause.all("CAT"))
    _holidays(clause, text)
    _dates(clause, text)
    _prices(clause)


def _is_said_of_item(clause: Clause, brand: Token) -> bool:
    """Whether a brand says whose the item is: "by Acme", "Acme's pen"; "Acme sold 98" speaks of the brand."""
    at = next(k for k, token in enumerate(clause.tokens) if token is brand)
    named = any(token.kind in {"ITEM", "ITEMWORD"} for token in clause.tokens[at + 1 : at + 3])
    before = clause.before(brand) in {"OF", "COP", "FROM", "AT", "ITEM", "BRANDWORD"}
    maker = clause.before(brand) == "BY" and clause.before(clause.next(brand, -1)) in _MADE
    return named or before or maker or not clause.all("Q", "D", "EV", "EVV", *_DATED, *_PREDICATES)


def _said(clause: Clause, signal: str, token: Token, text: str, *also: Token | None) -> None:
    clause.emit(Kind.CONTEXT, signal, (token, *also), stated=text[token.start : token.end])


def _holidays(clause: Clause, text: str) -> None:
    word = clause.find("HOLIDAYWORD")
    if clause.before(word) in {"IN", "AT"} or any(t.when and t.when.n == 1 for t in clause.whens("at")):
        return  # "during the holidays": no window is that; and "last week" holds those of another period
    if clause.opener in {"after", "following", "since"}:
        return  # "30 ratings are expected after Halloween": the whole period is predicted
    for token in clause.all("HOLIDAY"):
        if _is_when(clause, token):
            continue  # "98 orders on Halloween": no window is a holiday
        date = clause.next(token)
        if date is None or date.kind != "DATE":
            date = clause.next(token, 2) if date is not None and date.kind in {"IN", "CMP", "COP"} else None
        day = text[date.start : date.end] if date is not None and date.kind == "DATE" else ""
        falls = [t for t in clause.all("D") if t.text in _FALLS]
        ahead = [t for t in clause.whens("at") if t.when and t.when.n == 0]
        taken = (date if day else None, word, *falls, *ahead)
        clause.emit(Kind.CONTEXT, "holiday", (token, *taken), stated=f"{text[token.start : token.end]}|{day}")
    word = clause.find("HOLIDAYWORD")
    if word is None:
        return
    lengths = clause.whens("length", "ago")
    number = next((t for t in clause.numbers() if clause.next(t) is word), None)
    if clause.find("NEG"):
        nothing = clause.find("NEG")
        assert nothing is not None
        nothing.used = True
        clause.emit(
            Kind.CONTEXT,
            "holidays_inside",
            (word, nothing, *clause.whens("at", "the"), *[t for t in clause.all("D") if t.text in _FALLS]),
            stated=0.0,
        )
    elif lengths and lengths[0].when:
        clause.emit(Kind.CONTEXT, "days_to_holiday", (word, lengths[0]), stated=lengths[0].when.days)
    elif number is not None and number.quantity is not None:
        clause.emit(Kind.CONTEXT, "holidays_inside", (word, number), stated=number.quantity.value)


def _dates(clause: Clause, text: str) -> None:
    dates = clause.all("DATE")
    if not dates:
        return
    release = clause.find("RELEASE")
    if release is not None:
        _said(clause, "release", dates[0], text, release)
        dates = dates[1:]
    if not dates:
        return
    windows = clause.whens("at", "the", "back")
    past = next((int(t.when.n) for t in windows if t.when and t.when.kind == "at"), _told(clause))
    if len(dates) == 2:  # noqa: PLR2004 - a range
        _period(clause, text, dates, past, windows)
        return
    for token in dates:
        words = _edge(clause, token, text)
        if words is not None:
            ends = any(each.kind in {"TO", "ENDS"} for each in words)
            _said(clause, f"{'end' if ends else 'start'}_{past}", token, text, *words, *windows)


def _told(clause: Clause) -> int:
    """Returns the window that a date without a window's word is of: the last one told of, or the one predicted."""
    if clause.mind.future:
        return 0
    if all(token.kind in _DATING for token in clause.tokens) and clause.mind.mentioned:
        return clause.mind.window  # "last week (28 November to 4 December)"
    return int(bool(clause.all("Q", "D")) and not clause.all("HOLIDAYWORD"))


def _edge(clause: Clause, date: Token, text: str) -> list[Token] | None:
    """Returns the words that make a date the first or the last day of a window, null where it is a time of its own.

    "The week of 5 December", "the week ending on 4 December", "next week starts on 5 December"; but no window is "on 28
    November" or "in November", unless windows are days.
    """
    if parse_date(text[date.start : date.end])[2] is None:
        return None  # a month alone is no window's day
    words: list[Token] = []
    token = clause.next(date, -1)
    while token is not None and token.kind in _LINKS:
        words.append(token)
        token = clause.next(token, -1)
    told = {each.kind for each in words}
    named = token is not None and (
        (token.when is not None and token.when.kind in _WINDOWS) or token.kind in {"PREDICTED", "FUT"}
    )
    if named and told & {"STARTS", "ENDS", "OF", "FROM", "TO"}:
        return words
    return [] if clause.scene.days == 1 and clause.before(date) in {"", "CMP", "OF"} else None


def _is_when(clause: Clause, day: Token) -> bool:
    """Whether a holiday is the time of something: "on Halloween", "by Christmas", "during Easter"."""
    before = clause.next(day, -1)
    if before is None or before.kind not in {"CMP", "BY", "IN", "AT", "TO", "FROM"}:
        return False
    return bool(clause.all("Q", "D", "EV", "EVV"))


def _period(clause: Clause, text: str, dates: list[Token], past: int, windows: list[Token]) -> None:
    first, last = dates
    last_text = text[last.start : last.end]
    for token, role, said in ((first, "start", text[first.start : first.end]), (last, "end", last_text)):
        clause.emit(
            Kind.CONTEXT, f"{role}_{past}", (token, *(windows if role == "start" else [])), stated=said
        )


def _prices(clause: Clause) -> None:
    listed = clause.find("LISTED")
    money = next(iter(clause.quantities("money")), None) or (
        next(iter(clause.quantities("number")), None) if listed else None
    )
    if listed is not None and money is not None and money.quantity is not None:
        signal = "list_price" if "list" in listed.text or "retail" in listed.text else "price"
        _price(clause, listed, money, signal)
        return
    price = clause.find("PRICE")
    if (
        money is not None
        and money.quantity is not None
        and not clause.find("PAID")
        and not clause.all("D", "CMP", "MEAN")
    ):
        before = clause.next(money, -1)
        alone = len(clause.tokens) == 1  # "Lavender Candle (Wickhouse, $4.25)"
        if price is not None or alone or (before is not None and before.kind in {"AT", "COP", "BY"}):
            _price(clause, price or money, money, "price")


def _price(clause: Clause, head: Token, money: Token, signal: str) -> None:
    number = money.quantity
    assert number is not None
    clause.emit(Kind.CONTEXT, signal, (head, money), stated=number.value, quantity=number)
