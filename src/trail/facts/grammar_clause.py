"""A clause being read: its tokens, what earlier clauses left in mind, and the claims found so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from trail.facts.claims import Claim, Kind
from trail.facts.grammar_names import Scene
from trail.facts.grammar_numbers import Quantity
from trail.facts.grammar_tokens import Token

#: Kinds that carry no fact beside a claim of the same clause.
SOFT = frozenset(
    [
        "G",
        "EV",
        "EVV",
        "US",
        "ITEM",
        "FUT",
        "FUTG",
        "COP",
        "IN",
        "AT",
        "BY",
        "OF",
        "TO",
        "FROM",
        "ITEMWORD",
        "ALLEV",
        "RATE",
        "CAUSE",
        "SHAREV",
        "BREAK",
        "LIKELY",
        "PREDICTED",
        "RANGEG",
        "HEDGE",
        "PER",
    ]
)
#: Tokens of a clause at most; people's have a dozen. A longer one is read as nothing known, so that reading takes as long
#: as a text is, not its square.
LONGEST = 40
#: Quantities of the forecast.
OUTLOOK = frozenset({"expected", "q10", "q90", "p_top", "k", "forecast_rank", "coverage"})
#: Quantities that users have: the others count events, whoever is named.
_OF_USERS = frozenset({"users", "users_before", "users_change", "heaviest_share", "per_user"})
#: Quantities of the forecast that no outcome need keep to, verbs that promise that one will, and kinds of token that do not.
_UNSURE = frozenset({"expected", "q10", "q90"})
_PROMISES = frozenset({"will", "'ll", "will not", "won't", "cannot", "can't"})
_OPEN = frozenset({"FUT", "CHANCE", "LIKELY", "UNLIKELY", "RANGE", "RANGEG"})
_BEFORE_NOUN = frozenset({"OF", "ADJ", "ALLEV", "CAT", "CATNAME"})
#: Parts of a whole, which may be said twice: "5.1%, about one in twenty".
SHARES = frozenset({"share", "category_share", "late_share", "heaviest_share", "p_top"})
_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "just under": "just over", "just over": "just under"}


@dataclass(frozen=True)
class Mind:
    """What earlier clauses leave behind.

    Attributes:
        measure: What was last counted: ev, us, rank, catrank, cat, all, price.
        window: Window last named, for "the week before".
        future: Whether the forecast is spoken of.
        sign: Direction last stated, null if none.
        mentioned: Whether any window was named at all.
        base: Window that a move of this sentence began from, null if unsaid.
        share: Share last stated, for another wording of the same part; empty without one.
        year: Whether last year's window was spoken of.
        beside: Growth of the category or the catalogue that was stated; empty without one.
        here: The only window whose count this sentence has told, 0 where there are several, -1 where it told what is no
            window's (a total, an age); null at its start.
    """

    measure: str = "ev"
    window: int = 1
    future: bool = False
    sign: int | None = None
    mentioned: bool = False
    base: int | None = None
    share: str = ""
    year: bool = False
    beside: str = ""
    here: int | None = None

    @property
    def elsewhere(self) -> int | None:
        """The window, if any, that goes on in what names none: "75 orders the week before, from 43 customers"."""
        return self.here if self.here not in {None, 0, 1} and not self.future else None


@dataclass
class Clause:
    """A clause and its reading.

    Attributes:
        tokens: Its tokens without glue and breaks.
        scene: Names and horizon.
        mind: What is in mind; changed as the clause is read.
        claims: Claims found.
        caused: Whether a word of cause opens the clause.
        opener: The word or mark that opens it.
        of_users: Whether its subject are users: "customers rose 8 a week".
    """

    tokens: list[Token]
    scene: Scene
    mind: Mind
    claims: list[Claim] = field(default_factory=list)
    caused: bool = False
    opener: str = ""
    of_users: bool = False

    def before(self, token: Token | None) -> str:
        """Returns the kind of the token before one, empty at the start."""
        neighbour = self.next(token, -1) if token is not None else None
        return neighbour.kind if neighbour is not None else ""

    def after(self, token: Token) -> str:
        """Returns the kind of the token after one, empty at the end."""
        neighbour = self.next(token)
        return neighbour.kind if neighbour is not None else ""

    def numbers(self) -> list[Token]:
        """Returns the unused plain numbers that are no ranges and not below zero."""
        found = [(token, token.quantity) for token in self.quantities("number")]
        return [token for token, number in found if number and number.high is None and number.sign >= 0]

    def periods(self) -> list[Token]:
        """Returns the unused times that name the period predicted."""
        return [token for token in self.whens("at") if token.when and token.when.n == 0]

    def recent(self) -> list[Token]:
        """Returns the unused times that name the last window, or the window in mind."""
        return [t for t in self.whens("at", "the") if t.when and (t.when.kind == "the" or t.when.n == 1)]

    def find(self, *kinds: str) -> Token | None:
        """Returns the first unused token of the kinds."""
        return next((token for token in self.tokens if token.kind in kinds and not token.used), None)

    def all(self, *kinds: str) -> list[Token]:
        """Returns the unused tokens of the kinds."""
        return [token for token in self.tokens if token.kind in kinds and not token.used]

    def quantities(self, *forms: str) -> list[Token]:
        """Returns the unused quantities of the forms."""
        return [token for token in self.all("Q") if token.quantity and token.quantity.form in forms]

    def whens(self, *kinds: str) -> list[Token]:
        """Returns the unused times of the kinds."""
        return [token for token in self.all("W") if token.when and token.when.kind in kinds]

    def next(self, token: Token, step: int = 1) -> Token | None:
        """Returns the neighbour of a token, used or not."""
        at = next(k for k, each in enumerate(self.tokens) if each is token) + step
        return self.tokens[at] if 0 <= at < len(self.tokens) else None

    def remember(self, **changes: object) -> None:
        """Changes what later clauses will have in mind."""
        self.mind = replace(self.mind, **changes)  # type: ignore[arg-type]

    def is_size(self, number: Token) -> bool:
        """Whether a number says how far something moved and states no level: "rose by 40", "41% more", "rose to 72%"."""
        before, after = self.next(number, -1), self.next(number)
        while before is not None and before.kind in {"BY", "TO", "DEGREE", "W"}:
            before = self.next(before, -1)
        while after is not None and after.kind in {"EV", "ADJ"}:
            after = self.next(after)
        counted = (
            before is not None and before.text in {"gained", "added"} and self.after(number) in {"EV", "OF"}
        )
        moved = not counted and before is not None and before.kind == "D" and before.sign and not before.more
        return bool(moved) or (
            after is not None and (after.more or (after.kind == "CMP" and bool(after.sign)))
        )

    def leftover(self) -> list[Token]:
        """Returns what no claim took though it says something."""
        return [
            token
            for token in self.tokens
            if not token.used
            and (token.kind not in SOFT or (token.kind == "FUT" and not self._forecasts()))
            and (not _light(token) or self._ends(token))
            and not self._counts_users(token)
        ]

    def _ends(self, token: Token) -> bool:
        """Whether a word that is light before another ends the clause: "Halloween is over", "orders rise 31% weekly"."""
        return self.next(token) is None and (token.text == "over" or token.text.endswith("ly"))

    def _forecasts(self) -> bool:
        """Whether any claim is about the forecast, or only says what the period is."""
        return any(
            {claim.signal, claim.other} & OUTLOOK or claim.kind is Kind.CONTEXT for claim in self.claims
        )

    def _counts_users(self, token: Token) -> bool:
        following = self.next(token)
        return token.kind == "ADJ" and following is not None and following.kind == "US"

    def _promises(self, relation: str) -> bool:
        """Whether a bound is said to hold for certain: "will not sell more than 140", "will be between 84 and 140"."""
        sure = any(token.text in _PROMISES for token in self.tokens)
        open_ = any(token.kind in _OPEN and token.text not in _PROMISES for token in self.tokens)
        bound = relation in {"<", "<=", ">", ">="} or self.find("NEG", "RANGE") is not None
        return sure and bound and not open_

    def _is_of_users(self, signal: str, taken: Iterable[Token]) -> bool:
        """Whether users are given a quantity that events have: "40 customers bought it", "customers averaged 76"."""
        if signal in _OF_USERS or signal.startswith("price"):
            return False
        alone = self.of_users and not any(token.kind in {"EV", "EVV"} for token in self.tokens)
        return alone or any(token.kind == "Q" and self._numbers_users(token) for token in taken)

    def _numbers_users(self, number: Token) -> bool:
        """Whether a number is one of users: "40 different customers", "12% of the customers", not "of customers' orders"."""
        noun = self.next(number)
        while noun is not None and noun.kind in _BEFORE_NOUN:
            noun = self.next(noun)
        return noun is not None and noun.kind == "US" and self.after(noun) != "EV"

    def emit(
        self,
        kind: Kind,
        signal: str,
        taken: Iterable[Token | None],
        *,
        relation: str = "",
        stated: float | str | None = None,
        quantity: Quantity | None = None,
        other: str = "",
        window: int | None = None,
    ) -> None:
        """Adds a claim and marks its tokens; an open negation belongs to the first claim after it.

        The relation is the quantity's own unless one is given. What users do not have is no claim about them.
        """
        relation = relation or relation_of(quantity)
        tokens = [token for token in taken if token is not None]
        if signal in _UNSURE and self._promises(relation):
            return
        if kind is not Kind.CONTEXT and self._is_of_users(signal, tokens):
            return
        start = min(token.start for token in tokens)
        negation = next(
            (token for token in self.all("NEG") if token.start <= max(t.start for t in tokens)), None
        )
        if negation is not None and kind is not Kind.CONTEXT:
            negation.used, relation = True, f"not {relation}"
            start = min(start, negation.start)
        for token in tokens:
            token.used = True
        self.remember(share=signal if signal in SHARES else "")
        self.claims.append(
            Claim(
                kind,
                signal,
                start,
                max(token.end for token in tokens),
                window=window if window is not None else window_of(signal),
                relation=relation,
                stated=stated,
                hedged=bool(quantity and quantity.relation in {"~", "just under", "just over"}),
                other=other,
                step=quantity.step if quantity else 0.0,
            )
        )

    def value(self, signal: str, token: Token, *also: Token | None) -> None:
        """Adds a claim that a quantity has the number of a token; none of them is ever below zero."""
        number = token.quantity
        assert number is not None
        if number.sign < 0 and number.form != "ratio":
            return
        kind = Kind.FORECAST if signal in OUTLOOK else Kind.VALUE
        if number.high is not None:
            low = replace(number, relation=">=")
            for each in (low, replace(upper(number), relation="<=")):
                self.emit(kind, signal, (token, *also), stated=each.value, quantity=each)
            return
        self.emit(kind, signal, (token, *also), stated=number.value, quantity=number)


def upper(number: Quantity) -> Quantity:
    """Returns the upper end of a range as a number of its own."""
    assert number.high is not None
    return replace(number, value=number.high, step=number.high_step, high=None)


def relation_of(quantity: Quantity | None) -> str:
    """Returns the relation a quantity states; "about" is equality within the hedge."""
    return "=" if quantity is None or quantity.relation == "~" else quantity.relation


def window_of(signal: str) -> int | None:
    """Returns the window a count speaks of, null for other quantities."""
    name, _, number = signal.rpartition("_")
    return int(number) if name == "count" and number.isdigit() else None


def flipped(relation: str) -> str:
    """Returns the relation of a fall that mirrors one of a factor: "more than half of" is a fall by less than half."""
    return _FLIPPED.get(relation, relation)


def _light(token: Token) -> bool:
    """Whether a token is a preposition or an article of time, not a fact."""
    if token.kind == "CMP":
        return token.sign is None
    return (
        token.kind == "W"
        and token.when is not None
        and (token.when.kind in {"the", "unit"} or (token.when.kind == "per" and token.text.endswith("ly")))
    )


def content(tokens: Sequence[Token]) -> list[Token]:
    """Returns the tokens a frame may look at."""
    return [token for token in tokens if token.kind not in {"G", "BREAK", "HEDGE"}]
